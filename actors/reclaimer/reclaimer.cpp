// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/reclaimer/reclaimer.hpp"

#include <string>

#include "storage/codec/key.hpp"

namespace eventd::actors {

reclaimer_actor::behavior_type
reclaimer(reclaimer_actor::stateful_pointer<reclaimer_state> self,
          storage::database* database) {
  self->state.database = database;
  return {
    [self](atom::reclaim, shard_id shard, raft_index below) {
      auto log = storage::log_family(shard);
      auto first = storage::log_key(raft_index{0});
      auto end = storage::log_key(below);
      // A failure here frees nothing and loses nothing; a damaged file is
      // reported by who reads it, and a failing disk by the LOG WRITER.
      auto compacted = self->state.database->compact(log, first, end);
      if (!compacted)
        return;
      (void)self->state.database->compact(storage::idx_family, {},
                                          std::string(13, '\xff'));
    },
  };
}

} // namespace eventd::actors
