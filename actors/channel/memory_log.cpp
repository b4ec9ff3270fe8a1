// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/channel/memory_log.hpp"

#include <algorithm>

namespace eventd::actors {

void memory_log::append(event_batch batch, log_time logged_at) {
  batch.first_offset = end_;
  end_ = batch.end_offset();
  bytes_ += batch.records().size();
  items_.push_back({std::move(batch), logged_at});
}

void memory_log::trim(const limits& keep, log_time now) {
  auto goes = [&](const item& x) {
    if (keep.age_ms != 0 && x.logged_at.value + keep.age_ms <= now.value)
      return true;
    return items_.size() > 1
           && (bytes_ > keep.bytes_max
               || (keep.events_max != 0 && end_ - start_ > keep.events_max));
  };
  while (!items_.empty() && goes(items_.front())) {
    bytes_ -= items_.front().batch.records().size();
    start_ = items_.front().batch.end_offset();
    items_.pop_front();
  }
}

void memory_log::read(log_offset from, uint32_t events_max, uint64_t bytes_max,
                      std::vector<event_batch>& out) const {
  auto at = std::upper_bound(
    items_.begin(), items_.end(), from,
    [](log_offset x, const item& y) { return x < y.batch.first_offset; });
  if (at == items_.begin())
    return;
  uint64_t bytes = 0;
  for (--at; at != items_.end() && events_max > 0; ++at) {
    const auto& batch = at->batch;
    if (from >= batch.end_offset())
      continue;
    auto first = from > batch.first_offset ? from - batch.first_offset : 0;
    auto end = std::min<size_t>(batch.size(), first + events_max);
    auto part = batch.slice(first, end);
    if (bytes > 0 && bytes + part.records().size() > bytes_max)
      return;
    bytes += part.records().size();
    events_max -= static_cast<uint32_t>(part.size());
    out.push_back(std::move(part));
  }
}

log_offset memory_log::locate(log_time when) const {
  auto at
    = std::partition_point(items_.begin(), items_.end(), [&](const item& x) {
        return x.batch.stored_at < when;
      });
  return at == items_.end() ? end_ : at->batch.first_offset;
}

} // namespace eventd::actors
