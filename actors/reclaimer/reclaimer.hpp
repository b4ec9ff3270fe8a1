// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <map>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/protocol/interfaces.hpp"
#include "storage/rocks/database.hpp"

namespace eventd::actors {

struct reclaimer_state {
  static constexpr const char* name = "eventd.reclaimer";

  reclaimer_state() = default;

  storage::database* database = nullptr;
  /// What is asked for and not done: one index a shard, whatever comes in
  /// while a compaction runs.
  std::map<shard_id, raft_index> wanted;
};

/// Lets RocksDB rewrite the part of a log that nobody may need any more; its
/// compaction filter then leaves out what is hidden. Blocking, for long: spawn
/// it detached. `database` outlives the actor.
reclaimer_actor::behavior_type
reclaimer(reclaimer_actor::stateful_pointer<reclaimer_state> self,
          storage::database* database);

} // namespace eventd::actors
