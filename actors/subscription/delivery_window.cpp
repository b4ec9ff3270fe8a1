// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/subscription/delivery_window.hpp"

#include <algorithm>
#include <limits>

#include "actors/subscription/dead_letter.hpp"
#include "actors/subscription/retry_policy.hpp"
#include "storage/model/assert.hpp"
#include "storage/model/limits.hpp"

namespace eventd::actors {

namespace {

constexpr int64_t never_ms = std::numeric_limits<int64_t>::max();

/// A subscriber that is down, with a full window that waits, is still shown a
/// new event this often: if all that wait are poison, it may be well again.
constexpr int64_t trickle_interval_ms = 60'000;

/// Legs that end an event go before those that begin one.
constexpr std::array leg_order{delivery_leg::reply, delivery_leg::dead_letter,
                               delivery_leg::subscriber};

size_t index_of(delivery_leg leg) {
  return static_cast<size_t>(leg);
}

} // namespace

// -- sending ------------------------------------------------------------------

delivery_step delivery_window::next(int64_t now_ms) {
  delivery_step step;
  auto in_flight_limit
    = spec_.ordering == delivery_ordering::ordered ? 1 : in_flight_max();
  if (spec_.paused || in_flight() >= in_flight_limit)
    return step;
  if (!bucket_.ready(now_ms)) {
    step.what = delivery_step::kind::wait;
    step.until_ms = bucket_.ready_at_ms(now_ms);
    return step;
  }
  auto wake_ms = never_ms;
  if (auto offset = pick(now_ms, wake_ms)) {
    bucket_.take();
    return begin_attempt(*offset);
  }
  if (wake_ms != never_ms) {
    step.what = delivery_step::kind::wait;
    step.until_ms = wake_ms;
  }
  return step;
}

std::optional<log_offset> delivery_window::pick(int64_t now_ms,
                                                int64_t& wake_ms) {
  auto crowded = probing() && tracked_.size() >= in_flight_max();
  if (crowded && now_ms >= trickle_ms_)
    if (auto offset = take_fresh(now_ms))
      return offset;
  if (auto offset = pick_due(now_ms, wake_ms))
    return offset;
  if (crowded && !gone_ && now_ms < trickle_ms_)
    wake_ms = std::min(wake_ms, trickle_ms_);
  return take_fresh(now_ms);
}

std::optional<log_offset> delivery_window::pick_due(int64_t now_ms,
                                                    int64_t& wake_ms) const {
  for (auto leg : leg_order) {
    const auto& ready = ready_[index_of(leg)];
    if (ready.empty() || !leg_is_open(leg))
      continue;
    if (ready.begin()->first <= now_ms)
      return ready.begin()->second;
    wake_ms = std::min(wake_ms, ready.begin()->first);
  }
  return {};
}

std::optional<log_offset> delivery_window::take_fresh(int64_t now_ms) {
  while (!fresh_.empty() && may_take_fresh(now_ms)) {
    auto [offset, key] = fresh_.front();
    fresh_.pop_front();
    forget_passed_ranges();
    if (probing())
      trickle_ms_ = now_ms + trickle_interval_ms;
    tracked_event event;
    event.key = key;
    event.due_ms = now_ms;
    track(offset, std::move(event));
    // An event behind another of its key waits for it; look at the next.
    if (ready_[index_of(delivery_leg::subscriber)].contains({now_ms, offset}))
      return offset;
  }
  return {};
}

bool delivery_window::may_take_fresh(int64_t now_ms) const {
  if (!leg_is_open(delivery_leg::subscriber)
      || waiting() >= limits::waiting_events_max)
    return false;
  if (spec_.ordering == delivery_ordering::ordered)
    return tracked_.empty();
  return !probing() || tracked_.size() < in_flight_max()
         || now_ms >= trickle_ms_;
}

bool delivery_window::leg_is_open(delivery_leg leg) const {
  if (leg == delivery_leg::subscriber
      && (gone_ || replies_held_bytes_ >= limits::replies_held_bytes_max))
    return false;
  return leg_in_flight_[index_of(leg)] < health(leg).window();
}

delivery_step delivery_window::begin_attempt(log_offset offset) {
  auto& event = tracked_.at(offset);
  delivery_step step;
  step.what = delivery_step::kind::send;
  step.offset = offset;
  step.leg = wire_leg(event);
  step.attempt = event.attempts + 1;
  step.generation = generation_;
  ready_[index_of(step.leg)].erase({event.due_ms, offset});
  event.in_flight = true;
  ++in_flight_;
  ++leg_in_flight_[index_of(step.leg)];
  return step;
}

const delivery_window::tracked_event&
delivery_window::at(const delivery_step& sent) const {
  EVENTD_ASSERT(is_current(sent));
  return tracked_.at(sent.offset);
}

bool delivery_window::is_current(const delivery_step& sent) const {
  return sent.generation == generation_;
}

// -- what becomes of an event -------------------------------------------------

event_fate delivery_window::on_outcome(const delivery_step& sent,
                                       const delivery_outcome& outcome,
                                       int64_t now_ms,
                                       uint32_t chance_permille) {
  auto event = end_attempt(sent);
  if (event == tracked_.end())
    return event_fate::forgotten;
  judge_target(sent.leg, outcome.status, now_ms);
  if (classify(outcome.status) == verdict::delivered)
    return on_delivered(event, sent.leg, outcome, now_ms);
  return on_failed(event, sent.leg, outcome, now_ms, chance_permille);
}

void delivery_window::put_back(const delivery_step& sent, int64_t due_ms) {
  auto event = end_attempt(sent);
  if (event == tracked_.end())
    return;
  event->second.due_ms = due_ms;
  make_ready(event->first, event->second);
}

delivery_window::tracked_map::iterator
delivery_window::end_attempt(const delivery_step& sent) {
  if (!is_current(sent)) {
    EVENTD_ASSERT(orphans_ > 0);
    --orphans_;
    return tracked_.end();
  }
  auto event = tracked_.find(sent.offset);
  EVENTD_ASSERT(event != tracked_.end() && event->second.in_flight);
  event->second.in_flight = false;
  --in_flight_;
  --leg_in_flight_[index_of(sent.leg)];
  return event;
}

void delivery_window::judge_target(delivery_leg leg, int32_t status,
                                   int64_t now_ms) {
  auto& target = health(leg);
  if (classify(status) != verdict::retriable) {
    target.on_answer(in_flight_max());
    return;
  }
  if (target.on_failure() && leg == delivery_leg::subscriber) {
    // Nothing is held for one that is down: it is read again when needed.
    drop_fresh();
    trickle_ms_ = now_ms + trickle_interval_ms;
  }
}

event_fate delivery_window::on_delivered(tracked_map::iterator event,
                                         delivery_leg leg,
                                         const delivery_outcome& outcome,
                                         int64_t now_ms) {
  auto& x = event->second;
  // 202 says "accepted", whatever its body holds. events.md 1.4 row 2.
  if (leg == delivery_leg::subscriber && !spec_.reply_uri.empty()
      && outcome.status != 202 && !outcome.reply.empty()) {
    if (x.leg != delivery_leg::reply)
      x.attempts = 0;
    x.leg = delivery_leg::reply;
    x.due_ms = now_ms;
    hold_reply(x, outcome);
    make_ready(event->first, x);
    return event_fate::goes_on;
  }
  auto fate = leg == delivery_leg::dead_letter ? event_fate::dead_lettered
                                               : event_fate::delivered;
  ++(fate == event_fate::delivered ? totals_.delivered : totals_.dead_lettered);
  finish(event);
  return fate;
}

event_fate delivery_window::on_failed(tracked_map::iterator event,
                                      delivery_leg leg,
                                      const delivery_outcome& outcome,
                                      int64_t now_ms,
                                      uint32_t chance_permille) {
  auto& x = event->second;
  ++totals_.attempts_failed;
  if (x.attempts < std::numeric_limits<uint32_t>::max())
    ++x.attempts;
  x.last_status = outcome.status;
  if (leg == delivery_leg::subscriber && asks_to_stop(outcome.status))
    gone_ = true;
  if (leg == delivery_leg::reply && spec_.reply_uri.empty()) {
    ++totals_.delivered; // `reply` was taken away: replies are dropped.
    finish(event);
    return event_fate::delivered;
  }
  auto has_sink = !spec_.dead_letter_uri.empty();
  auto move = after_failure(
    spec_.delivery, has_sink,
    {leg, x.attempts, outcome.status, outcome.retry_after_ms, chance_permille});
  auto sink_is_gone = leg == delivery_leg::dead_letter && !has_sink;
  if (move.what == next_move::kind::give_up || sink_is_gone) {
    record_given_up(event->first, outcome, url_of(leg));
    finish(event);
    urgent_version_ = version_;
    return event_fate::given_up;
  }
  if (move.what == next_move::kind::dead_letter) {
    release_reply(x);
    x.leg = delivery_leg::dead_letter;
    x.attempts = 0;
    x.error = make_error_extensions(url_of(leg), outcome);
  }
  x.due_ms = now_ms + move.delay_ms;
  must_commit(event->first, x);
  return event_fate::goes_on;
}

void delivery_window::record_given_up(log_offset offset,
                                      const delivery_outcome& outcome,
                                      const std::string& url) {
  ++given_up_;
  if (last_given_up_.size() == limits::given_up_kept_max)
    last_given_up_.erase(last_given_up_.begin());
  last_given_up_.push_back({offset, outcome.status, describe(url, outcome)});
}

void delivery_window::hold_reply(tracked_event& event,
                                 const delivery_outcome& outcome) {
  event.reply = outcome.reply;
  event.reply_headers = outcome.headers;
  replies_held_bytes_ += event.reply.records().size();
}

void delivery_window::release_reply(tracked_event& event) {
  replies_held_bytes_ -= event.reply.records().size();
  event.reply = {};
  event.reply_headers.clear();
}

void delivery_window::track(log_offset offset, tracked_event event) {
  if (spec_.ordering != delivery_ordering::unordered)
    queues_[event.key].insert(offset);
  replies_held_bytes_ += event.reply.records().size();
  auto [added, is_new] = tracked_.emplace(offset, std::move(event));
  EVENTD_ASSERT(is_new);
  make_ready(offset, added->second);
}

void delivery_window::finish(tracked_map::iterator event) {
  auto offset = event->first;
  auto& x = event->second;
  EVENTD_ASSERT(!x.in_flight);
  ready_[index_of(wire_leg(x))].erase({x.due_ms, offset});
  uncommitted_.erase(x.version);
  release_reply(x);
  auto key = x.key;
  tracked_.erase(event);
  ++version_;
  auto queue = queues_.find(key);
  if (queue == queues_.end())
    return;
  queue->second.erase(offset);
  if (queue->second.empty()) {
    queues_.erase(queue);
    return;
  }
  auto head = *queue->second.begin();
  make_ready(head, tracked_.at(head));
}

void delivery_window::make_ready(log_offset offset,
                                 const tracked_event& event) {
  if (event.in_flight || event.version != 0)
    return;
  auto queue = queues_.find(event.key);
  if (queue != queues_.end() && *queue->second.begin() != offset)
    return;
  ready_[index_of(wire_leg(event))].emplace(event.due_ms, offset);
}

void delivery_window::must_commit(log_offset offset, tracked_event& event) {
  event.version = ++version_;
  urgent_version_ = version_;
  uncommitted_.emplace(event.version, offset);
}

void delivery_window::on_committed(uint64_t version) {
  while (!uncommitted_.empty() && uncommitted_.begin()->first <= version) {
    auto offset = uncommitted_.begin()->second;
    uncommitted_.erase(uncommitted_.begin());
    auto& event = tracked_.at(offset);
    event.version = 0;
    make_ready(offset, event);
  }
}

delivery_leg delivery_window::wire_leg(const tracked_event& event) {
  if (event.leg == delivery_leg::reply && event.reply.empty())
    return delivery_leg::subscriber;
  return event.leg;
}

const std::string& delivery_window::url_of(delivery_leg leg) const {
  if (leg == delivery_leg::reply)
    return spec_.reply_uri;
  return leg == delivery_leg::dead_letter ? spec_.dead_letter_uri
                                          : spec_.subscriber_uri;
}

uint32_t delivery_window::in_flight_max() const {
  return std::clamp(spec_.max_in_flight, 1u, limits::in_flight_max);
}

void delivery_window::check_invariants() const {
  EVENTD_ASSERT(in_flight_ <= tracked_.size());
  EVENTD_ASSERT(in_flight_ <= in_flight_max());
  EVENTD_ASSERT(waiting()
                <= limits::waiting_events_max + limits::in_flight_max);
  size_t waiting_somewhere = uncommitted_.size();
  for (const auto& ready : ready_)
    waiting_somewhere += ready.size();
  EVENTD_ASSERT(spec_.ordering != delivery_ordering::unordered
                || waiting_somewhere == waiting());
  size_t replies = 0;
  for (const auto& [offset, event] : tracked_)
    replies += event.reply.records().size();
  EVENTD_ASSERT(replies == replies_held_bytes_);
  EVENTD_ASSERT(version_ >= urgent_version_ && low() <= frontier());
}

} // namespace eventd::actors
