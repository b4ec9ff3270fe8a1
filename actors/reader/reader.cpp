// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/reader/reader.hpp"

#include "storage/log/channel_reader.hpp"
#include "storage/model/limits.hpp"

namespace eventd::actors {

namespace {

/// States that other nodes fetch piece by piece at a time: one of each shard of
/// two nodes. The oldest is given up.
constexpr size_t copies_max = 16;

std::string label_of(const channel_info& x) {
  return x.namespace_name + "/" + x.name;
}

} // namespace

result<read_result> reader_state::read(const stored_read_request& x) const {
  storage::channel_reader from{*database, x.channel.id, label_of(x.channel)};
  read_result y;
  y.epoch = x.channel.epoch;
  y.end = x.end;
  auto done = from.read(x.what.from, x.end, x.what.events_max, x.what.bytes_max,
                        y.batches);
  if (!done) {
    if (done.error() == ec::corrupt_record)
      stats->corrupt_records.fetch_add(1, std::memory_order_relaxed);
    return done.error();
  }
  y.next = y.batches.empty() ? x.what.from : y.batches.back().end_offset();
  return y;
}

result<log_chunk> reader_state::fetch(shard_id shard, raft_index from,
                                      raft_index upto,
                                      uint64_t bytes_max) const {
  auto part = storage::read_for_copy(*database, shard, from, upto, bytes_max);
  if (!part) {
    if (part.error() == ec::corrupt_record)
      stats->corrupt_records.fetch_add(1, std::memory_order_relaxed);
    return part.error();
  }
  return log_chunk{part->next, std::move(part->indexes),
                   std::move(part->records), std::move(part->idx_keys),
                   std::move(part->idx_values)};
}

result<state_chunk> reader_state::fetch_state(shard_id shard, uint64_t token,
                                              uint64_t offset) {
  if (token == 0) {
    auto made = storage::read_state(*database, shard);
    if (!made)
      return made.error();
    copies.push_back({next_token++, std::move(*made)});
    if (copies.size() > copies_max)
      copies.pop_front();
    token = copies.back().token;
  }
  for (auto x = copies.begin(); x != copies.end(); ++x) {
    if (x->token != token)
      continue;
    const auto& state = x->state;
    if (offset > state.bytes.size())
      return failure{ec::offset_out_of_range, "beyond the end of the state"};
    state_chunk part{token, state.applied, state.bytes.size(),
                     state.bytes.substr(offset, limits::copy_chunk_bytes)};
    if (offset + part.bytes.size() == part.total)
      copies.erase(x);
    return part;
  }
  return failure{ec::not_found, "this copy of the state is given up"};
}

reader_actor::behavior_type
reader(reader_actor::stateful_pointer<reader_state> self,
       const storage::database* database, std::shared_ptr<node_stats> stats) {
  self->state.database = database;
  self->state.stats = std::move(stats);
  return {
    [self](atom::read, const stored_read_request& x) {
      return to_caf(self->state.read(x));
    },
    [self](atom::locate, const channel_info& channel, log_time when,
           log_offset end) {
      storage::channel_reader from{*self->state.database, channel.id,
                                   label_of(channel)};
      return to_caf(from.locate(when, end));
    },
    [self](atom::retain, const channel_info& channel,
           const channel_settings& settings,
           log_time now) -> caf::result<trim_plan> {
      storage::channel_reader from{*self->state.database, channel.id,
                                   label_of(channel)};
      storage::retention_limits keep{
        static_cast<uint64_t>(settings.retention_age_ms),
        settings.retention_bytes, settings.retention_events};
      auto point = from.retain(keep, now);
      if (!point)
        return to_caf(point.error());
      return trim_plan{point->start, point->bytes_below};
    },
    [self](atom::fetch, shard_id shard, raft_index from, raft_index upto,
           uint64_t bytes_max) {
      return to_caf(self->state.fetch(shard, from, upto, bytes_max));
    },
    [self](atom::fetch, shard_id shard, uint64_t token, uint64_t offset) {
      return to_caf(self->state.fetch_state(shard, token, offset));
    },
    [self](atom::load, shard_id shard)
      -> caf::result<std::shared_ptr<storage::shard_state>> {
      auto x = storage::shard_state::load(*self->state.database, shard);
      if (!x)
        return to_caf(x.error());
      return std::make_shared<storage::shard_state>(std::move(*x));
    },
    [self](atom::records, shard_id shard, raft_index first,
           raft_index last) -> caf::result<std::vector<storage::log_record>> {
      auto xs
        = storage::read_records(*self->state.database, shard, first, last);
      if (!xs) {
        if (xs.error() == ec::corrupt_record)
          self->state.stats->corrupt_records.fetch_add(
            1, std::memory_order_relaxed);
        return to_caf(xs.error());
      }
      return std::move(*xs);
    },
  };
}

} // namespace eventd::actors
