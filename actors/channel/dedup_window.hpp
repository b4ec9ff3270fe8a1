// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/deque.hpp>

#include "storage/model/event.hpp"
#include "storage/model/units.hpp"

namespace eventd::actors {

/// Remembers which (source, id) came lately, and at which offset. Bounded by
/// time and by number. It is not stored: whoever owns the channel fills it
/// again from the channel's last events. CloudEvents 1.0, "id": source + id
/// identify an event.
///
/// It is looked at for every event: a table of eight bytes a place, with
/// linear probing, that finds what is nearly always one access to memory.
class dedup_window {
public:
  /// `window_ms` 0 turns it off: nothing is ever a duplicate.
  explicit dedup_window(int64_t window_ms = 0, size_t events_max = 0)
    : window_ms_(window_ms), events_max_(events_max) {}

  /// The offset at which the event stands already, if it came in the window
  /// before `now`.
  std::optional<log_offset> find(const event_view& event, log_time now);

  /// Remembers an event. Where it is in the window, the new offset counts.
  void add(const event_view& event, log_offset at, log_time now);

  /// `find`, and `add` where it finds nothing.
  std::optional<log_offset> find_or_add(const event_view& event, log_offset at,
                                        log_time now);

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
    uint32_t tag;
    log_offset at;
    log_time seen;
  };

  /// A place of the table.
  struct place {
    uint32_t tag = 0;    ///< Of the key, and where its search begins; 0: free.
    uint32_t number = 0; ///< Of the entry, counted from the first ever.
  };

  void make_key(const event_view& event);
  std::optional<log_offset> find_key(log_time now) const;
  void add_key(log_offset at, log_time now);
  const entry& entry_of(const place& x) const;
  size_t home_of(uint32_t tag) const { return tag & (places_.size() - 1); }
  size_t after(size_t i) const { return (i + 1) & (places_.size() - 1); }
  size_t search(uint32_t tag, std::string_view key) const;
  void make_room();
  void drop(uint32_t number, uint32_t tag);

  int64_t window_ms_;
  size_t events_max_;
  boost::container::deque<entry> order_; ///< Oldest first.
  uint32_t first_number_ = 0;            ///< Of the oldest; wraps around.
  std::vector<place> places_;            ///< A power of two, at most half full.
  std::string key_;                      ///< Of the event in hand.
  uint32_t tag_ = 0;
};

} // namespace eventd::actors
