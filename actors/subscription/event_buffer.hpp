// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

#include <boost/container/deque.hpp>

#include "storage/model/event.hpp"
#include "storage/model/units.hpp"

namespace eventd::actors {

/// Events read ahead for one subscriber, in offset order; past twice
/// `limits::read_ahead_bytes_max` the oldest leave, the log has them.
/// Threads: one. Blocking: never.
class event_buffer {
public:
  /// Adds what was read; forgets all below `low`, which nobody asks for again.
  void add(event_batch events, log_offset low);

  /// The one event at `offset`, or an empty batch.
  event_batch find(log_offset offset) const;

  void clear();

  /// Bytes of the records held.
  uint64_t bytes() const { return bytes_; }

private:
  void drop_front();

  boost::container::deque<event_batch> batches_;
  uint64_t bytes_ = 0;
};

} // namespace eventd::actors
