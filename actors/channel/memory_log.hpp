// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "storage/model/event.hpp"
#include "storage/model/units.hpp"

namespace eventd::actors {

/// The events of a channel whose owner asked for memory only. Bounded: the
/// oldest batches leave past `bytes_max`, `events_max` or the age.
class memory_log {
public:
  struct limits {
    uint64_t bytes_max;
    uint64_t events_max; ///< 0: no limit.
    uint64_t age_ms;     ///< 0: no limit.
  };

  /// Adds a batch at the end; its offsets are set here.
  void append(event_batch batch, log_time logged_at);

  /// Drops what the limits do not allow. The newest batch stays until it is
  /// too old.
  void trim(const limits& keep, log_time now);

  void read(log_offset from, uint32_t events_max, uint64_t bytes_max,
            std::vector<event_batch>& out) const;

  /// First offset whose wall time is at or after `when`; the end if none.
  log_offset locate(log_time when) const;

  log_offset start() const { return start_; }
  log_offset end() const { return end_; }
  uint64_t bytes() const { return bytes_; }

private:
  struct item {
    event_batch batch;
    log_time logged_at;
  };
  std::deque<item> items_;
  log_offset start_;
  log_offset end_;
  uint64_t bytes_ = 0;
};

} // namespace eventd::actors
