// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/replica/replica.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "storage/codec/entry.hpp"
#include "storage/model/assert.hpp"
#include "storage/model/limits.hpp"

namespace eventd::actors {

namespace {

/// Hidden bytes that make a reclaim worth its rewriting: this many, and this
/// share of what can still be read, so that rewriting stays a small multiple
/// of what is freed.
constexpr uint64_t reclaim_bytes_min = uint64_t{16} << 20;
constexpr uint64_t reclaim_live_divisor = 4;

/// The Raft start moves in steps of this share of its distance, so that its
/// synced row is not written for every entry.
constexpr uint64_t start_step_divisor = 8;

/// Bytes between two marks that find the index at a distance in bytes.
constexpr uint64_t mark_bytes = uint64_t{8} << 20;

/// How long rows of applied entries wait for a synced write of this replica.
constexpr int64_t row_wait_ms = 10;

} // namespace

// -- applying
// ------------------------------------------------------------------

void replica_state::advance() {
  if (failed_ || loading_)
    return;
  std::vector<storage::row_change> rows;
  while (below_ < driver_->visible()) {
    EVENTD_ASSERT(!entries_.empty());
    auto x = std::move(entries_.front());
    entries_.pop_front();
    below_ = below_ + 1;
    keep_recent(x.record);
    if (state_.applied() < below_)
      apply(below_, std::move(x), rows);
    if (failed_)
      return;
  }
  if (rows.empty())
    return;
  if (tell_applied_)
    tell_applied_(state_.applied());
  rows.push_back(state_.applied_row());
  hold(std::move(rows), state_.applied());
  if (!ready_ && barrier_.value != 0 && state_.applied() >= barrier_) {
    ready_ = true;
    renew_lease();
    publish();
  }
  answer_places();
  answer_indexes();
  pump();
  move_start_if_far();
}

void replica_state::apply(raft_index index, entry x,
                          std::vector<storage::row_change>& rows) {
  const auto& payload = *x.record.payload;
  note_garbage(payload);
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
      note_events(index, x.record, x.promise.has_value());
    else
      note_command(index, payload);
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

/// What this replica proposed was looked at when it came.
void replica_state::note_events(raft_index index,
                                const storage::log_record& record,
                                bool is_own) {
  auto batch = is_own ? storage::reopen_events(record.payload, 0)
                      : storage::open_events(record.payload, 0);
  if (!batch)
    return fail(batch.error());
  auto header = storage::decode_events_header(*record.payload);
  stats_->events_committed.fetch_add(batch->size(), std::memory_order_relaxed);
  live_bytes_ += record.payload->size();
  if (state_.channel(header->channel) != nullptr)
    tail_->add(header->channel, shard_, index, std::move(*batch));
}

/// Before a trim or an end of a channel is applied: how many bytes it hides.
void replica_state::note_garbage(std::string_view payload) {
  if (payload.empty() || is_events(payload))
    return;
  auto command = storage::decode_command(payload);
  if (!command)
    return;
  uint64_t hidden = 0;
  if (auto* trim = std::get_if<storage::trim_channel>(&*command)) {
    auto* row = state_.channel(trim->id);
    if (row != nullptr && trim->bytes_below > row->bytes_below)
      hidden = trim->bytes_below - row->bytes_below;
  } else if (auto* close = std::get_if<storage::close_channel>(&*command)) {
    if (auto* row = state_.channel(close->id))
      hidden = row->bytes_end - row->bytes_below;
  }
  garbage_bytes_ += hidden;
  live_bytes_ -= std::min(live_bytes_, hidden);
}

void replica_state::note_command(raft_index index, std::string_view payload) {
  auto command = storage::decode_command(payload);
  if (!command)
    return fail(command.error());
  if (shard_ == shard_id{0})
    tell_resource(*command, index);
  if (auto* trim = std::get_if<storage::trim_channel>(&*command)) {
    if (auto* row = state_.channel(trim->id))
      held_.rule_changes.push_back(
        [rules = rules_, shard = shard_, id = row->id, start = row->start] {
          rules->set_channel_start(shard, id, start);
        });
  } else if (auto* open = std::get_if<storage::open_channel>(&*command)) {
    if (auto* row = state_.channel(open->id))
      rules_->set_channel_start(shard_, open->id, row->start);
  } else if (auto* close = std::get_if<storage::close_channel>(&*command)) {
    held_.rule_changes.push_back(
      [rules = rules_, shard = shard_, id = close->id] {
        rules->close_channel(shard, id);
      });
    tail_->drop(close->id);
    expected_.erase(close->id);
  }
}

/// Each write wakes the LOG WRITER, and most rows are soon followed by one that
/// it makes anyway.
void replica_state::hold(std::vector<storage::row_change> rows,
                         raft_index upto) {
  std::move(rows.begin(), rows.end(), std::back_inserter(held_.rows));
  held_.upto = upto;
  if (held_.rows.size() >= limits::replica_held_rows_max)
    return write_held();
  if (row_wait_)
    return;
  row_wait_ = true;
  self_->delayed_send(self_, std::chrono::milliseconds(row_wait_ms),
                      atom::write_v);
}

void replica_state::end_row_wait() {
  row_wait_ = false;
  write_held();
}

/// Puts what waits into a job of this replica; in it, it goes before what the
/// job says of the same rows.
/// @returns what to do when the job is written; empty: nothing
std::function<void()> replica_state::take_held(storage::write_job& job) {
  if (held_.rows.empty())
    return {};
  auto held = std::exchange(held_, {});
  std::move(job.rows.begin(), job.rows.end(), std::back_inserter(held.rows));
  job.rows = std::move(held.rows);
  return [this, upto = held.upto, changes = std::move(held.rule_changes)] {
    tail_->settle(shard_, upto);
    // Only now no idx row leads to what these let go.
    for (const auto& change : changes)
      change();
  };
}

void replica_state::write_held() {
  storage::write_job job;
  job.shard = shard_;
  job.sync = false;
  job.log_end = driver_->last();
  auto settle = take_held(job);
  if (!settle)
    return;
  self_->request(log_writer_, caf::infinite, atom::write_v, std::move(job))
    .then([settle = std::move(settle)](uint64_t) { settle(); },
          [this](const caf::error& why) { fail(from_caf(why)); });
}

// -- the Raft start
// ------------------------------------------------------------

void replica_state::move_start_if_far() {
  auto start = driver_->start().index;
  auto applied = std::min(state_.applied(), driver_->visible());
  if (garbage_bytes_
      >= std::max(reclaim_bytes_min, live_bytes_ / reclaim_live_divisor)) {
    garbage_bytes_ = 0;
    if (auto to = held_back(applied); to > start)
      move_start(to, true);
    return;
  }
  auto distance = start_distance_;
  if (applied - start > distance + distance / start_step_divisor) {
    if (auto to = held_back(raft_index{applied.value - distance}); to > start)
      move_start(to, false);
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
  if (auto to = held_back(target); to > start)
    move_start(to, false);
}

void replica_state::move_start(raft_index to, bool reclaim) {
  // The start must not pass what is applied on the disk.
  write_held();
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
        [this, to, reclaim](uint64_t epoch) {
          storage::raft_driver::jobs more;
          if (auto done = driver_->written(epoch, now_ms(), more); !done)
            return fail(done.error());
          rules_->set_raft_start(shard_, to);
          if (reclaim)
            self_->send(reclaimer_, atom::reclaim_v, shard_, to);
        },
        [this](const caf::error& why) { fail(from_caf(why)); });
}

} // namespace eventd::actors
