// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/log/write_job.hpp"
#include "storage/model/error.hpp"
#include "storage/model/event.hpp"
#include "storage/model/units.hpp"
#include "storage/rocks/database.hpp"

namespace eventd::storage {

/// What retention lets a channel keep, zero meaning no limit.
struct retention_limits {
  uint64_t age_ms = 0;
  uint64_t bytes = 0;
  uint64_t events = 0;
};

/// Where a trim to a new start would leave a channel.
struct trim_point {
  log_offset start;         ///< First offset of an entry, or the end.
  uint64_t bytes_below = 0; ///< Payload bytes of all entries below it.
};

/// Reads one channel from the disk, through `idx`. Threads: any, one at a time
/// per object. Blocking: all calls.
class channel_reader {
public:
  /// `label` ("namespace/name") stands in error texts.
  channel_reader(const database& from, channel_id channel, std::string label);

  /// Appends batches from offset `from` on, below `end`; at most this many
  /// events and bytes, one event at least. With entries of 100 events, reading
  /// from 150 with `events_max` 60 gives 150-199 and 200-209.
  /// A damaged block of `idx` is passed by as far as newer rows shadow it.
  /// @errors `ec::offset_trimmed` with the earliest offset,
  ///   `ec::corrupt_record` with the damaged offset, and what is damaged
  result<void> read(log_offset from, log_offset end, uint32_t events_max,
                    uint64_t bytes_max, std::vector<event_batch>& out);

  /// First offset stored at or after a wall time; `end` if none.
  result<log_offset> locate(log_time when, log_offset end);

  /// Where retention puts the start, seen from the log time `now`.
  result<trim_point> retain(const retention_limits& limits, log_time now);

private:
  struct entry_place;

  result<event_batch> read_entry(const entry_place& place);
  /// An error that names the record of the place, or the row at an offset.
  failure damaged(const entry_place& place, const failure& why) const;
  failure damaged_row(log_offset at, const failure& why) const;
  failure missing(const entry_place& place) const;
  /// The row that holds `offset`, or the first after it.
  result<bool> find(log_offset offset, entry_place& place);
  result<bool> current(entry_place& place);
  result<bool> walk_to(log_offset offset, entry_place& place);
  result<bool> probe(log_offset offset, entry_place& place);

  const database& from_;
  channel_id channel_;
  std::string label_;
  cursor idx_;
};

/// One record of a shard's log as it is on the disk, checked. A newer value
/// counts, though the block that held it first is damaged. Blocking.
/// @returns none: it is not there
/// @errors `ec::corrupt_record` naming what is damaged, `ec::io_error`
result<std::optional<std::string>>
read_record(const database& from, shard_id shard, raft_index index);

/// Payloads of the shard's log from `first` to `last`, for what is not applied.
/// @errors `ec::corrupt_record`, `ec::corrupt_store`; both name the entry
result<std::vector<log_record>> read_records(const database& from,
                                             shard_id shard, raft_index first,
                                             raft_index last);

} // namespace eventd::storage
