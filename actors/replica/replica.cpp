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

/// Hidden bytes that make a reclaim worth its rewriting.
constexpr uint64_t reclaim_bytes_min = uint64_t{16} << 20;

/// The Raft start moves in steps of this share of its distance, so that its
/// synced row is not written for every entry.
constexpr uint64_t start_step_divisor = 8;

/// Bytes between two marks that find the index at a distance in bytes.
constexpr uint64_t mark_bytes = uint64_t{8} << 20;

bool is_events(std::string_view payload) {
  return !payload.empty()
         && static_cast<storage::payload_kind>(payload[0])
              == storage::payload_kind::events;
}

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
  for (auto& record : wiring.recovered->unapplied)
    entries_.push_back({std::move(record), {}, 0});
  auto jobs = std::move(wiring.recovered->jobs);
  wiring.recovered.reset();
  for (const auto& job : jobs)
    for (const auto& record : job.records)
      entries_.push_back({record, {}, 0});
  write(std::move(jobs));
  lead_if_elected();
  arm_timer();
}

int64_t replica_state::now_us() const {
  return duration_cast<microseconds>(
           self_->clock().now().time_since_epoch())
    .count();
}

int64_t replica_state::now_ms() const {
  return now_us() / 1000;
}

void replica_state::fail(const failure& why) {
  failed_ = true;
  self_->quit(to_caf(why));
}

