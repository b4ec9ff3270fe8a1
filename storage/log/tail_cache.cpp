// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/log/tail_cache.hpp"

#include <algorithm>

#include "storage/model/assert.hpp"

namespace eventd::storage {

namespace {

/// What a batch holds in memory beside its bytes, roughly.
constexpr size_t overhead_bytes = 160;

size_t cost(const event_batch& x) {
  return x.records().size() + x.size() * sizeof(uint32_t) + overhead_bytes;
}

} // namespace

void tail_cache::add(channel_id channel, shard_id shard, raft_index index,
                     event_batch batch) {
  std::lock_guard guard{mutex_};
  auto& tail = channels_[channel];
  EVENTD_ASSERT(tail.empty() || tail.back().end_offset() == batch.first_offset);
  auto bytes = cost(batch);
  tail.push_back(std::move(batch));
  order_.push_back({channel, shard, index, bytes});
  bytes_ += bytes;
  evict();
}

void tail_cache::settle(shard_id shard, raft_index index) {
  std::lock_guard guard{mutex_};
  auto& x = settled_[shard];
  x = std::max(x, index);
  evict();
}

void tail_cache::evict() {
  while (bytes_ > bytes_max_ && !order_.empty()) {
    const auto& oldest = order_.front();
    auto settled = settled_.find(oldest.shard);
    if (settled == settled_.end() || settled->second < oldest.index)
      return;
    bytes_ -= oldest.bytes;
    // A dropped channel's batches are gone already.
    if (auto found = channels_.find(oldest.channel); found != channels_.end()) {
      found->second.pop_front();
      if (found->second.empty())
        channels_.erase(found);
    }
    order_.pop_front();
  }
}

void tail_cache::read(channel_id channel, log_offset from, uint32_t events_max,
                      uint64_t bytes_max, std::vector<event_batch>& out) const {
  std::lock_guard guard{mutex_};
  auto found = channels_.find(channel);
  if (found == channels_.end())
    return;
  const auto& tail = found->second;
  if (from < tail.front().first_offset || from >= tail.back().end_offset())
    return;
  auto at = std::upper_bound(tail.begin(), tail.end(), from,
                             [](log_offset x, const event_batch& batch) {
                               return x < batch.first_offset;
                             });
  uint64_t bytes = 0;
  for (--at; at != tail.end() && events_max > 0; ++at) {
    auto first = from > at->first_offset ? from - at->first_offset : 0;
    auto end = std::min<size_t>(at->size(), first + events_max);
    auto part = at->slice(first, end);
    if (bytes > 0 && bytes + part.records().size() > bytes_max)
      return;
    bytes += part.records().size();
    events_max -= static_cast<uint32_t>(part.size());
    out.push_back(std::move(part));
  }
}

void tail_cache::drop(channel_id channel) {
  std::lock_guard guard{mutex_};
  channels_.erase(channel);
  std::erase_if(order_, [&](const place& x) {
    if (x.channel != channel)
      return false;
    bytes_ -= x.bytes;
    return true;
  });
}

size_t tail_cache::bytes() const {
  std::lock_guard guard{mutex_};
  return bytes_;
}

} // namespace eventd::storage
