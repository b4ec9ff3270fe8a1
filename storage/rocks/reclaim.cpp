// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/rocks/reclaim.hpp"

#include <rocksdb/compaction_filter.h>

#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"

namespace eventd::storage {

namespace {

/// Removes log records that `reclaim_rules` gives up.
class log_filter : public rocksdb::CompactionFilter {
public:
  log_filter(const reclaim_rules& rules, shard_id shard)
    : rules_(rules), shard_(shard) {}

  const char* Name() const override { return "eventd.log_filter"; }

  bool Filter(int, const rocksdb::Slice& key, const rocksdb::Slice& value,
              std::string*, bool*) const override {
    return rules_.removable(shard_, index_of_log_key(key.ToStringView()),
                            value.ToStringView());
  }

private:
  const reclaim_rules& rules_;
  shard_id shard_;
};

/// Makes a filter for each compaction of one shard's log.
class log_filter_factory : public rocksdb::CompactionFilterFactory {
public:
  log_filter_factory(const reclaim_rules& rules, shard_id shard)
    : rules_(rules), shard_(shard) {}

  const char* Name() const override { return "eventd.log_filter_factory"; }

  std::unique_ptr<rocksdb::CompactionFilter>
  CreateCompactionFilter(const rocksdb::CompactionFilter::Context&) override {
    return std::make_unique<log_filter>(rules_, shard_);
  }

private:
  const reclaim_rules& rules_;
  shard_id shard_;
};

} // namespace

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

std::shared_ptr<rocksdb::CompactionFilterFactory>
reclaiming_filter(const reclaim_rules& rules, shard_id shard) {
  return std::make_shared<log_filter_factory>(rules, shard);
}

} // namespace eventd::storage
