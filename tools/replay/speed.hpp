// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/model/error.hpp"

namespace eventd::replay {

/// How fast events are replayed.
struct speed {
  enum class kind : uint8_t {
    max,    ///< As fast as they are taken.
    factor, ///< As they were stored, this many times as fast; original is 1.
    rate,   ///< This many events a second.
  };

  kind how = kind::max;
  double value = 0;
};

/// Reads "max", "original", "2x", "0.5x" or "1000/s".
/// @errors `ec::invalid_config`
result<speed> parse_speed(std::string_view text);

/// Decides when each event is due. Reads no clock; sleeps never.
/// At 1000/s the events are due 0, 1, 2… ms after the start; at 2x, an event
/// stored 10 s after the first is due 5 s after the start.
class pacer {
public:
  explicit pacer(speed how) : how_(how) {}

  /// Whether every event is due at once.
  bool unpaced() const { return how_.how == speed::kind::max; }

  /// When the next event is due. Unit: ns after the start of the replay.
  /// `stored_ms` is when the event was stored, where that is known; an event
  /// stored before its predecessor is due with it.
  int64_t next_due_ns(std::optional<int64_t> stored_ms);

private:
  speed how_;
  uint64_t count_ = 0;
  std::optional<int64_t> first_ms_;
  int64_t due_ns_ = 0;
};

} // namespace eventd::replay
