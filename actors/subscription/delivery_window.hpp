// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/container/deque.hpp>

#include "actors/protocol/messages.hpp"
#include "actors/subscription/cursor.hpp"
#include "actors/subscription/pace.hpp"

namespace eventd::actors {

/// What to do next for a subscriber.
struct delivery_step {
  enum class kind : uint8_t {
    send, ///< Make an attempt; then call `on_outcome` or `put_back` with this.
    wait, ///< Nothing can be sent before `until_ms`.
    idle, ///< Nothing can be sent before another call changes something.
  };
  kind what = kind::idle;
  log_offset offset{};
  delivery_leg leg = delivery_leg::subscriber; ///< Who gets the request.
  uint32_t attempt = 0;                        ///< On this leg, from 1.
  uint64_t generation = 0; ///< Tells attempts from before a `reset`.
  int64_t until_ms = 0;
};

/// How an attempt changed the event's fate.
enum class event_fate : uint8_t {
  goes_on, ///< It waits, or its next leg begins.
  delivered,
  dead_lettered,
  given_up,
  forgotten, ///< The attempt was made before a `reset`.
};

/// Decides what one subscriber gets next. Sends nothing, reads no clock, holds
/// no event but replies: the caller brings the time, the keys of the events and
/// how attempts ended, and carries out the steps.
///
/// An event is `fresh` when it was offered, `tracked` from its first attempt
/// until it is delivered, dead-lettered, given up or skipped. A failed attempt
/// changes the cursor; the event's next attempt is not made before
/// `on_committed` says that this change is durable. With low 7, and 7 waiting,
/// 8 and 9 delivered, the cursor is {low 7, done [8, 10), waiting 7}.
/// Threads: one. Blocking: never. Times: any steady clock, in ms.
class delivery_window {
public:
  /// An event between its first attempt and its end.
  struct tracked_event {
    delivery_leg leg = delivery_leg::subscriber;
    bool in_flight = false;
    uint32_t attempts = 0; ///< That failed, on this leg.
    int64_t due_ms = 0;
    int32_t last_status = 0;
    uint64_t key = 0;
    uint64_t version = 0; ///< Of the change that must be durable; 0: none.
    event_batch reply;    ///< Reply leg; empty: the subscriber is asked again.
    header_list reply_headers;
    error_extensions error; ///< Dead letter leg.
  };

  struct read_plan {
    log_offset from;
    uint32_t events_max = 0;
  };

  struct counts {
    uint64_t delivered = 0;
    uint64_t attempts_failed = 0;
    uint64_t dead_lettered = 0;
  };

  delivery_window() = default;

  /// Goes on from a cursor: counts of attempts and what was left of their
  /// waits are kept, an attempt that was under way is made again.
  delivery_window(subscription_spec spec, const cursor& from, int64_t now_ms);

  /// Takes changed settings; 410 is forgotten. What waits keeps its time.
  void configure(subscription_spec spec, int64_t now_ms);

  /// Goes on from another offset, or in another incarnation. What waits is
  /// forgotten, its attempts on the wire still count as such.
  void reset(incarnation epoch, log_offset low);

  // -- reading ---------------------------------------------------------------

  /// What should be read from the log now, if anything. Each read may answer
  /// less. A subscriber that is down is not read ahead for.
  std::optional<read_plan> wants_more(int64_t now_ms) const;

  /// Takes the keys of the events from `first` on.
  /// @returns false, and takes nothing, unless `first` is what `wants_more`
  ///   asks for now: things changed while it was read
  bool offer(log_offset first, std::span<const uint64_t> keys);

  /// Where an event stands in order: events of one key never overtake.
  uint64_t key_of(const event_view& event) const;

  /// Everything below `earliest` has left the log: it is skipped and counted,
  /// but for attempts on the wire and replies that are still to be handed on.
  /// @returns how many events were skipped
  uint64_t on_trimmed(log_offset earliest);

  // -- sending ---------------------------------------------------------------

  delivery_step next(int64_t now_ms);

  /// The event of a step. @pre `sent` is of this generation, not yet answered
  const tracked_event& at(const delivery_step& sent) const;

  /// Whether `reset` came after this step.
  bool is_current(const delivery_step& sent) const;

  /// Takes how an attempt ended.
  /// @param chance_permille 0 to 1000, drawn for this call
  event_fate on_outcome(const delivery_step& sent,
                        const delivery_outcome& outcome, int64_t now_ms,
                        uint32_t chance_permille);

  /// The attempt could not be made; it does not count, and is due again then.
  void put_back(const delivery_step& sent, int64_t due_ms);

  // -- the cursor ------------------------------------------------------------

