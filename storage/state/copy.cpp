// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/state/copy.hpp"

#include <algorithm>
#include <array>

#include "storage/codec/bytes.hpp"
#include "storage/codec/crc32c.hpp"
#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "storage/log/channel_reader.hpp"

namespace eventd::storage {

namespace {

/// What belongs to the applied state. The rows of Raft do not.
constexpr auto state_rows = std::to_array<state_row>(
  {state_row::applied, state_row::id_counter, state_row::channel,
   state_row::resource, state_row::cursor});

/// Whether a row of a state may have this behind its kind and shard.
bool may_follow(state_row kind, std::string_view rest) {
  switch (kind) {
  case state_row::channel:
    return rest.size() == channel_id_bytes;
  case state_row::resource:
  case state_row::cursor:
    return !rest.empty();
  default:
    return rest.empty();
  }
}

/// The next key after all that begin with `prefix`.
std::string end_of(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff)
    prefix.pop_back();
  if (!prefix.empty())
    ++prefix.back();
  return prefix;
}

failure damaged(const char* what) {
  return {ec::corrupt_record, std::string{"a copied state: "} + what};
}

/// How many places of a log are looked at one by one for one chunk.
constexpr uint64_t single_reads_max = 4'096;

/// Adds the idx row of an entry of events, where it has one.
result<void> add_idx_row(const database& db, raft_index index,
                         std::string_view payload, copied_entries& out) {
  if (payload.empty()
      || static_cast<payload_kind>(payload[0]) != payload_kind::events)
    return {};
  auto header = decode_events_header(payload);
  if (!header)
    return header.error();
  auto key = idx_key(header->channel, header->first);
  auto damaged = [&](const failure& why) {
    failure x{ec::corrupt_record, "a row of idx: " + why.detail};
    x.damage = damaged_place{{}, {}, header->channel, header->first, 0};
    return x;
  };
  auto row = db.get(idx_family, key);
  if (!row)
    return row.error() == ec::corrupt_store ? damaged(row.error())
                                            : row.error();
  // Trimmed, or of a channel that is gone.
  if (!*row)
    return {};
  auto place = decode_idx_row(**row);
  if (!place)
    return damaged(place.error());
  if (place->index != index)
    return {};
  out.idx_keys.push_back(std::move(key));
  out.idx_values.push_back(std::move(**row));
  return {};
}

/// Adds one entry, which is whole, and its idx row.
result<void> add_entry(const database& db, raft_index index,
                       std::string_view record, copied_entries& out) {
  auto header = decode_record(record);
  out.indexes.push_back(index);
  out.records.emplace_back(record);
  out.next = index + 1;
  // A configuration may begin with the same byte as events do.
  if (header->type != entry_type::command)
    return {};
  return add_idx_row(db, index, record.substr(record_header_bytes), out);
}

/// What is missing below the applied index was given back to the disk; what is
/// missing beyond it, or on an empty disk, was never there.
result<void> check_applied(const database& db, shard_id shard,
                           raft_index upto) {
  auto row = db.get(state_family, state_key(state_row::applied, shard));
  if (!row)
    return row.error();
  raft_index applied;
  if (*row) {
    auto body = open_row(**row);
    if (!body)
      return body.error();
    applied = raft_index{byte_reader{*body}.fixed<uint64_t>()};
  }
  if (applied < upto)
    return failure{ec::conflict, "this replica has not applied entry "
                                   + std::to_string(upto.value)};
  return {};
}

} // namespace

