// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// The rules of raft.md 1.4 at the edge to other servers, each for a trap of
// libraft 0.22.1 that was found by running it.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "storage/raft/driver.hpp"
#include "storage/raft/message.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/simulation/model_disk.hpp"

using namespace eventd;
using namespace eventd::storage;

namespace {

constexpr shard_id shard{0};

log_record entry(uint64_t term, std::string payload,
                 entry_type type = entry_type::command) {
  return {type, raft_term{term},
          std::make_shared<const std::string>(std::move(payload))};
}

/// Server 1 of three, spoken to by hand; writes are durable when `write` says.
struct server_fixture {
  const std::vector<raft_server> all{{1, "1"}, {2, "2"}, {3, "3"}};
  tests::model_disk disk;
  std::optional<raft_driver> driver;
  raft_driver::jobs jobs;
  int64_t now = 1'000;

  server_fixture() {
    disk.write(bootstrap_job(shard, all).value());
    restart();
  }

  void restart() {
    driver.reset();
    jobs.clear();
    auto loaded = load_raft(disk, shard);
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

} // namespace

TEST_CASE("an append is cut by size, and a change travels alone",
          "[storage][raft]") {
  raft_message plan;
  plan.index = raft_index{10};
  plan.index_term = raft_term{1};
  std::vector<log_record> records{entry(1, "aaaa"),
                                  entry(2, "bbbb"),
                                  entry(2, "c", entry_type::change),
                                  entry(3, "d"),
                                  entry(3, std::string(100, 'e')),
                                  entry(3, "f")};
  plan.n_records = static_cast<uint32_t>(records.size());
  auto parts = with_records(plan, records, 8);
  REQUIRE(parts.size() == 5);
  std::vector<uint64_t> indexes;
  std::vector<uint64_t> terms;
  std::vector<size_t> sizes;
  for (const auto& x : parts) {
    indexes.push_back(x.index.value);
    terms.push_back(x.index_term.value);
    sizes.push_back(x.records.size());
    CHECK(x.n_records == x.records.size());
  }
  CHECK(indexes == std::vector<uint64_t>{10, 12, 13, 14, 15});
  CHECK(terms == std::vector<uint64_t>{1, 2, 2, 3, 3});
  CHECK(sizes == std::vector<size_t>{2, 1, 1, 1, 1});
}

TEST_CASE_METHOD(server_fixture, "a vote leaves when it is durable, not before",
                 "[storage][raft]") {
  raft_message ask;
  ask.kind = raft_message_kind::vote;
  ask.version = 2;
  ask.peer = 2;
  ask.candidate = 2;
  ask.term = raft_term{5};
  ask.index = raft_index{1};
  ask.index_term = raft_term{1};
  receive(ask);
  CHECK(sent(raft_message_kind::vote_answer).empty());
  REQUIRE(jobs.size() == 1);
  write();
  auto votes = sent(raft_message_kind::vote_answer);
  REQUIRE(votes.size() == 1);
  CHECK(votes[0].flag);
  CHECK(votes[0].peer == 2);
  restart();
  CHECK(driver->term() == raft_term{5});
}

TEST_CASE_METHOD(server_fixture,
                 "entries are answered for when they are durable",
                 "[storage][raft]") {
  receive(append(1, 1, 1, {entry(1, "a"), entry(1, "b")}, 3));
  CHECK(sent(raft_message_kind::append_answer).empty());
  CHECK(driver->visible() == raft_index{1});
  write();
  auto answers = sent(raft_message_kind::append_answer);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].index == raft_index{3});
  CHECK(driver->visible() == raft_index{3});
}

TEST_CASE_METHOD(server_fixture,
                 "a tail that contradicts the leader's is given up, also on "
                 "the disk",
                 "[storage][raft]") {
  auto change = encode_configuration({{1, "1"}, {2, "2"}}).value();
  receive(append(1, 1, 1, {entry(1, "a"), entry(1, "b")}));
  receive(append(1, 3, 1, {entry(1, change, entry_type::change)}));
  write();
  CHECK(driver->configuration_index() == raft_index{4});
  receive(append(2, 2, 1, {entry(2, "B")}, 3));
  write();
  CHECK(driver->last() == raft_index{3});
  CHECK(driver->visible() == raft_index{3});
  CHECK(driver->configuration_index() == raft_index{1});
  restart();
  CHECK(driver->last() == raft_index{3});
  CHECK(*disk.at(raft_index{3}).payload == "B");
  CHECK(disk.last() == raft_index{3});
  CHECK(driver->configuration_index() == raft_index{1});
}