// -- proposing ------------------------------------------------------------------

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
  while (!queue_.empty()
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

void replica_state::write(storage::raft_driver::jobs jobs) {
  for (auto& job : jobs) {
    self_->request(log_writer_, caf::infinite, atom::write_v, std::move(job))
      .then(
        [this](uint64_t epoch) {
          storage::raft_driver::jobs more;
          if (auto done = driver_->written(epoch, now_ms(), more); !done)
            return fail(done.error());
          write(std::move(more));
          lead_if_elected();
          advance();
        },
        [this](const caf::error& why) { fail(from_caf(why)); });
  }
}

void replica_state::lead_if_elected() {
  if (driver_->role() != storage::raft_role::leader || barrier_.value != 0)
    return;
  submit({storage::entry_type::barrier, {},
          std::make_shared<const std::string>()},
         {});
  barrier_ = driver_->last();
}

void replica_state::tick() {
  timer_ms_ = 0;
  if (now_ms() >= driver_->deadline_ms()) {
    storage::raft_driver::jobs jobs;
    if (auto done = driver_->tick(now_ms(), jobs); !done)
      return fail(done.error());
    for (const auto& job : jobs)
      for (const auto& record : job.records)
        entries_.push_back({record, {}, 0});
    write(std::move(jobs));
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

// -- applying -------------------------------------------------------------------

void replica_state::advance() {
  std::vector<storage::row_change> rows;
  while (state_.applied() < driver_->visible()) {
    EVENTD_ASSERT(!entries_.empty());
    apply_front(state_.applied() + 1, rows);
    if (failed_)
      return;
  }
  if (rows.empty())
    return;
  rows.push_back(state_.applied_row());
  write_unsynced(std::move(rows), state_.applied());
  if (!ready_ && barrier_.value != 0 && state_.applied() >= barrier_)
    ready_ = true;
  answer_places();
  pump();
  move_start_if_far();
}

void replica_state::apply_front(raft_index index,
                                std::vector<storage::row_change>& rows) {
  auto x = std::move(entries_.front());
  entries_.pop_front();
  const auto& payload = *x.record.payload;
  if (auto done = state_.apply(index, x.record.type, payload, rows); !done)
    return fail(done.error());
  if (rows.empty())
    rows.push_back(state_.applied_row());
  log_bytes_ += payload.size();
  if (marks_.empty() || log_bytes_ - marks_.back().bytes >= mark_bytes)
    marks_.push_back({index, log_bytes_});
  log_time stored_at;
  if (x.record.type == storage::entry_type::command) {
    if (is_events(payload))
      note_events(index, x.record);
    else
      note_trims(payload);
    if (is_events(payload))
      stored_at = storage::decode_events_header(payload)->stored_at;
  }
  stats_->entries_committed.fetch_add(1, std::memory_order_relaxed);
  if (x.promise) {
    inflight_bytes_ -= payload.size();
    stats_->commit_duration.record(
      static_cast<uint64_t>(now_us() - x.proposed_us));
    x.promise->deliver(proposed{index, stored_at});
  }
}

void replica_state::note_events(raft_index index,
                                const storage::log_record& record) {
  auto batch = storage::open_events(record.payload, 0);
  if (!batch)
    return fail(batch.error());
  auto header = storage::decode_events_header(*record.payload);
  stats_->events_committed.fetch_add(batch->size(), std::memory_order_relaxed);
  if (state_.channel(header->channel) != nullptr)
    tail_->add(header->channel, shard_, index, std::move(*batch));
}

void replica_state::note_trims(std::string_view payload) {
  auto command = storage::decode_command(payload);
  if (!command)
    return fail(command.error());
  if (auto* trim = std::get_if<storage::trim_channel>(&*command)) {
    if (auto* row = state_.channel(trim->id)) {
      rules_->set_channel_start(shard_, trim->id, row->start);
      garbage_bytes_ += limits::entry_bytes_max;
    }
  } else if (auto* open = std::get_if<storage::open_channel>(&*command)) {
    if (auto* row = state_.channel(open->id))
      rules_->set_channel_start(shard_, open->id, row->start);
  } else if (auto* close = std::get_if<storage::close_channel>(&*command)) {
    rules_->close_channel(shard_, close->id);
    tail_->drop(close->id);
    expected_.erase(close->id);
    garbage_bytes_ += reclaim_bytes_min;
  }
}

void replica_state::write_unsynced(std::vector<storage::row_change> rows,
                                   raft_index upto) {
  storage::write_job job;
  job.shard = shard_;
  job.sync = false;
  job.log_end = driver_->last();
  job.rows = std::move(rows);
  self_->request(log_writer_, caf::infinite, atom::write_v, std::move(job))
    .then([this, upto](uint64_t) { tail_->settle(shard_, upto); },
          [this](const caf::error& why) { fail(from_caf(why)); });
}

// -- the Raft start ---------------------------------------------------------------

void replica_state::move_start_if_far() {
  auto start = driver_->start().index;
  auto applied = state_.applied();
  if (garbage_bytes_ >= reclaim_bytes_min) {
    garbage_bytes_ = 0;
    if (applied > start)
      move_start(applied);
    return;
  }
  auto distance = limits::raft_start_distance_entries;
  if (applied - start > distance + distance / start_step_divisor) {
    move_start(raft_index{applied.value - distance});
    return;
  }
  auto far = limits::raft_start_distance_bytes;
  if (log_bytes_ - start_bytes_ <= far + far / start_step_divisor)
    return;
  auto target = start;
  while (!marks_.empty() && log_bytes_ - marks_.front().bytes > far) {
    target = std::max(target, marks_.front().index);
    start_bytes_ = marks_.front().bytes;
    marks_.pop_front();
  }
  if (target > start)
    move_start(target);
}

void replica_state::move_start(raft_index to) {
  storage::raft_driver::jobs jobs;
  if (auto done = driver_->move_start(to, now_ms(), jobs); !done)
    return fail(done.error());
  while (!marks_.empty() && marks_.front().index <= to) {
    start_bytes_ = marks_.front().bytes;
    marks_.pop_front();
  }
  // Behind the write that makes the new start durable.
  for (auto& job : jobs)
    self_->request(log_writer_, caf::infinite, atom::write_v, std::move(job))
      .then(
        [this, to](uint64_t epoch) {
          storage::raft_driver::jobs more;
          if (auto done = driver_->written(epoch, now_ms(), more); !done)
            return fail(done.error());
          rules_->set_raft_start(shard_, to);
          self_->send(reclaimer_, atom::reclaim_v, shard_, to);
        },
        [this](const caf::error& why) { fail(from_caf(why)); });
}

// -- channels ---------------------------------------------------------------------

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

// -- cursors ----------------------------------------------------------------------

std::string replica_state::cursor_of(const std::string& uid) const {
  if (auto waiting = cursors_.find(uid); waiting != cursors_.end())
    return waiting->second.cursor;
  return state_.cursor_of(uid);
}

caf::result<caf::unit_t> replica_state::commit_cursor(cursor_commit x) {
  if (stopping_)
    return to_caf(failure{ec::shutting_down, "the node stops"});
  auto promise = self_->make_response_promise<caf::unit_t>();
  cursor_promises_.push_back(promise);
  auto uid = x.subscription_uid;
  cursors_[uid] = {std::move(x.subscription_uid), x.channel,
                   std::move(x.cursor)};
  if (x.urgent)
    flush_cursors();
  if (!cursors_.empty())
    arm_cursor_timer();
  return promise;
}

void replica_state::end_cursor_interval() {
  cursor_timer_ = false;
  flush_cursors();
  if (!cursors_.empty())
    arm_cursor_timer();
}

void replica_state::arm_cursor_timer() {
  if (cursor_timer_)
    return;
  cursor_timer_ = true;
  self_->delayed_send(self_, milliseconds(limits::cursor_interval_ms),
                      atom::flush_v);
}

void replica_state::flush_cursors() {
  if (cursors_.empty() || !ready_)
    return;
  auto waiting = std::make_shared<size_t>(0);
  auto promises = std::make_shared<
    std::vector<caf::typed_response_promise<caf::unit_t>>>(
    std::move(cursor_promises_));
  cursor_promises_.clear();
  auto rows = std::move(cursors_);
  cursors_.clear();
  storage::put_cursors command;
  size_t bytes = 0;
  auto send = [&] {
    ++*waiting;
    self_
      ->request(shard_actor{self_}, caf::infinite, atom::propose_v,
                shared_bytes{std::make_shared<const std::string>(
                  storage::encode(command))})
      .then(
        [waiting, promises](const proposed&) {
          if (--*waiting == 0)
            for (auto& x : *promises)
              x.deliver(caf::unit);
        },
        [promises](const caf::error& why) {
          for (auto& x : *promises)
            x.deliver(why);
          promises->clear();
        });
    command.rows.clear();
    bytes = 0;
  };
  for (auto& [uid, row] : rows) {
    bytes += row.cursor.size();
    command.rows.push_back(std::move(row));
    if (bytes >= limits::cursor_entry_bytes_max / 2)
      send();
  }
  if (!command.rows.empty())
    send();
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

// -- the actor ----------------------------------------------------------------------

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
