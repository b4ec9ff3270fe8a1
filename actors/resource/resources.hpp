// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <caf/fwd.hpp>
#include <caf/typed_actor.hpp>

#include "actors/protocol/interfaces.hpp"
#include "actors/resource/open_calls.hpp"
#include "actors/resource/table.hpp"
#include "storage/model/units.hpp"

/// RESOURCES: keeps the manifests, checks them, and makes of them channels and
/// subscriptions that run.
namespace eventd::actors {

/// RESOURCES with the tick that it sends itself; a `resources_actor` to all
/// others.
using resources_loop_actor
  = resources_actor::extend_with<caf::typed_actor<caf::reacts_to<atom::tick>>>;

/// One resource as shard 0 has it.
struct stored_resource {
  std::string key;      ///< "plural.group/namespace/name".
  std::string document; ///< JSON.
  raft_index index;     ///< Entry that wrote it last.
};

/// What RESOURCES is given. Clock and chance come from `runtime/node`.
struct resources_wiring {
  std::vector<replica_actor> replicas; ///< By shard; 0 holds the resources.
  supervisor_actor supervisor;
  std::vector<stored_resource> stored; ///< What shard 0 has applied.
  uint64_t channel_ids_end = 0;     ///< All channel ids below it are used up.
  std::function<int64_t()> wall_ms; ///< Unit: ms since 1970.
  std::function<std::string()> new_uid; ///< A random UUID.
  /// Takes a line for the log: what a subscriber does. May be empty.
  std::function<void(const std::string&)> note;
};

struct resources_state {
  static constexpr const char* name = "eventd.resources";

  resources_state() = default; // Not an aggregate: style.md 2, fact 2.

  resources_wiring wiring;
  resource_table table;
  open_calls calls; ///< Not answered yet.
  uint64_t channel_ids_end = 1;

  std::set<std::string> dirty;    ///< To be reconciled soon.
  std::set<std::string> retry;    ///< To be reconciled at the next second.
  std::set<std::string> awaiting; ///< Followed, not yet reported as ready.
  size_t reconciling = 0;         ///< Reconciles on their way. Bounded.
  bool pumping = false;           ///< `pump` is on the stack already.

  uint64_t ticks = 0;
  bool polling = false; ///< An answer of SUPERVISOR is on its way.
  /// When the channels' figures were fetched.
  std::optional<int64_t> channels_seen_ms;

  int64_t now() const { return wiring.wall_ms(); }
};

/// The actor. At its start it opens all channels that are stored and follows
/// all subscriptions, and ends what a crash left half done: a Channel whose
/// shard never heard of it, a removal that was begun.
/// It fails at once with `ec::corrupt_record` if a stored document is not one.
resources_loop_actor::behavior_type
resources(resources_loop_actor::stateful_pointer<resources_state> self,
          resources_wiring wiring);

} // namespace eventd::actors
