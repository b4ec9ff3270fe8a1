// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "storage/raft/driver.hpp"
#include "storage/raft/message.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/simulation/model_disk.hpp"

namespace eventd::tests {

using namespace eventd::storage;

inline constexpr shard_id raft_shard{0};

inline log_record entry(uint64_t term, std::string payload,
                        entry_type type = entry_type::command) {
  return {type, raft_term{term},
          std::make_shared<const std::string>(std::move(payload))};
}

/// Server 1 of three, spoken to by hand; writes are durable when `write` says.
struct server_fixture {
  const std::vector<raft_server> all{{1, "1"}, {2, "2"}, {3, "3"}};
  model_disk disk;
  std::optional<raft_driver> driver;
  raft_driver::jobs jobs;
  int64_t now = 1'000;

  server_fixture() {
    disk.write(bootstrap_job(raft_shard, all).value());
    restart();
  }

  void restart() {
    driver.reset();
    jobs.clear();
    auto loaded = load_raft(disk, raft_shard);
    REQUIRE(loaded);
    raft_driver::options options;
    auto started = raft_driver::start(options, **loaded, now, jobs);
    REQUIRE(started);
    driver.emplace(std::move(*started));
  }

  void write() {
    while (!jobs.empty()) {
      auto job = std::move(jobs.front());
      jobs.erase(jobs.begin());
      disk.write(job);
      REQUIRE(driver->written(job.epoch, now, jobs));
    }
  }

  void receive(raft_message x) {
    x.n_records = static_cast<uint32_t>(x.records.size());
    REQUIRE(driver->receive(std::move(x), ++now, jobs));
  }

  /// An append of server 2, which leads.
  raft_message append(uint64_t term, uint64_t prev, uint64_t prev_term,
                      std::vector<log_record> records, uint64_t commit = 0) {
    raft_message x;
    x.peer = 2;
    x.term = raft_term{term};
    x.index = raft_index{prev};
    x.index_term = raft_term{prev_term};
    x.commit = raft_index{commit};
    x.records = std::move(records);
    return x;
  }

  std::vector<raft_message> sent(raft_message_kind kind) {
    std::vector<raft_message> out;
    for (auto& x : driver->take_messages())
      if (x.kind == kind)
        out.push_back(std::move(x));
    return out;
  }

  /// Stands for election and gets the vote of server 3.
  void lead() {
    for (int i = 0; i < 2; ++i) { // First the pre-vote, then the vote.
      now = std::max(now + 1, driver->deadline_ms());
      if (i == 0)
        REQUIRE(driver->tick(now, jobs));
      write();
      auto asked = sent(raft_message_kind::vote);
      REQUIRE_FALSE(asked.empty());
      raft_message vote;
      vote.kind = raft_message_kind::vote_answer;
      vote.version = 2;
      vote.peer = 3;
      vote.term = asked[0].pre_vote ? driver->term() : asked[0].term;
      vote.pre_vote = asked[0].pre_vote;
      vote.flag = true;
      receive(vote);
      write();
    }
    REQUIRE(driver->role() == raft_role::leader);
  }

  raft_message answer(uint64_t peer, uint64_t last, uint64_t rejected = 0) {
    raft_message x;
    x.kind = raft_message_kind::append_answer;
    x.version = 1;
    x.peer = peer;
    x.term = driver->term();
    x.index = raft_index{last};
    x.rejected = raft_index{rejected};
    return x;
  }
};

} // namespace eventd::tests
