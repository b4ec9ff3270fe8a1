// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/disk_state.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "storage/codec/bytes.hpp"
#include "storage/codec/crc32c.hpp"
#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "storage/model/assert.hpp"

namespace eventd::tests {

using storage::row_change;
using storage::state_row;

namespace {

constexpr shard_id shard{0};

constexpr auto kept_rows = std::to_array<state_row>(
  {state_row::applied, state_row::id_counter, state_row::channel,
   state_row::resource, state_row::cursor});

raft_index index_in(const model_disk& disk, state_row row) {
  auto found = disk.state_rows().find(storage::state_key(row, shard));
  if (found == disk.state_rows().end())
    return {};
  auto body = storage::open_row(found->second);
  EVENTD_ASSERT(body.has_value());
  return raft_index{storage::byte_reader{*body}.fixed<uint64_t>()};
}

model_disk::row_map kept_of(const model_disk::row_map& rows) {
  model_disk::row_map kept;
  for (auto kind : kept_rows) {
    auto prefix = storage::state_key(kind, shard);
    for (auto at = rows.lower_bound(prefix);
         at != rows.end() && at->first.starts_with(prefix); ++at)
      kept.insert(*at);
  }
  return kept;
}

failure hole(const char* what, raft_index at) {
  return {ec::corrupt_store, std::string{what} + std::to_string(at.value)};
}

} // namespace

raft_index applied_on(const model_disk& disk) {
  return index_in(disk, state_row::applied);
}

raft_index copied_on(const model_disk& disk) {
  return index_in(disk, state_row::copied);
}

result<storage::shard_state> build_state(const model_disk& disk) {
  storage::shard_state state;
  storage::write_job job;
  model_disk made;
  auto upto = applied_on(disk);
  for (raft_index i{1}; i <= upto; ++i) {
    auto* record = disk.find(i);
    if (record == nullptr)
      return hole("the log lacks entry ", i);
    auto done = state.apply(i, record->type, *record->payload, job.rows);
    if (!done)
      return done.error();
  }
  if (upto.value != 0)
    job.rows.push_back(state.applied_row());
  made.write(job);
  if (made.state_rows() != kept_of(disk.state_rows()))
    return hole("the rows of the state are not what the log makes up to entry ",
                upto);
  return state;
}

actors::log_chunk read_chunk(const model_disk& disk, raft_index from,
                             raft_index upto, size_t n_max) {
  actors::log_chunk part;
  part.next = from;
  for (; part.next <= upto && part.indexes.size() < n_max; ++part.next) {
    auto* record = disk.find(part.next);
    if (record == nullptr)
      continue;
    part.indexes.push_back(part.next);
    part.records.push_back(storage::encode_record_header(
                             {record->type, record->term}, *record->payload)
                           + *record->payload);
    if (record->type != storage::entry_type::command || record->payload->empty()
        || static_cast<storage::payload_kind>((*record->payload)[0])
             != storage::payload_kind::events)
      continue;
    auto header = storage::decode_events_header(*record->payload);
    EVENTD_ASSERT(header.has_value());
    auto row
      = disk.idx_rows().find(storage::idx_key(header->channel, header->first));
    if (row == disk.idx_rows().end()
        || storage::decode_idx_row(row->second)->index != part.next)
      continue;
    part.idx_keys.push_back(row->first);
    part.idx_values.push_back(row->second);
  }
  return part;
}

std::string read_state_rows(const model_disk& disk) {
  std::string bytes;
  for (auto kind : kept_rows) {
    auto prefix = storage::state_key(kind, shard);
    const auto& rows = disk.state_rows();
    for (auto at = rows.lower_bound(prefix);
         at != rows.end() && at->first.starts_with(prefix); ++at) {
      storage::put_string(bytes, at->first);
      storage::put_string(bytes, at->second);
    }
  }
  storage::put_fixed(bytes, storage::crc32c(bytes));
  return bytes;
}

log_offset start_of(const model_disk& disk, channel_id channel) {
  auto state = build_state(disk);
  auto* row = state ? state->channel(channel) : nullptr;
  return row == nullptr ? log_offset{} : row->start;
}

result<std::vector<stored_event>>
read_events(const model_disk& disk, channel_id channel, log_offset from) {
  auto state = build_state(disk);
  if (!state)
    return state.error();
  std::vector<stored_event> out;
  auto* row = state->channel(channel);
  if (row == nullptr)
    return out;
  for (auto next = std::max(row->start, from); next < row->end;) {
    auto found = disk.idx_rows().find(storage::idx_key(channel, next));
    if (found == disk.idx_rows().end())
      return failure{ec::corrupt_store,
                     "no entry begins at offset " + std::to_string(next.value)};
    auto place = storage::decode_idx_row(found->second);
    auto* record = place ? disk.find(place->index) : nullptr;
    if (record == nullptr)
      return failure{ec::corrupt_store, "an idx row leads nowhere"};
    auto header = storage::decode_events_header(*record->payload);
    if (!header || header->first != next || header->count != place->count)
      return hole("an idx row leads to another entry: ", place->index);
    auto batch = storage::open_events(record->payload, 0);
    if (!batch)
      return batch.error();
    for (size_t i = 0; i < batch->size(); ++i)
      out.push_back({next + i, std::string{(*batch)[i].id()},
                     std::string{(*batch)[i].data()}});
    next = next + header->count;
  }
  return out;
}

} // namespace eventd::tests
