// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/cloudevents/base64.hpp"
#include "runtime/cloudevents/cloudevents.hpp"
#include "runtime/cloudevents/json_reader.hpp"
#include "runtime/cloudevents/text.hpp"
#include "runtime/cloudevents/validate.hpp"
#include "runtime/cloudevents/wire.hpp"
#include "runtime/gateway/response.hpp"
#include "storage/model/limits.hpp"

using namespace eventd;
using namespace eventd::runtime::cloudevents;
using runtime::is_safe_value;
using runtime::is_token;

namespace {

/// As a publish is read.
constexpr parse_limits publish_limits{limits::batch_events_max,
                                      limits::json_depth_max};

constexpr std::string_view structured_type = "application/cloudevents+json";
constexpr std::string_view batch_type = "application/cloudevents-batch+json";

void require(bool x) {
  if (!x)
    std::abort();
}

// -- the request --------------------------------------------------------------

struct request {
  std::vector<field> headers;
  std::string_view body;
  bool is_batch = false;
};

std::string_view take_line(std::string_view& text) {
  auto end = std::min(text.find('\n'), text.size());
  auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  return line;
}

/// Reads lines up to an empty one; leaves out what no request can bring.
void take_headers(std::string_view& text, std::vector<field>& out) {
  while (!text.empty()) {
    auto line = take_line(text);
    if (line.empty())
      return;
    auto colon = std::min(line.find(':'), line.size());
    auto name = line.substr(0, colon);
    auto value = trimmed(line.substr(std::min(colon + 1, line.size())));
    if (is_token(name) && is_safe_value(value)
        && out.size() < limits::header_fields_max)
      out.push_back({name, value});
  }
}

/// The first letter of the first line says how to read the rest: "structured"
/// and "array" are followed by JSON; "binary" and "headers" by header lines, an
/// empty line and the body, and "binary" brings what each event needs.
request request_of(std::string_view text) {
  request out;
  auto first = take_line(text);
  auto letter = first.empty() ? 'h' : first.front();
  switch (static_cast<unsigned char>(letter) % 4) {
  case 's' % 4:
    out.headers.push_back({"Content-Type", structured_type});
    break;
  case 'a' % 4:
    out.headers.push_back({"Content-Type", batch_type});
    out.is_batch = true;
    break;
  case 'b' % 4:
    out.headers = {{"ce-specversion", "1.0"},
                   {"ce-id", "1"},
                   {"ce-source", "/s"},
                   {"ce-type", "t"}};
    take_headers(text, out.headers);
    break;
  default:
    take_headers(text, out.headers);
  }
  out.body = text;
  return out;
}

result<event_batch> parse_again(const message& x) {
  std::vector<field> headers;
  for (const auto& [name, value] : x.headers)
    headers.push_back({name, value});
  return parse_request(headers, x.body, publish_limits);
}

result<event_batch> parse_json(std::string_view type, std::string_view body) {
  return parse_request(std::vector<field>{{"Content-Type", type}}, body,
                       publish_limits);
}

// -- what an event is ---------------------------------------------------------

bool is_old(const event_view& event) {
  return event.version() < spec_version::v0_3;
}

std::string_view value_of(const event_view& event, std::string_view name) {
  auto x = event.find(name);
  return x ? x->value : std::string_view{};
}

/// A form may need one attribute more than the event had.
bool is_full(const event_view& event) {
  return event.attributes().size() == limits::event_attributes_max;
}

void check_event(const event_view& event) {
  auto xs = event.attributes();
  require(xs.size() >= 3 && xs.size() <= limits::event_attributes_max);
  std::set<std::string_view> names;
  for (const auto& x : xs) {
    require(names.insert(x.name).second && !is_reserved(x.name));
    require(is_utf8(x.value));
    require(name_problem(event.version(), x.name) == nullptr);
    require(value_problem(event.version(), x) == nullptr);
  }
  for (const auto& x : event.headers()) {
    require(is_forwarded_header(x.name) || equals_lowered(x.name, "traceparent")
            || equals_lowered(x.name, "tracestate"));
    require(is_safe_value(x.value));
  }
}

void check_message(const message& x) {
  for (const auto& [name, value] : x.headers)
    require(is_token(name) && is_safe_value(value));
}

using attribute_map
  = std::map<std::string, std::pair<attribute_type, std::string>>;

/// All but what a form of 0.3 sets by itself.
attribute_map attributes_of(const event_view& event) {
  attribute_map out;
  for (const auto& x : event.attributes())
    if (event.version() != spec_version::v0_3 || x.name != data_encoding_name)
      out[std::string{x.name}] = {x.type, std::string{x.value}};
  return out;
}

/// What the data stands for: a body of 0.3 may be base64 text.
std::string octets_of(const event_view& event) {
  if (event.version() == spec_version::v0_3 && event.kind() == data_kind::text
      && is_base64_name(value_of(event, data_encoding_name))) {
    arena memory;
    auto octets = decode_base64(event.data(), memory);
    require(octets.has_value());
    return std::string{*octets};
  }
  return std::string{event.data()};
}

/// White space around a JSON value does not go with it.
std::string_view without_space(std::string_view x) {
  constexpr std::string_view space = " \t\r\n";
  auto begin = std::min(x.find_first_not_of(space), x.size());
  return x.substr(begin, x.find_last_not_of(space) + 1 - begin);
}

bool is_same_data(const event_view& first, const event_view& second) {
  auto form = form_of(first, value_of(first, "datacontenttype"));
  // Before 0.3 nothing tells octets from a string.
  if (form == data_form::base64 && is_old(first))
    return true;
  auto x = octets_of(first);
  auto y = octets_of(second);
  return form == data_form::json ? without_space(x) == without_space(y)
                                 : x == y;
}

// -- the way out, and in again ------------------------------------------------

void check_structured(const event_view& event) {
  auto written = to_structured(event);
  check_message(written);
  require(is_json_text(written.body, limits::json_depth_max));
  auto read = parse_again(written);
  if (!read && is_full(event))
    return;
  require(read && read->size() == 1);
  auto again = (*read)[0];
  require(again.version() == event.version());
  require(attributes_of(again) == attributes_of(event));
  require(is_same_data(event, again));
}

/// What headers can not tell apart: HTTP binding 3 takes the type of some data
/// for a mode; a source or schema that is no URI looks like one when encoded,
/// as versions before 0.3 allow; and 0.2's `x-eventd…` is 0.1's `eventd…`.
bool is_ambiguous(const event_view& event) {
  auto xs = event.attributes();
  return std::any_of(xs.begin(), xs.end(), [](const attribute_view& x) {
    if (x.name == "datacontenttype")
      return starts_with_lowered(x.value, "application/cloudevents");
    if (x.name == "source" || x.name == "dataschema")
      return !is_uri_reference(x.value);
    return x.name.starts_with("x-eventd");
  });
}

void check_binary(const event_view& event) {
  auto written = to_binary(event);
  check_message(written);
  if (is_ambiguous(event))
    return;
  auto read = parse_again(written);
  if (!read && is_full(event))
    return;
  require(read && read->size() == 1);
  auto again = (*read)[0];
  require(again.version() == event.version());
  require(again.data() == event.data());
  auto wanted = attributes_of(event);
  auto got = attributes_of(again);
  // A JSON event without a type means JSON, which a header must say.
  if (event.kind() == data_kind::json)
    wanted.try_emplace("datacontenttype", attribute_type::string,
                       "application/json");
  require(got.size() == wanted.size());
  for (const auto& [name, x] : wanted) {
    auto same = got.find(name);
    require(same != got.end()); // Headers know strings only: no types.
    require(trimmed(same->second.second) == trimmed(x.second));
  }
}

/// What is shown as 1.0 is JSON, and has no name twice and none of the
/// server's, though not all that older versions allow is valid in 1.0.
void check_shown(const event_view& event) {
  std::string shown;
  append_json(shown, event, {});
  require(is_json_text(shown, limits::json_depth_max));
  if (event.version() == spec_version::v1_0)
    require(shown == to_structured(event).body);
  auto read = parse_json(structured_type, shown);
  if (read)
    require(read->size() == 1 && (*read)[0].id() == event.id());
  else
    require(read.error().detail.find("there twice") == std::string::npos
            && read.error().detail.find("the server") == std::string::npos);
}

/// What the server adds may hold anything.
void check_extra(const event_view& event, std::string_view bytes) {
  extra_attributes extra{{"knativeerrordest", std::string{bytes}},
                         {"id", std::string{bytes.substr(bytes.size() / 2)}}};
  check_message(to_binary(event, extra));
  require(
    is_json_text(to_structured(event, extra).body, limits::json_depth_max));
}

/// An event of a batch is less deep than the limit, so all fit into one again.
void check_array(const event_batch& batch) {
  std::string array;
  for (size_t i = 0; i < batch.size(); ++i) {
    if (is_full(batch[i]))
      return;
    array += i == 0 ? '[' : ',';
    array += to_structured(batch[i]).body;
  }
  auto read = parse_json(batch_type, array + ']');
  require(read && read->size() == batch.size());
  for (size_t i = 0; i < batch.size(); ++i)
    require((*read)[i].id() == batch[i].id()
            && attributes_of((*read)[i]) == attributes_of(batch[i]));
}

/// A subscriber's answer: the same event without its headers, or none.
void check_reply(const request& x, const result<event_batch>& published) {
  auto reply = parse_reply(x.headers, x.body, publish_limits);
  require(reply.size() <= 1);
  if (x.is_batch)
    require(reply.empty());
  if (reply.empty())
    return;
  check_event(reply[0]);
  require(reply[0].headers().empty());
  if (published) {
    require(published->size() == 1);
    require((*published)[0].data() == reply[0].data());
    require(attributes_of((*published)[0]) == attributes_of(reply[0]));
  }
}

} // namespace

/// Called by libFuzzer with each input: no request crashes the parsers, and an
/// event that was taken can be written in each form and read again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto in = request_of({reinterpret_cast<const char*>(data), size});
  auto batch = parse_request(in.headers, in.body, publish_limits);
  check_reply(in, batch);
  if (!batch) {
    require(!batch.error().detail.empty());
    return 0;
  }
  require(batch->size() <= limits::batch_events_max);
  for (size_t i = 0; i < batch->size(); ++i) {
    auto event = (*batch)[i];
    check_event(event);
    check_structured(event);
    check_binary(event);
    check_shown(event);
    check_extra(event, in.body.substr(0, 64));
  }
  if (in.is_batch && !batch->empty())
    check_array(*batch);
  return 0;
}