result<copied_entries> read_for_copy(const database& from_db, shard_id shard,
                                     raft_index from, raft_index upto,
                                     uint64_t bytes_max) {
  if (auto done = check_applied(from_db, shard, upto); !done)
    return done.error();
  copied_entries out;
  out.next = from;
  uint64_t bytes = 0;
  auto is_full
    = [&](size_t more) { return bytes > 0 && bytes + more > bytes_max; };
  auto walk = from_db.walk(log_family(shard), true);
  for (walk.seek(log_key(from)); walk.valid(); walk.next()) {
    auto index = index_of_log_key(walk.key());
    if (index > upto || is_full(walk.value().size()))
      break;
    if (!decode_record(walk.value()))
      break;
    bytes += walk.value().size();
    if (auto done = add_entry(from_db, index, walk.value(), out); !done)
      return done.error();
  }
  auto is_whole = walk.valid() ? decode_record(walk.value()).has_value()
                               : walk.status().has_value();
  if (is_whole) {
    if (!walk.valid() || index_of_log_key(walk.key()) > upto)
      out.next = upto + 1;
    return out;
  }
  // From where the walk met damage: what was written anew is read past the
  // damaged block.
  auto end = std::min(upto + 1, out.next + single_reads_max);
  while (out.next < end) {
    auto index = out.next;
    auto record = read_record(from_db, shard, index);
    if (!record && out.next > from)
      return out;
    if (!record)
      return record.error();
    if (*record && is_full((*record)->size()))
      return out;
    out.next = index + 1;
    if (!*record)
      continue;
    bytes += (*record)->size();
    if (auto done = add_entry(from_db, index, **record, out); !done)
      return done.error();
  }
  return out;
}

result<std::vector<row_change>> rows_of_copied(shard_id shard, raft_index index,
                                               std::string_view record) {
  auto header = decode_record(record);
  if (!header)
    return header.error();
  row_change x;
  x.where = log_family(shard);
  x.key = log_key(index);
  x.value = record;
  return std::vector<row_change>{std::move(x)};
}

result<copied_state> read_state(const database& from_db, shard_id shard) {
  copied_state x;
  // One walk: all of it is of one moment.
  auto walk = from_db.walk(state_family, true);
  for (auto kind : state_rows) {
    auto prefix = state_key(kind, shard);
    for (walk.seek(prefix); walk.valid() && walk.key().starts_with(prefix);
         walk.next()) {
      auto body = open_row(walk.value());
      if (!body)
        return body.error();
      if (kind == state_row::applied)
        x.applied = raft_index{byte_reader{*body}.fixed<uint64_t>()};
      put_string(x.bytes, walk.key());
      put_string(x.bytes, walk.value());
    }
    if (auto ok = walk.status(); !ok)
      return ok.error();
  }
  put_fixed(x.bytes, crc32c(x.bytes));
  return x;
}

result<std::vector<row_change>> rows_of_state(shard_id shard,
                                              std::string_view bytes) {
  constexpr size_t crc_bytes = 4;
  if (bytes.size() < crc_bytes)
    return damaged("too short");
  auto body = bytes.substr(0, bytes.size() - crc_bytes);
  if (byte_reader{bytes.substr(body.size())}.fixed<uint32_t>() != crc32c(body))
    return damaged("bad CRC");
  std::vector<row_change> rows;
  for (auto kind : state_rows) {
    auto prefix = state_key(kind, shard);
    rows.push_back(
      {row_change::kind::remove_range, state_family, prefix, end_of(prefix)});
  }
  byte_reader in{body};
  while (in.ok() && !in.at_end()) {
    auto key = in.string();
    auto value = in.string();
    auto is_known
      = std::any_of(state_rows.begin(), state_rows.end(), [&](state_row kind) {
          auto prefix = state_key(kind, shard);
          return key.starts_with(prefix)
                 && may_follow(kind, key.substr(prefix.size()));
        });
    if (!in.ok() || !is_known || !open_row(value))
      return damaged("a row is damaged");
    rows.push_back({row_change::kind::put, state_family, std::string{key},
                    std::string{value}});
  }
  return rows;
}

row_change copied_row(shard_id shard, raft_index next) {
  std::string body;
  put_fixed(body, next.value);
  return {row_change::kind::put, state_family,
          state_key(state_row::copied, shard), seal_row(body)};
}

row_change no_copied_row(shard_id shard) {
  return {row_change::kind::remove,
          state_family,
          state_key(state_row::copied, shard),
          {}};
}

result<raft_index> load_copied(const database& from_db, shard_id shard) {
  auto row = from_db.get(state_family, state_key(state_row::copied, shard));
  if (!row)
    return row.error();
  if (!*row)
    return raft_index{};
  auto body = open_row(**row);
  if (!body)
    return body.error();
  return raft_index{byte_reader{*body}.fixed<uint64_t>()};
}

} // namespace eventd::storage
