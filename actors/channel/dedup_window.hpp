// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "storage/model/event.hpp"
#include "storage/model/units.hpp"

namespace eventd::actors {

/// Remembers which (source, id) came lately, and at which offset. Bounded by
/// time and by number. It is not stored: whoever owns the channel fills it
/// again from the channel's last events. CloudEvents 1.0, "id": source + id
/// identify an event.
class dedup_window {
public:
  /// `window_ms` 0 turns it off: nothing is ever a duplicate.
  explicit dedup_window(int64_t window_ms = 0, size_t events_max = 0)
    : window_ms_(window_ms), events_max_(events_max) {}

  /// The offset at which the event stands already, if it came in the window
  /// before `now`.
  std::optional<log_offset> find(const event_view& event, log_time now) const;

  /// Remembers an event. Where it is in the window, the new offset counts.
  void add(const event_view& event, log_offset at, log_time now);

  /// Forgets what lies before the window.
  void expire(log_time now);

  /// Forgets events whose offsets were given and then taken back.
  void forget_from(log_offset first);

  /// Takes a new length for what is remembered and what comes.
  void set_window(int64_t window_ms) { window_ms_ = window_ms; }

  bool enabled() const { return window_ms_ > 0 && events_max_ > 0; }
  size_t size() const { return order_.size(); }
  void clear();

private:
  struct entry {
    std::string key;
    log_offset at;
    log_time seen;
  };

  static std::string key_of(const event_view& event);
  void pop();

  int64_t window_ms_;
  size_t events_max_;
  std::deque<entry> order_; ///< Oldest first; its strings never move.
  std::unordered_map<std::string_view, const entry*> by_key_;
};

} // namespace eventd::actors
