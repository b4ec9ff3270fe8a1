// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/cloudevents.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "runtime/cloudevents/media_type.hpp"
#include "runtime/cloudevents/modes.hpp"
#include "runtime/cloudevents/validate.hpp"
#include "storage/model/limits.hpp"

namespace eventd::runtime::cloudevents {

namespace {

/// Bytes that a record may need beyond its message: lengths and heads.
constexpr size_t record_overhead_bytes = 64;

enum class mode { binary, structured, batch };

failure header_failure(ec code, std::string_view name,
                       std::string_view problem) {
  return named_failure(code, "header", name, problem);
}

/// Takes what matters for all modes from one header.
result<void> note_header(const field& x, origin from, envelope& out) {
  if (x.name.empty())
    return {};
  auto is
    = [&](std::string_view lowered) { return equals_lowered(x.name, lowered); };
  auto first = lower(x.name.front());
  if (first == 'e' || first == 'c') {
    auto is_server = starts_with_lowered(x.name, "eventd")
                     || starts_with_lowered(x.name, "ce-eventd")
                     || starts_with_lowered(x.name, "ce-x-eventd");
    if (is_server && from == origin::publisher)
      return header_failure(ec::invalid_event, x.name,
                            "begins with 'eventd': only the server sets it");
  }
  if (first != 'c')
    return {};
  if (is("content-type")) {
    if (!out.content_type.empty())
      return header_failure(ec::invalid_event, x.name, "is there twice");
    out.content_type = trimmed(x.value);
  } else if (is("content-encoding")) {
    if (auto coding = trimmed(x.value);
        !coding.empty() && !equals_lowered(coding, "identity"))
      return header_failure(ec::unsupported_media, x.name,
                            "names a coding that is not spoken here");
  } else if (is("ce-specversion")) {
    out.version = trimmed(x.value);
    out.is_v0_1 = false;
  } else if (is("ce-cloudeventsversion") && out.version.empty()) {
    out.version = trimmed(x.value);
    out.is_v0_1 = true;
  }
  return {};
}

/// Tells the modes apart by Content-Type (HTTP binding 3).
result<mode> mode_of(std::string_view content_type) {
  if (!names_mode(content_type))
    return mode::binary;
  auto refused = [](std::string_view why) {
    return failure{ec::unsupported_media, "Content-Type: " + std::string{why},
                   "Content-Type"};
  };
  auto type = parse_media_type(content_type);
  if (!type)
    return refused("is not a media type");
  auto is_batch = equals_lowered(type->subtype, "cloudevents-batch+json");
  if (!is_batch && !equals_lowered(type->subtype, "cloudevents+json"))
    return refused("of the CloudEvents formats, only JSON is spoken here: "
                   "application/cloudevents+json or "
                   "application/cloudevents-batch+json");
  if (!is_utf8_charset(*type))
    return refused("the charset of a JSON event can only be utf-8");
  return is_batch ? mode::batch : mode::structured;
}

result<envelope> open_message(std::span<const field> headers,
                              std::string_view body, origin from) {
  envelope out;
  out.headers = headers;
  out.body = body;
  for (const auto& x : headers)
    if (auto noted = note_header(x, from, out); !noted)
      return noted.error();
  return out;
}

/// About as much as the records of the message will take.
size_t expected_bytes(const envelope& in, mode how) {
  auto bytes = in.body.size() + record_overhead_bytes;
  if (how == mode::binary)
    for (const auto& x : in.headers)
      bytes += x.name.size() + x.value.size();
  return bytes;
}

/// `tracestate` may stand in several lines, which mean one list (W3C Trace
/// Context 3.3.1). Longer than it may be: none.
std::string_view trace_state(const envelope& in, arena& memory) {
  std::string joined;
  for (const auto& x : in.headers) {
    if (!equals_lowered(x.name, "tracestate"))
      continue;
    if (!joined.empty())
      joined += ',';
    joined += trimmed(x.value);
    if (joined.size() > limits::trace_header_bytes_max)
      return {};
  }
  if (joined.empty())
    return {};
  auto* kept = memory.take(joined.size());
  std::copy(joined.begin(), joined.end(), kept);
  return {kept, joined.size()};
}

/// The fields that go on with each event of the message. Of a batch only the
/// trace does: the others speak of the request, not of one event, and each
/// event would store them all.
std::vector<attribute_view> headers_going_on(const envelope& in, mode how,
                                             arena& memory) {
  std::vector<attribute_view> out;
  auto keep = [&](std::string_view name, std::string_view value) {
    out.push_back({name, value, attribute_type::header, {}});
  };
  bool has_parent = false;
  for (const auto& x : in.headers) {
    auto value = trimmed(x.value);
    if (equals_lowered(x.name, "traceparent")) {
      if (!std::exchange(has_parent, true)
          && value.size() <= limits::trace_header_bytes_max)
        keep(x.name, value);
    } else if (how != mode::batch && is_forwarded_header(x.name)) {
      keep(x.name, value);
    }
  }
  if (has_parent)
    if (auto state = trace_state(in, memory); !state.empty())
      keep("tracestate", state);
  return out;
}

result<uint32_t> read_message(const envelope& in, mode how,
                              const parse_limits& limits, origin from,
                              std::string& out) {
  arena memory;
  draft event{from};
  std::vector<attribute_view> headers;
  if (from == origin::publisher)
    headers = headers_going_on(in, how, memory);
  event.set_headers(headers);
  if (how == mode::batch)
    return read_batch(in.body, limits, event, memory, out);
  auto done
    = how == mode::binary
        ? read_binary(in, event, memory, out)
        : read_structured(in.body, limits.json_depth_max, event, memory, out);
  if (!done)
    return done.error();
  return uint32_t{1};
}

result<uint32_t> append(std::string& out, std::span<const field> headers,
                        std::string_view body, const parse_limits& limits,
                        origin from) {
  auto in = open_message(headers, body, from);
  if (!in)
    return in.error();
  auto how = mode_of(in->content_type);
  if (!how)
    return how.error();
  // A reply is one event: a batch must not be sent unsolicited.
  if (*how == mode::batch && from == origin::reply)
    return failure{ec::unsupported_media, "a reply can not be a batch"};
  auto begin = out.size();
  // As `reserve`, but growing by at least as much as `append` would.
  if (auto wanted = begin + expected_bytes(*in, *how); wanted > out.capacity())
    out.reserve(std::max(wanted, 2 * out.capacity()));
  auto count = read_message(*in, *how, limits, from, out);
  if (!count)
    out.resize(begin);
  return count;
}

result<event_batch> parse(std::span<const field> headers, std::string_view body,
                          const parse_limits& limits, origin from) {
  auto bytes = std::make_shared<std::string>();
  auto count = append(*bytes, headers, body, limits, from);
  if (!count)
    return count.error();
  return event_batch::open(std::move(bytes), 0, *count);
}

} // namespace

bool is_forwarded_header(std::string_view name) {
  return equals_lowered(name, "x-request-id")
         || equals_lowered(name, "retry-after")
         || starts_with_lowered(name, "knative-")
         || starts_with_lowered(name, "x-b3-");
}

result<event_batch> parse_request(std::span<const field> headers,
                                  std::string_view body,
                                  const parse_limits& limits) {
  return parse(headers, body, limits, origin::publisher);
}

result<uint32_t> append_request(std::string& out,
                                std::span<const field> headers,
                                std::string_view body,
                                const parse_limits& limits) {
  return append(out, headers, body, limits, origin::publisher);
}

event_batch parse_reply(std::span<const field> headers, std::string_view body,
                        const parse_limits& limits) {
  auto events = parse(headers, body, limits, origin::reply);
  return events ? std::move(*events) : event_batch{};
}

} // namespace eventd::runtime::cloudevents
