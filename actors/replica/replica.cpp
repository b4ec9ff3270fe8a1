// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/replica/replica.hpp"

#include <algorithm>
#include <chrono>

#include "storage/codec/entry.hpp"
#include "storage/model/assert.hpp"
#include "storage/model/limits.hpp"

namespace eventd::actors {

namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

} // namespace

void replica_state::init(pointer self, replica_wiring wiring) {
  self_ = self;
  shard_ = wiring.shard;
  log_writer_ = std::move(wiring.log_writer);
  reclaimer_ = std::move(wiring.reclaimer);
  rules_ = wiring.rules;
  tail_ = std::move(wiring.tail);
  stats_ = std::move(wiring.stats);
  reserve_ = std::move(wiring.reserve);
  driver_.emplace(std::move(wiring.recovered->driver));
  state_ = std::move(wiring.recovered->state);
  for (const auto& [id, row] : state_.channels())
    live_bytes_ += row.bytes_end - row.bytes_below;
  for (auto& record : wiring.recovered->unapplied)
    entries_.push_back({std::move(record), {}, 0});
  take(std::move(wiring.recovered->jobs));
  wiring.recovered.reset();
  lead_if_elected();
  arm_timer();
}

int64_t replica_state::now_us() const {
  return duration_cast<microseconds>(self_->clock().now().time_since_epoch())
    .count();
}

int64_t replica_state::now_ms() const {
  return now_us() / 1000;
}

void replica_state::fail(const failure& why) {
  failed_ = true;
  self_->quit(to_caf(why));
}

bool replica_state::is_events(std::string_view payload) {
  return !payload.empty()
         && static_cast<storage::payload_kind>(payload[0])
              == storage::payload_kind::events;
}

// -- proposing
// -----------------------------------------------------------------

result<void> replica_state::admit(std::string_view payload) {
  if (stopping_)
    return failure{ec::shutting_down, "the node stops"};
  if (!ready_)
    return failure{ec::not_leader, "the shard has no leader yet"};
  if (queue_bytes_ + payload.size() > limits::shard_queue_bytes_max)
    return failure{ec::overloaded, "too much waits for the disk"};
  // Commands may use the reserve: trims and cursors free what is short.
  if (!is_events(payload))
    return {};
  if (reserve_ && reserve_->low(now_ms()))
    return failure{ec::no_space, "the disk is nearly full"};
  auto header = storage::decode_events_header(payload);
  if (!header)
    return header.error();
  auto known = expected_.find(header->channel);
  if (known == expected_.end() || known->second != header->first)
    return failure{ec::conflict, "an earlier entry of the channel was refused"};
  known->second = header->first + header->count;
  return {};
}

caf::result<proposed> replica_state::propose(shared_bytes payload) {
  if (auto ok = admit(*payload.data); !ok)
    return to_caf(ok.error());
  auto promise = self_->make_response_promise<proposed>();
  queue_bytes_ += payload.data->size();
  queue_.push_back({std::move(payload), promise});
  pump();
  return promise;
}

void replica_state::pump() {
  while (!queue_.empty() && entries_.size() < limits::shard_inflight_entries_max
         && (entries_.empty()
             || inflight_bytes_ < limits::shard_inflight_bytes_max)) {
    auto next = std::move(queue_.front());
    queue_.pop_front();
    queue_bytes_ -= next.payload.data->size();
    submit({storage::entry_type::command, {}, std::move(next.payload.data)},
           std::move(next.promise));
  }
}

void replica_state::submit(
  storage::log_record record,
  std::optional<caf::typed_response_promise<proposed>> promise) {
  storage::raft_driver::jobs jobs;
  inflight_bytes_ += record.payload->size();
  entries_.push_back({record, std::move(promise), now_us()});
  if (auto done = driver_->submit({std::move(record)}, now_ms(), jobs); !done) {
    fail(done.error());
    return;
  }
  EVENTD_ASSERT(driver_->last() == state_.applied() + entries_.size());
  write(std::move(jobs));
}

void replica_state::take(storage::raft_driver::jobs jobs) {
  // A group of one voter has nobody to write to.
  EVENTD_ASSERT(driver_->take_messages().empty());
  for (const auto& job : jobs)
    for (const auto& record : job.records)
      entries_.push_back({record, {}, 0});
  write(std::move(jobs));
}

