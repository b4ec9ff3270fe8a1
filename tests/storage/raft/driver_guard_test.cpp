// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// The rules of decision 8 at the edge to other servers, each for a trap of
// libraft 0.22.1 that was found by running or reading it.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/storage/raft/server_fixture.hpp"

using namespace eventd;
using namespace eventd::tests;

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

TEST_CASE_METHOD(server_fixture,
                 "a heartbeat is not answered with an entry that is not "
                 "durable",
                 "[storage][raft]") {
  receive(append(1, 1, 1, {entry(1, "a"), entry(1, "b")}));
  // The write is on its way.
  CHECK(sent(raft_message_kind::append_answer).empty());
  for (uint64_t prev : {3, 2}) {
    receive(append(1, prev, 1, {}));
    for (auto& x : sent(raft_message_kind::append_answer)) {
      INFO("prev " << prev << ", rejected " << x.rejected.value);
      CHECK((x.rejected.value > 0 || x.index <= raft_index{1}));
    }
  }
  write();
  receive(append(1, 3, 1, {}));
  auto answers = sent(raft_message_kind::append_answer);
  REQUIRE_FALSE(answers.empty());
  CHECK(answers.back().index == raft_index{3});
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

namespace {

/// A request for a vote of server 3, which has all that is given.
raft_message vote_request(uint64_t term, raft_index last, uint64_t last_term,
                          bool pre_vote) {
  raft_message x;
  x.kind = raft_message_kind::vote;
  x.version = 2;
  x.peer = 3;
  x.candidate = 3;
  x.term = raft_term{term};
  x.index = last;
  x.index_term = raft_term{last_term};
  x.pre_vote = pre_vote;
  return x;
}

} // namespace

TEST_CASE_METHOD(server_fixture,
                 "a server that does not vote yet gives its vote to whom it "
                 "makes the leader",
                 "[storage][raft]") {
  auto change = encode_configuration(
                  {{1, "1", raft_server_role::standby}, {2, "2"}, {3, "3"}})
                  .value();
  receive(append(1, 1, 1, {entry(1, change, entry_type::change)}));
  receive(append(1, 2, 1, {entry(1, "a")}, 2));
  write();
  auto ask = [&](raft_message x) {
    driver->take_messages();
    receive(std::move(x));
    write();
    auto answers = sent(raft_message_kind::vote_answer);
    REQUIRE(answers.size() == 1);
    return answers[0].flag;
  };
  const raft_index last = driver->last();
  // It has heard of a leader just now.
  CHECK_FALSE(ask(vote_request(2, last, 1, true)));
  CHECK_FALSE(ask(vote_request(2, last, 1, false)));
  now += 1'000;
  // Of one who has less, it wants nothing.
  CHECK_FALSE(ask(vote_request(2, raft_index{2}, 1, true)));
  CHECK(ask(vote_request(2, last, 1, true)));
  CHECK(driver->term() == raft_term{1});
  CHECK_FALSE(ask(vote_request(2, raft_index{2}, 1, false)));
  CHECK(driver->term() == raft_term{2});
  CHECK(ask(vote_request(2, last, 1, false)));
  // Once in a term, also after a restart.
  restart();
  auto other = vote_request(2, last, 1, false);
  other.peer = other.candidate = 2;
  CHECK_FALSE(ask(other));
  CHECK(ask(vote_request(2, last, 1, false)));
  // It stands for no election itself.
  now += 10'000;
  REQUIRE(driver->tick(now, jobs));
  write();
  CHECK(sent(raft_message_kind::vote).empty());
  CHECK(driver->role() == raft_role::follower);
}

TEST_CASE_METHOD(server_fixture,
                 "a pre-vote of an older term is refused in the own term",
                 "[storage][raft]") {
  receive(append(5, 1, 1, {entry(5, "a")}));
  write();
  now += 10'000;
  driver->take_messages();
  receive(vote_request(3, raft_index{9}, 2, true));
  write();
  auto answers = sent(raft_message_kind::vote_answer);
  REQUIRE(answers.size() == 1);
  CHECK_FALSE(answers[0].flag);
  CHECK(answers[0].pre_vote);
  CHECK(answers[0].term == raft_term{5});
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

TEST_CASE_METHOD(server_fixture,
                 "nothing of an older term is answered as if it were taken",
                 "[storage][raft]") {
  receive(append(6, 1, 1, {}));
  write();
  driver->take_messages();
  raft_message offer;
  offer.kind = raft_message_kind::install;
  offer.peer = 2;
  offer.term = raft_term{5};
  offer.index = raft_index{50};
  offer.index_term = raft_term{4};
  offer.configuration = encode_configuration(all).value();
  receive(offer);
  receive(append(5, 0, 0, {disk.at(raft_index{1})}));
  receive(append(5, 1, 1, {entry(5, "x")}));
  write();
  CHECK_FALSE(driver->take_install());
  for (const auto& x : sent(raft_message_kind::append_answer)) {
    CHECK(x.term == raft_term{6});
    CHECK(x.rejected.value > 0);
    CHECK(x.index < x.rejected);
  }
  CHECK(driver->last() == raft_index{1});
}

TEST_CASE_METHOD(server_fixture,
                 "a rejection of a later term makes the leader step down",
                 "[storage][raft]") {
  lead();
  REQUIRE(driver->submit({entry(0, "x")}, ++now, jobs));
  write();
  auto last = driver->last();
  receive(answer(2, last.value));
  auto later = answer(2, last.value - 1, last.value);
  later.term = driver->term() + 1;
  receive(later);
  write();
  CHECK(driver->role() == raft_role::follower);
  CHECK(driver->term() == later.term);
}

TEST_CASE_METHOD(server_fixture,
                 "the table of terms on the disk follows every truncation",
                 "[storage][raft]") {
  auto change = encode_configuration({{1, "1"}, {2, "2"}}).value();
  receive(append(2, 1, 1, {entry(1, "a"), entry(2, "b")}));
  receive(append(2, 3, 2, {entry(2, change, entry_type::change)}));
  write();
  // Of term 1 again, so that no term is new.
  receive(append(3, 2, 1, {entry(1, "B")}));
  write();
  restart();
  // An append of whoever really has term 2 there must not match.
  receive(append(4, 3, 2, {entry(4, "c")}));
  write();
  CHECK(driver->last() == raft_index{3});
}

TEST_CASE_METHOD(server_fixture,
                 "one message may bring a commit and the next change",
                 "[storage][raft]") {
  auto two = encode_configuration({{1, "1"}, {2, "2"}}).value();
  receive(append(1, 1, 1, {entry(1, two, entry_type::change)}));
  receive(append(1, 2, 1,
                 {entry(1, "a"), entry(1, encode_configuration(all).value(),
                                       entry_type::change)},
                 2));
  write();
  CHECK(driver->configuration_index() == raft_index{4});
  // The second goes, so the first holds, in the core as well.
  receive(append(2, 3, 1, {entry(2, "b")}, 3));
  write();
  CHECK(driver->configuration_index() == raft_index{2});
  CHECK(driver->configuration() == two);
}

TEST_CASE_METHOD(server_fixture,
                 "servers are changed one at a time, and one after the other",
                 "[storage][raft]") {
  lead();
  auto propose = [this](const std::vector<raft_server>& servers) {
    auto done = driver->submit(
      {entry(0, encode_configuration(servers).value(), entry_type::change)},
      ++now, jobs);
    return done ? ec::none : done.error().code;
  };
  auto last = driver->last();
  CHECK(propose({{1, "1"}, {2, "2"}, {4, "4"}}) == ec::invalid_request);
  CHECK(propose(all) == ec::invalid_request);
  CHECK(driver->last() == last);
  auto four = all;
  four.push_back({4, "4", raft_server_role::spare});
  CHECK(propose(four) == ec::none);
  CHECK(propose(all) == ec::conflict);
  write();
  receive(answer(2, driver->last().value));
  CHECK(driver->visible() == driver->last());
}

TEST_CASE_METHOD(server_fixture,
                 "a leader that asks below the own start is told where it is",
                 "[storage][raft]") {
  receive(append(1, 1, 1, {entry(1, "a"), entry(1, "b"), entry(1, "c")}, 4));
  write();
  REQUIRE(driver->move_start(raft_index{4}, ++now, jobs));
  write();
  driver->take_messages();
  receive(append(1, 1, 1, {entry(1, "a")}));
  auto answers = sent(raft_message_kind::append_answer);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].rejected.value == 0);
  CHECK(answers[0].index == raft_index{4});
}

TEST_CASE_METHOD(server_fixture,
                 "a snapshot counts when it is durable, not before",
                 "[storage][raft]") {
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
  REQUIRE(driver->take_install());
  auto before = driver->visible();
  auto wanted = driver->install(offer, ++now, jobs);
  REQUIRE(wanted);
  REQUIRE(*wanted);
  CHECK(driver->visible() == before);
  receive(offer); // The leader says so with each heartbeat.
  CHECK_FALSE(driver->take_install());
  write();
  CHECK(driver->visible() == raft_index{50});
}
