// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/channel/channel.hpp"

#include <algorithm>
#include <chrono>

#include "storage/model/limits.hpp"

namespace eventd::actors {

template <class T, class F>
caf::result<T> channel_state::when_begun(F answer) {
  auto promise = self_->make_response_promise<T>();
  if (begun_)
    answer(promise);
  else if (early_.size() >= limits::channel_waiters_max)
    promise.deliver(
      to_caf(failure{ec::overloaded, "too many readers wait for the channel"}));
  else
    early_.push_back(
      {[answer, promise]() mutable { answer(promise); },
       [promise](const caf::error& why) mutable { promise.deliver(why); }});
  return promise;
}

caf::result<channel_status> channel_state::status() {
  return when_begun<channel_status>([this](auto promise) {
    when_sure(promise,
              [this, promise]() mutable { promise.deliver(standing()); });
  });
}

// -- events -------------------------------------------------------------------

caf::result<read_result> channel_state::read(const read_request& x) {
  return when_begun<read_result>([this, x](auto promise) {
    when_sure(promise, [this, x, promise] { answer_read(x, promise); });
  });
}

/// Where this node lost the lead and has it again, others may have stored more
/// than is known here.
bool channel_state::is_of_this_term() const {
  return !wiring_.map
         || (term_.value != 0 && wiring_.map->lead_term(info_.shard) == term_);
}

/// A leader that was cut off does not know it yet, and what it would answer
/// could lack what another one has acknowledged. What is only in memory was
/// never acknowledged elsewhere.
bool channel_state::surely_leads() const {
  if (memory_ || !wiring_.map)
    return is_of_this_term();
  auto now = self_->clock().now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count()
         < wiring_.map->lease_end_us(info_.shard, term_);
}

/// Answers now where this node surely leads, else once it is known.
template <class T, class F>
void channel_state::when_sure(caf::typed_response_promise<T> promise,
                              F answer) {
  if (surely_leads())
    return answer();
  if (unsure_reads_ >= limits::channel_waiters_max) {
    promise.deliver(
      to_caf(failure{ec::overloaded, "too many readers wait for the channel"}));
    return;
  }
  ++unsure_reads_;
  self_->request(wiring_.shard, caf::infinite, atom::confirm_v)
    .then(
      [this, answer, promise](raft_index) mutable {
        --unsure_reads_;
        if (is_of_this_term())
          return answer();
        auto why
          = to_caf(failure{ec::not_leader, "another node led the shard"});
        promise.deliver(why);
        // Where this node does not lead any more, the channel is let go anyway.
        if (wiring_.map->lead_term(info_.shard).value != 0)
          end(why);
      },
      [this, promise](const caf::error& why) mutable {
        --unsure_reads_;
        promise.deliver(why);
      });
}

void channel_state::answer_read(
  const read_request& x, caf::typed_response_promise<read_result> promise) {
  if (x.from < start_) {
    promise.deliver(to_caf(
      failure{ec::offset_trimmed, "the offset left retention", start_.value}));
    return;
  }
  if (x.from > end_) {
    promise.deliver(to_caf(
      failure{ec::offset_out_of_range,
              "the offset is beyond the end of the channel", end_.value}));
    return;
  }
  // The tail may be ahead of what we were told is committed.
  read_request what;
  what.from = x.from;
  what.events_max = static_cast<uint32_t>(std::min<uint64_t>(
    std::clamp<uint32_t>(x.events_max, 1, limits::read_events_max),
    end_ - x.from));
  what.bytes_max = std::clamp<uint64_t>(x.bytes_max, 1, limits::read_bytes_max);
  read_result y;
  y.next = x.from;
  y.earliest = start_;
  y.end = end_;
  y.epoch = info_.epoch;
  if (x.from == end_) {
    promise.deliver(std::move(y));
    return;
  }
  if (memory_)
    memory_->read(x.from, what.events_max, what.bytes_max, y.batches);
  else
    wiring_.tail->read(info_.id, x.from, what.events_max, what.bytes_max,
                       y.batches);
  if (y.batches.empty())
    return read_disk(what, promise);
  y.next = y.batches.back().end_offset();
  promise.deliver(std::move(y));
}

void channel_state::read_disk(
  const read_request& what, caf::typed_response_promise<read_result> promise) {
  self_
    ->request(wiring_.reader, caf::infinite, atom::read_v,
              stored_read_request{info_, what, end_})
    .then(
      [this, promise](read_result& y) mutable {
        y.earliest = start_;
        y.end = end_;
        if (corrupt_offset_ && !y.batches.empty()
            && *corrupt_offset_ >= y.batches.front().first_offset.value
            && *corrupt_offset_ < y.next.value) {
          // Another node had it whole.
          corrupt_offset_.reset();
          report(true);
        }
        promise.deliver(std::move(y));
      },
      [this, promise](const caf::error& why) mutable {
        if (auto x = from_caf(why); x == ec::corrupt_record) {
          corrupt_offset_ = x.offset;
          report(true);
        }
        promise.deliver(why);
      });
}

// -- times --------------------------------------------------------------------

caf::result<log_offset> channel_state::locate(log_time when) {
  return when_begun<log_offset>([this, when](auto promise) {
    when_sure(promise, [this, when, promise] { answer_locate(when, promise); });
  });
}

/// None: the event is not in the tail.
std::optional<log_time> channel_state::time_in_tail(log_offset at) const {
  std::vector<event_batch> found;
  wiring_.tail->read(info_.id, at, 1, 1, found);
  if (found.empty())
    return {};
  return found.front().stored_at;
}

/// The newest events may not have their rows on the disk yet, so the tail is
/// bisected first, and the disk is asked for what is older.
void channel_state::answer_locate(
  log_time when, caf::typed_response_promise<log_offset> promise) {
  if (memory_) {
    promise.deliver(memory_->locate(when));
    return;
  }
  auto low = start_;
  auto high = end_;
  auto older_is_in_tail = false;
  while (low < high) {
    auto middle = low + (high - low) / 2;
    auto stored_at = time_in_tail(middle);
    if (stored_at && *stored_at >= when) {
      high = middle;
    } else {
      older_is_in_tail = stored_at.has_value();
      low = middle + 1;
    }
  }
  if (older_is_in_tail || low == start_) {
    promise.deliver(low);
    return;
  }
  self_
    ->request(wiring_.reader, caf::infinite, atom::locate_v, info_, when, low)
    .then([this, promise](
            log_offset at) mutable { promise.deliver(std::max(at, start_)); },
          [promise](const caf::error& why) mutable { promise.deliver(why); });
}

// -- waiting ------------------------------------------------------------------

caf::result<log_offset> channel_state::await(const await_request& x) {
  return when_begun<log_offset>(
    [this, x](auto promise) { answer_await(x, promise); });
}

void channel_state::answer_await(
  const await_request& x, caf::typed_response_promise<log_offset> promise) {
  if (end_ > x.seen || x.wait_ms <= 0) {
    promise.deliver(end_);
    return;
  }
  if (waiters_.size() >= limits::channel_waiters_max) {
    promise.deliver(to_caf(failure{ec::overloaded, "too many readers wait"}));
    return;
  }
  auto wait = std::min(x.wait_ms, limits::wait_ms_max);
  waiters_.push_back({x.seen, steady_ms() + wait, promise});
  tick_in(wait);
}

void channel_state::wake_waiters() {
  remove_where(waiters_, [this](waiter& x) {
    if (x.seen >= end_)
      return false;
    x.promise.deliver(end_);
    return true;
  });
}

} // namespace eventd::actors
