// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/channel/channel.hpp"

#include <algorithm>

#include "storage/codec/entry.hpp"
#include "storage/model/assert.hpp"
#include "storage/model/limits.hpp"

namespace eventd::actors {

result<void> channel_state::admit(const event_batch& batch) {
  if (!memory_ && wiring_.reserve && wiring_.reserve->low(steady_ms()))
    return failure{ec::no_space, "the disk is nearly full"};
  auto waiting = queue_.size() + parked_.size() + copies_.size();
  if (waiting >= limits::channel_queue_requests_max
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
  if (ready_) {
    take(std::move(batch), promise);
  } else {
    queue_bytes_ += batch.records().size();
    parked_.push_back({std::move(batch), promise});
  }
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
    x.batch = {};
    copies_.push_back(std::move(x));
    return answer_durable();
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

std::string channel_state::make_entry(uint32_t& count, size_t& n_requests) {
  size_t bytes = storage::events_header_bytes;
  for (const auto& x : queue_) {
    if (n_requests > 0 && bytes + x.records().size() > limits::entry_bytes_max)
      break;
    bytes += x.records().size();
    count += x.stored;
    ++n_requests;
  }
  storage::events_header header;
  header.channel = info_.id;
  header.epoch = info_.epoch;
  header.first = queue_.front().first;
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

/// Each entry costs a sync of its own or waits for the one before: a small
/// one behind a large one would only make the next one late. So what waits must
/// be as many requests as the entry before it held, or many bytes.
bool channel_state::may_propose() const {
  if (!ready_ || queue_.empty())
    return false;
  if (entries_in_flight_ == 0)
    return true;
  return entries_in_flight_ < limits::channel_inflight_entries_max
         && (queue_.size() >= last_entry_requests_
             || queue_bytes_ >= limits::entry_bytes_max / 4);
}

void channel_state::pump() {
  while (may_propose()) {
    auto first = queue_.front().first;
    uint32_t count = 0;
    size_t n_requests = 0;
    auto entry
      = std::make_shared<const std::string>(make_entry(count, n_requests));
    for (size_t i = 0; i < n_requests; ++i) {
      queue_bytes_ -= queue_.front().records().size();
      auto x = std::move(queue_.front());
      queue_.pop_front();
      // The entry has the bytes now.
      x.batch = {};
      x.own_records = {};
      in_flight_.push_back(std::move(x));
    }
    ++entries_in_flight_;
    last_entry_requests_ = n_requests;
    bytes_end_ += entry->size();
    auto end = in_flight_.back().durable_at;
    self_
      ->request(wiring_.shard, caf::infinite, atom::propose_v,
                shared_bytes{std::move(entry)})
      .then([this, end](const proposed&) { committed(end); },
            [this, first](const caf::error& why) { refused(first, why); });
  }
}

void channel_state::committed(log_offset end) {
  EVENTD_ASSERT(end > end_);
  --entries_in_flight_;
  end_ = end;
  answer_durable();
  wake_waiters();
  report(false);
  pump();
}

void channel_state::answer_durable() {
  auto answer = [this](request& x) {
    if (x.durable_at > end_)
      return false;
    published_ += x.stored;
    x.promise.deliver(append_result{x.first, x.stored, x.duplicates});
    return true;
  };
  while (!in_flight_.empty() && answer(in_flight_.front()))
    in_flight_.pop_front();
  std::erase_if(copies_, answer);
}

/// An entry was refused: all that has offsets from its first on is refused
/// too, and the channel begins again where the log says. Entries before it are
/// on their way still and end as they end.
/// Where the window finds what was stored after all, the publisher may try
/// again; otherwise only it can know whether it may.
caf::error channel_state::unless_repeatable(const caf::error& why) const {
  if (!window_.enabled())
    return why;
  auto x = from_caf(why);
  if (x != ec::timeout && x != ec::shutting_down)
    return why;
  return to_caf(failure{ec::not_leader, "the channel moves to another node"});
}

void channel_state::refused(log_offset first, const caf::error& unsure) {
  auto why = unless_repeatable(unsure);
  --entries_in_flight_;
  // Behind one that was refused before, and answered with it.
  if (!ready_)
    return;
  auto fail = [&](std::deque<request>& xs) {
    std::erase_if(xs, [&](request& x) {
      if (x.durable_at <= first)
        return false;
      x.promise.deliver(why);
      return true;
    });
  };
  fail(in_flight_);
  fail(copies_);
  fail(queue_);
  queue_bytes_ = 0;
  window_.forget_from(first);
  find_place();
}

void channel_state::fail_all(const caf::error& why) {
  auto fail = [&](std::deque<request>& xs) {
    for (auto& x : xs)
      x.promise.deliver(why);
    xs.clear();
  };
  fail(in_flight_);
  fail(copies_);
  fail(queue_);
  for (auto& x : parked_)
    x.promise.deliver(why);
  parked_.clear();
  for (auto& x : waiters_)
    x.promise.deliver(why);
  waiters_.clear();
  for (auto& x : std::exchange(early_, {}))
    x.refuse(why);
}

void channel_state::append_in_memory(request x) {
  if (x.stored > 0) {
    std::string_view records = x.records();
    auto batch = event_batch::open(std::make_shared<const std::string>(records),
                                   0, x.stored);
    EVENTD_ASSERT(batch.has_value());
    batch->stored_at = wall_now();
    memory_->append(std::move(*batch), log_now());
    end_ = memory_->end();
    trim_memory();
    published_ += x.stored;
  }
  x.promise.deliver(append_result{x.first, x.stored, x.duplicates});
  wake_waiters();
  report(false);
}

} // namespace eventd::actors