TEST_CASE_METHOD(server_fixture,
                 "a write that was overtaken by a truncation names nothing "
                 "that is gone",
                 "[storage][raft]") {
  receive(append(1, 1, 1, {entry(1, "a"), entry(1, "b"), entry(1, "c")}));
  receive(append(2, 1, 1, {entry(2, "A")}));
  write();
  auto answers = sent(raft_message_kind::append_answer);
  REQUIRE_FALSE(answers.empty());
  CHECK(answers.back().index == raft_index{2});
  CHECK(driver->last() == raft_index{2});
}

TEST_CASE_METHOD(server_fixture, "what is committed does not go back",
                 "[storage][raft]") {
  receive(append(1, 1, 1, {entry(1, "a"), entry(1, "b"), entry(1, "c")}, 4));
  write();
  CHECK(driver->visible() == raft_index{4});
  // Older, and of a leader that knows more is committed.
  receive(append(1, 1, 1, {entry(1, "a")}, 5));
  CHECK(driver->visible() == raft_index{4});
  // Nobody may take back what is committed: the node must stop.
  auto wrong = append(2, 2, 1, {entry(2, "B")});
  wrong.n_records = 1;
  auto taken = driver->receive(wrong, ++now, jobs);
  REQUIRE_FALSE(taken);
  CHECK(taken.error() == ec::raft_failed);
}

TEST_CASE_METHOD(server_fixture,
                 "an old append is no news to a log that begins later",
                 "[storage][raft]") {
  const std::vector<log_record> entries{entry(1, "a"), entry(1, "b"),
                                        entry(1, "c")};
  receive(append(1, 1, 1, entries, 4));
  write();
  REQUIRE(driver->move_start(raft_index{3}, ++now, jobs));
  write();
  auto old = entries;
  old.insert(old.begin(), disk.at(raft_index{1}));
  receive(append(1, 0, 0, old, 4));
  receive(append(1, 0, 0, {old[0], old[1]}, 2));
  write();
  CHECK(driver->last() == raft_index{4});
  CHECK(driver->visible() == raft_index{4});
}

TEST_CASE_METHOD(server_fixture,
                 "a late rejection does not stop what a follower gets",
                 "[storage][raft]") {
  lead();
  auto submit = [this](std::string text) {
    REQUIRE(driver->submit({entry(0, std::move(text))}, ++now, jobs));
    write();
  };
  for (int i = 0; i < 5; ++i)
    submit("x");
  auto last = driver->last();
  receive(answer(2, last.value));
  CHECK(driver->match_of(2) == last);
  CHECK(driver->visible() == last);
  // Two entries more overtake each other, and the follower says so.
  submit("y");
  submit("z");
  receive(answer(2, last.value, last.value + 1));
  // Of a time when the follower had less.
  receive(answer(2, 2, last.value));
  driver->take_messages();
  now = driver->deadline_ms() + 100;
  REQUIRE(driver->tick(now, jobs));
  auto appends = sent(raft_message_kind::append);
  CHECK(std::any_of(appends.begin(), appends.end(), [&](const auto& x) {
    return x.peer == 2 && x.index == last && x.n_records == 2;
  }));
}

TEST_CASE_METHOD(server_fixture,
                 "a log that begins too late is replaced in one piece",
                 "[storage][raft]") {
  receive(append(1, 1, 1, {entry(1, "mine")}));
  write();
  driver->take_messages();
  raft_message offer;
  offer.kind = raft_message_kind::install;
  offer.peer = 2;
  offer.term = raft_term{4};
  offer.index = raft_index{50};
  offer.index_term = raft_term{3};
  offer.configuration_index = raft_index{1};
  offer.configuration = encode_configuration(all).value();
  receive(offer);
  write();
  auto taken = driver->take_install();
  REQUIRE(taken);
  CHECK_FALSE(driver->take_install());
  // While the copy is made the server votes and keeps its own log.
  CHECK(driver->leader() == 2);
  CHECK(driver->last() == raft_index{2});
  auto wanted = driver->install(*taken, ++now, jobs);
  REQUIRE(wanted);
  REQUIRE(*wanted);
  driver->take_messages();
  write();
  CHECK(driver->last() == raft_index{50});
  CHECK(driver->visible() == raft_index{50});
  auto answers = sent(raft_message_kind::append_answer);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].index == raft_index{50});
  receive(append(4, 50, 3, {entry(4, "next")}, 51));
  write();
  CHECK(driver->visible() == raft_index{51});
  REQUIRE(disk.last() == raft_index{51});
  auto again = driver->install(*taken, ++now, jobs);
  REQUIRE(again);
  CHECK_FALSE(*again);
}
