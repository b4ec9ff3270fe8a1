// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/actor_disk.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "storage/codec/bytes.hpp"
#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "storage/model/assert.hpp"
#include "storage/raft/rows.hpp"
#include "tests/simulation/disk_state.hpp"

namespace eventd::tests {

using namespace actors;

namespace {

constexpr shard_id shard{0};

const std::string& applied_key() {
  static const auto key
    = storage::state_key(storage::state_row::applied, shard);
  return key;
}

raft_index applied_of(std::string_view row) {
  auto body = storage::open_row(row);
  EVENTD_ASSERT(body.has_value());
  return raft_index{storage::byte_reader{*body}.fixed<uint64_t>()};
}

} // namespace

actor_disk::actor_disk(const std::vector<storage::raft_server>& servers) {
  content_.write(servers.empty()
                   ? storage::empty_shard_job(shard)
                   : storage::bootstrap_job(shard, servers).value());
  durable_ = content_;
}

// -- writing ------------------------------------------------------------------

caf::result<uint64_t>
actor_disk::take(storage::write_job job,
                 caf::typed_response_promise<uint64_t> promise) {
  if (seen)
    seen(job);
  staged_.push_back({std::move(job), promise});
  return promise;
}

bool actor_disk::begin_write() {
  if (staged_.empty() || !writing_.empty() || failed_)
    return false;
  writing_.swap(staged_);
  return true;
}

void actor_disk::end_write() {
  if (failed_)
    return;
  if (std::exchange(fails_next, false)) {
    failed_ = true;
    for (auto& x : writing_)
      x.promise.deliver(
        to_caf(failure{ec::io_error, "the disk of the simulation failed"}));
    return;
  }
  auto sync = false;
  batch jobs;
  for (auto& x : writing_) {
    content_.write(x.job);
    if (written)
      written(x.job);
    sync = sync || x.job.sync;
    jobs.push_back(std::move(x.job));
  }
  auto done = std::exchange(writing_, {});
  std::vector<uint64_t> epochs;
  for (const auto& job : jobs)
    epochs.push_back(job.epoch);
  unsynced_.push_back(std::move(jobs));
  if (sync && !lies) {
    for (auto& part : unsynced_) {
      if (synced)
        std::for_each(part.begin(), part.end(), synced);
      synced_.push_back(std::move(part));
    }
    unsynced_.clear();
  }
  for (size_t i = 0; i < done.size(); ++i)
    done[i].promise.deliver(epochs[i]);
}

void actor_disk::crash(std::mt19937_64& dice) {
  if (!writing_.empty()) {
    batch last;
    for (auto& x : writing_)
      last.push_back(std::move(x.job));
    unsynced_.push_back(std::move(last));
  }
  auto kept = dice() % (unsynced_.size() + 1);
  for (size_t i = 0; i < kept; ++i) {
    if (synced)
      std::for_each(unsynced_[i].begin(), unsynced_[i].end(), synced);
    synced_.push_back(std::move(unsynced_[i]));
  }
  for (const auto& part : synced_)
    for (const auto& job : part)
      durable_.write(job);
  content_ = durable_;
  synced_.clear();
  unsynced_.clear();
  writing_.clear();
  staged_.clear();
  failed_ = fails_next = false;
}

// -- reading ------------------------------------------------------------------

raft_index actor_disk::applied() const {
  return applied_on(content_);
}

std::optional<raft_index>
actor_disk::applied_by(const storage::write_job& job) {
  std::optional<raft_index> last; // A job may say it twice: the last counts.
  for (const auto& row : job.rows)
    if (row.key == applied_key() && row.what == storage::row_change::kind::put)
      last = applied_of(row.value);
  return last;
}

result<storage::recovered_shard>
actor_disk::recover(const storage::raft_driver::options& options,
                    int64_t now_ms) const {
  auto raft = storage::load_raft(content_, shard);
  if (!raft)
    return raft.error();
  EVENTD_ASSERT(raft->has_value());
  auto state = build_state(content_);
  if (!state)
    return state.error();
  auto copied = copied_on(content_);
  if (state->applied() > std::max((*raft)->last, copied)
      || state->applied() < (*raft)->start.index)
    return failure{ec::corrupt_store, "applied index lies outside the log"};
  std::vector<storage::log_record> unapplied;
  for (auto i = state->applied() + 1; i <= (*raft)->last; ++i) {
    auto* record = content_.find(i);
    if (record == nullptr)
      return failure{ec::corrupt_store, "a hole in the log", i.value};
    unapplied.push_back(*record);
  }
  storage::raft_driver::jobs jobs;
  auto driver = storage::raft_driver::start(options, **raft, now_ms, jobs);
  if (!driver)
    return driver.error();
  return storage::recovered_shard{std::move(*driver), std::move(*state),
                                  std::move(unapplied), std::move(jobs),
                                  copied};
}

// -- the actors ---------------------------------------------------------------

log_writer_actor::behavior_type run_disk_writer(log_writer_actor::pointer self,
                                                actor_disk_ptr disk) {
  return {
    [self, disk](atom::write, storage::write_job& job) {
      if (disk->automatic)
        self->send(self, atom::tick_v);
      return disk->take(std::move(job),
                        self->make_response_promise<uint64_t>());
    },
    // A write ends.
    [disk](atom::flush) { disk->end_write(); },
    // One that begins and ends at once, behind all that is in the mailbox.
    [disk](atom::tick) {
      if (!disk->holds && disk->begin_write())
        disk->end_write();
    },
  };
}

namespace {

/// States that other nodes fetch piece by piece, by token.
struct state_copies {
  struct one {
    raft_index applied;
    std::string bytes;
  };
  uint64_t next = 1;
  std::map<uint64_t, one> made;

