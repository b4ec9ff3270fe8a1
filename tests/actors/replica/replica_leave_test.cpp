// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// REPLICAs of nodes that stop, among three.

#include "tests/actors/replica/replica_group.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

TEST_CASE_METHOD(replica_group, "a lead is not handed to a node that stops",
                 "[actors][replica][group]") {
  auto& leader = elect();
  advance(500);
  auto& stops = other(leader);
  auto& heir = other(leader, 1);
  leaves = [&](uint64_t, uint64_t node) { return node == stops.id(); };
  auto term = status(leader).term;
  ask<raft_index>(leader, atom::transfer_v, stops.id());
  CHECK(put(leader, "a").code() == ec::none);
  advance(1'000);
  CHECK(leader.leads());
  CHECK(status(leader).term == term);
  ask<raft_index>(leader, atom::transfer_v, uint64_t{0});
  advance(1'000);
  CHECK(heir.leads());
  CHECK(status(heir).term == term + 1);
  check_alive();
}

TEST_CASE_METHOD(replica_group, "nodes that all stop leave a lead where it is",
                 "[actors][replica][group]") {
  auto& leader = elect();
  advance(500);
  leaves = [](uint64_t, uint64_t) { return true; };
  auto term = status(leader).term;
  for (int i = 0; i < 4; ++i) {
    ask<raft_index>(leader, atom::transfer_v, uint64_t{0});
    CHECK(put(leader, std::to_string(i)).code() == ec::none);
    advance(500);
  }
  CHECK(leader.leads());
  CHECK(status(leader).term == term);
}

TEST_CASE_METHOD(replica_group,
                 "a node that stops declines a lead that it is handed, and the "
                 "leader goes on",
                 "[actors][replica][group]") {
  auto& leader = elect();
  advance(500);
  auto& stops = other(leader);
  // The leader has not heard of it yet.
  leaves = [&](uint64_t who, uint64_t node) {
    return who == stops.id() && node == stops.id();
  };
  auto term = status(leader).term;
  ask<raft_index>(leader, atom::transfer_v, stops.id());
  auto held = put(leader, "a");
  CHECK_FALSE(held.answered());
  advance(2'000);
  CHECK(answered_code(held) == ec::none);
  CHECK(leader.leads());
  CHECK(status(leader).term == term);
}

TEST_CASE_METHOD(replica_group,
                 "nodes that stop vote, and stand for election where nobody "
                 "leads",
                 "[actors][replica][group]") {
  auto& leader = elect();
  advance(500);
  leaves = [](uint64_t, uint64_t) { return true; };
  isolate(leader);
  auto& next = elect();
  CHECK(next.id() != leader.id());
  CHECK(put(next, "a").code() == ec::none);
  check_alive();
}
