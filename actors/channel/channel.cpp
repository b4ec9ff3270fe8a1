// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/channel/channel.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <caf/system_messages.hpp>

#include "storage/model/assert.hpp"
#include "storage/model/limits.hpp"
#include "storage/state/command.hpp"

namespace eventd::actors {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

/// Between two looks at what goes by time, while there is something, and while
/// there is nothing: a node may have ten thousand channels that are idle. Ticks
/// come at whole grains, so that few are on their way whatever is asked for.
constexpr int64_t tick_ms = 1'000;
constexpr int64_t idle_tick_ms = 30'000;
constexpr int64_t tick_grain_ms = 100;

/// Retention by age is looked at this often at most and at least. Unit: ms.
constexpr int64_t retention_check_ms_min = 1'000;
constexpr int64_t retention_check_ms_max = 60'000;

/// Events read at a time while the window is filled again.
constexpr uint32_t refill_events = 4'096;

} // namespace

void channel_state::init(pointer self, channel_info info,
                         channel_settings settings, channel_wiring wiring) {
  self_ = self;
  info_ = std::move(info);
  settings_ = settings;
  wiring_ = std::move(wiring);
  tick_in(tick_ms);
  self_->set_exit_handler([this](caf::exit_msg& x) {
    fail_all(unless_repeatable(
      to_caf(failure{ec::shutting_down, "the channel is closed"})));
    self_->quit(std::move(x.reason));
  });
  if (info_.in_memory) {
    // Each activation is a new life: cursors of an older one never match.
    memory_.emplace();
    info_.epoch = incarnation{std::max<uint64_t>(
      info_.epoch.value + 1, static_cast<uint64_t>(wiring_.wall_ms()))};
    channel_place place;
    place.known = true;
    place.epoch = info_.epoch;
    if (wiring_.map)
      place.term = wiring_.map->lead_term(info_.shard);
    begin_at(place);
    return;
  }
  find_place();
}

int64_t channel_state::steady_ms() const {
  return duration_cast<milliseconds>(self_->clock().now().time_since_epoch())
    .count();
}

log_time channel_state::log_now() const {
  return clock_.now(steady_ms());
}

/// Wall time for the next entry; never goes back inside the channel.
log_time channel_state::wall_now() {
  stored_at_
    = std::max(stored_at_, log_time{static_cast<uint64_t>(wiring_.wall_ms())});
  return stored_at_;
}

// -- coming to be ready -------------------------------------------------------

/// Nothing that waits stays without an answer. What is not proposed was not
/// carried out for sure.
void channel_state::end(const caf::error& why) {
  auto refused = to_caf(
    failure{ec::not_leader, "the channel ends here: " + from_caf(why).detail});
  for (auto& x : std::exchange(parked_, {}))
    x.refuse(refused);
  for (auto& x : std::exchange(queue_, {}))
    x.refuse(refused);
  for (auto& x : std::exchange(early_, {}))
    x.refuse(refused);
  // Answers that are still on their way find it closed.
  ready_ = false;
  auto unsure = unless_repeatable(
    to_caf(failure{ec::timeout, "the channel moved; the outcome is unknown"}));
  fail_all(unsure);
  self_->quit(why);
}

void channel_state::find_place() {
  ready_ = false;
  self_->request(wiring_.shard, caf::infinite, atom::place_v, info_.id)
    .then([this](const channel_place& place) { begin_at(place); },
          [this](const caf::error& why) { end(why); });
}

void channel_state::begin_at(const channel_place& place) {
  if (!place.known) {
    end(to_caf(failure{ec::not_found, "the channel was deleted"}));
    return;
  }
  // What another leader stored in between, the window would not know.
  if (begun_ && place.term != term_) {
    end(to_caf(failure{ec::not_leader, "another node led the shard"}));
    return;
  }
  term_ = place.term;
  // The shard answers in order: all that was proposed before is settled.
  EVENTD_ASSERT(in_flight_.empty() && copies_.empty());
  EVENTD_ASSERT(entries_in_flight_ == 0);
  info_.epoch = place.epoch;
  start_ = place.start;
  end_ = next_ = place.end;
  bytes_below_ = place.bytes_below;
  bytes_end_ = place.bytes_end;
  stored_at_ = std::max(stored_at_, place.stored_at);
  // After a refusal the clock runs on, and what the window holds is right.
  if (std::exchange(begun_, true))
    return become_ready();
  clock_ = storage::log_clock{place.logged_at, wiring_.wall_ms(), steady_ms()};
  window_ = dedup_window{settings_.dedup_window_ms, limits::dedup_events_max};
  for (auto& x : std::exchange(early_, {}))
    x.answer();
  if (!window_.enabled() || end_ == start_)
    return become_ready();
  find_window();
}

