// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/rocks/reclaim.hpp"

#include "storage/codec/entry.hpp"

namespace eventd::storage {

reclaim_rules::reclaim_rules(uint32_t shards) : shards_(shards) {}

void reclaim_rules::set_raft_start(shard_id shard, raft_index index) {
  auto& x = shards_[shard.value];
  std::lock_guard guard{x.mutex};
  if (x.raft_start < index)
    x.raft_start = index;
}

void reclaim_rules::set_channel_start(shard_id shard, channel_id channel,
                                      log_offset start) {
  auto& x = shards_[shard.value];
  std::lock_guard guard{x.mutex};
  x.starts[channel] = start;
}

void reclaim_rules::close_channel(shard_id shard, channel_id channel) {
  auto& x = shards_[shard.value];
  std::lock_guard guard{x.mutex};
  x.starts.erase(channel);
}

bool reclaim_rules::removable(shard_id shard, raft_index index,
                              std::string_view record) const {
  const auto& x = shards_[shard.value];
  std::lock_guard guard{x.mutex};
  if (index >= x.raft_start)
    return false;
  auto header = decode_record(record);
  if (!header)
    return false;
  auto payload = record.substr(record_header_bytes);
  if (header->type != entry_type::command || payload.empty())
    return true;
  if (static_cast<payload_kind>(payload[0]) != payload_kind::events)
    return true;
  auto events = decode_events_header(payload);
  if (!events)
    return false;
  // A channel that is not known is deleted: ids are never given again.
  auto found = x.starts.find(events->channel);
  return found == x.starts.end()
         || events->first + events->count <= found->second;
}

} // namespace eventd::storage
