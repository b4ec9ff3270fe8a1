// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <deque>
#include <memory>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/protocol/interfaces.hpp"
#include "actors/protocol/stats.hpp"
#include "storage/rocks/database.hpp"
#include "storage/state/copy.hpp"

namespace eventd::actors {

struct reader_state {
  static constexpr const char* name = "eventd.reader";

  reader_state() = default;

  const storage::database* database = nullptr;
  std::shared_ptr<node_stats> stats;

  /// Fails: offset_trimmed, corrupt_record, io_error.
  result<read_result> read(const stored_read_request& x) const;
  result<log_chunk> fetch(shard_id shard, raft_index from, raft_index upto,
                          uint64_t bytes_max) const;
  result<state_chunk> fetch_state(shard_id shard, uint64_t token,
                                  uint64_t offset);

  /// A state that another node fetches piece by piece.
  struct copy {
    uint64_t token;
    storage::copied_state state;
  };
  std::deque<copy> copies; ///< Bounded.
  uint64_t next_token = 1;
};

/// Reads from the disk for one asker at a time. Blocking: spawn it detached;
/// tests may spawn it on their scheduler. `database` outlives the actor.
reader_actor::behavior_type
reader(reader_actor::stateful_pointer<reader_state> self,
       const storage::database* database, std::shared_ptr<node_stats> stats);

} // namespace eventd::actors
