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

#include "actors/cluster/peer_outlet.hpp"
#include "actors/cluster/shard_map.hpp"
#include "actors/protocol/interfaces.hpp"
#include "actors/protocol/stats.hpp"
#include "actors/replica/read_lease.hpp"
#include "storage/log/tail_cache.hpp"
#include "storage/model/limits.hpp"
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
  uint64_t server = 0;                            ///< The driver's id.
  reader_actor reader;            ///< Reads entries for followers far behind.
  peer_outlet* outlet = nullptr;  ///< Null: alone. Outlives the actor.
  std::shared_ptr<shard_map> map; ///< Null: nobody asks.
  caf::actor link;                ///< Null: alone.
  /// Entries between the Raft start and what is applied, about.
  uint64_t start_distance = limits::raft_start_distance_entries;
  std::function<void(const std::string&)> note; ///< A line for the log.
  /// Told how far it has applied, before anybody hears of it. May be empty.
  std::function<void(raft_index)> applied = {};
  int64_t election_ms = 400; ///< The driver's, and that of all other servers.
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
  caf::result<raft_index> confirm();
  caf::result<raft_index> await(raft_index index);
  caf::result<raft_index> change(const std::string& configuration);
  caf::result<raft_index> promote(uint64_t server);
  raft_index transfer(uint64_t server);
  void receive(storage::raft_packet packet);
  /// Messages between this and another server may be lost.
  void probe();
  /// The time for one that came too early is here.
  void probe_again() {
    probe_waits_ = false;
    probe();
  }
  void watch(shard_watcher_actor watcher);
  shard_status status() const;
  /// Of an applied entry; 0: it is below the log's start.
  result<uint64_t> term_of(raft_index index) const;

  /// Raft's deadline may have come.
  void tick();
  void go_on_copying() { continue_copy(); }
  /// The cursors' interval is over.
  void end_cursor_interval();
  /// Rows of applied entries have waited long enough.
  void end_row_wait();

