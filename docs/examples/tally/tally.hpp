// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

#include <caf/replies_to.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/protocol/atoms.hpp"
#include "actors/protocol/messages.hpp"

namespace eventd::examples {

/// TALLY: counts the events that it is shown, up to a bound.
using tally_actor = caf::typed_actor<
  // Counts all events of the batch or none; answers the new count.
  // Fails: overloaded.
  caf::replies_to<actors::atom::append, event_batch>::with<uint64_t>,
  // The count. Never fails.
  caf::replies_to<actors::atom::status>::with<uint64_t>>;

struct tally_state {
  static constexpr const char* name = "eventd.tally";

  tally_state() = default; // Not an aggregate: docs/decisions/0004.

  uint64_t count = 0;     ///< Events counted. At most `count_max`.
  uint64_t count_max = 0; ///< Past it a batch is refused.

  /// Counts `n` events and answers the new count. With 2 counted and a bound
  /// of 3, `add(1)` is 3 and `add(2)` fails and counts nothing.
  /// @errors `ec::overloaded`
  result<uint64_t> add(uint64_t n);
};

/// Behaviour of TALLY. Threads: any worker. Blocking: never.
tally_actor::behavior_type
tally(tally_actor::stateful_pointer<tally_state> self, uint64_t count_max);

} // namespace eventd::examples
