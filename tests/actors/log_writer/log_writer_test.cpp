// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/log_writer/log_writer.hpp"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "storage/codec/key.hpp"
#include "tests/fixtures/crash_file_system.hpp"
#include "tests/fixtures/node_fixture.hpp"
#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

/// A LOG WRITER alone; jobs write one row each.
struct writer_world : actor_fixture {
  writer_world() {
    storage::database::options options;
    options.path = dir / "data";
    options.shards = 1;
    options.file_system = disk;
    auto opened = storage::database::open(options);
    REQUIRE(opened);
    database = std::move(*opened);
    writer = system.spawn(
      log_writer,
      log_writer_wiring{database.get(), stats, [this] { return now_ms(); },
                        [this](const failure& why) { told = why.code; }});
  }

  ~writer_world() {
    caf::anon_send_exit(writer, caf::exit_reason::kill);
    run();
  }

  inquiry<uint64_t> write(const std::string& key, uint64_t epoch,
                          bool sync = true) {
    storage::write_job job;
    job.epoch = epoch;
    job.sync = sync;
    job.rows.push_back(
      {storage::row_change::kind::put, storage::state_family, key, "value"});
    return inquire<uint64_t>(system, writer, atom::write_v, job);
  }
  bool has(const std::string& key) {
    auto found = database->get(storage::state_family, key);
    REQUIRE(found);
    return found->has_value();
  }
  uint64_t syncs() const { return stats->fsyncs.load(); }

  temp_dir dir;
  temp_dir attic;
  std::shared_ptr<crash_file_system> disk
    = std::make_shared<crash_file_system>(attic.path());
  std::shared_ptr<node_stats> stats = std::make_shared<node_stats>();
  std::unique_ptr<storage::database> database;
  log_writer_actor writer;
  ec told = ec::none; ///< As fatal.
};

} // namespace

TEST_CASE_METHOD(writer_world, "a log writer writes what waits in one sync",
                 "[actors][log_writer]") {
  std::vector<inquiry<uint64_t>> asked;
  for (uint64_t i = 0; i < 50; ++i)
    asked.push_back(write("key" + std::to_string(i), 1'000 + i));
  run();
  for (uint64_t i = 0; i < 50; ++i) {
    REQUIRE(asked[i].code() == ec::none);
    CHECK(asked[i].value() == 1'000 + i);
    CHECK(has("key" + std::to_string(i)));
  }
  CHECK(syncs() == 1);
  CHECK(stats->log_bytes.load() > 0);
  // What comes later is a write of its own.
  auto next = write("next", 7);
  run();
  CHECK(next.code() == ec::none);
  CHECK(syncs() == 2);
}

TEST_CASE_METHOD(writer_world,
                 "jobs that need no sync wait 10 ms, or ride on one that does",
                 "[actors][log_writer]") {
  auto alone = write("alone", 1, false);
  run();
  advance(unsynced_linger_ms - 1);
  CHECK_FALSE(alone.answered());
  CHECK_FALSE(has("alone"));
  advance(1);
  CHECK(alone.code() == ec::none);
  CHECK(has("alone"));
  CHECK(syncs() == 0);

  auto rider = write("rider", 2, false);
  run();
  CHECK_FALSE(rider.answered());
  auto synced = write("synced", 3);
  run();
  CHECK(rider.code() == ec::none);
  CHECK(synced.code() == ec::none);
  CHECK(syncs() == 1);
  // The old timer does not make a later one wait longer than it must.
  auto later = write("later", 4, false);
  advance(unsynced_linger_ms);
  CHECK(later.code() == ec::none);
  advance(5 * unsynced_linger_ms);
  auto last = write("last", 5, false);
  run();
  CHECK_FALSE(last.answered());
  advance(unsynced_linger_ms);
  CHECK(last.code() == ec::none);
}

TEST_CASE_METHOD(writer_world, "a log writer whose write fails ends",
                 "[actors][log_writer]") {
  auto before = write("before", 1);
  run();
  CHECK(before.code() == ec::none);
  CHECK(told == ec::none);
  disk->fail_syncs(crash_file_system::for_good);
  auto failed = write("failed", 2);
  run();
  CHECK(failed.code() != ec::none);
  CHECK(told == ec::io_error);
  // Even a disk that came back gets nothing more: what it has is unknown.
  disk->fail_syncs(0);
  auto after = write("after", 3);
  run();
  CHECK(after.code() == ec::actor_died);
}

TEST_CASE_METHOD(node_fixture,
                 "a failed write or sync stops the node and acknowledges "
                 "nothing",
                 "[actors][log_writer][supervisor]") {
  auto disk = std::make_shared<crash_file_system>(attic.path());
  file_system = disk;
  start();
  auto orders = open("orders");
  publish(orders, {"a"});
  auto expected = ec::io_error;
  SECTION("a sync") {
    disk->fail_syncs(crash_file_system::for_good);
  }
  SECTION("a full disk") {
    disk->fill_disk(true);
    expected = ec::no_space;
  }
  auto b = append(orders, {"b"});
  CHECK(b.code() != ec::none);
  REQUIRE_FALSE(fatal.empty());
  CHECK(fatal[0].first == "the log writer");
  CHECK(fatal[0].second == expected);
  advance(10'000);
  CHECK(b.code() != ec::none);
}
