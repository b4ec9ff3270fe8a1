// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/log/write_job.hpp"
#include "storage/model/error.hpp"
#include "storage/model/units.hpp"
#include "storage/rocks/database.hpp"

/// What a replica whose log begins too late copies from another one: entries
/// with their idx rows, and the applied state.
namespace eventd::storage {

struct copied_entries {
  raft_index next; ///< The first that was not looked at.
  std::vector<raft_index> indexes;
  std::vector<std::string> records; ///< As on the disk, checked.
  std::vector<std::string> idx_keys;
  std::vector<std::string> idx_values;
};

/// Entries of [from, upto] that are still there, at most `bytes_max` bytes, but
/// for one that is larger. Blocking: reads the disk.
/// @errors `ec::conflict`: `upto` is not applied here, so what is missing may
///   be elsewhere; `ec::corrupt_record` naming what is damaged, `ec::io_error`
result<copied_entries> read_for_copy(const database& from_db, shard_id shard,
                                     raft_index from, raft_index upto,
                                     uint64_t bytes_max);

/// The rows that write one copied entry.
/// @errors `ec::corrupt_record`
result<std::vector<row_change>> rows_of_copied(shard_id shard, raft_index index,
                                               std::string_view record);

struct copied_state {
  raft_index applied;
  std::string bytes;
};

/// All rows of the shard's applied state, as of one moment. Blocking.
/// @errors `ec::corrupt_record`, `ec::corrupt_store`, `ec::io_error`
result<copied_state> read_state(const database& from_db, shard_id shard);

/// The rows that put such a state in the place of the one that is there.
/// @errors `ec::corrupt_record`
result<std::vector<row_change>> rows_of_state(shard_id shard,
                                              std::string_view bytes);

/// How far entries beyond the end of the log are copied, for the next start.
row_change copied_row(shard_id shard, raft_index next);
row_change no_copied_row(shard_id shard);
/// 0: nothing is.
result<raft_index> load_copied(const database& from_db, shard_id shard);

} // namespace eventd::storage
