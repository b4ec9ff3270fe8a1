// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/subscription/subscription.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <caf/system_messages.hpp>

#include "actors/protocol/error.hpp"

namespace eventd::actors {

namespace {

constexpr int64_t report_interval_ms = 1'000;

/// No timer is longer: a sleeping subscription looks around now and then, and
/// a timer that is out of date does not keep an ended actor's memory for long.
constexpr int64_t timer_max_ms = 60'000;

} // namespace

void subscription_state::backoff::on_failure(int64_t now_ms) {
  auto shift = std::min(failures++, 6u);
  not_before_ms = now_ms + std::min<int64_t>(100LL << shift, 5'000);
}

// -- the way to ready ---------------------------------------------------------

void subscription_state::start() {
  starting = true;
  self->request(wiring.replica, caf::infinite, atom::cursor_v, spec.uid)
    .then(
      [this](std::string& bytes) {
        self->request(wiring.channel, caf::infinite, atom::status_v)
          .then([this, bytes = std::move(bytes)](
                  const channel_status& channel) { on_cursor(bytes, channel); },
                [this](const caf::error& why) { start_again(why); });
      },
      [this](const caf::error& why) { start_again(why); });
}

void subscription_state::start_again(const caf::error& why) {
  starting = false;
  last_error = from_caf(why).detail;
  report_is_due = true;
  start_backoff.on_failure(now_ms());
  pump();
}

void subscription_state::on_cursor(const std::string& bytes,
                                   const channel_status& channel) {
  end = channel.end;
  if (bytes.empty()) {
    resolve_start(channel);
    return;
  }
  auto from = decode_cursor(bytes);
  if (!from) {
    // To start anywhere else would skip or repeat in silence: a seek mends it.
    starting = false;
    last_error = from.error().detail;
    stopped_at_damage = true;
    report_is_due = true;
    cursor nowhere;
    nowhere.epoch = channel.info.epoch;
    window = delivery_window{spec, nowhere, now_ms()};
    pump();
    return;
  }
  if (from->epoch == channel.info.epoch && from->low <= channel.end) {
    begin(*from, true);
    return;
  }
  // An in-memory channel begins again at 0 in each of its lives.
  cursor anew;
  anew.epoch = channel.info.epoch;
  anew.low = from->epoch == anew.epoch ? channel.end : log_offset{0};
  anew.given_up = from->given_up;
  anew.skipped = from->skipped;
  anew.last_given_up = from->last_given_up;
  anew.gone = from->gone;
  begin(anew, false);
}

void subscription_state::resolve_start(const channel_status& channel) {
  cursor first;
  first.epoch = channel.info.epoch;
  first.low = channel.end;
  auto value = static_cast<uint64_t>(std::max<int64_t>(spec.start_value, 0));
  switch (spec.start) {
  case start_kind::latest:
    break;
  case start_kind::earliest:
    first.low = channel.earliest;
    break;
  case start_kind::offset:
    first.low = std::clamp(log_offset{value}, channel.earliest, channel.end);
    break;
  case start_kind::time:
    self
      ->request(wiring.channel, caf::infinite, atom::locate_v, log_time{value})
      .then(
        [this, first](log_offset found) mutable {
          first.low = found;
          begin(first, false);
        },
        [this](const caf::error& why) { start_again(why); });
    return;
  }
  begin(first, false);
}

void subscription_state::begin(const cursor& from, bool is_durable) {
  window = delivery_window{spec, from, now_ms()};
  starting = false;
  placed = true;
  ready = is_durable;
  report_is_due = true;
  if (is_durable)
    committed_version = window.version();
  start_backoff.on_success();
  pump();
}

// -- what others ask ----------------------------------------------------------

void subscription_state::configure(subscription_spec changed) {
  spec = std::move(changed);
  window.configure(spec, now_ms());
  if (placed)
    read_elsewhere();
  report_is_due = true;
  pump();
}

caf::result<log_offset> subscription_state::seek(log_offset offset) {
  auto is_starting = !placed && !stopped_at_damage;
  if (is_starting || seek_under_way)
    return to_caf(failure{ec::overloaded, "subscription " + spec.namespace_name
                                            + "/" + spec.name
                                            + " is still finding its place"});
  seek_under_way = true;
  pending_seek request{self->make_response_promise<log_offset>(), offset, 0};
  self->request(wiring.channel, caf::infinite, atom::status_v)
    .then([this, request](
            const channel_status& channel) { seek_in(channel, request); },
          [this, request](caf::error& why) mutable {
            seek_under_way = false;
            request.promise.deliver(std::move(why));
          });
  return request.promise;
}

void subscription_state::seek_in(const channel_status& channel,
                                 pending_seek request) {
  auto refuse = [&](ec code, const char* what, log_offset limit) {
    seek_under_way = false;
    request.promise.deliver(
      to_caf(failure{code,
                     "offset " + std::to_string(request.offset.value) + what
                       + std::to_string(limit.value),
                     limit.value}));
  };
  if (request.offset < channel.earliest) {
    refuse(ec::offset_trimmed, " has left retention; the earliest is ",
           channel.earliest);
    return;
  }
  if (request.offset > channel.end) {
    refuse(ec::offset_out_of_range, " is beyond the channel's end ",
           channel.end);
    return;
  }
  window.reset(channel.info.epoch, request.offset);
  buffer.clear();
  read_elsewhere();
  placed = true;
  end = channel.end;
  request.version = window.version();
  seeking = std::move(request);
  report_is_due = true;
  pump();
}

subscription_status subscription_state::status() const {
  subscription_status x;
  x.uid = spec.uid;
  x.namespace_name = spec.namespace_name;
  x.name = spec.name;
  x.channel = spec.channel;
  x.ready = ready;
  if (spec.paused)
    x.paused_reason = "Requested";
  else if (window.gone())
    x.paused_reason = "Gone";
  else if (stopped_at_damage)
    x.paused_reason = "CorruptRecord";
  x.paused = !x.paused_reason.empty();
  x.low = window.low();
  x.end = end;
  x.in_flight = window.in_flight();
  x.waiting = static_cast<uint32_t>(window.waiting());
  x.delivered = window.totals().delivered;
  x.attempts_failed = window.totals().attempts_failed;
  x.dead_lettered = window.totals().dead_lettered;
  x.given_up = window.given_up();
  x.skipped = window.skipped();
  x.last_given_up = window.last_given_up();
  x.last_error = last_error;
  return x;
}

void subscription_state::report_changes(int64_t now) {
  if (!wiring.supervisor || !report_is_due)
    return;
  auto x = status();
  auto condition = (x.ready ? "ready " : "not ready ") + x.paused_reason;
  if (condition == reported_condition
      && now < reported_ms + report_interval_ms) {
    wake_at(reported_ms + report_interval_ms);
    return;
  }
  report_is_due = false;
  reported_ms = now;
  reported_condition = std::move(condition);
  self->send(wiring.supervisor, atom::report_v, std::move(x));
}

// -- time ---------------------------------------------------------------------

int64_t subscription_state::now_us() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(
           self->clock().now().time_since_epoch())
    .count();
}

void subscription_state::wake_at(int64_t at_ms) {
  auto now = now_ms();
  at_ms = std::min(std::max(at_ms, now + 1), now + timer_max_ms);
  // CAF's timers can not be taken back: one that fires earlier will do.
  if (!ticks.empty() && *ticks.begin() <= at_ms)
    return;
  ticks.insert(at_ms);
  self->delayed_send(self, std::chrono::milliseconds(at_ms - now),
                     atom::tick_v);
}

void subscription_state::on_tick() {
  ticks.erase(ticks.begin(), ticks.upper_bound(now_ms()));
  pump();
}

// -- the actor ----------------------------------------------------------------

subscription_self_actor::behavior_type
subscription(subscription_self_actor::stateful_pointer<subscription_state> self,
             subscription_wiring wiring, subscription_spec spec) {
  auto& state = self->state;
  state.self = self;
  state.random.seed(static_cast<uint32_t>(wiring.seed));
  state.wiring = std::move(wiring);
  state.spec = std::move(spec);
  if (!state.wiring.stats)
    state.wiring.stats = std::make_shared<node_stats>();
  self->monitor(state.wiring.channel);
  self->set_down_handler([self](const caf::down_msg&) {
    self->quit(
      to_caf(failure{ec::actor_died, "the channel " + self->state.spec.channel
                                       + " of this subscription "
                                         "ended"}));
  });
  state.start();
  return {
    [self](atom::configure, subscription_spec& changed) {
      self->state.configure(std::move(changed));
    },
    [self](atom::seek, log_offset offset) { return self->state.seek(offset); },
    [self](atom::status) { return self->state.status(); },
    [self](atom::tick) { self->state.on_tick(); },
  };
}

} // namespace eventd::actors
