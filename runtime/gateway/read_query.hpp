// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "storage/model/error.hpp"

namespace eventd::runtime {

/// A place in a channel's log, as a user names it.
struct position {
  enum class kind : uint8_t { earliest, latest, offset, time };
  kind what = kind::earliest;
  uint64_t value = 0; ///< Offset, or ms since 1970.

  friend bool operator==(const position&, const position&) = default;
};

/// "earliest", "latest", an offset ("42") or a time (RFC 3339).
/// @errors `ec::invalid_request`
result<position> parse_position(std::string_view text);

/// The parameters of `GET …/channels/{name}/events`.
struct read_query {
  position from;
  std::optional<position> to;    ///< Exclusive. None: to the end.
  std::optional<uint32_t> limit; ///< 1 to `limits::read_events_max`.
  int64_t wait_ms = 0;           ///< 0 to `limits::wait_ms_max`.
  std::optional<uint64_t> epoch; ///< Incarnation that an offset belongs to.
};

/// Parses "from=42&limit=10&wait=5". Pure.
/// @errors `ec::invalid_request` for an unknown or repeated parameter and for
///   a value out of range; `field` names the parameter.
result<read_query> parse_read_query(std::string_view query);

/// The one parameter `to` of a subscription's seek.
/// @errors `ec::invalid_request`
result<position> parse_seek_query(std::string_view query);

/// Place after which a reader goes on: "3:41" is epoch 3, offset 41.
struct event_id {
  uint64_t epoch = 0;
  uint64_t offset = 0;
};

/// Parses the id of a server-sent event, as `Last-Event-ID` brings it back.
std::optional<event_id> parse_event_id(std::string_view text);

} // namespace eventd::runtime
