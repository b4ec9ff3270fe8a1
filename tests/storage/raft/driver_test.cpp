// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/raft/driver.hpp"

#include <catch2/catch_test_macros.hpp>

#include "storage/log/channel_reader.hpp"
#include "storage/raft/shim.h"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using namespace eventd::storage;

namespace {

constexpr shard_id shard{0};

log_record record(std::string payload) {
  return {entry_type::command,
          {},
          std::make_shared<const std::string>(std::move(payload))};
}

/// One group on a real database; jobs wait in `waiting` until written.
struct driver_fixture {
  tests::temp_dir dir;
  std::unique_ptr<database> db
    = std::move(database::open({dir / "data", 1, false, {}}).value());
  std::optional<raft_driver> driver;
  raft_driver::jobs waiting;
  int64_t now = 1'000;

  driver_fixture() {
    put(bootstrap_job(shard, {{1, "1"}}).value());
    restart();
  }

  void put(const write_job& job) {
    write_batch batch{*db};
    stage(job, batch);
    REQUIRE(db->write(batch, false));
  }

  /// A new process: what was not written is gone.
  void restart() {
    driver.reset();
    waiting.clear();
    auto raft = load_raft(*db, shard);
    REQUIRE(raft);
    REQUIRE(*raft);
    auto started = raft_driver::start({}, **raft, now, waiting);
    REQUIRE(started);
    driver.emplace(std::move(*started));
  }

  /// Makes the oldest waiting job durable and says so.
  void write_one() {
    REQUIRE_FALSE(waiting.empty());
    auto job = std::move(waiting.front());
    waiting.erase(waiting.begin());
    put(job);
    REQUIRE(driver->written(job.epoch, now, waiting));
  }

  void write_all() {
    while (!waiting.empty())
      write_one();
  }

  void submit(std::string payload, entry_type type = entry_type::command) {
    auto x = record(std::move(payload));
    x.type = type;
    REQUIRE(driver->submit({x}, ++now, waiting));
  }

  /// Leads, with its own barrier committed.
  void lead() {
    write_all();
    for (int i = 0; i < 10 && driver->role() != raft_role::leader; ++i) {
      now = std::max(now + 1, driver->deadline_ms());
      REQUIRE(driver->tick(now, waiting));
      write_all();
    }
    REQUIRE(driver->role() == raft_role::leader);
    submit("", entry_type::barrier);
    write_all();
    REQUIRE(driver->visible() == driver->last());
  }

  /// A restart that finds a term later than the log's, as an election leaves.
  void next_term() {
    write_job job;
    job.rows.push_back(hard_state_row(shard, driver->term() + 1, 1));
    put(job);
    restart();
  }

  void restart_and_lead() {
    restart();
    lead();
  }
};

} // namespace

TEST_CASE("the library is the version that memory ownership is pinned to",
          "[storage][driver]") {
  CHECK(std::string_view{shim_version()} == "0.22.1");
}

// libraft lets the only voter lead in the term it finds, without a new one.
TEST_CASE_METHOD(driver_fixture,
                 "the only voter leads at once, in the term that is stored",
                 "[storage][driver]") {
  CHECK(driver->role() == raft_role::leader);
  CHECK(driver->term() == raft_term{1});
  next_term();
  CHECK(driver->role() == raft_role::leader);
  CHECK(driver->term() == raft_term{2});
  lead();
  CHECK(driver->deadline_ms() > now);
}

TEST_CASE_METHOD(driver_fixture,
                 "an entry is visible when it is written, not when submitted",
                 "[storage][driver]") {
  lead();
  auto before = driver->visible();
  submit("one");
  submit("two");
  CHECK(driver->last() == before + 2);
  CHECK(driver->visible() == before);
  REQUIRE(waiting.size() == 2);
  write_one();
  CHECK(driver->visible() == before + 1);
  write_one();
  CHECK(driver->visible() == before + 2);
}

TEST_CASE_METHOD(driver_fixture, "one report covers all jobs written before it",
                 "[storage][driver]") {
  lead();
  for (int i = 0; i < 5; ++i)
    submit("x");
  auto jobs = std::exchange(waiting, {});
  for (const auto& job : jobs)
    put(job);
  REQUIRE(driver->written(jobs[2].epoch, now, waiting));
  CHECK(driver->last() - driver->visible() == 2);
  REQUIRE(driver->written(jobs[4].epoch, now, waiting));
  CHECK(driver->last() == driver->visible());
  // Said twice, it is no news and no harm.
  REQUIRE(driver->written(jobs[4].epoch, now, waiting));
  CHECK(driver->last() == driver->visible());
}

TEST_CASE_METHOD(driver_fixture,
                 "many entries of one submission get indexes in their order",
                 "[storage][driver]") {
  lead();
  auto first = driver->last() + 1;
  std::vector<log_record> records;
  for (int i = 0; i < 100; ++i)
    records.push_back(record(std::to_string(i)));
  REQUIRE(driver->submit(std::move(records), ++now, waiting));
  write_all();
  auto stored = read_records(*db, shard, first, driver->last());
  REQUIRE(stored);
  REQUIRE(stored->size() == 100);
  for (int i = 0; i < 100; ++i)
    CHECK(*(*stored)[static_cast<size_t>(i)].payload == std::to_string(i));
}

