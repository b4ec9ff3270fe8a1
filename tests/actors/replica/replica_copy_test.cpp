// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// A replica whose log begins too late; the rows it copies: copy_test.cpp.

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/generators/catch_generators.hpp>

#include "storage/model/limits.hpp"
#include "tests/actors/replica/replica_group.hpp"
#include "tests/simulation/disk_state.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

/// Replicas whose logs keep so little for others that one of them must copy
/// what it missed while it was away.
struct copying_group : replica_group {
  copying_group() {
    for (auto& x : nodes) {
      crash(*x);
      x->links = true;
      x->start_distance = 8;
      x->disk().chunk_entries = 1'000;
      x->disk().chunk_bytes = 1 << 20;
    }
    for (auto& x : nodes)
      x->start(static_cast<unsigned>(x->id()));
  }

  void put_many(const replica_node& leader, size_t n) {
    for (size_t i = 0; i < n; ++i)
      REQUIRE(put(leader, "k" + std::to_string(keys++)).code() == ec::none);
    advance(200);
  }

  void check_equal(const replica_node& x, const replica_node& leader) {
    CHECK(status(x).applied == status(leader).last);
    CHECK(resources(x).size() == keys);
    CHECK(read_state_rows(x.disk().content())
          == read_state_rows(leader.disk().content()));
    check_alive();
  }

  size_t keys = 0;
};

} // namespace

TEST_CASE_METHOD(copying_group,
                 "a replica that was away for too long copies, and goes on",
                 "[actors][replica][copy]") {
  auto& leader = elect();
  auto& away = other(leader);
  crash(away);
  put_many(leader, 40);
  size_t calls = 0;
  holds = [&](uint64_t, uint64_t, const std::string&) {
    ++calls;
    return false;
  };
  away.start(7);
  advance(2'000);
  CHECK(calls >= 6); // Entries, the state, the entries up to it.
  CHECK(status(away).start > raft_index{20});
  put_many(leader, 1);
  check_equal(away, leader);
}

TEST_CASE_METHOD(copying_group,
                 "a copy takes no state that is older than its snapshot",
                 "[actors][replica][copy]") {
  auto& leader = elect();
  auto& away = other(leader);
  crash(away);
  put_many(leader, 40);
  // It gets entries and the state, and then waits for those between the two.
  size_t calls = 0;
  std::vector<std::pair<uint64_t, std::string>> held;
  holds = [&](uint64_t from, uint64_t to, const std::string& bytes) {
    if (from != away.id() || ++calls <= 2)
      return false;
    held.emplace_back(to, bytes);
    return true;
  };
  away.start(7);
  for (int i = 0; i < 100 && held.empty(); ++i)
    advance(20);
  REQUIRE(held.size() == 1);
  // The log of the leader begins behind that state by now, and it says so.
  put_many(leader, 40);
  advance(2'000);
  REQUIRE(status(leader).start > raft_index{50});
  holds = nullptr;
  nodes.at(held[0].first - 1)->receive(held[0].second, away.id());
  advance(2'000);
  check_equal(away, leader);
}

TEST_CASE_METHOD(copying_group,
                 "a copy waits while the disk is full, and goes on when there "
                 "is room",
                 "[actors][replica][copy][full]") {
  auto& leader = elect();
  auto& away = other(leader);
  crash(away);
  put_many(leader, 40);
  size_t calls = 0;
  holds = [&](uint64_t from, uint64_t, const std::string&) {
    calls += from == away.id() ? 1 : 0;
    return false;
  };
  away.set_free(0);
  away.start(7);
  advance(2'000);
  CHECK(calls == 0);
  CHECK(resources(away).size() < keys);
  check_alive();
  away.set_free(limits::disk_reserve_bytes);
  advance(2'000);
  check_equal(away, leader);
}

TEST_CASE_METHOD(copying_group, "a copy is never made of pieces of two states",
                 "[actors][replica][copy]") {
  auto& leader = elect();
  auto& away = other(leader);
  crash(away);
  put_many(leader, 40);
  // As one does that was started again, and counts its states anew.
  auto is_later = GENERATE(true, false);
  INFO("changed: " << (is_later ? "the entry" : "the size"));
  leader.disk().chunk_bytes = 200;
  std::set<uint64_t> begun;
  size_t pieces = 0;
  leader.disk().giving = [&](state_chunk& x) {
    begun.insert(x.token);
    if (++pieces != 2)
      return;
    if (is_later)
      x.applied = x.applied + 1;
    else
      x.total -= 1;
  };
  away.start(7);
  advance(2'000);
  CHECK(pieces > 4);
  CHECK(begun.size() == 2); // It began once more.
  leader.disk().giving = nullptr;
  put_many(leader, 1);
  check_equal(away, leader);
}

TEST_CASE_METHOD(copying_group, "a replica votes while it copies",
                 "[actors][replica][copy]") {
  auto& leader = elect();
  auto& away = other(leader);
  auto& third = other(leader, 1);
  crash(away);
  put_many(leader, 40);
  // Its copy comes to a halt at once.
  size_t held = 0;
  holds = [&](uint64_t from, uint64_t, const std::string&) {
    held += from == away.id() ? 1 : 0;
    return from == away.id();
  };
  away.start(7);
  for (int i = 0; i < 100 && held == 0; ++i)
    advance(20);
  REQUIRE(held > 0);
  crash(leader);
  away.lose(leader.id());
  auto leads = static_cast<uint8_t>(storage::raft_role::leader);
  for (int i = 0; i < 200 && status(third).role != leads; ++i)
    advance(50);
  // Its own vote is one of two that it needs.
  CHECK(status(third).role == leads);
  CHECK(status(away).start < raft_index{20});
  holds = nullptr;
  for (uint64_t id : {leader.id(), third.id()})
    away.lose(id);
  auto& next = elect();
  CHECK(&next == &third);
  put_many(third, 1);
  advance(2'000);
  check_equal(away, third);
}
