// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/protocol/interfaces.hpp"
#include "actors/protocol/stats.hpp"
#include "storage/rocks/database.hpp"

namespace eventd::actors {

struct reader_state {
  static constexpr const char* name = "eventd.reader";

  reader_state() = default;

  const storage::database* database = nullptr;
  std::shared_ptr<node_stats> stats;

  /// Fails: offset_trimmed, corrupt_record, io_error.
  result<read_result> read(const stored_read_request& x) const;
};

/// Reads from the disk for one asker at a time. Blocking: spawn it detached;
/// tests may spawn it on their scheduler. `database` outlives the actor.
reader_actor::behavior_type
reader(reader_actor::stateful_pointer<reader_state> self,
       const storage::database* database, std::shared_ptr<node_stats> stats);

} // namespace eventd::actors