void replica_state::write(storage::raft_driver::jobs jobs) {
  for (auto& job : jobs) {
    self_->request(log_writer_, caf::infinite, atom::write_v, std::move(job))
      .then(
        [this](uint64_t epoch) {
          storage::raft_driver::jobs more;
          if (auto done = driver_->written(epoch, now_ms(), more); !done)
            return fail(done.error());
          take(std::move(more));
          lead_if_elected();
          advance();
        },
        [this](const caf::error& why) { fail(from_caf(why)); });
  }
}

void replica_state::lead_if_elected() {
  if (driver_->role() != storage::raft_role::leader || barrier_.value != 0)
    return;
  submit(
    {storage::entry_type::barrier, {}, std::make_shared<const std::string>()},
    {});
  barrier_ = driver_->last();
}

void replica_state::tick() {
  timer_ms_ = 0;
  if (now_ms() >= driver_->deadline_ms()) {
    storage::raft_driver::jobs jobs;
    if (auto done = driver_->tick(now_ms(), jobs); !done)
      return fail(done.error());
    take(std::move(jobs));
    lead_if_elected();
    advance();
  }
  arm_timer();
}

void replica_state::arm_timer() {
  if (timer_ms_ != 0)
    return;
  timer_ms_ = std::max(driver_->deadline_ms(), now_ms() + 1);
  self_->delayed_send(self_, milliseconds(timer_ms_ - now_ms()), atom::tick_v);
}

// -- channels
// ------------------------------------------------------------------

caf::result<channel_place> replica_state::place(channel_id channel) {
  auto promise = self_->make_response_promise<channel_place>();
  // Nothing of the channel passes until it begins at the place answered.
  expected_.erase(channel);
  auto after = driver_->last() + queue_.size();
  if (!ready_ && after < barrier_)
    after = barrier_;
  places_.push_back({after, channel, promise});
  answer_places();
  return promise;
}

void replica_state::answer_places() {
  if (!ready_)
    return;
  std::erase_if(places_, [this](place_request& x) {
    if (state_.applied() < x.after)
      return false;
    channel_place answer;
    if (auto* row = state_.channel(x.channel)) {
      answer.known = true;
      answer.epoch = row->epoch;
      answer.start = row->start;
      answer.end = row->end;
      answer.bytes_below = row->bytes_below;
      answer.bytes_end = row->bytes_end;
      answer.logged_at = row->logged_at;
      answer.stored_at = row->stored_at;
      expected_[x.channel] = row->end;
    }
    x.promise.deliver(answer);
    return true;
  });
}

resource_snapshot replica_state::resources() const {
  resource_snapshot x;
  x.channel_ids_end = state_.channel_ids_end();
  for (const auto& [key, row] : state_.resources()) {
    x.keys.push_back(key);
    x.documents.push_back(row.document);
    x.indexes.push_back(row.index);
  }
  return x;
}

caf::result<caf::unit_t> replica_state::stop() {
  flush_cursors();
  auto promise = self_->make_response_promise<caf::unit_t>();
  // Behind the cursors, which are proposed by messages to ourselves.
  self_
    ->request(shard_actor{self_}, caf::infinite, atom::place_v, channel_id{0})
    .then(
      [this, promise](const channel_place&) mutable {
        stopping_ = true;
        promise.deliver(caf::unit);
      },
      [promise](const caf::error& why) mutable { promise.deliver(why); });
  return promise;
}

// -- the actor
// -----------------------------------------------------------------

shard_actor::behavior_type replica(replica_state::pointer self,
                                   replica_wiring wiring) {
  self->state.init(self, std::move(wiring));
  return {
    [self](atom::propose, shared_bytes& payload) {
      return self->state.propose(std::move(payload));
    },
    [self](atom::commit, cursor_commit& x) {
      return self->state.commit_cursor(std::move(x));
    },
    [self](atom::cursor, const std::string& uid) {
      return self->state.cursor_of(uid);
    },
    [self](atom::place, channel_id channel) {
      return self->state.place(channel);
    },
    [self](atom::resource) { return self->state.resources(); },
    [self](atom::stop) { return self->state.stop(); },
    [self](atom::tick) { self->state.tick(); },
    [self](atom::flush) { self->state.end_cursor_interval(); },
  };
}

} // namespace eventd::actors
