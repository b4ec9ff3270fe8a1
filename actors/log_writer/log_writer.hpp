// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/protocol/interfaces.hpp"
#include "actors/protocol/stats.hpp"
#include "storage/rocks/database.hpp"

namespace eventd::actors {

/// Turns what waits in all shards into one batch and one synced write. What
/// arrives while a write runs is the next batch: nothing lingers.
struct log_writer_state {
  static constexpr const char* name = "eventd.log-writer";

  struct waiting {
    uint64_t epoch;
    caf::typed_response_promise<uint64_t> promise;
  };

  log_writer_state() = default;

  storage::database* database = nullptr;
  std::shared_ptr<node_stats> stats;
  std::function<int64_t()> steady_us;
  std::unique_ptr<storage::write_batch> batch; ///< Staged, not yet written.
  std::vector<waiting> promises; ///< Answered when `batch` is written.
  bool needs_sync = false;       ///< One staged job asked for a sync.
  bool flush_scheduled = false;  ///< A flush message is in our mailbox.
  bool linger_scheduled = false; ///< A late flush for unsynced jobs.

  /// Writes what is staged and answers.
  /// @errors those of `database::write`: the actor must end.
  result<void> flush();
};

/// How long jobs that ask for no sync wait for one that does. Unit: ms.
inline constexpr int64_t unsynced_linger_ms = 10;

struct log_writer_wiring {
  storage::database* database; ///< Outlives the actor.
  std::shared_ptr<node_stats> stats;
  std::function<int64_t()> steady_us;
  /// Called with why a write failed, before the actor ends: whoever waits for
  /// it only hears that it died. May be empty.
  std::function<void(const failure&)> fatal = {};
};

/// Blocking: spawn it detached; tests may spawn it on their scheduler.
log_writer_actor::behavior_type
log_writer(log_writer_actor::stateful_pointer<log_writer_state> self,
           log_writer_wiring wiring);

} // namespace eventd::actors
