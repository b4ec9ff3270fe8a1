// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/formation.hpp"

#include <catch2/catch_test_macros.hpp>

#include "storage/raft/server_id.hpp"
#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::runtime;
using storage::raft_server;
using storage::server_id;
using kind = formation_step::kind;

namespace {

std::string address_of(uint64_t node) {
  return "127.0.0." + std::to_string(node) + ":7001";
}

/// A directory that has its server id and nothing else.
storage::identity fresh(uint64_t node, uint32_t life = 1) {
  storage::identity x;
  x.server = server_id(node, life);
  x.boot_counter = 1;
  return x;
}

/// What an empty node says.
hello empty(uint64_t node, uint32_t life = 1) {
  hello x;
  x.node = node;
  x.server = server_id(node, life);
  x.address = address_of(node);
  x.empty = true;
  return x;
}

/// What a node of a cluster says that nodes 1 to 3 began.
hello member(uint64_t node, const std::string& cluster_id = "c-1") {
  auto x = empty(node);
  x.empty = false;
  x.cluster_id = cluster_id;
  for (uint64_t i = 1; i <= 3; ++i)
    x.founders.push_back({server_id(i, 1), address_of(i)});
  return x;
}

/// One of three nodes, with what it has seen.
struct formation_fixture {
  result<formation_step> step(uint64_t node, uint32_t life = 1) {
    std::vector<raft_server> peers;
    for (uint64_t i = 1; i <= 3; ++i)
      if (i != node)
        peers.push_back({i, address_of(i)});
    return next_step(fresh(node, life), node, address_of(node), peers, seen);
  }

  void see(const hello& x) { seen[x.node] = x; }

  /// Why it waits; fails where it does something else.
  std::string reason(uint64_t node) {
    auto x = step(node);
    REQUIRE(x);
    REQUIRE(x->what == kind::wait);
    CHECK(x->founders.empty());
    return x->reason;
  }

  std::map<uint64_t, hello> seen;
};

const std::vector<raft_server> three{{server_id(1, 1), address_of(1)},
                                     {server_id(2, 1), address_of(2)},
                                     {server_id(3, 1), address_of(3)}};

} // namespace

TEST_CASE("a node without peers founds a cluster of itself",
          "[runtime][formation]") {
  auto x = next_step(fresh(7), 7, address_of(7), {}, {});
  REQUIRE(x);
  CHECK(x->what == kind::found);
  CHECK(x->cluster_id.empty());
  CHECK(x->founders
        == std::vector<raft_server>{{server_id(7, 1), address_of(7)}});
}

TEST_CASE_METHOD(formation_fixture,
                 "nobody founds a cluster before all peers were reached",
                 "[runtime][formation]") {
  CHECK(reason(1)
        == "node 2 (127.0.0.2:7001) and node 3 (127.0.0.3:7001) were not "
           "reached yet");
  see(empty(2));
  CHECK(reason(1) == "node 3 (127.0.0.3:7001) was not reached yet");
  see(empty(3));
  CHECK(step(1)->what == kind::found);
}

TEST_CASE_METHOD(formation_fixture, "the lowest node founds the cluster",
                 "[runtime][formation]") {
  see(empty(2));
  see(empty(3));
  auto x = step(1);
  REQUIRE(x);
  CHECK(x->what == kind::found);
  CHECK(x->cluster_id.empty());
  CHECK(x->founders == three);
}

TEST_CASE_METHOD(formation_fixture,
                 "founders are the directories that answered, where they are "
                 "said to be",
                 "[runtime][formation]") {
  see(empty(2, 77));
  auto elsewhere = empty(3);
  elsewhere.address = "10.0.0.1:1"; // As it sees itself.
  see(elsewhere);
  auto x = step(1, 5);
  REQUIRE(x);
  CHECK(x->founders
        == std::vector<raft_server>{{server_id(1, 5), address_of(1)},
                                    {server_id(2, 77), address_of(2)},
                                    {server_id(3, 1), address_of(3)}});
}

TEST_CASE_METHOD(formation_fixture,
                 "all but the lowest node wait for it to begin",
                 "[runtime][formation]") {
  see(empty(1));
  see(empty(3));
  CHECK(reason(2) == "node 1 begins the cluster");
  seen.clear();
  see(empty(1));
  see(empty(2));
  CHECK(reason(3) == "node 1 begins the cluster");
}

TEST_CASE_METHOD(formation_fixture,
                 "a peer that has data without a cluster stops the founding",
                 "[runtime][formation]") {
  auto older = empty(2);
  older.empty = false;
  see(older);
  see(empty(3));
  CHECK(reason(1) == "node 2 has data of no cluster yet");
  CHECK(reason(3).find("node 1") != std::string::npos);
}

