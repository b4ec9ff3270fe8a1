// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/channel/channel.hpp"

#include <algorithm>
#include <chrono>

#include "storage/codec/bytes.hpp"
#include "storage/codec/entry.hpp"
#include "storage/model/assert.hpp"
#include "storage/model/limits.hpp"
#include "storage/state/command.hpp"

namespace eventd::actors {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr int64_t tick_ms = 1'000;

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
  self_->delayed_send(self_, milliseconds(tick_ms), atom::tick_v);
  if (info_.in_memory) {
    // Each activation is a new life: cursors of an older one never match.
    memory_.emplace();
    info_.epoch = incarnation{
      std::max<uint64_t>(info_.epoch.value + 1,
                         static_cast<uint64_t>(wiring_.wall_ms()))};
    begin_at({true, info_.epoch, {}, {}, 0, 0, {}, {}});
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
  stored_at_ = std::max(stored_at_,
                        log_time{static_cast<uint64_t>(wiring_.wall_ms())});
  return stored_at_;
}

// -- coming to be ready -----------------------------------------------------------

void channel_state::find_place() {
  ready_ = false;
  self_->request(wiring_.shard, caf::infinite, atom::place_v, info_.id)
    .then([this](const channel_place& place) { begin_at(place); },
          [this](const caf::error& why) { self_->quit(why); });
}

void channel_state::begin_at(const channel_place& place) {
  if (!place.known) {
    self_->quit(to_caf(failure{ec::not_found, "the channel was deleted"}));
    return;
  }
  info_.epoch = place.epoch;
  start_ = place.start;
  end_ = next_ = place.end;
  bytes_below_ = place.bytes_below;
  bytes_end_ = place.bytes_end;
  stored_at_ = std::max(stored_at_, place.stored_at);
  clock_ = storage::log_clock{place.logged_at, wiring_.wall_ms(), steady_ms()};
  window_ = dedup_window{settings_.dedup_window_ms, limits::dedup_events_max};
  auto newest = place.logged_at.value
                + static_cast<uint64_t>(settings_.dedup_window_ms);
  if (!window_.enabled() || end_ == start_ || newest <= log_now().value)
    return become_ready();
  auto back = std::min<uint64_t>(end_ - start_, limits::dedup_events_max);
  refill_window(log_offset{end_.value - back});
}

void channel_state::refill_window(log_offset from) {
  if (from >= end_)
    return become_ready();
  stored_read_request x{info_, {from, refill_events, limits::read_bytes_max},
                        end_};
  self_->request(wiring_.reader, caf::infinite, atom::read_v, x)
    .then(
      [this](const read_result& x) {
        // The time of each is not read again: all count as just seen, which
        // makes the window longer after a restart, never shorter.
        for (const auto& batch : x.batches)
          for (size_t i = 0; i < batch.size(); ++i)
            window_.add(batch[i], batch.first_offset + i, log_now());
        refill_window(x.batches.empty() ? end_ : x.next);
      },
      [this](const caf::error& why) {
        // Damage in the window's part of the log: what lies behind it is
        // looked at, and the damage itself is reported by readers.
        auto x = from_caf(why);
        if (x == ec::corrupt_record && x.offset) {
          corrupt_offset_ = corrupt_offset_.value_or(*x.offset);
          refill_window(log_offset{*x.offset + 1});
        } else {
          become_ready();
        }
      });
}

void channel_state::become_ready() {
  ready_ = true;
  report(true);
  wake_waiters();
  auto parked = std::move(parked_);
  parked_.clear();
  for (auto& x : parked)
    take(std::move(x.batch), std::move(x.promise));
}

// -- appending ---------------------------------------------------------------------

result<void> channel_state::admit(const event_batch& batch) const {
  if (queue_.size() + parked_.size() >= limits::channel_queue_requests_max
      || queue_bytes_ + batch.records().size()
           > limits::channel_queue_bytes_max)
    return failure{ec::overloaded, "channel " + info_.namespace_name + "/"
                                     + info_.name
                                     + " has too many requests waiting"};
  return {};
}

caf::result<append_result> channel_state::append(event_batch batch) {
  if (auto ok = admit(batch); !ok)
    return to_caf(ok.error());
  if (batch.empty())
    return append_result{next_, 0, 0};
  auto promise = self_->make_response_promise<append_result>();
  if (ready_)
    take(std::move(batch), promise);
  else
    parked_.push_back({std::move(batch), promise});
  return promise;
}

void channel_state::take(event_batch batch,
                         caf::typed_response_promise<append_result> promise) {
  request x;
  x.batch = std::move(batch);
  x.promise = std::move(promise);
  auto some_new = split_duplicates(x);
  duplicates_ += x.duplicates;
  if (memory_)
    return append_in_memory(std::move(x));
  if (!some_new) {
    // All stand already, or are on their way: answered when those are.
    if (x.durable_at <= end_)
      x.promise.deliver(append_result{x.first, 0, x.duplicates});
    else
      in_flight_.push_back(std::move(x));
    return;
  }
  queue_bytes_ += x.records().size();
  queue_.push_back(std::move(x));
  pump();
}

/// Gives offsets to the new events of a request and counts the others.
bool channel_state::split_duplicates(request& x) {
  auto now = log_now();
  auto n = x.batch.size();
  std::vector<std::optional<log_offset>> copies(n);
  log_offset first_copy;
  auto given = next_;
  for (size_t i = 0; i < n; ++i) {
    auto event = x.batch[i];
    if (auto at = window_.find(event, now)) {
      if (x.duplicates++ == 0)
        first_copy = *at;
      x.durable_at = std::max(x.durable_at, *at + 1);
      copies[i] = at;
    } else {
      window_.add(event, given, now);
      ++given;
    }
  }
  x.stored = static_cast<uint32_t>(given - next_);
  x.first = x.stored > 0 ? next_ : first_copy;
  if (x.stored > 0)
    x.durable_at = given;
  next_ = given;
  if (x.stored == 0 || x.duplicates == 0)
    return x.stored > 0;
  for (size_t i = 0; i < n; ++i)
    if (!copies[i])
      x.own_records.append(x.batch.slice(i, i + 1).records());
  return true;
}

std::string channel_state::make_entry(log_offset first, uint32_t& count,
                                      size_t& n_requests) {
  size_t bytes = storage::events_header_bytes;
  for (const auto& x : queue_) {
    if (n_requests > 0
        && bytes + x.records().size() > limits::entry_bytes_max)
      break;
    bytes += x.records().size();
    count += x.stored;
    ++n_requests;
  }
  storage::events_header header;
  header.channel = info_.id;
  header.epoch = info_.epoch;
  header.first = first;
  header.count = count;
  header.logged_at = log_now();
  header.stored_at = wall_now();
  std::string entry;
  entry.reserve(bytes);
  storage::put_events_header(entry, header);
  for (size_t i = 0; i < n_requests; ++i)
    entry.append(queue_[i].records());
  return entry;
}

void channel_state::pump() {
  while (!queue_.empty()
         && entries_in_flight_ < limits::channel_inflight_entries_max) {
    uint32_t count = 0;
    size_t n_requests = 0;
    auto first = log_offset{queue_.front().durable_at.value
                            - queue_.front().stored};
    auto entry = std::make_shared<const std::string>(
      make_entry(first, count, n_requests));
    for (size_t i = 0; i < n_requests; ++i) {
      queue_bytes_ -= queue_.front().records().size();
      auto x = std::move(queue_.front());
      queue_.pop_front();
      // The entry has the bytes now.
      x.batch = {};
      x.own_records = {};
      in_flight_.push_back(std::move(x));
    }
    auto end = in_flight_.back().durable_at;
    ++entries_in_flight_;
    bytes_end_ += entry->size();
    self_
      ->request(wiring_.shard, caf::infinite, atom::propose_v,
                shared_bytes{std::move(entry)})
      .then(
        [this, end](const proposed&) { committed(end); },
        [this, first](const caf::error& why) { refused(first, why); });
  }
}

void channel_state::committed(log_offset end) {
  EVENTD_ASSERT(end > end_);
  --entries_in_flight_;
  end_ = end;
  while (!in_flight_.empty() && in_flight_.front().durable_at <= end_) {
    auto& x = in_flight_.front();
    published_ += x.stored;
    x.promise.deliver(append_result{x.first, x.stored, x.duplicates});
    in_flight_.pop_front();
  }
  wake_waiters();
  report(false);
  if (ready_)
    pump();
  else if (entries_in_flight_ == 0)
    find_place();
}

/// The entry that begins at `first` was refused, and with it all that was given
/// offsets behind it; entries before it are still on their way. When those are
/// answered the channel begins again where the log says.
void channel_state::refused(log_offset first, const caf::error& why) {
  --entries_in_flight_;
  ready_ = false;
  for (auto& x : queue_)
    x.promise.deliver(why);
  queue_.clear();
  queue_bytes_ = 0;
  std::erase_if(in_flight_, [&](request& x) {
    if (x.durable_at <= first)
      return false;
    x.promise.deliver(why);
    return true;
  });
  if (entries_in_flight_ == 0)
    find_place();
}

void channel_state::append_in_memory(request x) {
  if (x.stored > 0) {
    std::string_view records = x.records();
    auto batch = event_batch::open(
      std::make_shared<const std::string>(records), 0, x.stored);
    EVENTD_ASSERT(batch.has_value());
    batch->stored_at = wall_now();
    memory_->append(std::move(*batch), log_now());
    memory_->trim({settings_.retention_bytes != 0
                     ? settings_.retention_bytes
                     : limits::memory_channel_bytes_default,
                   settings_.retention_events,
                   static_cast<uint64_t>(settings_.retention_age_ms)},
                  log_now());
    start_ = memory_->start();
    end_ = memory_->end();
    published_ += x.stored;
  }
  x.promise.deliver(append_result{x.first, x.stored, x.duplicates});
  wake_waiters();
  report(false);
}

// -- reading -----------------------------------------------------------------------

caf::result<read_result> channel_state::read(const read_request& x) {
  if (!ready_ && !memory_ && end_.value == 0)
    return to_caf(failure{ec::not_leader, "the channel is not ready yet"});
  if (x.from < start_)
    return to_caf(failure{ec::offset_trimmed, "the offset left retention",
                          start_.value});
  if (x.from > end_)
    return to_caf(failure{ec::offset_out_of_range,
                          "the offset is beyond the end of the channel",
                          end_.value});
  auto what = x;
  what.events_max
    = std::clamp<uint32_t>(what.events_max, 1, limits::read_events_max);
  what.bytes_max
    = std::clamp<uint64_t>(what.bytes_max, 1, limits::read_bytes_max);
  read_result y;
  y.next = x.from;
  y.earliest = start_;
  y.end = end_;
  y.epoch = info_.epoch;
  if (x.from == end_)
    return y;
  // The tail may be ahead of what we were told is committed.
  what.events_max = static_cast<uint32_t>(
    std::min<uint64_t>(what.events_max, end_ - x.from));
  if (memory_)
    memory_->read(x.from, what.events_max, what.bytes_max, y.batches);
  else
    wiring_.tail->read(info_.id, x.from, what.events_max, what.bytes_max,
                       y.batches);
  if (!y.batches.empty()) {
    y.next = y.batches.back().end_offset();
    return y;
  }
  auto promise = self_->make_response_promise<read_result>();
  self_
    ->request(wiring_.reader, caf::infinite, atom::read_v,
              stored_read_request{info_, what, end_})
    .then(
      [this, promise](read_result& y) mutable {
        y.earliest = start_;
        y.end = end_;
        promise.deliver(std::move(y));
      },
      [this, promise](const caf::error& why) mutable {
        if (auto x = from_caf(why); x == ec::corrupt_record) {
          corrupt_offset_ = x.offset;
          report(true);
        }
        promise.deliver(why);
      });
  return promise;
}

caf::result<log_offset> channel_state::locate(log_time when) {
  if (memory_)
    return memory_->locate(when);
  auto promise = self_->make_response_promise<log_offset>();
  self_
    ->request(wiring_.reader, caf::infinite, atom::locate_v, info_, when, end_)
    .then(
      [this, promise](log_offset at) mutable {
        promise.deliver(std::max(at, start_));
      },
      [promise](const caf::error& why) mutable { promise.deliver(why); });
  return promise;
}

caf::result<log_offset> channel_state::await(const await_request& x) {
  if (end_ > x.seen || x.wait_ms <= 0)
    return end_;
  if (waiters_.size() >= limits::channel_waiters_max)
    return to_caf(failure{ec::overloaded, "too many readers wait"});
  auto promise = self_->make_response_promise<log_offset>();
  auto wait = std::min(x.wait_ms, limits::wait_ms_max);
  waiters_.push_back({x.seen, steady_ms() + wait, promise});
  return promise;
}

void channel_state::wake_waiters() {
  std::erase_if(waiters_, [this](waiter& x) {
    if (x.seen >= end_)
      return false;
    x.promise.deliver(end_);
    return true;
  });
}

// -- keeping house -----------------------------------------------------------------

void channel_state::tick() {
  self_->delayed_send(self_, milliseconds(tick_ms), atom::tick_v);
  auto now = steady_ms();
  std::erase_if(waiters_, [&](waiter& x) {
    if (x.deadline_ms > now)
      return false;
    x.promise.deliver(end_);
    return true;
  });
  window_.expire(log_now());
  if (ready_ && !memory_ && !trimming_ && now >= retention_due_ms_)
    check_retention();
  if (!reported_)
    report(true);
}

void channel_state::check_retention() {
  auto every = settings_.retention_bytes != 0 || settings_.retention_events != 0
                 ? retention_check_ms_min
                 : settings_.retention_age_ms / 10;
  retention_due_ms_
    = steady_ms()
      + std::clamp(every, retention_check_ms_min, retention_check_ms_max);
  if (start_ == end_)
    return;
  trimming_ = true;
  auto done = [this](const caf::error&) { trimming_ = false; };
  self_
    ->request(wiring_.reader, caf::infinite, atom::retain_v, info_, settings_,
              log_now())
    .then(
      [this, done](const trim_plan& plan) {
        if (plan.start <= start_)
          return done({});
        auto command = storage::encode(
          storage::trim_channel{info_.id, plan.start, plan.bytes_below});
        self_
          ->request(wiring_.shard, caf::infinite, atom::propose_v,
                    shared_bytes{
                      std::make_shared<const std::string>(std::move(command))})
          .then(
            [this, plan, done](const proposed&) {
              wiring_.stats->events_trimmed.fetch_add(
                plan.start - start_, std::memory_order_relaxed);
              start_ = plan.start;
              bytes_below_ = plan.bytes_below;
              report(true);
              done({});
            },
            done);
      },
      done);
}

channel_status channel_state::status() const {
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
}

void channel_state::report(bool now) {
  reported_ = now;
  if (now && wiring_.supervisor)
    self_->send(wiring_.supervisor, atom::report_v, status());
}

// -- the actor ---------------------------------------------------------------------

channel_self_actor::behavior_type channel(channel_state::pointer self,
                                          channel_info info,
                                          channel_settings settings,
                                          channel_wiring wiring) {
  self->state.init(self, std::move(info), settings, std::move(wiring));
  return {
    [self](atom::append, event_batch& batch) {
      return self->state.append(std::move(batch));
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
