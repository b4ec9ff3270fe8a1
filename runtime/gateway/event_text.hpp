// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/model/event.hpp"

namespace eventd::runtime {

/// How a read is answered.
enum class read_format : uint8_t {
  batch,  ///< application/cloudevents-batch+json: one JSON array.
  ndjson, ///< application/x-ndjson: one event a line.
  sse,    ///< text/event-stream.
};

std::string_view media_type(read_format x);

/// The form that an `Accept` field asks for: the first it names of ours, by
/// its `q`; `*/*` and an absent field mean batch. (RFC 9110 12.5.1)
/// @errors `ec::invalid_request`: it wants none of ours; the status is 406.
result<read_format> negotiate_read(std::string_view accept);

/// Appends the events of a batch as text: for `batch` with commas between and
/// before, if `out` does not end with the opening bracket; for `sse` with ids
/// "epoch:offset". Each event carries `eventdoffset` and `eventdtime`. Pure.
void append_events(std::string& out, read_format format,
                   const event_batch& events, incarnation epoch);

/// Appends a comment that keeps an idle stream open.
void append_heartbeat(std::string& out);

/// Appends the event that ends a stream for a reason: `event: error`.
void append_stream_error(std::string& out, const failure& why, unsigned status);

} // namespace eventd::runtime
