// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/raft/message.hpp"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/storage/raft/server_fixture.hpp"

using namespace eventd;
using namespace eventd::tests;

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
