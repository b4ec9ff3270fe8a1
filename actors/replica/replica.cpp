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
  server_ = wiring.server;
  reader_ = std::move(wiring.reader);
  outlet_ = wiring.outlet;
  map_ = std::move(wiring.map);
  link_ = std::move(wiring.link);
  start_distance_ = wiring.start_distance;
  note_ = std::move(wiring.note);
  tell_applied_ = std::move(wiring.applied);
  election_ms_ = wiring.election_ms;
  lease_ = read_lease{election_ms_};
  started_ms_ = now_ms();
  copied_to_ = wiring.recovered->copied_to;
  below_ = std::min(std::max(state_.applied(), driver_->start().index),
                    driver_->last());
  for (auto& record : wiring.recovered->unapplied)
    entries_.push_back({std::move(record), {}, 0});
  take(std::move(wiring.recovered->jobs));
  wiring.recovered.reset();
  check_role();
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
  while (!queue_.empty() && !is_handing_over()
         && entries_.size() < limits::shard_inflight_entries_max
         && (entries_.empty()
             || inflight_bytes_ < limits::shard_inflight_bytes_max)) {
    auto next = std::move(queue_.front());
    queue_.pop_front();
    queue_bytes_ -= next.payload.data->size();
    submit({storage::entry_type::command, {}, std::move(next.payload.data)},
           std::move(next.promise));
  }
}

/// Nothing of its channel passes behind one that was refused.
void replica_state::forget_expected(std::string_view payload) {
  if (!is_events(payload))
    return;
  if (auto header = storage::decode_events_header(payload))
    expected_.erase(header->channel);
}

result<void> replica_state::submit(
  storage::log_record record,
  std::optional<caf::typed_response_promise<proposed>> promise) {
  storage::raft_driver::jobs jobs;
  auto size = record.payload->size();
  if (auto done = driver_->submit({record}, now_ms(), jobs); !done) {
    auto why = done.error();
    if (why == ec::raft_failed)
      fail(why);
    forget_expected(*record.payload);
    if (promise)
      promise->deliver(to_caf(why));
    return why;
  }
  if (promise)
    inflight_bytes_ += size;
  // Its term is what the driver gave it.
  entries_.push_back(
    {jobs.front().records.front(), std::move(promise), now_us()});
  EVENTD_ASSERT(driver_->last() == below_ + entries_.size());
  write(std::move(jobs));
  send_messages();
  return {};
}

// -- channels
// ------------------------------------------------------------------

caf::result<channel_place> replica_state::place(channel_id channel) {
  // Nothing of the channel passes until it begins at the place answered.
  expected_.erase(channel);
  auto after = driver_->last() + queue_.size();
  if (driver_->role() != storage::raft_role::leader)
    return to_caf(failure{ec::not_leader, "this node does not lead the shard"});
  if (!ready_ && after < barrier_)
    after = barrier_;
  auto promise = self_->make_response_promise<channel_place>();
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
    answer.term = driver_->term();
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

result<uint64_t> replica_state::term_of(raft_index index) const {
  if (index > state_.applied() || index > below_)
    return failure{ec::conflict, "the entry is not applied yet"};
  auto term = driver_->known_term(index);
  return term ? term->value : 0;
}

/// What is applied is on the disk when it is answered, so that whoever reads
/// the directory next need not apply it.
caf::result<caf::unit_t> replica_state::stop() {
  flush_cursors();
  auto promise = self_->make_response_promise<caf::unit_t>();
  auto fail
    = [promise](const caf::error& why) mutable { promise.deliver(why); };
  // Behind the cursors, which are proposed by messages to ourselves.
  self_
    ->request(shard_actor{self_}, caf::infinite, atom::place_v, channel_id{0})
    .then(
      [this, promise, fail](const channel_place&) {
        stopping_ = true;
        storage::write_job job;
        job.shard = shard_;
        job.log_end = driver_->last();
        auto settle = take_held(job);
        self_
          ->request(log_writer_, caf::infinite, atom::write_v, std::move(job))
          .then(
            [promise, settle](uint64_t) mutable {
              if (settle)
                settle();
              promise.deliver(caf::unit);
            },
            fail);
      },
      fail);
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
    [self](atom::await, raft_index index) { return self->state.await(index); },
    [self](atom::confirm) { return self->state.confirm(); },
    [self](atom::mend, raft_index index) {
      return to_caf(self->state.term_of(index));
    },
    [self](atom::status) { return self->state.status(); },
    [self](atom::change, const std::string& configuration) {
      return self->state.change(configuration);
    },
    [self](atom::promote, uint64_t server) {
      return self->state.promote(server);
    },
    [self](atom::transfer, uint64_t server) {
      return self->state.transfer(server);
    },
    [self](atom::raft, storage::raft_packet& packet) {
      self->state.receive(std::move(packet));
    },
    [self](atom::probe) { self->state.probe(); },
    [self](atom::probe, atom::tick) { self->state.probe_again(); },
    [self](atom::watch, const shard_watcher_actor& watcher) {
      self->state.watch(watcher);
    },
    [self](atom::copy) { self->state.go_on_copying(); },
    [self](atom::tick) { self->state.tick(); },
    [self](atom::flush) { self->state.end_cursor_interval(); },
    [self](atom::write) { self->state.end_row_wait(); },
  };
}

} // namespace eventd::actors
