// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/log/channel_reader.hpp"

#include <algorithm>

#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "storage/log/write_job.hpp"

namespace eventd::storage {

namespace {

/// How far back a row is looked for by its key: more events than one entry
/// has. Past it: the row counts as damaged.
constexpr uint64_t probe_rows_max = 20'000;

} // namespace

struct channel_reader::entry_place {
  log_offset first;
  idx_row row;

  log_offset end() const { return first + row.count; }
};

channel_reader::channel_reader(const database& from, channel_id channel,
                               std::string label)
  : from_(from), channel_(channel), label_(std::move(label)),
    idx_(from.walk(idx_family)) {}

failure channel_reader::damaged_row(log_offset at, const failure& why) const {
  failure x{ec::corrupt_record,
            "channel " + label_ + ", offset " + std::to_string(at.value) + ": "
              + why.detail,
            at.value};
  x.damage = damaged_place{{}, {}, channel_, at, 0};
  return x;
}

failure channel_reader::damaged(const entry_place& place,
                                const failure& why) const {
  auto x = damaged_row(place.first, why);
  x.damage = damaged_place{place.row.shard, place.row.index, channel_,
                           place.first, place.row.count};
  return x;
}

/// Reads the row the walk stands at; false beyond the channel's last.
result<bool> channel_reader::current(entry_place& place) {
  if (!idx_.valid()) {
    if (auto ok = idx_.status(); !ok)
      return ok.error();
    return false;
  }
  auto at = position_of_idx_key(idx_.key());
  if (!at || at->channel != channel_)
    return false;
  auto row = decode_idx_row(idx_.value());
  if (!row)
    return damaged_row(at->first, row.error());
  place = {at->first, *row};
  return true;
}

result<bool> channel_reader::walk_to(log_offset offset, entry_place& place) {
  idx_.seek_for_previous(idx_key(channel_, offset));
  auto found = current(place);
  if (!found)
    return found;
  if (*found && offset < place.end())
    return true;
  idx_.seek(idx_key(channel_, offset));
  return current(place);
}

/// Looks for the row that holds `offset` key by key, backwards: where a newer
/// row shadows one in a damaged block, a walk still ends at the block.
result<bool> channel_reader::probe(log_offset offset, entry_place& place) {
  for (uint64_t back = 0; back <= offset.value && back < probe_rows_max;
       ++back) {
    auto first = log_offset{offset.value - back};
    auto value = from_.get(idx_family, idx_key(channel_, first));
    if (!value && value.error() != ec::corrupt_store)
      return value.error();
    if (!value || !*value)
      continue;
    auto row = decode_idx_row(**value);
    if (!row)
      continue;
    place = {first, *row};
    if (offset < place.end())
      return true;
    break;
  }
  return failure{ec::corrupt_store};
}

result<bool> channel_reader::find(log_offset offset, entry_place& place) {
  auto found = walk_to(offset, place);
  if (found || found.error() == ec::io_error)
    return found;
  if (auto there = probe(offset, place); there || there.error() == ec::io_error)
    return there;
  return found.error().damage ? found.error()
                              : damaged_row(offset, found.error());
}

/// Says why an entry is not there: the walk sees rows as of its making, so
/// the events may have left retention, and the disk, since then. Their row
/// goes before the entry does.
failure channel_reader::missing(const entry_place& place) const {
  auto now = from_.walk(idx_family);
  now.seek(idx_key(channel_, place.first));
  if (auto ok = now.status(); !ok)
    return ok.error();
  auto at = now.valid() ? position_of_idx_key(now.key()) : std::nullopt;
  if (!at || at->channel != channel_)
    return {ec::offset_trimmed, "the offset left retention", place.end().value};
  if (at->first != place.first)
    return {ec::offset_trimmed, "the offset left retention", at->first.value};
  return damaged(place, {ec::corrupt_record, "the entry is missing"});
}

result<event_batch> channel_reader::read_entry(const entry_place& place) {
  auto record
    = from_.get(log_family(place.row.shard), log_key(place.row.index));
  if (!record) {
    // RocksDB's own block checksums speak before ours.
    if (record.error() == ec::corrupt_store)
      return damaged(place, record.error());
    return record.error();
  }
  if (!*record)
    return missing(place);
  if (auto ok = decode_record(**record); !ok)
    return damaged(place, ok.error());
  auto buffer = std::make_shared<const std::string>(std::move(**record));
  auto payload = std::string_view{*buffer}.substr(record_header_bytes);
  auto header = decode_events_header(payload);
  if (!header)
    return damaged(place, header.error());
  auto batch = open_events(std::move(buffer), record_header_bytes);
  if (!batch)
    return damaged(place, batch.error());
  if (header->channel != channel_ || header->first != place.first
      || header->count != place.row.count)
    return damaged(place, {ec::corrupt_record, "idx and entry do not agree"});
  return batch;
}

result<void> channel_reader::read(log_offset from, log_offset end,
                                  uint32_t events_max, uint64_t bytes_max,
                                  std::vector<event_batch>& out) {
  entry_place place;
  auto found = find(from, place);
  if (!found)
    return found.error();
  if (from < end && !*found)
    return failure{ec::offset_trimmed, "the offset left retention", end.value};
  if (from < end && place.first > from)
    return failure{ec::offset_trimmed, "the offset left retention",
                   place.first.value};
  uint64_t bytes = 0;
  while (*found && from < end && events_max > 0) {
    // What lies between was trimmed while the read went on.
    if (place.first > from)
      return {};
    if (bytes > 0 && bytes + place.row.bytes > bytes_max)
      return {};
    auto batch = read_entry(place);
    if (!batch) {
      // What was read before the damage is good; the next read meets it again.
      if (!out.empty())
        return {};
      return batch.error();
    }
    auto first = from - place.first;
    auto stop = std::min<uint64_t>(
      {place.row.count, first + events_max, end - place.first});
    auto part = batch->slice(first, stop);
    bytes += part.records().size();
    events_max -= static_cast<uint32_t>(part.size());
    from = part.end_offset();
    out.push_back(std::move(part));
    // Behind a damaged block a walk does not go on by itself.
    if (idx_.valid()) {
      idx_.next();
      found = current(place);
    }
    if (from < end && events_max > 0 && (!found || !idx_.valid()))
      found = find(from, place);
    // As above: the next read begins with the damage.
    if (!found)
      return {};
  }
  return {};
}

result<log_offset> channel_reader::locate(log_time when, log_offset end) {
  // Wall times never go back inside a channel, so offsets can be bisected.
  entry_place place;
  log_offset low{0};
  auto high = end;
  while (low < high) {
    auto middle = log_offset{low.value + (high - low) / 2};
    auto found = find(middle, place);
    if (!found)
      return found.error();
    if (!*found || place.row.stored_at >= when)
      high = *found ? std::min(middle, place.first) : middle;
    else
      low = place.end();
  }
  // `low` may lie in the trimmed part: the first row at or after it counts.
  auto found = find(low, place);
  if (!found)
    return found.error();
  return *found ? std::max(low, place.first) : end;
}

result<trim_point> channel_reader::retain(const retention_limits& limits,
                                          log_time now) {
  entry_place last;
  idx_.seek_for_previous(idx_key(channel_, log_offset{~uint64_t{0}}));
  auto found = current(last);
  if (!found || !*found)
    return found ? result<trim_point>{trim_point{}} : found.error();
  auto bytes_end = last.row.bytes_below + last.row.bytes;
  auto expired = [&](const entry_place& x) {
    return (limits.age_ms != 0
            && x.row.logged_at.value + limits.age_ms <= now.value)
           || (limits.bytes != 0
               && bytes_end - x.row.bytes_below > limits.bytes)
           || (limits.events != 0 && last.end() - x.first > limits.events);
  };
  if (expired(last) && limits.age_ms != 0
      && last.row.logged_at.value + limits.age_ms <= now.value)
    return trim_point{last.end(), bytes_end};
  // All three limits are monotone in the offset: bisect for the first kept.
  entry_place place;
  log_offset low{0};
  auto high = last.first;
  while (low < high) {
    auto middle = log_offset{low.value + (high - low) / 2};
    found = find(middle, place);
    if (!found)
      return found.error();
    if (*found && expired(place))
      low = place.end();
    else
      high = middle;
  }
  // The last entry stays, even where it alone is beyond a limit.
  found = find(std::min(low, last.first), place);
  if (!found)
    return found.error();
  return trim_point{place.first, place.row.bytes_below};
}

result<std::optional<std::string>>
read_record(const database& from, shard_id shard, raft_index index) {
  auto damaged = [&](const failure& why) {
    failure x{ec::corrupt_record, "shard " + std::to_string(shard.value)
                                    + ", entry " + std::to_string(index.value)
                                    + ": " + why.detail};
    x.damage = damaged_place{shard, index, {}, {}, 0};
    return x;
  };
  auto record = from.get(log_family(shard), log_key(index));
  if (!record)
    return record.error() == ec::corrupt_store ? damaged(record.error())
                                               : record.error();
  if (*record)
    if (auto ok = decode_record(**record); !ok)
      return ok.error() == ec::corrupt_record ? damaged(ok.error())
                                              : ok.error();
  return record;
}

namespace {

log_record record_of(std::string_view bytes) {
  auto header = decode_record(bytes);
  return {
    header->type, header->term,
    std::make_shared<const std::string>(bytes.substr(record_header_bytes))};
}

} // namespace

result<std::vector<log_record>> read_records(const database& from,
                                             shard_id shard, raft_index first,
                                             raft_index last) {
  std::vector<log_record> out;
  if (first > last)
    return out;
  auto walk = from.walk(log_family(shard));
  auto expected = first;
  walk.seek(log_key(first));
  for (; walk.valid() && expected <= last; walk.next(), ++expected) {
    if (index_of_log_key(walk.key()) != expected
        || !decode_record(walk.value()))
      break;
    out.push_back(record_of(walk.value()));
  }
  // One by one from where the walk met damage: what was written anew is read
  // past the damaged block.
  for (; expected <= last; ++expected) {
    auto record = read_record(from, shard, expected);
    if (!record)
      return record.error();
    if (!*record) {
      failure x{ec::corrupt_store,
                "shard " + std::to_string(shard.value) + ", entry "
                  + std::to_string(expected.value) + ": it is missing"};
      x.damage = damaged_place{shard, expected, {}, {}, 0};
      return x;
    }
    out.push_back(record_of(**record));
  }
  return out;
}

} // namespace eventd::storage
