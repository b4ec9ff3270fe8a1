// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/reclaimer/reclaimer.hpp"

#include <algorithm>
#include <string>

#include "storage/codec/key.hpp"

namespace eventd::actors {

reclaimer_actor::behavior_type
reclaimer(reclaimer_actor::stateful_pointer<reclaimer_state> self,
          storage::database* database) {
  self->state.database = database;
  return {
    [self](atom::reclaim, shard_id shard, raft_index below) {
      auto& wanted = self->state.wanted;
      if (wanted.empty())
        self->send(self, atom::tick_v);
      auto& index = wanted[shard];
      index = std::max(index, below);
    },
    [self](atom::tick) {
      auto& state = self->state;
      // A failure here frees nothing and loses nothing; a damaged file is
      // reported by who reads it, and a failing disk by the LOG WRITER.
      auto first = storage::log_key(raft_index{0});
      for (const auto& [shard, below] : state.wanted)
        (void)state.database->compact(storage::log_family(shard), first,
                                      storage::log_key(below));
      (void)state.database->compact(storage::idx_family, "",
                                    std::string(13, '\xff'));
      state.wanted.clear();
    },
  };
}

} // namespace eventd::actors
