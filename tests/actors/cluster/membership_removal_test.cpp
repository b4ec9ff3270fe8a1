// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// Whether MEMBERSHIP takes a node, its own or another, for one of the cluster;
// what else it does: membership_test.cpp.

#include <algorithm>
#include <string>
#include <vector>

#include "tests/actors/cluster/membership_world.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

using places = std::vector<belonging>;

/// Node 1 hears of no leader, and the others of what its replica had heard.
struct forgotten : membership_world {
  forgotten() {
    cluster->elsewhere = cluster->shards[0];
    cluster->elsewhere_1 = cluster->shards[1];
    for (uint64_t shard : {0, 1}) {
      auto& own = cluster->shards[shard];
      own.role = static_cast<uint8_t>(storage::raft_role::follower);
      own.ready = false;
      cluster->lead(shard, 0);
    }
  }

  void leave(shard_status& x) { x.servers.erase(x.servers.begin()); }
};

} // namespace

TEST_CASE_METHOD(forgotten, "membership tells that this node was removed",
                 "[actors][membership]") {
  advance(3'000);
  CHECK(cluster->places.empty());
  leave(*cluster->elsewhere_1);
  leave(*cluster->elsewhere);
  // Not committed yet; then by one that leads no more.
  cluster->elsewhere->changing = true;
  advance(5'000);
  cluster->elsewhere->changing = false;
  cluster->elsewhere->ready = false;
  advance(5'000);
  CHECK(cluster->places.empty());
  cluster->elsewhere->ready = true;
  // Once is not enough.
  advance(2'000);
  CHECK(cluster->places.empty());
  advance(3'000);
  CHECK(cluster->places == places{belonging::removed});
  CHECK_FALSE(status()["nodes"].at(0).at("member").as_bool());
  CHECK(status()["nodes"].at(1).at("member").as_bool());
  advance(3'000);
  // It is added again.
  cluster->elsewhere->servers.push_back(voter(1, address_of(1)));
  cluster->lead(0, 2);
  advance(400);
  CHECK(cluster->places == places{belonging::removed, belonging::member});
}

TEST_CASE_METHOD(forgotten,
                 "membership of a node that is in one shard still tells of no "
                 "removal",
                 "[actors][membership]") {
  leave(*cluster->elsewhere);
  advance(10'000);
  CHECK(cluster->places.empty());
  CHECK(status()["nodes"].at(0).at("member").as_bool());
  leave(*cluster->elsewhere_1);
  advance(5'000);
  CHECK(cluster->places == places{belonging::removed});
}

TEST_CASE_METHOD(forgotten,
                 "membership believes no leader of a term before its own that "
                 "it was removed",
                 "[actors][membership]") {
  leave(*cluster->elsewhere);
  leave(*cluster->elsewhere_1);
  cluster->shards[0].term = raft_term{4};
  advance(10'000);
  CHECK(cluster->places.empty());
  cluster->elsewhere->term = raft_term{4};
  advance(5'000);
  CHECK(cluster->places == places{belonging::removed});
}

TEST_CASE_METHOD(forgotten,
                 "membership that hears that this node belongs begins to count "
                 "anew",
                 "[actors][membership]") {
  leave(*cluster->elsewhere_1);
  auto in = *cluster->elsewhere;
  auto out = in;
  leave(out);
  for (int i = 0; i < 4; ++i) {
    cluster->elsewhere = out;
    advance(2'000);
    cluster->elsewhere = in;
    advance(2'000);
  }
  CHECK(cluster->places.empty());
}

TEST_CASE_METHOD(forgotten,
                 "membership of a node that nobody has added yet says so until "
                 "it is",
                 "[actors][membership]") {
  auto members = cluster->shards[0].servers;
  leave(*cluster->elsewhere);
  leave(*cluster->elsewhere_1);
  for (auto& x : cluster->shards)
    x.servers.clear();
  cluster->calls.clear();
  // One that does not answer tells nothing.
  cluster->shards[1].role
    = static_cast<uint8_t>(storage::raft_role::unavailable);
  advance(10'000);
  CHECK(cluster->places.empty());
  CHECK(cluster->calls.empty());
  cluster->shards[1].role = static_cast<uint8_t>(storage::raft_role::follower);
  advance(10'000);
  CHECK(cluster->places == places{belonging::awaited});
  CHECK(cluster->calls.empty()); // It does not ask the others.
  cluster->shards[0].servers = members;
  advance(400);
  CHECK(cluster->places == places{belonging::awaited, belonging::member});
}

TEST_CASE_METHOD(membership_world, "membership shows who is not in the cluster",
                 "[actors][membership]") {
  cluster->nodes.push_back({4, address_of(4), 4, true, "0.1.0"});
  auto x = status();
  CHECK(x["nodes"].at(2).at("member").as_bool());
  CHECK_FALSE(x["nodes"].at(3).at("member").as_bool());
  CHECK(x["nodes"].at(3).at("connected").as_bool());
  // Who is on the way out is still in.
  cluster->shards[1].servers.push_back(voter(4, address_of(4)));
  CHECK(status()["nodes"].at(3).at("member").as_bool());
}