TEST_CASE_METHOD(driver_fixture, "a driver that does not lead takes nothing",
                 "[storage][driver]") {
  raft_driver::options stranger;
  stranger.id = 2;
  auto raft = load_raft(*db, shard);
  auto other = raft_driver::start(stranger, **raft, now, waiting);
  REQUIRE(other);
  CHECK(other->role() == raft_role::follower);
  auto last = other->last();
  auto done = other->submit({record("x")}, ++now, waiting);
  REQUIRE_FALSE(done);
  CHECK(done.error() == ec::not_leader);
  CHECK(other->last() == last);
  CHECK(waiting.empty());
}

TEST_CASE_METHOD(
  driver_fixture,
  "a restart commits the tail that was written, and forgets the rest",
  "[storage][driver]") {
  lead();
  submit("written");
  auto tail = driver->last();
  submit("lost");
  write_one();
  next_term();
  CHECK(driver->last() >= tail);
  lead();
  CHECK(driver->visible() > tail);
  auto stored = read_records(*db, shard, tail, tail);
  REQUIRE(stored);
  CHECK(*(*stored)[0].payload == "written");
}

TEST_CASE_METHOD(driver_fixture,
                 "a tail that was written and never committed is there again",
                 "[storage][driver]") {
  lead();
  submit("unreported");
  auto index = driver->last();
  put(waiting.front());
  CHECK(driver->visible() < index);
  restart_and_lead();
  CHECK(driver->visible() >= index);
  CHECK(*read_records(*db, shard, index, index)->front().payload
        == "unreported");
}

TEST_CASE_METHOD(driver_fixture, "terms are known of the log, and not below it",
                 "[storage][driver]") {
  lead();
  for (int i = 0; i < 4; ++i)
    submit("x");
  write_all();
  auto to = driver->visible();
  CHECK(driver->known_term(to) == driver->term());
  CHECK_FALSE(driver->known_term(to + 1));
  CHECK_FALSE(driver->known_term(raft_index{0}));
  REQUIRE(driver->move_start(to, ++now, waiting));
  CHECK_FALSE(driver->known_term(to));
}

TEST_CASE_METHOD(driver_fixture, "a driver starts from a start that was moved",
                 "[storage][driver]") {
  lead();
  for (int i = 0; i < 10; ++i)
    submit("x");
  write_all();
  auto to = driver->visible();
  REQUIRE(driver->move_start(to, ++now, waiting));
  write_all();
  CHECK(driver->start().index == to);
  CHECK(driver->last() == to);
  restart();
  CHECK(driver->start().index == to);
  CHECK(driver->visible() == to);
  lead();
  submit("after");
  write_all();
  CHECK(driver->visible() == driver->last());
}

TEST_CASE_METHOD(driver_fixture,
                 "a start moved below entries in flight loses none of them",
                 "[storage][driver]") {
  lead();
  submit("a");
  submit("b");
  write_all();
  auto to = driver->visible();
  submit("c");
  submit("d");
  REQUIRE(driver->move_start(to, ++now, waiting));
  submit("e");
  auto last = driver->last();
  write_all();
  CHECK(driver->visible() == last);
  restart_and_lead();
  CHECK(driver->start().index == to);
  CHECK(*read_records(*db, shard, last, last)->front().payload == "e");
}

TEST_CASE_METHOD(driver_fixture,
                 "a start that was moved and not written is where it was",
                 "[storage][driver]") {
  lead();
  submit("a");
  write_all();
  auto before = driver->start().index;
  REQUIRE(driver->move_start(driver->visible(), ++now, waiting));
  restart_and_lead();
  CHECK(driver->start().index == before);
}

TEST_CASE_METHOD(
  driver_fixture,
  "many restarts with moved starts and new terms keep log and voter",
  "[storage][driver]") {
  lead();
  auto term = driver->term();
  auto configuration = driver->configuration();
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < round % 4; ++i)
      submit("round " + std::to_string(round));
    write_all();
    if (round % 3 == 0)
      REQUIRE(driver->move_start(driver->visible(), ++now, waiting));
    else if (round % 3 == 1 && driver->visible() > driver->start().index + 1)
      REQUIRE(driver->move_start(driver->start().index + 1, ++now, waiting));
    write_all();
    auto last = driver->last();
    if (round % 2 == 0)
      next_term();
    else
      restart();
    REQUIRE(driver->last() >= last);
    lead();
    REQUIRE(driver->term() == term + (round % 2 == 0 ? 1 : 0));
    term = driver->term();
    REQUIRE(driver->configuration() == configuration);
  }
  auto all = read_records(*db, shard, raft_index{1}, driver->last());
  REQUIRE(all);
  for (size_t i = 1; i < all->size(); ++i)
    REQUIRE((*all)[i - 1].term <= (*all)[i].term);
}
