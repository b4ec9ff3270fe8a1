// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// REPLICAs among each other; one alone: replica_test.cpp.

#include "tests/actors/replica/replica_group.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "storage/model/limits.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

/// Longer than any election of a group whose messages arrive.
constexpr int64_t election_ms = 2'000;

bool has(const std::vector<std::string>& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

} // namespace

// -- who leads ----------------------------------------------------------------

TEST_CASE_METHOD(replica_group, "one replica of three serves, and all know it",
                 "[actors][replica][group]") {
  auto& leader = elect();
  open_channel(leader);
  REQUIRE(propose_event(leader, 0).code() == ec::none);
  advance(200);
  for (auto& x : nodes) {
    CHECK(x->owner() == leader.id());
    auto at = status(*x);
    CHECK(at.ready == (x->id() == leader.id()));
    CHECK(at.leader == leader.id());
    CHECK(at.term == status(leader).term);
    CHECK(at.applied == status(leader).last);
    CHECK(at.servers.size() == 3);
  }
  check_alive();
}

TEST_CASE_METHOD(replica_group, "a follower takes nothing, and says so at once",
                 "[actors][replica][group]") {
  auto& leader = elect();
  open_channel(leader);
  advance(200);
  auto& follower = other(leader);
  auto last = status(follower).last;
  CHECK(answered_code(place(follower)) == ec::not_leader);
  CHECK(answered_code(propose_event(follower, 0)) == ec::not_leader);
  CHECK(answered_code(put(follower, "k")) == ec::not_leader);
  CHECK(answered_code(ask<raft_index>(follower, atom::confirm_v))
        == ec::not_leader);
  CHECK(answered_code(ask<raft_index>(follower, atom::promote_v, uint64_t{1}))
        == ec::not_leader);
  advance(200);
  CHECK(status(follower).last == last);
  // To wait for what is applied here needs no leader.
  auto waits = ask<raft_index>(follower, atom::await_v, last + 1);
  CHECK_FALSE(waits.answered());
  REQUIRE(put(leader, "k").code() == ec::none);
  advance(200);
  CHECK(answered_code(waits) == ec::none);
  CHECK(has(resources(follower), "k"));
}

TEST_CASE_METHOD(replica_group,
                 "a replica tells the term of what it has applied, and of "
                 "nothing else",
                 "[actors][replica][group]") {
  auto& leader = elect();
  REQUIRE(put(leader, "k").code() == ec::none);
  advance(200);
  for (auto& x : nodes) {
    auto at = status(*x);
    auto term = ask<uint64_t>(*x, atom::mend_v, at.applied);
    REQUIRE(term.code() == ec::none);
    CHECK(term.value() == at.term.value);
    CHECK(answered_code(ask<uint64_t>(*x, atom::mend_v, at.applied + 1))
          == ec::conflict);
  }
}

TEST_CASE("a replica that is alone sends nothing and waits for nobody",
          "[actors][replica][group]") {
  replica_group group{1};
  auto& node = group.elect();
  group.open_channel(node);
  CHECK(group.propose_event(node, 0).code() == ec::none);
  auto last = group.status(node).last;
  auto confirmed = group.ask<raft_index>(node, atom::confirm_v);
  REQUIRE(answered_code(confirmed) == ec::none);
  CHECK(confirmed.value() == last);
  CHECK(group.status(node).last == last);
  CHECK(group.ask<raft_index>(node, atom::transfer_v, uint64_t{0}).value()
        == last);
  group.advance(election_ms);
  CHECK(node.leads());
  CHECK(group.propose_event(node, 1).code() == ec::none);
  group.crash(node);
  node.start(9);
  group.elect();
  auto at = group.place(node);
  REQUIRE(at.code() == ec::none);
  CHECK(at.value().end == log_offset{2});
  CHECK(group.sent == 0);
}

// -- the lead is lost ---------------------------------------------------------

TEST_CASE_METHOD(replica_group,
                 "what another leader's entries took the place of is answered "
                 "as unknown",
                 "[actors][replica][group]") {
  auto& old_leader = elect();
  open_channel(old_leader);
  isolate(old_leader);
  auto cut_off = propose_event(old_leader, 0);
  REQUIRE(elect().id() != old_leader.id());
  advance(election_ms);
  // It does not lead any more, and what it took may still come to be.
  CHECK(old_leader.owner() != old_leader.id());
  CHECK_FALSE(cut_off.answered());
  heal();
  advance(election_ms);
  CHECK(answered_code(cut_off) == ec::timeout);
  auto at = place(elect());
  REQUIRE(at.code() == ec::none);
  CHECK(at.value().end == log_offset{0});
  check_alive();
}

