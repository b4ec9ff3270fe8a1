// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>

#include "storage/model/error.hpp"
#include "storage/model/units.hpp"
#include "storage/rocks/database.hpp"

/// Looks at every record and row, for damage that nobody has met yet. Leaves
/// the block cache alone. Threads: any. Blocking: all calls.
namespace eventd::storage {

struct scrubbed_records {
  raft_index next;    ///< The first that was not looked at.
  uint64_t bytes = 0; ///< Looked at.
  bool complete = false;
  std::optional<damaged_place> damage; ///< At `next`.
};

/// Looks at the records of [from, upto] that are there, about `bytes_max` of
/// them, up to the first that is damaged. What was written anew over a damaged
/// block is whole.
/// @pre entries up to `upto` are applied
/// @errors `ec::io_error`
result<scrubbed_records> scrub_records(const database& db, shard_id shard,
                                       raft_index from, raft_index upto,
                                       uint64_t bytes_max);

struct scrubbed_rows {
  log_offset next; ///< The first that was not looked at.
  uint64_t bytes = 0;
  bool complete = false;
  std::optional<damaged_place> damage; ///< The row that begins at `next`.
};

/// The same for a channel's rows of `idx`, from the one on that begins at
/// `from`, which must be where a row begins.
/// @errors `ec::io_error`
result<scrubbed_rows> scrub_rows(const database& db, channel_id channel,
                                 log_offset from, uint64_t bytes_max);

} // namespace eventd::storage
