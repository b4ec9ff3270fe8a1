// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>

#include <caf/replies_to.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/protocol/interfaces.hpp"
#include "actors/protocol/stats.hpp"
#include "actors/subscription/delivery_window.hpp"
#include "actors/subscription/event_buffer.hpp"

namespace eventd::actors {

/// SUBSCRIPTION as it sees itself: with its own timer. Converts to
/// `subscription_actor`, which is all that others need.
using subscription_self_actor
  = subscription_actor::extend<caf::reacts_to<atom::tick>>;

/// Everyone a subscription talks to.
struct subscription_wiring {
  channel_actor channel; ///< When it ends, the subscription ends.
  channel_info info;     ///< Of that channel.
  replica_actor replica; ///< Keeps the cursor.
  dispatcher_actor dispatcher;
  supervisor_actor supervisor; ///< Gets the reports; may be empty in tests.
  std::shared_ptr<node_stats> stats;
  uint64_t seed = 0; ///< For the jitter of the default retry schedule.
};

/// Follows one channel for one subscriber: carries out what `delivery_window`
/// decides. Ready once its place in the channel is durable.
struct subscription_state {
  static constexpr const char* name = "eventd.subscription";

  subscription_state() = default; // Not an aggregate: C++20 and CAF 0.17.

  /// A request that the dispatcher has not answered.
  struct attempt {
    delivery_step step;
    std::string url;
    int64_t began_us = 0;
    /// The dispatcher keeps its own timeout; past this one it is not waited
    /// for. CAF's request timeouts are not used on this path: 0.17 keeps each
    /// of them until it is over, also after the answer.
    int64_t deadline_ms = 0;
  };

  /// Waits longer each time it is told of a failure: 0.1 s doubling to 5 s.
  struct backoff {
    int64_t not_before_ms = 0;
    uint32_t failures = 0;

    void on_failure(int64_t now_ms);
    void on_success() { *this = {}; }
  };

  /// A seek whose place is not durable yet.
  struct pending_seek {
    caf::typed_response_promise<log_offset> promise;
    log_offset offset;
    uint64_t version = 0;
  };

  // -- the way to ready ------------------------------------------------------

  void start();
  void on_cursor(const std::string& bytes, const channel_status& channel);
  void resolve_start(const channel_status& channel);
  void begin(const cursor& from, bool is_durable);
  void start_again(const caf::error& why);

  // -- one round: send, read, commit, report ---------------------------------

  void pump();
  void make_attempt(const delivery_step& step);
  void fetch(const delivery_step& step);
  void dispatch(const delivery_step& step, event_batch event);
  void on_answer(uint64_t attempt_id, const delivery_outcome& outcome);
  void on_no_answer(uint64_t attempt_id, const caf::error& why);
  void give_up_waiting(int64_t now_ms);
  void read_on(int64_t now_ms);
  void await_end();
  void on_read(const read_result& read, log_offset from);
  void on_read_failed(const caf::error& why, log_offset from);
  void note_damage(log_offset offset, log_offset from);
  void clear_damage();
  void read_elsewhere();
  void commit_changes(int64_t now_ms);
  void on_committed(uint64_t version);
  void report_changes(int64_t now_ms);

  // -- what others ask -------------------------------------------------------

  void configure(subscription_spec changed);
  caf::result<log_offset> seek(log_offset offset);
  void seek_in(const channel_status& channel, pending_seek request);
  subscription_status status() const;

  // -- time ------------------------------------------------------------------

  int64_t now_us() const;
  int64_t now_ms() const { return now_us() / 1'000; }
  void wake_at(int64_t at_ms);
  void on_tick();

  subscription_self_actor::stateful_pointer<subscription_state> self = nullptr;
  subscription_wiring wiring;
  subscription_spec spec;
  delivery_window window;
  event_buffer buffer;
  std::minstd_rand random;

  bool starting = false; ///< The cursor and the channel's end are asked for.
  bool placed = false;   ///< `window` stands at a place in the channel.
  bool ready = false;    ///< That place is durable.
  log_offset end{};      ///< The channel's, as last heard.
  std::string last_error;

  std::map<uint64_t, attempt> attempts; ///< On the wire. Bounded by the window.
  uint64_t next_attempt_id = 0;
  bool reading = false;
  /// Grows when reading goes on elsewhere; older answers are not taken.
  uint64_t read_turn = 0;
  bool awaiting = false;
  int64_t look_again_ms = 0; ///< For the end, when there is no need to read.
  /// First offset known to be damaged, and whether reading has come there.
  std::optional<log_offset> damaged_offset;
  int64_t damage_look_ms = 0; ///< When it is looked at again.
  bool stopped_at_damage = false;
  bool committing = false;
  bool committing_urgent = false;
  uint64_t committed_version = 0;
  uint64_t urgent_sent_version = 0;
  std::optional<pending_seek> seeking;
  bool seek_under_way = false;
  backoff start_backoff;
  backoff read_backoff;
  backoff commit_backoff;

  std::set<int64_t> ticks; ///< When timers fire; each is earlier than the rest.
  bool report_is_due = true;
  int64_t reported_ms = 0;
  std::string reported_condition;
};

/// Starts a subscription. Its answers: `subscription_actor` in interfaces.hpp.
subscription_self_actor::behavior_type
subscription(subscription_self_actor::stateful_pointer<subscription_state> self,
             subscription_wiring wiring, subscription_spec spec);

} // namespace eventd::actors
