// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// REPLICAs whose disks are full.

#include "tests/actors/replica/replica_group.hpp"

#include <algorithm>

#include "storage/model/limits.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

/// Longer than many elections.
constexpr int64_t long_ms = 5'000;

/// Publishing stops, and what is in flight is still taken.
constexpr uint64_t low = limits::disk_reserve_bytes - 1;
constexpr uint64_t plenty = limits::disk_reserve_bytes;

void fill(replica_group& group, uint64_t free) {
  for (auto& x : group.nodes)
    x->set_free(free);
  // The disk is looked at five times a second.
  group.advance(1'000);
}

} // namespace

TEST_CASE_METHOD(replica_group,
                 "a full follower takes no events, knows its leader, and gets "
                 "all when there is room",
                 "[actors][replica][group][full]") {
  auto& leader = elect();
  open_channel(leader);
  advance(200);
  auto& full = other(leader);
  auto term = status(leader).term;
  full.set_free(0);
  advance(1'000);
  auto before = status(full).last;
  sent = 0;
  for (uint64_t i = 0; i < 20; ++i) {
    INFO("event " << i);
    auto done = propose_event(leader, i);
    advance(long_ms / 20);
    REQUIRE(done.code() == ec::none);
  }
  CHECK(status(full).last == before);
  CHECK(full.owner() == leader.id());
  CHECK(status(leader).term == term);
  CHECK(leader.leads());
  // Refusals do not chase each other.
  CHECK(sent < 2 * 3 * static_cast<size_t>(long_ms) / 10);
  full.set_free(plenty);
  advance(long_ms);
  CHECK(status(full).applied == status(leader).applied);
  CHECK(status(leader).term == term);
  check_alive();
}

TEST_CASE_METHOD(replica_group,
                 "where all disks are low, events are refused and all else "
                 "goes on, with another leader too",
                 "[actors][replica][group][full]") {
  auto* leader = &elect();
  open_channel(*leader);
  REQUIRE(propose_event(*leader, 0).code() == ec::none);
  for (auto free : {low, uint64_t{0}}) {
    INFO("free: " << free);
    fill(*this, free);
    auto term = status(*leader).term;
    CHECK(answered_code(propose_event(*leader, 1)) == ec::no_space);
    REQUIRE(put(*leader, "k" + std::to_string(free)).code() == ec::none);
    CHECK(answered_code(ask<raft_index>(*leader, atom::confirm_v)) == ec::none);
    advance(long_ms);
    CHECK(status(*leader).term == term);
    crash(*leader);
    auto& next = elect();
    CHECK(answered_code(place(next)) == ec::none);
    CHECK(answered_code(propose_event(next, 1)) == ec::no_space);
    leader->start(9);
    advance(long_ms);
    leader = &elect();
    CHECK(resources(*leader).size() == (free == low ? 1 : 2));
  }
  fill(*this, plenty);
  REQUIRE(place(*leader).code() == ec::none);
  CHECK(answered_code(propose_event(*leader, 1)) == ec::none);
  check_alive();
}

TEST_CASE_METHOD(replica_group,
                 "an event that only full followers lack waits, and is taken "
                 "when there is room",
                 "[actors][replica][group][full]") {
  auto& leader = elect();
  open_channel(leader);
  advance(200);
  for (size_t i = 0; i < 2; ++i)
    other(leader, i).set_free(0);
  advance(1'000);
  auto term = status(leader).term;
  auto waits = propose_event(leader, 0);
  advance(long_ms);
  CHECK_FALSE(waits.answered());
  CHECK(status(leader).term == term);
  other(leader).set_free(plenty);
  advance(1'000);
  CHECK(answered_code(waits) == ec::none);
  check_alive();
}
