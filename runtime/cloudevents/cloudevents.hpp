// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/model/error.hpp"
#include "storage/model/event.hpp"

/// CloudEvents from and to HTTP: all content modes, all versions. Pure; any
/// thread; never blocks.
namespace eventd::runtime::cloudevents {

/// One header field as it stood in the message.
struct field {
  std::string_view name;
  std::string_view value;
};

/// What one parse may take at most.
struct parse_limits {
  size_t batch_events_max;
  size_t json_depth_max; ///< Of one event; the array of a batch comes on top.
};

/// True for a field that goes on unchanged from a publisher to a subscriber,
/// and from a subscriber's answer to `reply`: x-request-id, retry-after and the
/// prefixes knative- and x-b3-, in any case. (Knative Eventing, `pkg/utils`.)
bool is_forwarded_header(std::string_view name);

/// Turns a publish request into events without offsets: binary, structured or
/// batch, by Content-Type (CloudEvents HTTP binding 3). An empty batch answers
/// an empty `event_batch`.
/// @errors `ec::invalid_event` with the attribute in `field`,
///   `ec::unsupported_media`, `ec::payload_too_large`.
result<event_batch> parse_request(std::span<const field> headers,
                                  std::string_view body,
                                  const parse_limits& limits);

/// The same, as records at the end of `out`, which stays as it was where the
/// request is refused.
/// @returns how many
result<uint32_t> append_request(std::string& out,
                                std::span<const field> headers,
                                std::string_view body,
                                const parse_limits& limits);

/// Turns a subscriber's 2xx answer into its reply event, if it is one: none
/// for a body without CloudEvents marks. Attributes that begin with "eventd"
/// are dropped. An answer that claims to be an event and is not valid: none.
event_batch parse_reply(std::span<const field> headers, std::string_view body,
                        const parse_limits& limits);

/// An event as HTTP headers and body. Header values hold no control character.
struct message {
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// More attributes, set by the server: name and value, of string type.
using extra_attributes = std::vector<std::pair<std::string, std::string>>;

/// Binary mode, in the event's own version (CloudEvents HTTP binding 3.1).
/// `extra` replaces attributes of the same name.
message to_binary(const event_view& event, const extra_attributes& extra = {});

/// Structured mode, in the event's own version.
message to_structured(const event_view& event,
                      const extra_attributes& extra = {});

/// Appends the event as one CloudEvents 1.0 JSON object (versions before 1.0
/// are shown as 1.0), for reads. JSON format 1.0.2.
void append_json(std::string& out, const event_view& event,
                 const extra_attributes& extra);

} // namespace eventd::runtime::cloudevents