TEST_CASE_METHOD(replica_group,
                 "what waits in the queue is refused when the lead is lost",
                 "[actors][replica][group]") {
  auto& old_leader = elect();
  isolate(old_leader);
  std::vector<inquiry<proposed>> sent_off;
  auto n = limits::shard_inflight_entries_max + 5;
  for (size_t i = 0; i < n; ++i)
    sent_off.push_back(put(old_leader, "k" + std::to_string(i)));
  CHECK_FALSE(sent_off.back().answered());
  auto asked = place(old_leader);
  CHECK_FALSE(asked.answered());
  auto& leader = elect();
  advance(election_ms);
  CHECK(answered_code(asked) == ec::not_leader);
  for (size_t i = 0; i < n; ++i) {
    INFO(i);
    auto was_proposed = i < limits::shard_inflight_entries_max;
    CHECK(sent_off[i].answered() == !was_proposed);
    if (!was_proposed)
      CHECK(sent_off[i].code() == ec::not_leader);
  }
  heal();
  advance(election_ms);
  for (size_t i = 0; i < limits::shard_inflight_entries_max; ++i)
    CHECK(answered_code(sent_off[i]) == ec::timeout);
  CHECK(resources(leader).empty());
  CHECK(resources(old_leader).empty());
  check_alive();
}

// -- confirm ------------------------------------------------------------------

TEST_CASE_METHOD(replica_group,
                 "a leader confirms when an entry made for it is applied",
                 "[actors][replica][group]") {
  auto& leader = elect();
  auto last = status(leader).last;
  hold_writes(leader);
  auto first = ask<raft_index>(leader, atom::confirm_v);
  auto second = ask<raft_index>(leader, atom::confirm_v);
  auto third = ask<raft_index>(leader, atom::confirm_v);
  CHECK_FALSE(first.answered());
  release_writes(leader);
  REQUIRE(answered_code(first) == ec::none);
  REQUIRE(answered_code(second) == ec::none);
  REQUIRE(answered_code(third) == ec::none);
  CHECK(first.value() == last + 1);
  // One entry is enough for all that asked while the first was on its way.
  CHECK(second.value() == last + 2);
  CHECK(third.value() == last + 2);
  CHECK(status(leader).last == last + 2);
  check_alive();
}

TEST_CASE_METHOD(replica_group, "a leader that is cut off confirms nothing",
                 "[actors][replica][group]") {
  auto& leader = elect();
  isolate(leader);
  auto asked = ask<raft_index>(leader, atom::confirm_v);
  CHECK_FALSE(asked.answered());
  elect();
  advance(election_ms);
  CHECK(answered_code(asked) == ec::not_leader);
}

// -- handing over -------------------------------------------------------------

TEST_CASE_METHOD(replica_group,
                 "a lead is handed over under load, and nothing that was taken "
                 "is lost",
                 "[actors][replica][group]") {
  auto& leader = elect();
  open_channel(leader);
  advance(200);
  auto& heir = other(leader);
  hold_writes(heir);
  std::vector<inquiry<proposed>> taken;
  for (uint64_t i = 0; i < 5; ++i)
    taken.push_back(propose_event(leader, i));
  auto moved = ask<raft_index>(leader, atom::transfer_v, heir.id());
  CHECK(moved.code() == ec::none);
  std::vector<inquiry<proposed>> held;
  for (uint64_t i = 5; i < 8; ++i)
    held.push_back(propose_event(leader, i));
  for (const auto& x : held)
    CHECK_FALSE(x.answered());
  release_writes(heir);
  advance(100);
  CHECK(heir.leads());
  for (const auto& x : taken)
    CHECK(answered_code(x) == ec::none);
  for (const auto& x : held)
    CHECK(answered_code(x) == ec::not_leader);
  auto at = place(heir);
  REQUIRE(at.code() == ec::none);
  CHECK(at.value().end == log_offset{5});
  CHECK(propose_event(heir, 5).code() == ec::none);
  check_alive();
}

TEST_CASE_METHOD(replica_group,
                 "a leader goes on where its heir does not come up to date",
                 "[actors][replica][group]") {
  auto& leader = elect();
  auto& heir = other(leader);
  isolate(heir);
  REQUIRE(put(leader, "a").code() == ec::none);
  ask<raft_index>(leader, atom::transfer_v, heir.id());
  auto held = put(leader, "b");
  CHECK_FALSE(held.answered());
  advance(limits::hand_over_ms + 10);
  CHECK(answered_code(held) == ec::none);
  CHECK(leader.leads());
}

