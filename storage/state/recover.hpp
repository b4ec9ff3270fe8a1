// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "storage/log/write_job.hpp"
#include "storage/model/error.hpp"
#include "storage/raft/driver.hpp"
#include "storage/rocks/database.hpp"
#include "storage/state/shard_state.hpp"

namespace eventd::storage {

/// A shard as it stands after a start, before its REPLICA runs.
struct recovered_shard {
  raft_driver driver;
  shard_state state;
  std::vector<log_record> unapplied; ///< Entries above `state.applied()`.
  raft_driver::jobs jobs;            ///< To write first, in this order.
  raft_index copied_to; ///< Copied beyond the log's end; 0: nothing.
};

/// Makes the rows of all shards of a new node; does nothing on an old one.
/// @errors `ec::io_error`, `ec::raft_failed`
result<void> bootstrap(database& db, uint64_t node_id);

/// Reads one shard: Raft's rows, the state, and what is not applied to it yet.
/// Blocking: reads the disk.
/// @errors `ec::corrupt_record`, `ec::corrupt_store`, `ec::raft_failed`
result<recovered_shard>
recover(database& db, const raft_driver::options& options, int64_t now_ms);

} // namespace eventd::storage
