// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "storage/codec/entry.hpp"
#include "storage/model/units.hpp"
#include "storage/rocks/database.hpp"

namespace eventd::storage {

/// One Raft entry on its way to the disk.
struct log_record {
  entry_type type = entry_type::command;
  raft_term term;
  std::shared_ptr<const std::string> payload;
};

/// One change of a row, not yet in a batch.
struct row_change {
  enum class kind : uint8_t { put, remove, remove_range } what = kind::put;
  family where = state_family;
  std::string key;
  std::string value; ///< With `remove_range`: the end of the range.
};

/// What one shard wants written, in one piece with what others want.
struct write_job {
  shard_id shard;
  uint64_t epoch = 0;  ///< The REPLICA's own number, given back when written.
  bool sync = true;    ///< False: may ride on a later synced write.
  raft_index first;    ///< Index of `records[0]`.
  raft_index truncate; ///< Not 0: entries from here to the log's end go first.
  raft_index log_end;  ///< Last index before this job.
  std::vector<log_record> records;
  std::vector<row_change> rows;
};

/// Adds the job to a batch. Nothing is durable before the batch is written.
/// @pre `records` is empty or `first` follows `truncate` or `log_end`
void stage(const write_job& job, write_batch& out);

} // namespace eventd::storage