/// Asks where the window begins, as if it were a retention.
void channel_state::find_window() {
  channel_settings window;
  window.retention_age_ms = settings_.dedup_window_ms;
  window.retention_events = limits::dedup_events_max;
  self_
    ->request(wiring_.reader, caf::infinite, atom::retain_v, info_, window,
              log_now())
    .then(
      [this](const trim_plan& plan) {
        refill_window(std::clamp(plan.start, start_, end_));
      },
      [this](const caf::error&) { refill_window(start_); });
}

void channel_state::fill_window(const std::vector<event_batch>& batches) {
  for (const auto& batch : batches)
    for (size_t i = 0; i < batch.size(); ++i)
      window_.add(batch[i], batch.first_offset + i, batch.logged_at);
}

void channel_state::refill_window(log_offset from) {
  // The newest may not have their rows on the disk yet, but are in the tail.
  std::vector<event_batch> tail;
  if (from < end_)
    wiring_.tail->read(info_.id, from, static_cast<uint32_t>(end_ - from),
                       limits::tail_cache_bytes_max, tail);
  if (!tail.empty()) {
    fill_window(tail);
    from = tail.back().end_offset();
  }
  if (from >= end_)
    return become_ready();
  stored_read_request what{
    info_, {from, refill_events, limits::read_bytes_max}, end_};
  self_->request(wiring_.reader, caf::infinite, atom::read_v, what)
    .then(
      [this, from](const read_result& x) {
        fill_window(x.batches);
        // What is on its way to the disk can be read a moment later.
        refill_window(x.batches.empty() ? from : x.next);
      },
      [this, from](const caf::error& why) {
        // Damage in the window's part of the log: what lies behind it is
        // looked at, and the damage itself is reported by readers.
        auto x = from_caf(why);
        if (x == ec::corrupt_record && x.offset) {
          corrupt_offset_ = corrupt_offset_.value_or(*x.offset);
          refill_window(std::max(from, log_offset{*x.offset}) + 1);
        } else if (x == ec::offset_trimmed && x.offset
                   && log_offset{*x.offset} > from) {
          refill_window(log_offset{*x.offset});
        } else {
          // Without its window the channel would store repeats.
          end(why);
        }
      });
}

void channel_state::become_ready() {
  ready_ = true;
  report(true);
  tick_in(tick_ms);
  wake_waiters();
  for (auto& x : std::exchange(parked_, {})) {
    queue_bytes_ -= x.batch.records().size();
    parked_requests_ -= x.count();
    take(std::move(x));
  }
}

// -- keeping house ------------------------------------------------------------

void channel_state::free_idle_memory() {
  auto free = [](auto& xs) {
    if (xs.empty())
      xs.shrink_to_fit();
  };
  free(parked_);
  free(queue_);
  free(in_flight_);
  free(copies_);
  free(waiters_);
}

/// A tick comes when this time is over, a grain later at most, or before.
void channel_state::tick_in(int64_t wait_ms) {
  auto now = steady_ms();
  auto at = (now + wait_ms + tick_grain_ms - 1) / tick_grain_ms * tick_grain_ms;
  if (!ticks_.empty() && ticks_.back() <= at)
    return;
  ticks_.push_back(at);
  self_->delayed_send(self_, milliseconds(at - now), atom::tick_v);
}

/// What can wait for a second.
void channel_state::do_chores(int64_t now_ms) {
  chores_due_ms_ = now_ms + tick_ms;
  window_.expire(log_now());
  free_idle_memory();
  if (memory_)
    trim_memory();
  else if (ready_ && !trimming_ && now_ms >= retention_due_ms_)
    check_retention();
  if (!reported_)
    report(true);
}

/// When something is to be done that no message asks for. Later than `now_ms`,
/// if all is done that was due.
int64_t channel_state::next_tick_ms(int64_t now_ms) const {
  auto next = now_ms + idle_tick_ms;
  bool keeps = start_ != end_;
  if (!reported_ || !ready_ || trimming_ || (memory_ && keeps))
    next = chores_due_ms_;
  else if (keeps)
    next = std::max(chores_due_ms_, std::min(next, retention_due_ms_));
  for (const auto& x : waiters_)
    next = std::min(next, x.deadline_ms);
  return next;
}