  /// Grows with each change of the cursor.
  uint64_t version() const { return version_; }

  /// Newest change that attempts wait for, or that must not be lost.
  uint64_t urgent_version() const { return urgent_version_; }

  /// The cursor as it was at `version`, or a newer one, is durable.
  void on_committed(uint64_t version);

  cursor to_cursor(int64_t now_ms) const;

  // -- what it is like -------------------------------------------------------

  incarnation epoch() const { return epoch_; }
  log_offset low() const;
  uint32_t in_flight() const { return in_flight_ + orphans_; }
  size_t waiting() const { return tracked_.size() - in_flight_; }
  bool probing() const { return health(delivery_leg::subscriber).probing(); }
  bool gone() const { return gone_; }
  const counts& totals() const { return totals_; }
  uint64_t given_up() const { return given_up_; }
  uint64_t skipped() const { return skipped_; }
  const std::vector<undelivered>& last_given_up() const {
    return last_given_up_;
  }

  /// Ends the process when something can not be; tests call it after each step.
  void check_invariants() const;

private:
  using tracked_map = std::map<log_offset, tracked_event>;

  struct fresh_event {
    log_offset offset;
    uint64_t key;
  };

  // -- who goes next ---------------------------------------------------------

  std::optional<log_offset> pick(int64_t now_ms, int64_t& wake_ms);
  std::optional<log_offset> pick_due(int64_t now_ms, int64_t& wake_ms) const;
  std::optional<log_offset> take_fresh(int64_t now_ms);
  bool may_take_fresh(int64_t now_ms) const;
  bool leg_is_open(delivery_leg leg) const;
  delivery_step begin_attempt(log_offset offset);

  // -- what becomes of an event ----------------------------------------------

  tracked_map::iterator end_attempt(const delivery_step& sent);
  event_fate on_delivered(tracked_map::iterator event, delivery_leg leg,
                          const delivery_outcome& outcome, int64_t now_ms);
  event_fate on_failed(tracked_map::iterator event, delivery_leg leg,
                       const delivery_outcome& outcome, int64_t now_ms,
                       uint32_t chance_permille);
  void judge_target(delivery_leg leg, int32_t status, int64_t now_ms);
  void record_given_up(log_offset offset, const delivery_outcome& outcome,
                       const std::string& url);
  void hold_reply(tracked_event& event, const delivery_outcome& outcome);
  void release_reply(tracked_event& event);
  void track(log_offset offset, tracked_event event);
  void finish(tracked_map::iterator event);
  void make_ready(log_offset offset, const tracked_event& event);
  void must_commit(log_offset offset, tracked_event& event);
  const std::string& url_of(delivery_leg leg) const;

  // -- where it reads --------------------------------------------------------

  void drop_fresh();
  log_offset frontier() const;
  log_offset skip_known(log_offset from) const;
  log_offset next_known(log_offset from) const;
  void forget_passed_ranges();

  static delivery_leg wire_leg(const tracked_event& event);
  leg_health& health(delivery_leg leg) {
    return health_[static_cast<size_t>(leg)];
  }
  const leg_health& health(delivery_leg leg) const {
    return health_[static_cast<size_t>(leg)];
  }
  uint32_t in_flight_max() const;

  subscription_spec spec_;
  incarnation epoch_;
  tracked_map tracked_;
  boost::container::deque<fresh_event>
    fresh_;             ///< Offered, ascending, no attempt yet.
  log_offset read_end_; ///< Where reading goes on.
  /// Done already, at or above the frontier: from the cursor, or trimmed.
  std::vector<offset_range> done_ahead_;

  /// Due time and offset of what may be sent, for each leg.
  std::array<std::set<std::pair<int64_t, log_offset>>, 3> ready_;
  /// What waits for a commit, by the version it needs.
  std::map<uint64_t, log_offset> uncommitted_;
  /// Where order counts: the tracked events of each key; the first may go.
  std::unordered_map<uint64_t, std::set<log_offset>> queues_;

  std::array<leg_health, 3> health_;
  std::array<uint32_t, 3> leg_in_flight_{};
  uint32_t in_flight_ = 0;
  uint32_t orphans_ = 0; ///< On the wire since before a `reset`.
  uint64_t generation_ = 1;
  token_bucket bucket_;
  int64_t trickle_ms_ = 0; ///< When a target that is down is shown a new event.
  size_t replies_held_bytes_ = 0;

  uint64_t version_ = 1;
  uint64_t urgent_version_ = 1;
  counts totals_;
  uint64_t given_up_ = 0;
  uint64_t skipped_ = 0;
  std::vector<undelivered> last_given_up_;
  bool gone_ = false;
};

} // namespace eventd::actors
