// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/reader/reader.hpp"

#include <chrono>

#include "storage/log/channel_reader.hpp"
#include "storage/model/limits.hpp"
#include "storage/state/mend.hpp"

namespace eventd::actors {

namespace {

log_chunk chunk_of(storage::copied_entries part) {
  return {part.next, std::move(part.indexes), std::move(part.records),
          std::move(part.idx_keys), std::move(part.idx_values)};
}

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
  if (!done)
    return done.error();
  y.next = y.batches.empty() ? x.what.from : y.batches.back().end_offset();
  return y;
}

result<log_chunk> reader_state::fetch(shard_id shard, raft_index from,
                                      raft_index upto,
                                      uint64_t bytes_max) const {
  auto part = storage::read_for_copy(*database, shard, from, upto, bytes_max);
  if (!part)
    return part.error();
  return chunk_of(std::move(*part));
}

result<log_chunk> reader_state::give(const damaged_place& place) const {
  auto part = storage::read_for_mending(*database, place);
  if (!part)
    return part.error();
  return chunk_of(std::move(*part));
}

result<std::vector<storage::log_record>>
reader_state::records(shard_id shard, raft_index first, raft_index last) const {
  return storage::read_records(*database, shard, first, last);
}

result<trim_plan> reader_state::retain(const channel_info& channel,
                                       const channel_settings& settings,
                                       log_time now) const {
  storage::channel_reader from{*database, channel.id, label_of(channel)};
  storage::retention_limits keep{
    static_cast<uint64_t>(settings.retention_age_ms), settings.retention_bytes,
    settings.retention_events};
  auto point = from.retain(keep, now);
  if (!point)
    return point.error();
  return trim_plan{point->start, point->bytes_below};
}

template <class T>
caf::result<T> reader_state::answer(std::function<result<T>()> read) {
  auto x = read();
  if (x)
    return std::move(*x);
  if (x.error() == ec::corrupt_record)
    stats->corrupt_records.fetch_add(1, std::memory_order_relaxed);
  if (!mender || !x.error().damage)
    return to_caf(x.error());
  auto promise = self->make_response_promise<T>();
  mend_and_repeat<T>(std::move(read), promise, x.error(),
                     limits::mends_a_read_max);
  return promise;
}

template <class T>
void reader_state::mend_and_repeat(std::function<result<T>()> read,
                                   caf::typed_response_promise<T> promise,
                                   failure why, int mends_left) {
  if (!why.damage || mends_left == 0) {
    promise.deliver(to_caf(why));
    return;
  }
  self->request(mender, caf::infinite, atom::mend_v, *why.damage)
    .then(
      [this, read, promise, why, mends_left](uint64_t) mutable {
        auto x = read();
        if (x)
          promise.deliver(std::move(*x));
        else if (x.error().damage == why.damage)
          promise.deliver(to_caf(x.error()));
        else
          mend_and_repeat<T>(read, promise, x.error(), mends_left - 1);
      },
      // The damage itself says more than why nobody could mend it.
      [promise, why](const caf::error&) mutable {
        promise.deliver(to_caf(why));
      });
}

result<void> reader_state::make_room() {
  auto idle = std::chrono::milliseconds(limits::state_copy_idle_ms);
  auto now = self->clock().now();
  std::erase_if(copies, [&](const copy& x) { return x.read_at + idle < now; });
  uint64_t bytes = 0;
  for (const auto& x : copies)
    bytes += x.state.bytes.size();
  if (copies.size() >= limits::state_copies_max
      || bytes > limits::state_copies_bytes_max)
    return failure{ec::overloaded, "other nodes copy too much from this one"};
  return {};
}

result<state_chunk> reader_state::fetch_state(shard_id shard, uint64_t token,
                                              uint64_t offset) {
  if (token == 0) {
    if (auto done = make_room(); !done)
      return done.error();
    auto made = storage::read_state(*database, shard);
    if (!made)
      return made.error();
    copies.push_back({next_token++, shard, std::move(*made), {}});
    token = copies.back().token;
  }
  for (auto x = copies.begin(); x != copies.end(); ++x) {
    if (x->token != token || x->shard != shard)
      continue;
    x->read_at = self->clock().now();
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
       const storage::database* database, std::shared_ptr<node_stats> stats,
       mender_actor mender) {
  self->state.self = self;
  self->state.database = database;
  self->state.stats = std::move(stats);
  self->state.mender = std::move(mender);
  return {
    [self](atom::read, const stored_read_request& x) {
      return self->state.answer<read_result>(
        [self, x] { return self->state.read(x); });
    },
    [self](atom::locate, const channel_info& channel, log_time when,
           log_offset end) {
      return self->state.answer<log_offset>([self, channel, when, end] {
        storage::channel_reader from{*self->state.database, channel.id,
                                     label_of(channel)};
        return from.locate(when, end);
      });
    },
    [self](atom::retain, const channel_info& channel,
           const channel_settings& settings, log_time now) {
      return self->state.answer<trim_plan>([self, channel, settings, now] {
        return self->state.retain(channel, settings, now);
      });
    },
    [self](atom::fetch, shard_id shard, raft_index from, raft_index upto,
           uint64_t bytes_max) {
      return self->state.answer<log_chunk>(
        [self, shard, from, upto, bytes_max] {
          return self->state.fetch(shard, from, upto, bytes_max);
        });
    },
    [self](atom::fetch, shard_id shard, uint64_t token, uint64_t offset) {
      return to_caf(self->state.fetch_state(shard, token, offset));
    },
    [self](atom::mend, const damaged_place& place) {
      return to_caf(self->state.give(place));
    },
    [self](atom::load, shard_id shard)
      -> caf::result<std::shared_ptr<storage::shard_state>> {
      auto x = storage::shard_state::load(*self->state.database, shard);
      if (!x)
        return to_caf(x.error());
      return std::make_shared<storage::shard_state>(std::move(*x));
    },
    [self](atom::records, shard_id shard, raft_index first, raft_index last) {
      return self->state.answer<std::vector<storage::log_record>>(
        [self, shard, first, last] {
          return self->state.records(shard, first, last);
        });
    },
  };
}

} // namespace eventd::actors