void channel_state::tick() {
  auto now = steady_ms();
  bool due = false;
  for (; !ticks_.empty() && ticks_.back() <= now; due = true)
    ticks_.pop_back();
  if (!due)
    return; // Two came at one time.
  remove_where(waiters_, [&](waiter& x) {
    if (x.deadline_ms > now)
      return false;
    x.promise.deliver(end_);
    return true;
  });
  if (now >= chores_due_ms_)
    do_chores(now);
  tick_in(next_tick_ms(now) - now);
}

void channel_state::trim_memory() {
  auto bytes = settings_.retention_bytes != 0
                 ? settings_.retention_bytes
                 : limits::memory_channel_bytes_default;
  memory_->trim({bytes, settings_.retention_events,
                 static_cast<uint64_t>(settings_.retention_age_ms)},
                log_now());
  if (memory_->start() == start_)
    return;
  wiring_.stats->events_trimmed.fetch_add(memory_->start() - start_,
                                          std::memory_order_relaxed);
  start_ = memory_->start();
  reported_ = false;
}

void channel_state::check_retention() {
  auto every = settings_.retention_bytes != 0 || settings_.retention_events != 0
                 ? retention_check_ms_min
                 : settings_.retention_age_ms / 10;
  // Without any limit there is nothing to look for.
  bool limited = every != 0 || settings_.retention_age_ms != 0;
  retention_due_ms_
    = steady_ms()
      + std::clamp(limited ? every : retention_check_ms_max,
                   retention_check_ms_min, retention_check_ms_max);
  if (start_ == end_ || !limited)
    return;
  trimming_ = true;
  self_
    ->request(wiring_.reader, caf::infinite, atom::retain_v, info_, settings_,
              log_now())
    .then([this](const trim_plan& plan) { trim(plan); },
          [this](const caf::error&) { trimming_ = false; });
}

void channel_state::trim(const trim_plan& plan) {
  if (plan.start <= start_) {
    trimming_ = false;
    return;
  }
  auto command = std::make_shared<const std::string>(storage::encode(
    storage::trim_channel{info_.id, plan.start, plan.bytes_below}));
  self_
    ->request(wiring_.shard, caf::infinite, atom::propose_v,
              shared_bytes{std::move(command)})
    .then(
      [this, plan](const proposed&) {
        trimming_ = false;
        wiring_.stats->events_trimmed.fetch_add(plan.start - start_,
                                                std::memory_order_relaxed);
        start_ = plan.start;
        bytes_below_ = plan.bytes_below;
        report(true);
      },
      [this](const caf::error&) { trimming_ = false; });
}

channel_status channel_state::standing() const {
  channel_status x;
  x.info = info_;
  x.earliest = start_;
  x.end = end_;
  x.bytes = memory_ ? memory_->bytes() : bytes_end_ - bytes_below_;
  x.published = published_;
  x.duplicates = duplicates_;
  x.corrupt_offset = corrupt_offset_;
  return x;
}

void channel_state::configure(const channel_settings& settings) {
  settings_ = settings;
  if (window_.enabled() != (settings.dedup_window_ms > 0))
    window_ = dedup_window{settings.dedup_window_ms, limits::dedup_events_max};
  else
    window_.set_window(settings.dedup_window_ms);
  retention_due_ms_ = 0;
  tick_in(tick_ms);
}

void channel_state::report(bool at_once) {
  reported_ = at_once;
  if (!at_once)
    tick_in(tick_ms);
  else if (wiring_.supervisor)
    self_->send(wiring_.supervisor, atom::report_v, standing());
}

// -- the actor ----------------------------------------------------------------

channel_self_actor::behavior_type channel(channel_state::pointer self,
                                          channel_info info,
                                          channel_settings settings,
                                          channel_wiring wiring) {
  self->state.init(self, std::move(info), settings, std::move(wiring));
  return {
    [self](atom::append, event_batch& batch) {
      return self->state.append(std::move(batch));
    },
    [self](atom::append, joined_append& what) {
      return self->state.append(std::move(what));
    },
    [self](atom::read, const read_request& x) { return self->state.read(x); },
    [self](atom::locate, log_time when) { return self->state.locate(when); },
    [self](atom::await, const await_request& x) {
      return self->state.await(x);
    },
    [self](atom::status) { return self->state.status(); },
    [self](atom::configure, const channel_settings& settings) {
      self->state.configure(settings);
    },
    [self](atom::tick) { self->state.tick(); },
  };
}

} // namespace eventd::actors
