// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/model/units.hpp"

namespace rocksdb {
class CompactionFilterFactory;
}

namespace eventd::storage {

/// Says which log records nobody can read any more: below the Raft start, and
/// all their events below their channel's start. Written by the REPLICAs,
/// asked by RocksDB's compaction threads. Threads: any. Blocking: a short lock.
class reclaim_rules {
public:
  explicit reclaim_rules(uint32_t shards);

  /// Records below `index` are committed and Raft needs them no more.
  void set_raft_start(shard_id shard, raft_index index);

  /// Events of the channel below `start` are hidden.
  void set_channel_start(shard_id shard, channel_id channel, log_offset start);

  /// The channel is deleted: all its events are hidden.
  void close_channel(shard_id shard, channel_id channel);

  /// True where the record may be removed. A record that can not be read is
  /// kept: damage is reported by who reads it.
  bool removable(shard_id shard, raft_index index,
                 std::string_view record) const;

private:
  struct shard_rules {
    mutable std::mutex mutex;
    raft_index raft_start{};
    std::unordered_map<channel_id, log_offset> starts;
  };
  std::vector<shard_rules> shards_;
};

/// Makes compactions of a shard's log leave out what `rules`, which outlive
/// it, give up.
std::shared_ptr<rocksdb::CompactionFilterFactory>
reclaiming_filter(const reclaim_rules& rules, shard_id shard);

} // namespace eventd::storage
