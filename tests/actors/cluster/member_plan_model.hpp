// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "actors/cluster/member_plan.hpp"
#include "storage/raft/server_id.hpp"
#include "tests/fixtures/print.hpp"

namespace eventd::tests::planning {

using namespace eventd::actors;
using storage::raft_server;
using storage::raft_server_role;
using storage::server_id;

inline std::string address_of(uint64_t node) {
  return "127.0.0." + std::to_string(node) + ":7001";
}

inline raft_server voter(uint64_t node, uint32_t life = 1) {
  return {server_id(node, life), address_of(node), raft_server_role::voter};
}

inline raft_server standby(uint64_t node, uint32_t life = 1) {
  return {server_id(node, life), address_of(node), raft_server_role::standby};
}

inline node_view seen(uint64_t node, uint32_t life = 1) {
  return {node, address_of(node), server_id(node, life), true, "0.1.0"};
}

inline node_view away(uint64_t node, uint32_t life = 1) {
  auto x = seen(node, life);
  x.connected = false;
  return x;
}

inline member_change asked(member_change::kind what, uint64_t node) {
  return {what, node, address_of(node)};
}

inline std::vector<uint64_t> ids(const std::vector<raft_server>& xs) {
  std::vector<uint64_t> out;
  for (const auto& x : xs)
    out.push_back(x.id);
  std::sort(out.begin(), out.end());
  return out;
}

inline std::vector<uint64_t> ids(std::initializer_list<raft_server> xs) {
  return ids(std::vector<raft_server>{xs});
}

inline const std::vector<raft_server> three{voter(1), voter(2), voter(3)};
inline const std::vector<node_view> all_seen{seen(1), seen(2), seen(3)};

/// A shard whose every step succeeds at once, as its leader would see it.
struct shard_model {
  std::vector<raft_server> servers;
  uint64_t leader = 0;

  shard_status status() const {
    shard_status x;
    x.leader = leader;
    for (const auto& server : servers) {
      server_status y;
      y.server = server.id;
      y.address = server.address;
      y.role = static_cast<uint8_t>(server.role);
      x.servers.push_back(y);
    }
    return x;
  }

  size_t voters() const {
    return static_cast<size_t>(
      std::count_if(servers.begin(), servers.end(), [](const auto& x) {
        return x.role == raft_server_role::voter;
      }));
  }

  /// Voters but those whose disk is gone: a later server of their node is
  /// wanted.
  size_t living_voters(const std::vector<raft_server>& wanted) const {
    return static_cast<size_t>(
      std::count_if(servers.begin(), servers.end(), [&](const auto& x) {
        return x.role == raft_server_role::voter
               && std::none_of(wanted.begin(), wanted.end(), [&](auto& y) {
                    return y.id != x.id
                           && storage::node_of(y.id) == storage::node_of(x.id);
                  });
      }));
  }

  /// How many servers are not the same in both.
  static size_t differences(const std::vector<raft_server>& a,
                            const std::vector<raft_server>& b) {
    std::set<uint64_t> changed;
    for (const auto& x : a)
      if (std::find(b.begin(), b.end(), x) == b.end())
        changed.insert(x.id);
    for (const auto& x : b)
      if (std::find(a.begin(), a.end(), x) == a.end())
        changed.insert(x.id);
    return changed.size();
  }

  /// Carries out a step as MEMBERSHIP and REPLICA would, or fails the test
  /// where they would refuse it.
  void carry_out(const member_step& step) {
    if (step.what == member_step::kind::transfer) {
      REQUIRE(step.server == leader);
      auto heir
        = std::find_if(servers.begin(), servers.end(), [&](const auto& x) {
            return x.id != leader && x.role == raft_server_role::voter;
          });
      REQUIRE(heir != servers.end());
      leader = heir->id;
      return;
    }
    REQUIRE((step.what == member_step::kind::change
             || step.what == member_step::kind::promote));
    CHECK(differences(servers, step.servers) == 1);
    CHECK(storage::encode_configuration(step.servers));
    servers = step.servers;
    // A leader is never taken out of its group.
    CHECK(std::any_of(servers.begin(), servers.end(),
                      [&](const auto& x) { return x.id == leader; }));
  }

  /// Goes to what is wanted; answers the steps.
  std::vector<member_step::kind> reach(const std::vector<raft_server>& wanted) {
    std::vector<member_step::kind> steps;
    auto voters_min = std::min(living_voters(wanted), wanted.size());
    for (int i = 0; i < 40; ++i) {
      auto step = next_member_step(status(), wanted);
      if (step.what == member_step::kind::done)
        break;
      steps.push_back(step.what);
      carry_out(step);
      CHECK(living_voters(wanted) >= voters_min);
    }
    CHECK(next_member_step(status(), wanted).what == member_step::kind::done);
    CHECK(ids(servers) == ids(wanted));
    CHECK(voters() == servers.size());
    return steps;
  }
};

} // namespace eventd::tests::planning
