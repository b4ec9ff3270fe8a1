// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// The half of SUBSCRIPTION that runs all the time: it carries out the window's
// steps, reads the channel and commits the cursor.

#include "actors/subscription/subscription.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "actors/protocol/error.hpp"
#include "actors/subscription/dead_letter.hpp"
#include "storage/model/limits.hpp"

namespace eventd::actors {

namespace {

/// How long one wait at the channel's end lasts before it is asked again.
constexpr int64_t await_ms = 30'000;

/// How often the end is looked at when nothing is read: for the status only.
constexpr int64_t look_interval_ms = 1'000;

/// What the dispatcher gets on top of the attempt's own timeout.
constexpr int64_t answer_grace_ms = 5'000;

/// When an attempt that could not be made is tried again.
constexpr int64_t put_back_ms = 500;

/// When a damaged event is looked at again: it may have been repaired.
constexpr int64_t damaged_ms = 30'000;

} // namespace

void subscription_state::pump() {
  auto now = now_ms();
  if (!placed) {
    if (now < start_backoff.not_before_ms)
      wake_at(start_backoff.not_before_ms);
    else if (!starting && !stopped_at_damage)
      start();
    report_changes(now);
    return;
  }
  give_up_waiting(now);
  if (ready) {
    auto step = window.next(now);
    for (; step.what == delivery_step::kind::send; step = window.next(now))
      make_attempt(step);
    if (step.what == delivery_step::kind::wait)
      wake_at(step.until_ms);
    read_on(now);
  }
  if (!attempts.empty())
    wake_at(attempts.begin()->second.deadline_ms);
  commit_changes(now);
  report_changes(now);
}

// -- sending ------------------------------------------------------------------

void subscription_state::make_attempt(const delivery_step& step) {
  report_is_due = true;
  if (step.leg == delivery_leg::reply) {
    dispatch(step, window.at(step).reply);
    return;
  }
  if (auto event = buffer.find(step.offset); !event.empty())
    dispatch(step, std::move(event));
  else
    fetch(step);
}

void subscription_state::fetch(const delivery_step& step) {
  self
    ->request(wiring.channel, caf::infinite, atom::read_v,
              read_request{step.offset, 1, limits::read_ahead_bytes_max})
    .then(
      [this, step](const read_result& read) {
        auto is_current = window.is_current(step);
        auto has_event = !read.batches.empty()
                         && read.batches.front().first_offset == step.offset
                         && read.epoch == window.epoch();
        if (has_event && is_current) {
          if (damaged_offset == step.offset)
            clear_damage();
          dispatch(step, read.batches.front().slice(0, 1));
        } else {
          window.put_back(step, now_ms() + put_back_ms);
        }
        if (is_current && window.epoch() != read.epoch) {
          window.reset(read.epoch, log_offset{0});
          buffer.clear();
          read_elsewhere();
        }
        pump();
      },
      [this, step](const caf::error& why) {
        auto is_current = window.is_current(step);
        auto is_damaged = from_caf(why) == ec::corrupt_record;
        window.put_back(step,
                        now_ms() + (is_damaged ? damaged_ms : put_back_ms));
        if (is_current)
          on_read_failed(why, step.offset);
        pump();
      });
}

void subscription_state::dispatch(const delivery_step& step,
                                  event_batch event) {
  const auto& tracked = window.at(step);
  delivery_request request;
  request.namespace_name = spec.namespace_name;
  request.leg = step.leg;
  request.format = spec.delivery.format;
  request.event = std::move(event);
  request.timeout_ms = spec.delivery.timeout_ms;
  request.target = spec.subscriber_uri;
  if (step.leg == delivery_leg::reply) {
    request.target = spec.reply_uri;
    request.headers = tracked.reply_headers;
  }
  if (step.leg == delivery_leg::dead_letter) {
    request.target = spec.dead_letter_uri;
    request.error = tracked.error;
  }
  auto id = next_attempt_id++;
  attempts[id] = {step, request.target, now_us(),
                  now_ms() + request.timeout_ms + answer_grace_ms};
  ++wiring.stats->deliveries;
  if (request.target.empty()) {
    // The leg's URL was taken away while the event was on it.
    delivery_outcome none;
    none.error = "the subscription has no URL for this any more";
    on_answer(id, none);
    return;
  }
  self
    ->request(wiring.dispatcher, caf::infinite, atom::deliver_v,
              std::move(request))
    .then(
      [this, id](const delivery_outcome& outcome) {
        on_answer(id, outcome);
        pump();
      },
      [this, id](const caf::error& why) {
        on_no_answer(id, why);
        pump();
      });
}

void subscription_state::on_answer(uint64_t attempt_id,
                                   const delivery_outcome& outcome) {
  auto entry = attempts.find(attempt_id);
  if (entry == attempts.end())
    return; // It was not waited for any more.
  auto sent = std::move(entry->second);
  attempts.erase(entry);
  wiring.stats->delivery_duration.record(
    static_cast<uint64_t>(std::max<int64_t>(now_us() - sent.began_us, 0)));
  auto failed_before = window.totals().attempts_failed;
  auto was_probing = window.probing();
  auto fate = window.on_outcome(sent.step, outcome, now_ms(),
                                static_cast<uint32_t>(random() % 1'001));
  if (window.totals().attempts_failed != failed_before) {
    ++wiring.stats->deliveries_failed;
    last_error = describe(sent.url, outcome);
  }
  if (fate == event_fate::dead_lettered)
    ++wiring.stats->dead_letters;
  if (fate == event_fate::given_up)
    ++wiring.stats->undelivered;
  if (!was_probing && window.probing())
    buffer.clear();
  report_is_due = true;
}

void subscription_state::on_no_answer(uint64_t attempt_id,
                                      const caf::error& why) {
  auto entry = attempts.find(attempt_id);
  if (entry == attempts.end())
    return;
  // Overloaded or draining: no request was made, so nothing is counted.
  last_error = from_caf(why).detail;
  window.put_back(entry->second.step, now_ms() + put_back_ms);
  attempts.erase(entry);
  report_is_due = true;
}

void subscription_state::give_up_waiting(int64_t now) {
  while (!attempts.empty() && attempts.begin()->second.deadline_ms <= now) {
    delivery_outcome none;
    none.error = "no answer within the timeout";
    on_answer(attempts.begin()->first, none);
  }
}

// -- reading ------------------------------------------------------------------

void subscription_state::read_on(int64_t now) {
  if (reading)
    return;
  if (now < read_backoff.not_before_ms) {
    wake_at(read_backoff.not_before_ms);
    return;
  }
  auto plan = window.wants_more(now);
  if (plan && damaged_offset) {
    if (plan->from < *damaged_offset) {
      plan->events_max = static_cast<uint32_t>(
        std::min<uint64_t>(plan->events_max, *damaged_offset - plan->from));
    } else if (now < damage_look_ms) {
      report_is_due = report_is_due || !stopped_at_damage;
      stopped_at_damage = true;
      wake_at(damage_look_ms);
      plan.reset();
    }
  }
  if (!plan || plan->from >= end) {
    if (!awaiting && (plan || now >= look_again_ms))
      await_end();
    else if (!awaiting)
      wake_at(look_again_ms);
    return;
  }
  reading = true;
  auto from = plan->from;
  self
    ->request(
      wiring.channel, caf::infinite, atom::read_v,
      read_request{from, plan->events_max, limits::read_ahead_bytes_max})
    .then(
      [this, from, turn = read_turn](const read_result& read) {
        reading = false;
        if (turn == read_turn)
          on_read(read, from);
        pump();
      },
      [this, from, turn = read_turn](const caf::error& why) {
        reading = false;
        if (turn == read_turn)
          on_read_failed(why, from);
        pump();
      });
}

void subscription_state::await_end() {
  awaiting = true;
  auto heard = [this] {
    awaiting = false;
    look_again_ms = now_ms() + look_interval_ms;
  };
  self
    ->request(wiring.channel, caf::infinite, atom::await_v,
              await_request{end, await_ms})
    .then(
      [this, heard](log_offset now_end) {
        heard();
        report_is_due = report_is_due || end != now_end;
        end = now_end;
        pump();
      },
      [this, heard](const caf::error&) {
        heard();
        read_backoff.on_failure(now_ms());
        pump();
      });
}

void subscription_state::on_read(const read_result& read, log_offset from) {
  report_is_due = true;
  end = read.end;
  if (read.epoch != window.epoch()) {
    window.reset(read.epoch, log_offset{0});
    buffer.clear();
    read_elsewhere();
    return;
  }
  if (read.batches.empty() && read.next < read.end) {
    read_backoff.on_failure(now_ms()); // Nothing at all, and not at the end.
    return;
  }
  read_backoff.on_success();
  if (damaged_offset == from)
    clear_damage();
  else if (damaged_offset && *damaged_offset < from)
    damage_look_ms = now_ms() + damaged_ms; // Its own retry settles it.
  std::vector<uint64_t> keys;
  for (const auto& batch : read.batches) {
    keys.assign(batch.size(), 0);
    if (spec.ordering == delivery_ordering::by_key)
      for (size_t i = 0; i < batch.size(); ++i)
        keys[i] = window.key_of(batch[i]);
    if (window.offer(batch.first_offset, keys))
      buffer.add(batch, window.low());
  }
}

void subscription_state::on_read_failed(const caf::error& why,
                                        log_offset from) {
  auto failed = from_caf(why);
  report_is_due = true;
  last_error
    = failed.detail.empty() ? std::string{name_of(failed.code)} : failed.detail;
  if (failed == ec::offset_trimmed && failed.offset.value_or(0) > from.value) {
    auto skipped = window.on_trimmed(log_offset{*failed.offset});
    last_error = std::to_string(skipped) + " events below offset "
                 + std::to_string(*failed.offset)
                 + " left retention undelivered";
    ++read_turn;
    if (damaged_offset && damaged_offset->value < *failed.offset)
      clear_damage();
    return;
  }
  if (failed == ec::corrupt_record)
    note_damage(log_offset{failed.offset.value_or(from.value)}, from);
  read_backoff.on_failure(now_ms());
}

void subscription_state::note_damage(log_offset offset, log_offset from) {
  // What lies before the damage is still delivered.
  damaged_offset = std::max(offset, from);
  damage_look_ms = now_ms() + damaged_ms;
  if (*damaged_offset == from)
    stopped_at_damage = true;
}

void subscription_state::clear_damage() {
  damaged_offset.reset();
  damage_look_ms = 0;
  stopped_at_damage = false;
  report_is_due = true;
}

void subscription_state::read_elsewhere() {
  ++read_turn;
  read_backoff.on_success();
  clear_damage();
}

// -- the cursor ---------------------------------------------------------------

void subscription_state::commit_changes(int64_t now) {
  if (window.version() <= committed_version)
    return;
  if (now < commit_backoff.not_before_ms) {
    wake_at(commit_backoff.not_before_ms);
    return;
  }
  // An urgent commit does not wait for one that takes its time.
  auto urgent = window.urgent_version()
                > std::max(committed_version, urgent_sent_version);
  if (committing_urgent || (!urgent && committing))
    return;
  auto version = window.version();
  (urgent ? committing_urgent : committing) = true;
  if (urgent)
    urgent_sent_version = version;
  // Fact about CAF 0.17: an answer of `unit_t` is an empty message, which a
  // typed request's continuation refuses; the untyped one takes it.
  self
    ->request(caf::actor_cast<caf::actor>(wiring.replica), caf::infinite,
              atom::commit_v,
              cursor_commit{spec.uid, wiring.info.id,
                            encode(window.to_cursor(now)), urgent})
    .then(
      [this, urgent, version] {
        (urgent ? committing_urgent : committing) = false;
        commit_backoff.on_success();
        on_committed(version);
        pump();
      },
      [this, urgent](const caf::error& why) {
        (urgent ? committing_urgent : committing) = false;
        urgent_sent_version = committed_version;
        commit_backoff.on_failure(now_ms());
        last_error = "the cursor was not stored: " + from_caf(why).detail;
        report_is_due = true;
        pump();
      });
}

void subscription_state::on_committed(uint64_t version) {
  committed_version = std::max(committed_version, version);
  window.on_committed(version);
  ready = true;
  report_is_due = true;
  if (seeking && version >= seeking->version) {
    seeking->promise.deliver(seeking->offset);
    seeking.reset();
    seek_under_way = false;
  }
}

} // namespace eventd::actors
