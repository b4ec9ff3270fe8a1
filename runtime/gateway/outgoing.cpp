// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/outgoing.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include "runtime/cloudevents/media_type.hpp"
#include "runtime/gateway/framing_guard.hpp"
#include "runtime/gateway/response.hpp"
#include "runtime/gateway/status.hpp"
#include "runtime/gateway/times.hpp"
#include "storage/model/assert.hpp"
#include "storage/model/limits.hpp"

namespace eventd::runtime {

namespace {

using actors::delivery_format;
using actors::delivery_leg;
using actors::delivery_outcome;
using actors::delivery_request;

/// What a subscriber's server surely takes: many stop at 8 KiB or 100 fields,
/// and ours come on top. A larger event goes in the body.
constexpr size_t binary_header_bytes_max = size_t{8} << 10;
constexpr size_t binary_header_fields_max = 90;

/// Whether the event can be sent in binary mode: not where the type of its data
/// would be taken for another mode.
bool fits_binary(const event_view& event) {
  auto type = event.find("datacontenttype");
  return !type || !cloudevents::names_mode(type->value);
}

bool fits_header(const cloudevents::message& content) {
  size_t bytes = 0;
  for (const auto& [name, value] : content.headers)
    bytes += name.size() + value.size() + 4; // ": " and the line's end
  return bytes <= binary_header_bytes_max
         && content.headers.size() <= binary_header_fields_max;
}

/// "00-" 32 hex "-" 16 hex "-" 2 hex, in lower case (W3C Trace Context).
bool is_traceparent(std::string_view text) {
  if (text.size() != 55)
    return false;
  for (size_t i = 0; i < text.size(); ++i) {
    auto c = text[i];
    bool dash = i == 2 || i == 35 || i == 52;
    bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (dash ? c != '-' : !hex)
      return false;
  }
  return true;
}

struct trace {
  std::string_view parent;
  std::string_view state;
};

/// The trace that the publisher's request stood in; else the one that the event
/// says it began in. The event keeps its own attribute in any case.
trace trace_of(const event_view& event) {
  trace out;
  for (const auto& x : event.headers()) {
    if (iequals(x.name, "traceparent") && is_traceparent(x.value))
      out.parent = x.value;
    else if (iequals(x.name, "tracestate"))
      out.state = x.value;
  }
  if (!out.parent.empty())
    return out;
  auto parent = event.find("traceparent");
  if (!parent || !is_traceparent(parent->value))
    return {};
  auto state = event.find("tracestate");
  return {parent->value, state ? state->value : std::string_view{}};
}

void add_trace(std::string& out, const event_view& event) {
  auto trace = trace_of(event);
  if (trace.parent.empty())
    return;
  add_header(out, "traceparent", trace.parent);
  if (!trace.state.empty())
    add_header(out, "tracestate", trace.state);
}

/// The fields that go on: those of the subscriber's answer with its reply, else
/// those of the publisher.
actors::header_list forwarded_headers(const delivery_request& request) {
  if (request.leg == delivery_leg::reply)
    return request.headers;
  actors::header_list out;
  for (const auto& x : request.event[0].headers())
    out.emplace_back(x.name, x.value);
  return out;
}

/// Written into an event when it goes from one local channel to the next; no
/// publisher can send a header of this name, and it is not sent on.
constexpr std::string_view hops_header = "eventd-hops";

/// Nothing in it ends the target or the line (RFC 9112 3.2).
bool is_request_target(std::string_view text) {
  return text.starts_with('/')
         && std::none_of(text.begin(), text.end(), [](char c) {
              auto byte = static_cast<unsigned char>(c);
              return byte <= 0x20 || byte >= 0x7f;
            });
}

uint32_t hops_of(const event_view& event) {
  uint32_t hops = 0;
  if (auto x = event.find_header(hops_header))
    std::from_chars(x->value.data(), x->value.data() + x->value.size(), hops);
  return hops;
}

} // namespace

cloudevents::extra_attributes
extra_attributes_of(const delivery_request& request) {
  cloudevents::extra_attributes out;
  if (request.leg != delivery_leg::dead_letter || !request.error)
    return out;
  out.emplace_back("knativeerrordest", request.error->dest);
  out.emplace_back("knativeerrorcode", std::to_string(request.error->code));
  if (!request.error->data.empty())
    out.emplace_back("knativeerrordata", request.error->data);
  std::erase_if(out, [](const auto& x) {
    return x.second.empty() || !is_safe_value(x.second);
  });
  return out;
}

std::string build_delivery(const delivery_request& request,
                           const http_url& url) {
  auto event = request.event[0];
  auto extra = extra_attributes_of(request);
  auto in_body
    = request.format == delivery_format::structured || !fits_binary(event);
  auto content = in_body ? cloudevents::to_structured(event, extra)
                         : cloudevents::to_binary(event, extra);
  if (request.format == delivery_format::unchanged && !fits_header(content))
    content = cloudevents::to_structured(event, extra);
  EVENTD_ASSERT(is_request_target(url.target)); // As `parse_http_url` makes it.
  std::string out;
  out.reserve(512 + content.body.size());
  out.append("POST ").append(url.target).append(" HTTP/1.1\r\n");
  add_header(out, "Host", url.authority);
  add_header(out, "User-Agent", "eventd");
  for (const auto& [name, value] : content.headers)
    add_header(out, name, value);
  if (request.leg == delivery_leg::subscriber)
    add_header(out, "Prefer", "reply");
  if (!request.namespace_name.empty())
    add_header(out, "Kn-Namespace", request.namespace_name);
  add_trace(out, event);
  for (const auto& [name, value] : forwarded_headers(request))
    if (cloudevents::is_forwarded_header(name))
      add_header(out, name, value);
  add_header(out, "Content-Length", uint64_t{content.body.size()});
  out += "\r\n";
  out += content.body;
  return out;
}

delivery_outcome outcome_of(client_answer& answer, int64_t now_ms) {
  delivery_outcome out;
  out.status = static_cast<int32_t>(answer.status);
  auto fields = answer.content.fields();
  if (answer.status == 429 || answer.status == 503)
    out.retry_after_ms
      = parse_retry_after(find_field(fields, "retry-after"), now_ms);
  const auto& body = answer.content.body();
  out.body = body.substr(0, limits::error_data_bytes_max);
  if (answer.status / 100 == 2) {
    if (answer.status != 202 && !answer.body_dropped)
      out.reply = cloudevents::parse_reply(
        fields, body, {limits::batch_events_max, limits::json_depth_max});
    for (const auto& field : fields)
      if (cloudevents::is_forwarded_header(field.name))
        out.headers.emplace_back(field.name, field.value);
  } else {
    out.error = "HTTP status " + std::to_string(answer.status);
  }
  return out;
}

delivery_outcome outcome_of(const failure& why) {
  delivery_outcome out;
  out.error = why.detail.empty() ? std::string{name_of(why.code)} : why.detail;
  return out;
}

delivery_outcome outcome_of(const result<actors::append_result>& stored) {
  delivery_outcome out;
  if (stored) {
    out.status = 202;
    return out;
  }
  auto status = http_status(stored.error().code);
  out.status = static_cast<int32_t>(status);
  out.error = stored.error().detail;
  if (auto wait_s = retry_after_s(status))
    out.retry_after_ms = int64_t{wait_s} * 1'000;
  return out;
}

result<event_batch> event_to_store(const delivery_request& request) {
  auto event = request.event[0];
  auto hops = hops_of(event) + 1;
  auto is_dead = request.leg == delivery_leg::dead_letter
                 || event.find("knativeerrordest").has_value();
  auto hops_max = is_dead ? 2 * limits::hops_max : limits::hops_max;
  if (hops > hops_max)
    return failure{ec::loop_detected,
                   "the event went through " + std::to_string(hops_max)
                     + " channels: do subscriptions form a loop?"};
  auto hops_text = std::to_string(hops);
  auto extra = extra_attributes_of(request);
  auto attributes = event.attributes();
  std::erase_if(attributes, [&](const attribute_view& x) {
    return std::any_of(extra.begin(), extra.end(),
                       [&](const auto& y) { return y.first == x.name; });
  });
  for (const auto& [name, value] : extra)
    attributes.push_back({name, value, attribute_type::string, {}});
  auto headers = forwarded_headers(request);
  for (const auto& [name, value] : headers)
    if (name != hops_header)
      attributes.push_back({name, value, attribute_type::header, {}});
  attributes.push_back({hops_header, hops_text, attribute_type::header, {}});
  auto bytes = std::make_shared<std::string>();
  event_writer writer{*bytes, event.version(), event.kind(), attributes.size()};
  for (const auto& x : attributes)
    writer.attribute(x);
  writer.data(event.data());
  return event_batch::open(std::move(bytes), 0, 1);
}

} // namespace eventd::runtime