TEST_CASE_METHOD(replica_group,
                 "a confirmation that was asked during a hand-over is answered "
                 "when it fails",
                 "[actors][replica][group]") {
  auto& leader = elect();
  auto& heir = other(leader);
  isolate(heir);
  REQUIRE(put(leader, "a").code() == ec::none);
  ask<raft_index>(leader, atom::transfer_v, heir.id());
  auto asked = ask<raft_index>(leader, atom::confirm_v);
  CHECK_FALSE(asked.answered());
  advance(election_ms);
  CHECK(answered_code(asked) == ec::none);
}

namespace {

/// Where the word that makes a heir stand for election is lost.
struct lost_word : replica_group {
  lost_word() {
    passes = [](const storage::raft_packet& x) {
      return x.message.kind != storage::raft_message_kind::timeout_now;
    };
    open_channel(elect());
    advance(200);
  }
};

} // namespace

TEST_CASE_METHOD(lost_word,
                 "what waits for a hand-over is answered when its word is lost",
                 "[actors][replica][group]") {
  auto& leader = elect();
  auto& heir = other(leader);
  hold_writes(heir);
  REQUIRE(put(leader, "a").code() == ec::none);
  ask<raft_index>(leader, atom::transfer_v, heir.id());
  auto held = put(leader, "b");
  auto asked = place(leader);
  release_writes(heir);
  advance(election_ms);
  CHECK(leader.leads());
  // Taken or refused, but not left.
  CHECK(held.answered());
  CHECK(asked.answered());
}

TEST_CASE_METHOD(lost_word,
                 "what is proposed during a hand-over waits for its end",
                 "[actors][replica][group]") {
  auto& leader = elect();
  REQUIRE(propose_event(leader, 0).code() == ec::none);
  advance(200);
  ask<raft_index>(leader, atom::transfer_v, other(leader).id());
  auto waits = propose_event(leader, 1);
  CHECK_FALSE(waits.answered());
  advance(election_ms);
  REQUIRE(leader.leads());
  CHECK(answered_code(waits) == ec::none);
  CHECK(answered_code(propose_event(leader, 2)) == ec::none);
}

// -- catching up --------------------------------------------------------------

TEST_CASE_METHOD(replica_group,
                 "a follower far behind gets entries that are read from the "
                 "disk",
                 "[actors][replica][group]") {
  auto& leader = elect();
  auto& late = other(leader);
  crash(late);
  constexpr size_t bytes = size_t{100} << 10;
  auto n = 2 * limits::replica_recent_bytes_max / bytes;
  for (size_t i = 0; i < n; ++i)
    REQUIRE(put(leader, std::to_string(i), bytes).code() == ec::none);
  CHECK(leader.disk().reads == 0);
  late.start(9);
  advance(election_ms);
  CHECK(leader.disk().reads > 0);
  CHECK(resources(late).size() == n);
  CHECK(status(late).applied == status(leader).applied);
  // And goes on with the others.
  auto reads = leader.disk().reads;
  REQUIRE(put(leader, "more").code() == ec::none);
  advance(200);
  CHECK(has(resources(late), "more"));
  CHECK(leader.disk().reads == reads);
  check_alive();
}

TEST_CASE_METHOD(replica_group,
                 "what was acknowledged outlives the crash of all",
                 "[actors][replica][group]") {
  open_channel(elect());
  uint64_t n = 0;
  for (unsigned round = 0; round < 5; ++round) {
    auto& leader = elect();
    auto at = place(leader);
    REQUIRE(at.code() == ec::none);
    CHECK(at.value().end == log_offset{n});
    for (int i = 0; i < 3; ++i)
      REQUIRE(propose_event(leader, n++).code() == ec::none);
    for (auto& x : nodes)
      crash(*x);
    for (auto& x : nodes)
      x->start(10 * round + static_cast<unsigned>(x->id()));
  }
  check_alive();
}

// -- cursors ------------------------------------------------------------------

TEST_CASE_METHOD(replica_group,
                 "a replica that does not lead takes no cursor, so that an old "
                 "one never comes after a newer one",
                 "[actors][replica][group][cursor]") {
  auto& leader = elect();
  open_channel(leader);
  advance(200);
  auto& follower = other(leader);
  auto late = ask<caf::unit_t>(follower, atom::commit_v,
                               cursor_commit{"uid", channel, "old", true});
  auto newer = ask<caf::unit_t>(leader, atom::commit_v,
                                cursor_commit{"uid", channel, "new", true});
  REQUIRE(answered_code(newer) == ec::none);
  advance(1'000);
  CHECK(late.answered());
  ask<raft_index>(leader, atom::transfer_v, follower.id());
  advance(1'000);
  REQUIRE(follower.leads());
  auto now = ask<std::string>(follower, atom::cursor_v, std::string{"uid"});
  REQUIRE(now.code() == ec::none);
  CHECK(now.value() == "new");
}
