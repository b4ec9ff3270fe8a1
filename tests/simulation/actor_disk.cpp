// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/actor_disk.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "storage/codec/bytes.hpp"
#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "storage/model/assert.hpp"
#include "storage/raft/rows.hpp"

namespace eventd::tests {

using namespace actors;

namespace {

constexpr shard_id shard{0};

std::string applied_key() {
  return storage::state_key(storage::state_row::applied, shard);
}

raft_index applied_of(std::string_view row) {
  auto body = storage::open_row(row);
  EVENTD_ASSERT(body.has_value());
  return raft_index{storage::byte_reader{*body}.fixed<uint64_t>()};
}

} // namespace

actor_disk::actor_disk(const std::vector<storage::raft_server>& servers) {
  content_.write(storage::bootstrap_job(shard, servers).value());
  durable_ = content_;
}

// -- writing
// -------------------------------------------------------------------

caf::result<uint64_t>
actor_disk::take(storage::write_job job,
                 caf::typed_response_promise<uint64_t> promise) {
  if (seen)
    seen(job);
  staged_.push_back({std::move(job), promise});
  return promise;
}

bool actor_disk::begin_write() {
  if (staged_.empty() || !writing_.empty())
    return false;
  writing_.swap(staged_);
  return true;
}

void actor_disk::end_write() {
  auto sync = false;
  batch written;
  for (auto& x : writing_) {
    content_.write(x.job);
    sync = sync || x.job.sync;
    written.push_back(std::move(x.job));
  }
  auto done = std::exchange(writing_, {});
  unsynced_.push_back(std::move(written));
  if (sync && !lies) {
    // Job by job: a copy of all would cost most of the time there is.
    for (const auto& part : unsynced_)
      for (const auto& job : part)
        durable_.write(job);
    unsynced_.clear();
  }
  for (size_t i = 0; i < done.size(); ++i)
    done[i].promise.deliver(done[i].job.epoch);
}

void actor_disk::crash(std::mt19937_64& dice) {
  if (!writing_.empty()) {
    batch last;
    for (auto& x : writing_)
      last.push_back(std::move(x.job));
    unsynced_.push_back(std::move(last));
  }
  auto kept = dice() % (unsynced_.size() + 1);
  for (size_t i = 0; i < kept; ++i)
    for (const auto& job : unsynced_[i])
      durable_.write(job);
  content_ = durable_;
  unsynced_.clear();
  writing_.clear();
  staged_.clear();
}

// -- reading
// -------------------------------------------------------------------

raft_index actor_disk::applied() const {
  auto row = content_.get(applied_key());
  EVENTD_ASSERT(row.has_value());
  return *row ? applied_of(**row) : raft_index{};
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
  auto upto = applied();
  if (upto > (*raft)->last || upto < (*raft)->start.index)
    return failure{ec::corrupt_store, "applied index lies outside the log"};
  storage::shard_state state;
  std::vector<storage::log_record> unapplied;
  for (raft_index i{1}; i <= (*raft)->last; ++i) {
    auto* record = content_.find(i);
    if (record == nullptr)
      return failure{ec::corrupt_store, "a hole in the log", i.value};
    if (i > upto) {
      unapplied.push_back(*record);
      continue;
    }
    std::vector<storage::row_change> rows;
    if (auto done = state.apply(i, record->type, *record->payload, rows); !done)
      return done.error();
  }
  storage::raft_driver::jobs jobs;
  auto driver = storage::raft_driver::start(options, **raft, now_ms, jobs);
  if (!driver)
    return driver.error();
  return storage::recovered_shard{std::move(*driver),
                                  std::move(state),
                                  std::move(unapplied),
                                  std::move(jobs),
                                  {}};
}

// -- the actors
// ----------------------------------------------------------------

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

reader_actor::behavior_type run_disk_reader(reader_actor::pointer,
                                            actor_disk_ptr disk) {
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
    [](atom::fetch, shard_id, raft_index, raft_index, uint64_t)
      -> caf::result<log_chunk> { return caf::make_error(ec::internal); },
    [](atom::fetch, shard_id, uint64_t, uint64_t) -> caf::result<state_chunk> {
      return caf::make_error(ec::internal);
    },
    [](atom::mend, const damaged_place&) -> caf::result<log_chunk> {
      return caf::make_error(ec::internal);
    },
    [](atom::load,
       shard_id) -> caf::result<std::shared_ptr<storage::shard_state>> {
      return caf::make_error(ec::internal);
    },
  };
}

} // namespace eventd::tests