private:
  /// What was heard of a server, and when it, or we, had sent it.
  struct contact {
    uint64_t server = 0;
    raft_term term;
    uint64_t stamp_us = 0;
  };

  void flush_cursors();
  void arm_cursor_timer();
  using index_promise = caf::typed_response_promise<raft_index>;
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
  /// A server that is being brought up to date.
  struct promotion {
    uint64_t server;
    index_promise promise;
  };
  struct awaited_index {
    raft_index at;
    index_promise promise;
    int64_t deadline_ms = 0;
  };
  /// What waits for one follower, behind entries that are read for it.
  struct backlog {
    bool reading = false;
    std::deque<storage::raft_message> messages;
  };
  /// What a leader has offered instead of entries it has no more.
  struct copy {
    storage::raft_message offer;
    raft_index next;                       ///< To be fetched.
    std::vector<storage::row_change> held; ///< Entries up to our log's end.
    uint64_t token = 0;        ///< Of the state whose pieces are in `state`.
    uint64_t state_bytes = 0;  ///< All of it.
    raft_index pieces_applied; ///< Up to where it is applied.
    std::string state;
    raft_index state_applied;
    bool state_complete = false;
    bool asking = false; ///< An answer or a write is on its way.
    bool installing = false;
    bool is_held_up = false; ///< By a full disk; said once.

    void forget_state() {
      state.clear();
      state_complete = false;
      state_applied = {};
    }
  };
  /// Rows of applied entries that wait for a write that is synced anyway: they
  /// can be made again from the log.
  struct held_rows {
    std::vector<storage::row_change> rows;
    raft_index upto; ///< Applied entries whose rows these are.
    /// What compaction may remove once the rows are written.
    std::vector<std::function<void()>> rule_changes;
  };
  struct bytes_mark {
    raft_index index;
    uint64_t bytes; ///< Payload bytes of the log up to the entry.
  };

  /// False: the payload may not be proposed now; the answer says why.
  result<void> admit(std::string_view payload);
  void pump();
  static bool is_events(std::string_view payload);
  bool cut_events(storage::raft_message& x);
  void forget_expected(std::string_view payload);
  /// What the driver refuses is answered to the promise, too.
  result<void>
  submit(storage::log_record record,
         std::optional<caf::typed_response_promise<proposed>> promise);
  /// Carries out what a step of the driver asks for.
  void take(storage::raft_driver::jobs jobs);
  void drop_from(raft_index first);
  // -- to other servers
  void send_messages();
  void send(storage::raft_message message);
  void fill_and_send(storage::raft_message message);
  bool fill_from_memory(const storage::raft_message& message,
                        std::vector<storage::log_record>& out) const;
  void read_and_send(storage::raft_message message);
  void send_parts(storage::raft_message message,
                  std::vector<storage::log_record> records);
  void send_backlog(uint64_t server);
  void keep_recent(storage::log_record record);
  // -- leadership
  void check_role();
  void step_down();
  bool is_too_early(const storage::raft_message& vote) const;
  bool may_lead(uint64_t server) const;
  uint64_t best_heir(bool unasked = false) const;
  void pass_on_without_lease();
  void note_contact(storage::raft_message_kind kind, const contact& x);
  void renew_lease();
  void publish();
  void tell_resource(const storage::command& command, raft_index index);
  void tell_all_resources();
  void check_promotions();
  bool is_up_to_date(uint64_t server) const;
  void answer_indexes();
  void hand_over_when_equal();
  void go_on();
  bool is_handing_over() const {
    return heir_ != 0 || driver_->is_handing_over();
  }
  // -- copying what the log has no more
  void look_for_offer();
  void continue_copy();
  void retry_copy();
  void fetch_entries();
  void fetch_state();
  template <class T, class... Ts>
  void ask_source(void (replica_state::*take)(T&), Ts... xs);
  void take_entries(log_chunk& part);
  void take_state(state_chunk& part);
  void install();
  void load_state();
  void drop_hidden(const storage::shard_state& next);
  void forget_copy(storage::raft_driver::jobs& jobs);
  void note_copy(const std::string& what) const;
  raft_index copy_end() const;
  raft_index state_needed() const;
  void propose_plain(storage::entry_type type, std::string payload,
                     std::vector<index_promise> whom);
  bool is_alone() const;
  const std::vector<storage::raft_server>& servers() const;
  raft_index held_back(raft_index target) const;
  void write(storage::raft_driver::jobs jobs);
  void hold(std::vector<storage::row_change> rows, raft_index upto);
  std::function<void()> take_held(storage::write_job& job);
  void write_held();
  void advance();
  void apply(raft_index index, entry x, std::vector<storage::row_change>& rows);
  void note_events(raft_index index, const storage::log_record& record,
                   bool is_own);
  void note_command(raft_index index, std::string_view payload);
  void note_garbage(std::string_view payload);
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
  /// In order, from `below_ + 1` to the end of the log. What is visible leaves
  /// at the front; after a snapshot some of it may be applied already.
  std::deque<entry> entries_;
  raft_index below_;
  std::deque<storage::log_record> recent_; ///< The last ones up to `below_`.
  size_t recent_bytes_ = 0;
  std::map<uint64_t, backlog> backlogs_; ///< By server.
  std::deque<queued> queue_;             ///< Waits for room in flight.
  size_t queue_bytes_ = 0;
  size_t inflight_bytes_ = 0;
  /// Where each channel's next entry must begin, once it was proposed.
  std::unordered_map<channel_id, log_offset> expected_;
  std::vector<place_request> places_;
  raft_index barrier_; ///< Our own of this term; 0: does not lead.
  raft_term barrier_term_;
  bool ready_ = false; ///< The barrier is applied.
  bool stopping_ = false;
  bool failed_ = false; ///< The actor is about to end.
  std::map<std::string, storage::put_cursors::row> cursors_; ///< Not proposed.
  std::vector<caf::typed_response_promise<caf::unit_t>> cursor_promises_;
  bool cursor_timer_ = false;
  int64_t timer_ms_ = 0;     ///< When the armed timer fires; 0: none.
  int64_t cut_again_ms_ = 0; ///< Before it, messages with events are dropped.
  std::deque<bytes_mark> marks_;
  uint64_t log_bytes_ = 0;   ///< Since the actor started.
  uint64_t start_bytes_ = 0; ///< Of them, below the Raft start.
  uint64_t live_bytes_ = 0;  ///< Payload bytes that can be read.
  held_rows held_;
  bool row_wait_ = false;      ///< A timer runs for `held_`.
  int64_t probe_again_ms_ = 0; ///< No probe before.
  bool probe_waits_ = false;   ///< A timer runs for the next one.
  uint64_t garbage_bytes_ = 0; ///< Hidden since the last reclaim.
  uint64_t server_ = 0;
  reader_actor reader_;
  peer_outlet* outlet_ = nullptr;
  std::shared_ptr<shard_map> map_;
  std::optional<uint64_t> told_owner_;        ///< What the watchers know.
  std::vector<shard_watcher_actor> watchers_; ///< A handful.
  std::vector<index_promise> confirms_;       ///< For the next barrier.
  raft_index confirming_;                     ///< The last such barrier.
  std::vector<awaited_index> indexes_;        ///< Proposed; when applied.
  std::vector<awaited_index> awaited_;        ///< Of others; when applied.
  caf::actor link_;
  uint64_t start_distance_ = limits::raft_start_distance_entries;
  std::function<void(const std::string&)> note_;
  std::function<void(raft_index)> tell_applied_;
  std::optional<copy> copy_;
  raft_index copied_to_; ///< Beyond the log's end; 0: nothing.
  bool loading_ = false; ///< The state of a snapshot is being read.
  uint64_t heir_ = 0;    ///< Gets the lead once it has all; 0: nobody.
  int64_t heir_deadline_ms_ = 0;
  int64_t passed_on_ms_ = 0;   ///< Because an heir was silent.
  raft_term asked_to_lead_in_; ///< This replica was; 0: it was not.
  contact contact_;            ///< The leader's newest append that was taken.
  read_lease lease_;
  int64_t election_ms_ = 400;
  int64_t started_ms_ = 0;
  std::vector<promotion> promotions_; ///< At most one a server.
  mutable std::vector<storage::raft_server> servers_;
  mutable std::optional<raft_index> servers_at_; ///< Entry they are from.
};

/// Never blocks. Its death stops the node.
shard_actor::behavior_type replica(replica_state::pointer self,
                                   replica_wiring wiring);

} // namespace eventd::actors
