// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/channel/channel.hpp"

#include <algorithm>

#include "storage/codec/entry.hpp"
#include "storage/model/assert.hpp"
#include "storage/model/limits.hpp"

namespace eventd::actors {

void channel_state::request::answer() {
  if (auto* one = std::get_if<0>(&promise))
    one->deliver(parts.front());
  else
    std::get<1>(promise).deliver(std::move(parts));
}

void channel_state::request::refuse(const caf::error& why) {
  std::visit([&why](auto& x) { x.deliver(why); }, promise);
}

result<void> channel_state::admit(const request& x) {
  if (!memory_ && wiring_.reserve && wiring_.reserve->low(steady_ms()))
    return failure{ec::no_space, "the disk is nearly full"};
  auto waiting = queue_requests_ + copy_requests_ + parked_requests_;
  if (waiting + x.count() > limits::channel_queue_requests_max
      || queue_bytes_ + x.batch.records().size()
           > limits::channel_queue_bytes_max)
    return failure{ec::overloaded, "channel " + info_.namespace_name + "/"
                                     + info_.name
                                     + " has too many requests waiting"};
  return {};
}

caf::result<append_result> channel_state::append(event_batch batch) {
  if (batch.empty())
    return append_result{next_, 0, 0};
  request x;
  x.batch = std::move(batch);
  return accept<append_result>(std::move(x));
}

caf::result<std::vector<append_result>>
channel_state::append(joined_append what) {
  uint64_t events = 0;
  for (auto size : what.sizes)
    events += size > 0 ? size : ~uint32_t{0};
  if (what.sizes.empty() || events != what.events.size())
    return to_caf(failure{ec::invalid_request,
                          "the requests are not as large as their events"});
  request x;
  x.batch = std::move(what.events);
  x.sizes = std::move(what.sizes);
  return accept<std::vector<append_result>>(std::move(x));
}

template <class Answer>
caf::result<Answer> channel_state::accept(request x) {
  if (auto ok = admit(x); !ok)
    return to_caf(ok.error());
  auto promise = self_->make_response_promise<Answer>();
  x.promise = promise;
  if (ready_) {
    take(std::move(x));
  } else {
    queue_bytes_ += x.batch.records().size();
    parked_requests_ += x.count();
    parked_.push_back(std::move(x));
  }
  return promise;
}

void channel_state::take(request x) {
  auto some_new = place_events(x);
  duplicates_ += x.duplicates;
  if (memory_)
    return append_in_memory(std::move(x));
  if (!some_new) {
    // All stand already, or are on their way: answered when those are.
    x.batch = {};
    copy_requests_ += x.count();
    copies_.push_back(std::move(x));
    report(false);
    return answer_durable();
  }
  queue_bytes_ += x.records().size();
  queue_requests_ += x.count();
  queue_.push_back(std::move(x));
  pump();
}

/// Gives offsets to the new events of one part and counts the others.
append_result channel_state::place_part(request& x, size_t begin, size_t end,
                                        log_time now) {
  append_result part;
  log_offset first_copy;
  for (auto i = begin; i < end; ++i) {
    auto event = x.batch[i];
    if (auto at = window_.find_or_add(event, next_, now)) {
      if (part.duplicates++ == 0)
        first_copy = *at;
      x.durable_at = std::max(x.durable_at, *at + 1);
      // From here on the records that are stored are not those that came.
      if (x.duplicates++ == 0)
        x.own_records = x.batch.slice(0, i).records();
      continue;
    }
    if (part.stored++ == 0)
      part.first = next_;
    if (x.stored++ == 0)
      x.first = next_;
    next_ = next_ + 1;
    if (x.duplicates > 0)
      x.own_records.append(x.batch.slice(i, i + 1).records());
  }
  if (part.stored == 0)
    part.first = first_copy;
  return part;
}

/// @returns whether any of its events is new
bool channel_state::place_events(request& x) {
  auto now = log_now();
  if (x.sizes.empty())
    x.parts.push_back(place_part(x, 0, x.batch.size(), now));
  x.parts.reserve(x.sizes.size());
  size_t begin = 0;
  for (auto size : x.sizes) {
    x.parts.push_back(place_part(x, begin, begin + size, now));
    begin += size;
  }
  if (x.stored > 0)
    x.durable_at = next_;
  return x.stored > 0;
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
         && (queue_requests_ >= last_entry_requests_
             || queue_bytes_ >= limits::entry_bytes_max / 4);
}

void channel_state::pump() {
  while (may_propose()) {
    auto first = queue_.front().first;
    uint32_t count = 0;
    size_t n_requests = 0;
    auto entry
      = std::make_shared<const std::string>(make_entry(count, n_requests));
    last_entry_requests_ = 0;
    for (size_t i = 0; i < n_requests; ++i) {
      queue_bytes_ -= queue_.front().records().size();
      last_entry_requests_ += queue_.front().count();
      auto x = std::move(queue_.front());
      queue_.pop_front();
      // The entry has the bytes now.
      x.batch = {};
      x.own_records = {};
      in_flight_.push_back(std::move(x));
    }
    ++entries_in_flight_;
    queue_requests_ -= last_entry_requests_;
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
    x.answer();
    return true;
  };
  while (!in_flight_.empty() && answer(in_flight_.front()))
    in_flight_.pop_front();
  remove_where(copies_, [&](request& x) {
    if (!answer(x))
      return false;
    copy_requests_ -= x.count();
    return true;
  });
}

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

/// An entry was refused: all that has offsets from its first on is refused
/// too, and the channel begins again where the log says. Entries before it are
/// on their way still and end as they end.
void channel_state::refused(log_offset first, const caf::error& unsure) {
  auto why = unless_repeatable(unsure);
  --entries_in_flight_;
  // Behind one that was refused before, and answered with it.
  if (!ready_)
    return;
  auto fail = [&](queue<request>& xs) {
    remove_where(xs, [&](request& x) {
      if (x.durable_at <= first)
        return false;
      x.refuse(why);
      return true;
    });
  };
  fail(in_flight_);
  fail(copies_);
  fail(queue_);
  queue_bytes_ = 0;
  queue_requests_ = 0;
  copy_requests_ = 0;
  for (const auto& x : copies_)
    copy_requests_ += x.count();
  window_.forget_from(first);
  find_place();
}

void channel_state::fail_all(const caf::error& why) {
  auto fail = [&](queue<request>& xs) {
    for (auto& x : xs)
      x.refuse(why);
    xs.clear();
  };
  fail(in_flight_);
  fail(copies_);
  fail(queue_);
  fail(parked_);
  queue_requests_ = copy_requests_ = parked_requests_ = 0;
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
  x.answer();
  wake_waiters();
  report(false);
}

} // namespace eventd::actors
