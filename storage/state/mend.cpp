// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/state/mend.hpp"

#include "storage/codec/bytes.hpp"
#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "storage/log/channel_reader.hpp"
#include "storage/model/limits.hpp"

namespace eventd::storage {

namespace {

failure unfit(const char* what) {
  return {ec::corrupt_record,
          std::string{"what another node gave does not fit: "} + what};
}

struct row_place {
  idx_position at;
  idx_row row;

  log_offset end() const { return at.first + row.count; }
};

result<row_place> place_of(std::string_view key, std::string_view value) {
  auto at = position_of_idx_key(key);
  if (!at)
    return unfit("the key of a row");
  auto row = decode_idx_row(value);
  if (!row)
    return row.error();
  return row_place{*at, *row};
}

row_change put(family where, std::string key, std::string value) {
  return {row_change::kind::put, where, std::move(key), std::move(value)};
}

result<copied_entries> read_rows(const database& from,
                                 const damaged_place& place) {
  copied_entries out;
  raft_index applied;
  auto walk = from.walk(idx_family, true);
  for (walk.seek_for_previous(idx_key(place.channel, place.first));
       walk.valid() && out.idx_keys.size() < limits::mend_rows_max;
       walk.next()) {
    auto x = place_of(walk.key(), walk.value());
    if (!x)
      break;
    if (x->at.channel != place.channel)
      break;
    if (out.idx_keys.empty()) {
      if (x->row.shard.value >= from.shards() || place.first >= x->end())
        break;
      auto known = load_applied(from, x->row.shard);
      if (!known)
        return known.error();
      applied = *known;
    }
    if (x->row.index > applied)
      break;
    out.idx_keys.emplace_back(walk.key());
    out.idx_values.emplace_back(walk.value());
  }
  if (!out.idx_keys.empty())
    return out;
  if (auto ok = walk.status(); !ok)
    return ok.error() == ec::corrupt_store
             ? failure{ec::corrupt_record, "the row is damaged here, too"}
             : ok.error();
  return failure{ec::not_found, "there is no such row here"};
}

result<row_change> mended_record(const damaged_place& place, raft_term term,
                                 const std::string& record) {
  auto header = decode_record(record);
  if (!header)
    return header.error();
  if (term.value != 0 && header->term != term)
    return unfit("the entry is of another term");
  if (place.count != 0) {
    auto payload = std::string_view{record}.substr(record_header_bytes);
    auto events = decode_events_header(payload);
    if (header->type != entry_type::command || !events)
      return unfit("the entry has no events");
    if (events->channel != place.channel || events->first != place.first
        || events->count != place.count)
      return unfit("the entry has other events");
  }
  return put(log_family(place.shard), log_key(place.index), record);
}

/// Rows one behind the other, the first of which holds the offset.
result<std::vector<row_change>> mended_rows(const damaged_place& place,
                                            const copied_entries& from) {
  if (from.idx_keys.empty() || from.idx_keys.size() != from.idx_values.size())
    return unfit("no rows");
  std::vector<row_change> out;
  auto next = place.first;
  for (size_t i = 0; i < from.idx_keys.size(); ++i) {
    auto x = place_of(from.idx_keys[i], from.idx_values[i]);
    if (!x)
      return x.error();
    auto fits
      = i == 0 ? x->at.first <= next && next < x->end() : x->at.first == next;
    if (x->at.channel != place.channel || !fits)
      return unfit("rows of other offsets");
    next = x->end();
    out.push_back(put(idx_family, from.idx_keys[i], from.idx_values[i]));
  }
  return out;
}

} // namespace

result<raft_index> load_applied(const database& from, shard_id shard) {
  auto row = from.get(state_family, state_key(state_row::applied, shard));
  if (!row)
    return row.error();
  if (!*row)
    return raft_index{};
  auto body = open_row(**row);
  if (!body)
    return body.error();
  return raft_index{byte_reader{*body}.fixed<uint64_t>()};
}

result<copied_entries> read_for_mending(const database& from,
                                        const damaged_place& place) {
  if (place.index.value == 0)
    return read_rows(from, place);
  if (place.shard.value >= from.shards())
    return failure{ec::invalid_request, "there is no such shard"};
  auto applied = load_applied(from, place.shard);
  if (!applied)
    return applied.error();
  if (place.index > *applied)
    return failure{ec::conflict, "the entry is not applied here yet"};
  auto record = read_record(from, place.shard, place.index);
  if (!record)
    return record.error();
  if (!*record)
    return failure{ec::not_found, "the entry is not here any more"};
  copied_entries out;
  out.next = place.index + 1;
  out.indexes.push_back(place.index);
  out.records.push_back(std::move(**record));
  return out;
}

result<std::vector<row_change>> rows_of_mended(const damaged_place& place,
                                               raft_term term,
                                               const copied_entries& from) {
  if (place.index.value == 0)
    return mended_rows(place, from);
  if (from.records.size() != 1 || from.indexes.size() != 1
      || from.indexes[0] != place.index)
    return unfit("another entry");
  auto record = mended_record(place, term, from.records[0]);
  if (!record)
    return record.error();
  return std::vector<row_change>{std::move(*record)};
}

} // namespace eventd::storage
