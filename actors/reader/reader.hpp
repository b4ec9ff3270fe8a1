// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include <caf/actor_clock.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/protocol/interfaces.hpp"
#include "actors/protocol/stats.hpp"
#include "storage/rocks/database.hpp"
#include "storage/state/copy.hpp"

namespace eventd::actors {

struct reader_state {
  static constexpr const char* name = "eventd.reader";

  reader_state() = default;

  reader_actor::pointer self = nullptr;
  const storage::database* database = nullptr;
  std::shared_ptr<node_stats> stats;
  mender_actor mender; ///< Null: the node is alone.

  /// Fails: offset_trimmed, corrupt_record, io_error.
  result<read_result> read(const stored_read_request& x) const;
  result<log_chunk> fetch(shard_id shard, raft_index from, raft_index upto,
                          uint64_t bytes_max) const;
  result<state_chunk> fetch_state(shard_id shard, uint64_t token,
                                  uint64_t offset);
  result<std::vector<storage::log_record>>
  records(shard_id shard, raft_index first, raft_index last) const;
  result<trim_plan> retain(const channel_info& channel,
                           const channel_settings& settings,
                           log_time now) const;
  /// What another node mends itself with. Is never mended before.
  result<log_chunk> give(const damaged_place& place) const;

  /// Answers what `read` gives. Where it meets damage, that is mended from
  /// another node first, and `read` called again; its error is answered only
  /// where no node has it whole.
  template <class T>
  caf::result<T> answer(std::function<result<T>()> read);

  /// A state that another node fetches piece by piece.
  struct copy {
    uint64_t token;
    shard_id shard;
    storage::copied_state state;
    caf::actor_clock::time_point read_at;
  };
  /// Room for one more; those that nobody reads any more go.
  result<void> make_room();
  std::deque<copy> copies; ///< Bounded.
  uint64_t next_token = 1;

private:
  template <class T>
  void mend_and_repeat(std::function<result<T>()> read,
                       caf::typed_response_promise<T> promise, failure why,
                       int mends_left);
};

/// Reads from the disk for one asker at a time, and for others while what one
/// asked for is being mended. Blocking: spawn it detached; tests may spawn it
/// on their scheduler. `database` outlives the actor. Without a `mender`, a
/// node that is alone, damage is answered as it is.
reader_actor::behavior_type
reader(reader_actor::stateful_pointer<reader_state> self,
       const storage::database* database, std::shared_ptr<node_stats> stats,
       mender_actor mender);

} // namespace eventd::actors