  caf::result<state_chunk> part(const actor_disk& disk, uint64_t token,
                                uint64_t offset) {
    if (token == 0) {
      token = next++;
      made[token] = {disk.applied(), read_state_rows(disk.content())};
    }
    auto found = made.find(token);
    if (found == made.end())
      return to_caf(failure{ec::not_found, "this copy is given up"});
    const auto& x = found->second;
    if (offset > x.bytes.size())
      return to_caf(failure{ec::offset_out_of_range, "beyond the state"});
    state_chunk part{token, x.applied, x.bytes.size(),
                     x.bytes.substr(offset, disk.chunk_bytes)};
    if (disk.giving)
      disk.giving(part);
    return part;
  }
};

} // namespace

reader_actor::behavior_type run_disk_reader(reader_actor::pointer,
                                            actor_disk_ptr disk) {
  auto copies = std::make_shared<state_copies>();
  return {
    [](atom::read, const stored_read_request&) -> caf::result<read_result> {
      return caf::make_error(ec::internal);
    },
    [](atom::locate, const channel_info&, log_time, log_offset)
      -> caf::result<log_offset> { return caf::make_error(ec::internal); },
    [](atom::retain, const channel_info&, const channel_settings&, log_time)
      -> caf::result<trim_plan> { return caf::make_error(ec::internal); },
    [disk](atom::records, shard_id, raft_index first,
           raft_index last) -> caf::result<std::vector<storage::log_record>> {
      ++disk->reads;
      std::vector<storage::log_record> found;
      for (auto i = first; i <= last; ++i) {
        auto* record = disk->content().find(i);
        if (record == nullptr)
          return to_caf(failure{ec::corrupt_record, "no entry", i.value});
        found.push_back(*record);
      }
      return found;
    },
    [disk](atom::fetch, shard_id, raft_index from, raft_index upto,
           uint64_t) -> caf::result<log_chunk> {
      if (disk->applied() < upto)
        return to_caf(failure{ec::conflict, "it is not applied here"});
      return read_chunk(disk->content(), from, upto, disk->chunk_entries);
    },
    [disk, copies](atom::fetch, shard_id, uint64_t token, uint64_t offset) {
      return copies->part(*disk, token, offset);
    },
    [](atom::mend, const damaged_place&) -> caf::result<log_chunk> {
      return caf::make_error(ec::internal);
    },
    [disk](atom::load,
           shard_id) -> caf::result<std::shared_ptr<storage::shard_state>> {
      auto state = build_state(disk->content());
      if (!state)
        return to_caf(state.error());
      return std::make_shared<storage::shard_state>(std::move(*state));
    },
  };
}

} // namespace eventd::tests
