// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/state/scrub.hpp"

#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "storage/log/channel_reader.hpp"

namespace eventd::storage {

namespace {

/// Keys of a damaged block that are looked at one by one before the walk is
/// tried again: about a block's.
constexpr uint64_t single_reads = 256;

/// Looks at one row by its key; moves on behind it where it is whole.
/// @returns false: there is none
result<bool> step_by_key(const database& db, channel_id channel,
                         scrubbed_rows& x) {
  auto value = db.get(idx_family, idx_key(channel, x.next));
  if (!value && value.error() != ec::corrupt_store)
    return value.error();
  if (value && !*value)
    return false;
  auto row = value ? decode_idx_row(**value) : result<idx_row>{value.error()};
  if (!row || row->count == 0) {
    x.damage = damaged_place{{}, {}, channel, x.next, 0};
    return true;
  }
  x.bytes += idx_key_bytes + (*value)->size();
  x.next = x.next + row->count;
  return true;
}

} // namespace

result<scrubbed_records> scrub_records(const database& db, shard_id shard,
                                       raft_index from, raft_index upto,
                                       uint64_t bytes_max) {
  scrubbed_records x;
  x.next = from;
  auto walk = db.walk(log_family(shard), true);
  for (walk.seek(log_key(from)); walk.valid(); walk.next()) {
    auto index = index_of_log_key(walk.key());
    if (index > upto)
      break;
    if (x.bytes >= bytes_max)
      return x;
    if (!decode_record(walk.value()))
      break;
    x.bytes += walk.value().size();
    x.next = index + 1;
  }
  auto ended = walk.valid() ? index_of_log_key(walk.key()) > upto
                            : walk.status().has_value();
  if (ended || x.next > upto) {
    x.next = upto + 1;
    x.complete = true;
    return x;
  }
  for (uint64_t n = 0; n < single_reads && x.next <= upto; ++n) {
    auto record = read_record(db, shard, x.next);
    if (!record && record.error() != ec::corrupt_record)
      return record.error();
    if (!record) {
      x.damage = record.error().damage;
      return x;
    }
    if (*record)
      x.bytes += (*record)->size();
    x.next = x.next + 1;
  }
  x.complete = x.next > upto;
  return x;
}

result<scrubbed_rows> scrub_rows(const database& db, channel_id channel,
                                 log_offset from, uint64_t bytes_max) {
  scrubbed_rows x;
  x.next = from;
  auto walk = db.walk(idx_family, true);
  for (walk.seek(idx_key(channel, from)); walk.valid(); walk.next()) {
    auto at = position_of_idx_key(walk.key());
    if (!at || at->channel != channel) {
      x.complete = true;
      return x;
    }
    if (x.bytes >= bytes_max)
      return x;
    // What is not there was trimmed since.
    x.next = at->first;
    auto row = decode_idx_row(walk.value());
    if (!row || row->count == 0) {
      x.damage = damaged_place{{}, {}, channel, at->first, 0};
      return x;
    }
    x.bytes += walk.key().size() + walk.value().size();
    x.next = at->first + row->count;
  }
  if (walk.status()) {
    x.complete = true;
    return x;
  }
  for (uint64_t n = 0; n < single_reads && !x.damage && !x.complete; ++n) {
    auto there = step_by_key(db, channel, x);
    if (!there)
      return there.error();
    x.complete = !*there;
  }
  return x;
}

} // namespace eventd::storage
