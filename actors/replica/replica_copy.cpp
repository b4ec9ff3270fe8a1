// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// A replica whose log begins too late copies what it lacks before it takes the
// snapshot that its leader offers; until then it stays a voter.

#include <algorithm>
#include <chrono>
#include <utility>

#include <caf/message.hpp>

#include "actors/replica/replica.hpp"
#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "storage/model/assert.hpp"
#include "storage/model/limits.hpp"
#include "storage/raft/server_id.hpp"
#include "storage/state/copy.hpp"

namespace eventd::actors {

void replica_state::look_for_offer() {
  if (failed_ || !link_)
    return;
  auto offer = driver_->take_install();
  if (!offer)
    return;
  if (copy_) {
    // The same copy, and a newer leader or a later end.
    copy_->offer = std::move(*offer);
    return;
  }
  copy_.emplace();
  copy_->offer = std::move(*offer);
  copy_->next = below_ + 1;
  note_copy("copies entries " + std::to_string(copy_->next.value) + " to "
            + std::to_string(copy_end().value));
  continue_copy();
}

void replica_state::note_copy(const std::string& what) const {
  if (note_)
    note_("shard " + std::to_string(shard_.value) + ": " + what + " of node "
          + std::to_string(storage::node_of(copy_->offer.peer)));
}

raft_index replica_state::copy_end() const {
  return std::max(copy_->offer.index, copy_->state_applied);
}

/// A state that is taken holds the snapshot, and all that is applied here.
raft_index replica_state::state_needed() const {
  return std::max(copy_->offer.index, state_.applied());
}

/// Our own log has moved: what was copied beyond its end counts no more.
void replica_state::forget_copy(storage::raft_driver::jobs& jobs) {
  auto has_records = [](const auto& job) { return !job.records.empty(); };
  if (!std::any_of(jobs.begin(), jobs.end(), has_records))
    return;
  copy_.reset();
  // The state may be ahead of the log, and this says by how much.
  if (copied_to_.value == 0 || state_.applied() > driver_->last())
    return;
  copied_to_ = {};
  jobs.front().rows.push_back(storage::no_copied_row(shard_));
}

void replica_state::retry_copy() {
  if (copy_)
    copy_->asking = false;
  self_->delayed_send(self_, std::chrono::milliseconds(limits::copy_retry_ms),
                      atom::copy_v);
}

void replica_state::continue_copy() {
  if (failed_ || !copy_ || copy_->asking || copy_->installing)
    return;
  auto& x = *copy_;
  // An earlier copy got so far, beyond the end of our log.
  if (x.next > driver_->last() && x.next < copied_to_)
    x.next = copied_to_;
  // Of before a later offer came, or more was applied here: it would lack what
  // lies between.
  if (x.state_complete && x.state_applied < state_needed())
    x.forget_state();
  if (x.next <= copy_end()) {
    // What is left of the disk is for what lets the shard go on, as the state
    // and the snapshot do: with them what is deleted goes.
    auto is_full = reserve_ && reserve_->spent(now_ms());
    if (is_full && !std::exchange(x.is_held_up, true))
      note_copy("waits for room on the disk before it copies more");
    x.is_held_up = is_full;
    return is_full ? retry_copy() : fetch_entries();
  }
  if (!x.state_complete)
    return fetch_state();
  install();
}

template <class T, class... Ts>
void replica_state::ask_source(void (replica_state::*take)(T&), Ts... xs) {
  auto& x = *copy_;
  call_address to;
  to.node = storage::node_of(x.offer.peer);
  to.kind = call_target::reader;
  to.shard = shard_;
  to.repeatable = true;
  x.asking = true;
  self_
    ->request(link_, caf::infinite, atom::call_v, to,
              caf::make_message(atom::fetch_v, shard_, xs...))
    .then(
      [this, take, generation = x.offer.peer](T& answer) {
        if (!copy_ || failed_ || generation != copy_->offer.peer)
          return retry_copy();
        copy_->asking = false;
        (this->*take)(answer);
      },
      [this, generation = x.offer.peer](const caf::error& why) {
        if (!copy_ || failed_ || generation != copy_->offer.peer)
          return retry_copy();
        auto refusal = from_caf(why);
        if (note_)
          note_("shard " + std::to_string(shard_.value)
                + ": the copy waits: " + refusal.detail);
        // A given up state begins anew. So does one that is ahead of what a new
        // leader has applied: it may need this replica to commit so much.
        if (!copy_->state_complete || refusal == ec::conflict)
          copy_->forget_state();
        retry_copy();
      });
}

void replica_state::fetch_entries() {
  ask_source(&replica_state::take_entries, copy_->next, copy_end(),
             uint64_t{limits::copy_chunk_bytes});
}

void replica_state::fetch_state() {
  auto token = copy_->state.empty() ? uint64_t{0} : copy_->token;
  ask_source(&replica_state::take_state, token, uint64_t{copy_->state.size()});
}

void replica_state::take_entries(log_chunk& part) {
  auto& x = *copy_;
  if (part.indexes.size() != part.records.size()
      || part.idx_keys.size() != part.idx_values.size() || part.next <= x.next)
    return retry_copy();
  auto last = driver_->last();
  std::vector<storage::row_change> direct;
  for (size_t i = 0; i < part.indexes.size(); ++i) {
    auto rows
      = storage::rows_of_copied(shard_, part.indexes[i], part.records[i]);
    if (!rows)
      return retry_copy();
    // Our own tail stays untouched until all is there.
    auto& into = part.indexes[i] <= last ? x.held : direct;
    std::move(rows->begin(), rows->end(), std::back_inserter(into));
  }
  for (size_t i = 0; i < part.idx_keys.size(); ++i)
    direct.push_back({storage::row_change::kind::put, storage::idx_family,
                      std::move(part.idx_keys[i]),
                      std::move(part.idx_values[i])});
  x.next = part.next;
  if (x.next > last + 1) {
    copied_to_ = x.next;
    direct.push_back(storage::copied_row(shard_, copied_to_));
  }
  storage::write_job job;
  job.shard = shard_;
  job.sync = false;
  job.log_end = last;
  job.rows = std::move(direct);
  // One piece at a time: the next is asked for when this one is written.
  x.asking = true;
  self_->request(log_writer_, caf::infinite, atom::write_v, std::move(job))
    .then(
      [this](uint64_t) {
        if (copy_)
          copy_->asking = false;
        continue_copy();
      },
      [this](const caf::error& why) { fail(from_caf(why)); });
}

void replica_state::take_state(state_chunk& part) {
  auto& x = *copy_;
  if (part.applied < state_needed()) {
    // Not written there yet.
    x.state.clear();
    return retry_copy();
  }
  if (part.total > limits::copied_state_bytes_max
      || x.state.size() + part.bytes.size() > part.total) {
    note_copy("gets a state that is too large");
    x.state.clear();
    return retry_copy();
  }
  // Another node, or another life of it, counts its states anew.
  if (!x.state.empty()
      && (part.token != x.token || part.total != x.state_bytes
          || part.applied != x.pieces_applied)) {
    x.forget_state();
    return retry_copy();
  }
  x.token = part.token;
  x.state_bytes = part.total;
  x.pieces_applied = part.applied;
  x.state += part.bytes;
  if (x.state.size() >= part.total) {
    x.state_complete = true;
    x.state_applied = part.applied;
  }
  continue_copy();
}

void replica_state::install() {
  auto& x = *copy_;
  auto rows = storage::rows_of_state(shard_, x.state);
  if (!rows) {
    x.forget_state();
    return retry_copy();
  }
  storage::raft_driver::jobs jobs;
  auto wanted = driver_->install(x.offer, now_ms(), jobs);
  if (!wanted)
    return fail(wanted.error());
  if (!*wanted) {
    // A write is on its way, or another leader has something else to offer.
    if (driver_->last() >= x.offer.index)
      copy_.reset();
    else
      retry_copy();
    return write(std::move(jobs));
  }
  note_copy("takes the snapshot at entry " + std::to_string(x.offer.index.value)
            + ", with the state at entry "
            + std::to_string(x.state_applied.value));
  auto end = x.offer.index;
  auto& job = jobs.back();
  std::move(rows->begin(), rows->end(), std::back_inserter(job.rows));
  std::move(x.held.begin(), x.held.end(), std::back_inserter(job.rows));
  // What was copied beyond the snapshot stays, and is applied already.
  copied_to_ = x.next;
  job.rows.push_back(storage::copied_row(shard_, copied_to_));
  x.installing = true;
  loading_ = true;
  drop_from(below_ + 1);
  below_ = end;
  recent_.clear();
  recent_bytes_ = 0;
  auto last_job = std::move(jobs.back());
  jobs.pop_back();
  write(std::move(jobs));
  write_held(); // Of the state that the snapshot's takes the place of.
  self_->request(log_writer_, caf::infinite, atom::write_v, std::move(last_job))
    .then(
      [this](uint64_t epoch) {
        storage::raft_driver::jobs more;
        if (auto done = driver_->written(epoch, now_ms(), more); !done)
          return fail(done.error());
        take(std::move(more));
        load_state();
      },
      [this](const caf::error& why) { fail(from_caf(why)); });
}

/// Where the old state has more than the new one: the entries' places go.
void replica_state::drop_hidden(const storage::shard_state& next) {
  std::vector<storage::row_change> rows;
  auto drop = [&rows](channel_id id, log_offset end, channel_id end_id) {
    rows.push_back({storage::row_change::kind::remove_range,
                    storage::idx_family, storage::idx_key(id, log_offset{0}),
                    storage::idx_key(end_id, end)});
  };
  for (const auto& [id, row] : state_.channels()) {
    tail_->drop(id);
    if (next.channel(id) != nullptr)
      continue;
    drop(id, log_offset{0}, id + 1);
    rules_->close_channel(shard_, id);
  }
  for (const auto& [id, row] : next.channels())
    drop(id, row.start, id);
  if (!rows.empty())
    hold(std::move(rows), below_);
  write_held();
}

void replica_state::load_state() {
  self_->request(reader_, caf::infinite, atom::load_v, shard_)
    .then(
      [this](std::shared_ptr<storage::shard_state>& x) {
        drop_hidden(*x);
        state_ = std::move(*x);
        live_bytes_ = 0;
        for (const auto& [id, row] : state_.channels()) {
          live_bytes_ += row.bytes_end - row.bytes_below;
          rules_->set_channel_start(shard_, id, row.start);
        }
        rules_->set_raft_start(shard_, driver_->start().index);
        marks_.clear();
        start_bytes_ = log_bytes_;
        loading_ = false;
        copy_.reset();
        if (shard_ == shard_id{0})
          tell_all_resources();
        advance();
      },
      [this](const caf::error& why) { fail(from_caf(why)); });
}

} // namespace eventd::actors
