// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/subscription/event_buffer.hpp"

#include <algorithm>
#include <utility>

#include "storage/model/limits.hpp"

namespace eventd::actors {

void event_buffer::add(event_batch events, log_offset low) {
  while (!batches_.empty()
         && (batches_.front().end_offset() <= low
             || bytes_ > 2 * limits::read_ahead_bytes_max))
    drop_front();
  // Offsets only grow between two `clear`s, so that `find` can halve.
  if (!batches_.empty() && events.first_offset < batches_.back().end_offset())
    clear();
  if (events.empty())
    return;
  bytes_ += events.records().size();
  batches_.push_back(std::move(events));
}

event_batch event_buffer::find(log_offset offset) const {
  auto batch = std::upper_bound(
    batches_.begin(), batches_.end(), offset,
    [](log_offset x, const event_batch& y) { return x < y.end_offset(); });
  if (batch == batches_.end() || offset < batch->first_offset)
    return {};
  auto i = offset - batch->first_offset;
  return batch->slice(i, i + 1);
}

void event_buffer::clear() {
  batches_.clear();
  bytes_ = 0;
}

void event_buffer::drop_front() {
  bytes_ -= batches_.front().records().size();
  batches_.pop_front();
}

} // namespace eventd::actors
