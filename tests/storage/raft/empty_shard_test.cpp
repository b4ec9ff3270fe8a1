// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "storage/raft/server_id.hpp"
#include "tests/storage/raft/server_fixture.hpp"

using namespace eventd;
using namespace eventd::tests;

namespace {

constexpr uint64_t leader = server_id(1, 5);
constexpr uint64_t own = server_id(4, 7);

/// A server that no group knows yet; `leader` speaks to it by hand.
struct empty_fixture {
  model_disk disk;
  std::optional<raft_driver> driver;
  raft_driver::jobs jobs;
  int64_t now = 1'000;

  empty_fixture() {
    disk.write(empty_shard_job(raft_shard));
    restart();
  }

  void restart() {
    driver.reset();
    jobs.clear();
    auto loaded = load_raft(disk, raft_shard);
    REQUIRE(loaded);
    REQUIRE(*loaded);
    raft_driver::options options;
    options.id = own;
    options.address = "127.0.0.4:7001";
    auto started = raft_driver::start(options, **loaded, now, jobs);
    REQUIRE(started);
    driver.emplace(std::move(*started));
    write();
  }

  void write() {
    while (!jobs.empty()) {
      auto job = std::move(jobs.front());
      jobs.erase(jobs.begin());
      disk.write(job);
      REQUIRE(driver->written(job.epoch, now, jobs));
    }
  }

  /// Lets `n` election timeouts pass and answers what it says meanwhile.
  std::vector<raft_message> wait(int n) {
    std::vector<raft_message> said;
    for (int i = 0; i < n; ++i) {
      now = std::max(now + 1, driver->deadline_ms());
      REQUIRE(driver->tick(now, jobs));
      write();
      for (auto& x : driver->take_messages())
        said.push_back(std::move(x));
    }
    return said;
  }

  static log_record change(uint64_t term, raft_server_role role) {
    auto bytes = encode_configuration(
      {{leader, "127.0.0.1:7001"}, {own, "127.0.0.4:7001", role}});
    REQUIRE(bytes);
    return entry(term, *bytes, entry_type::change);
  }

  /// Entries behind `index`, in term 3; what is answered once they are durable.
  raft_message append(uint64_t index, uint64_t index_term,
                      std::vector<log_record> records, uint64_t commit) {
    raft_message x;
    x.peer = leader;
    x.term = raft_term{3};
    x.index = raft_index{index};
    x.index_term = raft_term{index_term};
    x.commit = raft_index{commit};
    x.records = std::move(records);
    x.n_records = static_cast<uint32_t>(x.records.size());
    REQUIRE(driver->receive(std::move(x), ++now, jobs));
    write();
    auto said = driver->take_messages();
    REQUIRE_FALSE(said.empty());
    CHECK(said.back().kind == raft_message_kind::append_answer);
    CHECK(said.back().peer == leader);
    return said.back();
  }

  /// Takes the group's first entry, which does not name it, then the one that
  /// does, and a command.
  void join() {
    auto founder = encode_configuration({{leader, "127.0.0.1:7001"}});
    REQUIRE(founder);
    append(0, 0, {entry(1, *founder, entry_type::change)}, 1);
    append(1, 1, {change(3, raft_server_role::standby)}, 2);
    append(2, 3, {entry(3, "command")}, 3);
  }
};

} // namespace

TEST_CASE_METHOD(empty_fixture,
                 "a server without a group is a follower that knows nobody",
                 "[storage][raft][empty]") {
  CHECK(driver->role() == raft_role::follower);
  CHECK(driver->term() == raft_term{0});
  CHECK(driver->last() == raft_index{0});
  CHECK(driver->visible() == raft_index{0});
  CHECK(driver->leader() == 0);
  CHECK(driver->configuration().empty());
  CHECK(driver->submit({entry(1, "x")}, now, jobs).error() == ec::not_leader);
}

TEST_CASE_METHOD(empty_fixture,
                 "a server without a group never stands for election",
                 "[storage][raft][empty]") {
  for (int i = 0; i < 50; ++i) {
    CHECK(wait(1).empty());
    CHECK(driver->role() == raft_role::follower);
    CHECK(driver->term() == raft_term{0});
    // Else its REPLICA would do nothing but tick.
    CHECK(driver->deadline_ms() > now);
  }
  restart();
  CHECK(wait(5).empty());
}

TEST_CASE_METHOD(empty_fixture,
                 "a server without a group takes log and group from a leader",
                 "[storage][raft][empty]") {
  auto founder = encode_configuration({{leader, "127.0.0.1:7001"}});
  REQUIRE(founder);
  auto answer = append(0, 0, {entry(1, *founder, entry_type::change)}, 1);
  CHECK(answer.rejected == raft_index{0});
  CHECK(answer.index == raft_index{1});
  CHECK(driver->term() == raft_term{3});
  CHECK(driver->leader() == leader);
  CHECK(driver->visible() == raft_index{1});
  CHECK(driver->configuration() == *founder);

  answer = append(1, 1, {change(3, raft_server_role::standby)}, 1);
  CHECK(answer.rejected == raft_index{0});
  CHECK(driver->visible() == raft_index{1});
  answer = append(2, 3, {entry(3, "command")}, 3);
  CHECK(answer.index == raft_index{3});
  CHECK(driver->visible() == raft_index{3});
  CHECK(*disk.at(raft_index{3}).payload == "command");
  auto servers = decode_configuration(driver->configuration());
  REQUIRE(servers);
  REQUIRE(servers->size() == 2);
  CHECK((*servers)[1].id == own);
  CHECK((*servers)[1].role == raft_server_role::standby);
}

TEST_CASE_METHOD(empty_fixture,
                 "a server without a group refuses entries beyond its log",
                 "[storage][raft][empty]") {
  auto answer = append(7, 3, {entry(3, "command")}, 7);
  CHECK(answer.rejected == raft_index{7});
  CHECK(driver->last() == raft_index{0});
  CHECK(disk.last() == raft_index{0});
}

TEST_CASE_METHOD(empty_fixture,
                 "a server that was taken in is still there after a restart",
                 "[storage][raft][empty]") {
  join();
  auto configuration = driver->configuration();
  restart();
  CHECK(driver->role() == raft_role::follower);
  CHECK(driver->term() == raft_term{3});
  CHECK(driver->last() == raft_index{3});
  CHECK(driver->configuration() == configuration);
}

TEST_CASE_METHOD(empty_fixture,
                 "a server stands for election once it is a voter, not before",
                 "[storage][raft][empty]") {
  join();
  CHECK(wait(10).empty());
  CHECK(driver->role() == raft_role::follower);
  CHECK(driver->term() == raft_term{3});

  append(3, 3, {change(3, raft_server_role::voter)}, 4);
  auto said = wait(2);
  REQUIRE_FALSE(said.empty());
  CHECK(said[0].kind == raft_message_kind::vote);
  CHECK(said[0].peer == leader);
  CHECK(driver->role() == raft_role::candidate);
}