TEST_CASE_METHOD(formation_fixture,
                 "a founder begins as soon as one member is seen",
                 "[runtime][formation]") {
  for (uint64_t node : {2, 3}) {
    seen.clear();
    see(member(1));
    auto x = step(node);
    REQUIRE(x);
    CHECK(x->what == kind::begin);
    CHECK(x->cluster_id == "c-1");
    CHECK(x->founders == three);
  }
}

TEST_CASE_METHOD(formation_fixture,
                 "the lowest node founds nothing where a cluster is",
                 "[runtime][formation]") {
  see(empty(2));
  see(member(3));
  auto x = step(1);
  REQUIRE(x);
  CHECK(x->what == kind::begin);
  CHECK(x->cluster_id == "c-1");
  CHECK(x->founders == three);
}

TEST_CASE_METHOD(formation_fixture,
                 "a founder with a new directory joins and votes for nobody",
                 "[runtime][formation]") {
  see(member(1));
  see(member(3));
  auto x = step(2, 9);
  REQUIRE(x);
  CHECK(x->what == kind::join);
  CHECK(x->cluster_id == "c-1");
  CHECK(x->founders.empty());
}

TEST_CASE_METHOD(formation_fixture, "a node that is no founder joins",
                 "[runtime][formation]") {
  see(member(1));
  auto x = next_step(fresh(4), 4, address_of(4),
                     {{1, address_of(1)}, {2, address_of(2)}}, seen);
  REQUIRE(x);
  CHECK(x->what == kind::join);
  CHECK(x->cluster_id == "c-1");
  CHECK(x->founders.empty());
}

TEST_CASE_METHOD(formation_fixture,
                 "a cluster is found by a member that is no peer",
                 "[runtime][formation]") {
  see(empty(2));
  see(empty(3));
  see(member(9));
  auto x = step(1);
  REQUIRE(x);
  CHECK(x->what == kind::begin);
  CHECK(x->cluster_id == "c-1");
}

TEST_CASE_METHOD(formation_fixture,
                 "a founder begins whichever member it saw first knows the "
                 "founders",
                 "[runtime][formation]") {
  for (uint64_t joined : {4, 0}) {
    seen.clear();
    see(member(1));
    // One that joined later does not know who founded the cluster.
    auto later = member(joined);
    later.founders.clear();
    see(later);
    for (uint64_t node : {2, 3}) {
      auto x = step(node);
      REQUIRE(x);
      CHECK(x->what == kind::begin);
      CHECK(x->cluster_id == "c-1");
      CHECK(x->founders == three);
    }
  }
}

TEST_CASE_METHOD(formation_fixture,
                 "peers of different clusters are refused by name",
                 "[runtime][formation]") {
  see(member(2, "c-1"));
  see(member(3, "c-2"));
  auto x = step(1);
  REQUIRE_FALSE(x);
  CHECK(x.error() == ec::invalid_config);
  CHECK(x.error().detail.find("nodes 2 and 3") != std::string::npos);
  see(member(3, "c-1"));
  CHECK(step(1)->what == kind::begin);
}

TEST_CASE_METHOD(formation_fixture,
                 "no cluster is founded where data was damaged and set aside",
                 "[runtime][formation]") {
  auto damaged = empty(2);
  damaged.empty = false;
  damaged.join_only = true;
  see(damaged);
  CHECK(reason(1).find("set aside: 2; not reached: 3") != std::string::npos);
  see(empty(3));
  CHECK(reason(1).find("set aside: 2; not reached: none") != std::string::npos);
  CHECK(reason(3).find("set aside: 2;") != std::string::npos);
}

TEST_CASE_METHOD(formation_fixture,
                 "nodes that are all damaged wait, and list each other",
                 "[runtime][formation]") {
  for (uint64_t node = 1; node <= 3; ++node) {
    auto x = empty(node);
    x.empty = false;
    x.join_only = true;
    see(x);
  }
  std::vector<raft_server> peers{{2, address_of(2)}, {3, address_of(3)}};
  auto own = fresh(1);
  own.join_only = true;
  auto x = next_step(own, 1, address_of(1), peers, seen);
  REQUIRE(x);
  CHECK(x->what == kind::wait);
  CHECK(x->reason.find("set aside: 1, 2, 3;") != std::string::npos);
  // Alone in its list it waits as well.
  x = next_step(own, 1, address_of(1), {}, {});
  REQUIRE(x);
  CHECK(x->what == kind::wait);
  // And joins as soon as there is somebody who has the data.
  see(member(3));
  x = next_step(own, 1, address_of(1), peers, seen);
  REQUIRE(x);
  CHECK(x->what == kind::begin);
  own = fresh(1, 2);
  own.join_only = true;
  CHECK(next_step(own, 1, address_of(1), peers, seen)->what == kind::join);
}
