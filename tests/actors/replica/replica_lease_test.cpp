// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// The read lease among three REPLICAs; its arithmetic: read_lease_test.cpp.

#include <chrono>

#include "tests/actors/replica/replica_group.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

bool has_lease(replica_group& group, const replica_node& x) {
  auto now = group.sched.clock().now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count()
         < x.lease_end_us();
}

} // namespace

TEST_CASE_METHOD(replica_group,
                 "only the leader has the read lease, and it ends before "
                 "another can be elected",
                 "[actors][replica][group][lease]") {
  auto& leader = elect();
  advance(500);
  CHECK(has_lease(*this, leader));
  CHECK_FALSE(has_lease(*this, other(leader)));
  CHECK_FALSE(has_lease(*this, other(leader, 1)));
  // One of the two others is enough.
  isolate(other(leader));
  advance(1'000);
  CHECK(has_lease(*this, leader));
  heal();
  advance(1'000);
  // Once it hears nobody, there is never another with the lease beside it.
  isolate(leader);
  bool passed_on = false;
  for (int i = 0; i < 300 && !passed_on; ++i) {
    advance(10);
    for (size_t n = 0; n < 2; ++n)
      if (other(leader, n).leads()) {
        passed_on = true;
        CHECK_FALSE(has_lease(*this, leader));
      }
  }
  CHECK(passed_on);
  check_alive();
}

TEST_CASE_METHOD(replica_group,
                 "a leader that asks another to lead gives up its lease first",
                 "[actors][replica][group][lease]") {
  auto& leader = elect();
  advance(500);
  REQUIRE(has_lease(*this, leader));
  bool had_lease = false;
  passes = [&](const storage::raft_packet& x) {
    if (x.message.kind == storage::raft_message_kind::timeout_now)
      had_lease = has_lease(*this, leader);
    return true;
  };
  auto& heir = other(leader);
  ask<raft_index>(leader, atom::transfer_v, heir.id());
  CHECK_FALSE(had_lease);
  advance(1'000);
  REQUIRE(heir.leads());
  CHECK_FALSE(has_lease(*this, leader));
  CHECK(has_lease(*this, heir));
}

TEST_CASE_METHOD(replica_group,
                 "a replica that was just started votes for nobody for a while",
                 "[actors][replica][group][lease]") {
  auto& leader = elect();
  advance(500);
  auto& fresh = other(leader);
  auto& candidate = other(leader, 1);
  // The candidate hears nothing, and stands for election.
  isolate(candidate);
  advance(1'500);
  crash(fresh);
  isolate(leader);
  cut.erase(candidate.id());
  fresh.start(7);
  for (int i = 0; i < 40; ++i) {
    advance(10);
    CHECK_FALSE(candidate.leads());
  }
  elect();
  check_alive();
}

TEST_CASE_METHOD(replica_group,
                 "a leader whose heir is silent asks no second one meanwhile, "
                 "and has no lease",
                 "[actors][replica][group][lease]") {
  auto& leader = elect();
  advance(500);
  auto& silent = other(leader);
  auto& second = other(leader, 1);
  isolate(silent);
  ask<raft_index>(leader, atom::transfer_v, silent.id());
  ask<raft_index>(leader, atom::transfer_v, second.id());
  for (int i = 0; i < 30; ++i) {
    advance(10);
    CHECK_FALSE(has_lease(*this, leader));
  }
  // Nor does it forget the first one when it may ask again.
  advance(500);
  passes = [](const storage::raft_packet& x) {
    return x.message.kind != storage::raft_message_kind::timeout_now;
  };
  ask<raft_index>(leader, atom::transfer_v, second.id());
  for (int i = 0; i < 50; ++i) {
    advance(10);
    CHECK_FALSE(has_lease(*this, leader));
  }
  heal();
  advance(1'000);
  CHECK(has_lease(*this, leader));
  check_alive();
}

TEST_CASE_METHOD(replica_group,
                 "a leader whose heir stays silent passes the lead on, and the "
                 "next one has the lease",
                 "[actors][replica][group][lease]") {
  auto& leader = elect();
  advance(500);
  auto& silent = other(leader);
  auto& next = other(leader, 1);
  auto term = status(leader).term;
  isolate(silent);
  ask<raft_index>(leader, atom::transfer_v, silent.id());
  advance(1'500);
  CHECK(leader.leads());
  CHECK_FALSE(has_lease(*this, leader));
  advance(1'500);
  REQUIRE(next.leads());
  CHECK(status(next).term == term + 1);
  CHECK(has_lease(*this, next));
  // It stays there.
  advance(5'000);
  CHECK(next.leads());
  check_alive();
}

TEST_CASE_METHOD(replica_group,
                 "an heir stands for election without regard to the leader "
                 "only once",
                 "[actors][replica][group][lease]") {
  using kinds = storage::raft_message_kind;
  auto& leader = elect();
  advance(500);
  auto& heir = other(leader);
  auto term = status(leader).term;
  size_t first = 0, later_ones = 0, with_leave = 0;
  // It hears that it is asked, and then nobody hears of it.
  passes = [&](const storage::raft_packet& x) {
    if (x.message.kind == kinds::vote && x.from == heir.id()) {
      auto is_first = x.message.term == term + 1;
      ++(is_first ? first : later_ones);
      with_leave += !is_first && x.message.flag ? 1 : 0;
      CHECK((!is_first || x.message.flag));
    }
    return x.message.kind == kinds::timeout_now
           || (x.from != heir.id() && x.to != heir.id());
  };
  ask<raft_index>(leader, atom::transfer_v, heir.id());
  advance(5'000);
  CHECK(first > 0);
  CHECK(later_ones > 0);
  CHECK(with_leave == 0);
  passes = {};
  advance(2'000);
  elect();
  check_alive();
}
