// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "docs/examples/tally/tally.hpp"

#include "storage/model/assert.hpp"

namespace eventd::examples {

result<uint64_t> tally_state::add(uint64_t n) {
  EVENTD_ASSERT(count <= count_max);
  if (n > count_max - count)
    return failure{ec::overloaded, "the tally is full", count};
  count += n;
  return count;
}

tally_actor::behavior_type
tally(tally_actor::stateful_pointer<tally_state> self, uint64_t count_max) {
  self->state.count_max = count_max;
  return {
    [self](actors::atom::append, const event_batch& batch) {
      return to_caf(self->state.add(batch.size()));
    },
    [self](actors::atom::status) { return self->state.count; },
  };
}

} // namespace eventd::examples
