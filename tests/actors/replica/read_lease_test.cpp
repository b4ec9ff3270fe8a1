// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/replica/read_lease.hpp"

#include <limits>

#include <catch2/catch_test_macros.hpp>

using eventd::actors::read_lease;
using eventd::storage::raft_server;
using eventd::storage::raft_server_role;

namespace {

std::vector<raft_server> voters(std::vector<uint64_t> ids) {
  std::vector<raft_server> xs;
  for (auto id : ids)
    xs.push_back({id, {}, raft_server_role::voter});
  return xs;
}

constexpr int64_t ms = 1'000;

} // namespace

TEST_CASE("a leader without answers has no lease", "[actors][read_lease]") {
  read_lease x{400};
  CHECK(x.end_us(voters({1, 2, 3}), 1) == 0);
  x.heard(2, 1'000 * ms);
  CHECK(x.end_us(voters({1, 2, 3}), 1) == 1'360 * ms);
  x.restart();
  CHECK(x.end_us(voters({1, 2, 3}), 1) == 0);
}

TEST_CASE("a leader that is the only voter always has the lease",
          "[actors][read_lease]") {
  read_lease x{400};
  CHECK(x.end_us(voters({1}), 1) == std::numeric_limits<int64_t>::max());
}

TEST_CASE("a lease is as old as the majority's oldest answer",
          "[actors][read_lease]") {
  read_lease x{400};
  x.heard(2, 1'000 * ms);
  x.heard(3, 900 * ms);
  CHECK(x.end_us(voters({1, 2, 3}), 1) == 1'360 * ms);
  // Of five, two others are needed.
  CHECK(x.end_us(voters({1, 2, 3, 4, 5}), 1) == 1'260 * ms);
  // An answer that was overtaken takes nothing back.
  x.heard(2, 500 * ms);
  CHECK(x.end_us(voters({1, 2, 3}), 1) == 1'360 * ms);
}

TEST_CASE("who does not vote neither gives a lease nor takes one away",
          "[actors][read_lease]") {
  read_lease x{400};
  auto servers = voters({1, 2, 3});
  servers.push_back({4, {}, raft_server_role::standby});
  x.heard(4, 1'000 * ms);
  CHECK(x.end_us(servers, 1) == 0);
  x.heard(2, 900 * ms);
  CHECK(x.end_us(servers, 1) == 1'260 * ms);
}

TEST_CASE("a leader outside the configuration needs a majority of the others",
          "[actors][read_lease]") {
  read_lease x{400};
  x.heard(2, 1'000 * ms);
  CHECK(x.end_us(voters({2, 3}), 1) == 0);
  x.heard(3, 990 * ms);
  CHECK(x.end_us(voters({2, 3}), 1) == 1'350 * ms);
}

TEST_CASE("a lease ends when another is asked to lead, until that one follows "
          "again",
          "[actors][read_lease]") {
  read_lease x{400};
  x.heard(2, 1'000 * ms);
  x.heard(3, 1'000 * ms);
  x.asked_to_lead(2, 1'010 * ms);
  CHECK(x.end_us(voters({1, 2, 3}), 1) == 0);
  // Sent before it was asked, and the word of another.
  x.heard(2, 1'005 * ms);
  x.heard(3, 1'200 * ms);
  CHECK(x.end_us(voters({1, 2, 3}), 1) == 0);
  x.heard(2, 1'100 * ms);
  CHECK(x.end_us(voters({1, 2, 3}), 1) == 1'560 * ms);
}

TEST_CASE("a lease waits for each that was asked to lead",
          "[actors][read_lease]") {
  read_lease x{400};
  x.heard(2, 1'000 * ms);
  x.heard(3, 1'000 * ms);
  CHECK(x.asked_us() == 0);
  x.asked_to_lead(2, 1'010 * ms);
  x.asked_to_lead(3, 1'020 * ms);
  CHECK(x.asked_us() == 1'020 * ms);
  // The second one follows again, and the first may still take over.
  x.heard(3, 1'100 * ms);
  CHECK(x.waits_for(2));
  CHECK_FALSE(x.waits_for(3));
  CHECK(x.asked_us() == 1'010 * ms);
  CHECK(x.end_us(voters({1, 2, 3}), 1) == 0);
  // Asked again, it has to answer again.
  x.asked_to_lead(2, 1'200 * ms);
  x.heard(2, 1'150 * ms);
  CHECK(x.end_us(voters({1, 2, 3}), 1) == 0);
  x.heard(2, 1'300 * ms);
  CHECK(x.end_us(voters({1, 2, 3}), 1) == 1'660 * ms);
  x.asked_to_lead(2, 1'400 * ms);
  x.restart();
  CHECK(x.asked_us() == 0);
  x.heard(2, 1'350 * ms);
  CHECK(x.end_us(voters({1, 2, 3}), 1) == 1'710 * ms);
}
