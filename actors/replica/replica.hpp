// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/protocol/interfaces.hpp"
#include "actors/protocol/stats.hpp"
#include "storage/log/tail_cache.hpp"
#include "storage/raft/driver.hpp"
#include "storage/rocks/disk_reserve.hpp"
#include "storage/rocks/reclaim.hpp"
#include "storage/state/recover.hpp"
#include "storage/state/shard_state.hpp"

namespace eventd::actors {

struct replica_wiring {
  shard_id shard;
  /// Moved out by the actor; shared only because CAF copies arguments.
  std::shared_ptr<storage::recovered_shard> recovered;
  log_writer_actor log_writer;
  reclaimer_actor reclaimer;
  storage::reclaim_rules* rules; ///< Outlives the actor.
  std::shared_ptr<storage::tail_cache> tail;
  std::shared_ptr<node_stats> stats;
  std::shared_ptr<storage::disk_reserve> reserve; ///< Null: never low.
};

/// Drives one Raft group: proposals in, jobs to the LOG WRITER, committed
/// entries applied and answered. All that is hard about Raft is the driver's,
/// all that is hard about the state is the shard state's.
class replica_state {
public:
  static constexpr const char* name = "eventd.replica";
  using pointer = shard_actor::stateful_pointer<replica_state>;

  replica_state() = default;

  void init(pointer self, replica_wiring wiring);

  caf::result<proposed> propose(shared_bytes payload);
  caf::result<caf::unit_t> commit_cursor(cursor_commit x);
  std::string cursor_of(const std::string& uid) const;
  caf::result<channel_place> place(channel_id channel);
  resource_snapshot resources() const;
  caf::result<caf::unit_t> stop();

  /// Raft's deadline may have come.
  void tick();
  /// The cursors' interval is over.
  void end_cursor_interval();

private:
  void flush_cursors();
  void arm_cursor_timer();
  struct entry {
    storage::log_record record;
    std::optional<caf::typed_response_promise<proposed>> promise;
    int64_t proposed_us = 0;
  };
  struct queued {
    shared_bytes payload;
    caf::typed_response_promise<proposed> promise;
  };
  struct place_request {
    raft_index after; ///< Answer when this entry is applied.
    channel_id channel;
    caf::typed_response_promise<channel_place> promise;
  };
  struct bytes_mark {
    raft_index index;
    uint64_t bytes; ///< Payload bytes of the log up to the entry.
  };

  /// False: the payload may not be proposed now; the answer says why.
  result<void> admit(std::string_view payload);
  void pump();
  static bool is_events(std::string_view payload);
  void submit(storage::log_record record,
              std::optional<caf::typed_response_promise<proposed>> promise);
  /// Writes what the driver gave out by itself, not for a proposal.
  void take(storage::raft_driver::jobs jobs);
  void write(storage::raft_driver::jobs jobs);
  void write_unsynced(std::vector<storage::row_change> rows, raft_index upto);
  void advance();
  void apply_front(raft_index index, std::vector<storage::row_change>& rows);
  void note_events(raft_index index, const storage::log_record& record);
  void note_trims(std::string_view payload);
  void note_garbage(std::string_view payload);
  void lead_if_elected();
  void answer_places();
  void move_start_if_far();
  void move_start(raft_index to, bool reclaim);
  void arm_timer();
  void fail(const failure& why);
  int64_t now_ms() const;
  int64_t now_us() const;

  shard_actor::stateful_pointer<replica_state> self_ = nullptr;
  shard_id shard_;
  log_writer_actor log_writer_;
  reclaimer_actor reclaimer_;
  storage::reclaim_rules* rules_ = nullptr;
  std::shared_ptr<storage::tail_cache> tail_;
  std::shared_ptr<node_stats> stats_;
  std::shared_ptr<storage::disk_reserve> reserve_;
  std::optional<storage::raft_driver> driver_;
  storage::shard_state state_;
  std::deque<entry> entries_; ///< Above `state_.applied()`, in order.
  std::deque<queued> queue_;  ///< Waits for room in flight.
  size_t queue_bytes_ = 0;
  size_t inflight_bytes_ = 0;
  /// Where each channel's next entry must begin, once it was proposed.
  std::unordered_map<channel_id, log_offset> expected_;
  std::vector<place_request> places_;
  raft_index barrier_; ///< Our own of this term; 0: none yet.
  bool ready_ = false; ///< The barrier is applied.
  bool stopping_ = false;
  bool failed_ = false; ///< The actor is about to end.
  std::map<std::string, storage::put_cursors::row> cursors_; ///< Not proposed.
  std::vector<caf::typed_response_promise<caf::unit_t>> cursor_promises_;
  bool cursor_timer_ = false;
  int64_t timer_ms_ = 0; ///< When the armed timer fires; 0: none.
  std::deque<bytes_mark> marks_;
  uint64_t log_bytes_ = 0;   ///< Since the actor started.
  uint64_t start_bytes_ = 0; ///< Of them, below the Raft start.
  uint64_t live_bytes_ = 0;  ///< Payload bytes that can be read.
  /// What compaction may remove once the rows of these changes are written.
  std::vector<std::function<void()>> rule_changes_;
  uint64_t garbage_bytes_ = 0; ///< Hidden since the last reclaim.
};

/// Never blocks. Its death stops the node.
shard_actor::behavior_type replica(replica_state::pointer self,
                                   replica_wiring wiring);

} // namespace eventd::actors
