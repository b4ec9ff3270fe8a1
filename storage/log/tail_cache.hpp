// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "storage/model/event.hpp"
#include "storage/model/units.hpp"

namespace eventd::storage {

/// Batches just committed, which readers at the end of a channel find without
/// the disk. One per node, bounded in bytes; the oldest leave first, but none
/// before its idx row is written, so that a reader finds every event in one of
/// the two places. Threads: any. Blocking: a short lock.
class tail_cache {
public:
  explicit tail_cache(size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Adds the batch of one committed entry.
  /// @pre it follows the channel's last batch, or the channel has none here
  void add(channel_id channel, shard_id shard, raft_index index,
           event_batch batch);

  /// Entries of the shard up to `index` can be read from the disk.
  void settle(shard_id shard, raft_index index);

  /// Appends batches from `from` on, at most this many events and bytes (but
  /// one event at least). Appends nothing where `from` is not here.
  void read(channel_id channel, log_offset from, uint32_t events_max,
            uint64_t bytes_max, std::vector<event_batch>& out) const;

  /// Forgets a channel.
  void drop(channel_id channel);

  size_t bytes() const;

private:
  struct place {
    channel_id channel;
    shard_id shard;
    raft_index index;
    size_t bytes;
  };

  void evict();

  const size_t bytes_max_;
  mutable std::mutex mutex_;
  size_t bytes_ = 0;
  std::deque<place> order_; ///< Oldest first.
  std::unordered_map<channel_id, std::deque<event_batch>> channels_;
  std::unordered_map<shard_id, raft_index> settled_;
};

} // namespace eventd::storage
