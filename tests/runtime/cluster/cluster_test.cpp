// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/cluster.hpp"

#include <filesystem>

#include "storage/raft/server_id.hpp"
#include "storage/state/recover.hpp"
#include "tests/runtime/cluster/cluster_fixture.hpp"
#include "tests/runtime/cluster/link_node.hpp"

using namespace eventd;
using namespace eventd::tests::clusters;
using runtime::hello;
using storage::server_id;
using tests::link_node;

// -- beginning ----------------------------------------------------------------

TEST_CASE_METHOD(cluster_fixture,
                 "three empty nodes form one cluster with the same servers",
                 "[runtime][cluster]") {
  form_three();
  auto first = who(1);
  CHECK_FALSE(first.cluster_id.empty());
  REQUIRE(first.founders.size() == nodes);
  for (uint64_t node = 1; node <= nodes; ++node) {
    INFO("node " << node);
    auto x = who(node);
    CHECK(x.bootstrapped);
    CHECK(x.cluster_id == first.cluster_id);
    CHECK(x.founders == first.founders);
    CHECK(x.founders.at(node - 1) == raft_server{x.server, address(node)});
    CHECK(storage::node_of(x.server) == node);
    for (uint32_t shard = 0; shard < 2; ++shard)
      CHECK(members.at(node)->servers_of(shard) == first.founders);
    auto stored = storage::load_identity(members.at(node)->db());
    REQUIRE(stored);
    CHECK(stored->cluster_id == first.cluster_id);
    CHECK(members.at(node)->is_sound());
  }
}

TEST_CASE_METHOD(cluster_fixture,
                 "a node that is started again is the same, one start later",
                 "[runtime][cluster]") {
  form_three();
  auto before = who(2);
  start(2);
  require_formed(members.at(2)->form());
  auto after = who(2);
  CHECK(after.server == before.server);
  CHECK(after.cluster_id == before.cluster_id);
  CHECK(after.founders == before.founders);
  CHECK(after.boot_counter == before.boot_counter + 1);
  CHECK(after.boot_id != before.boot_id);
  CHECK(eventually([&] { return are_connected(); }));
  for (auto& [node, x] : members)
    CHECK(x->is_sound());
}

TEST_CASE_METHOD(cluster_fixture,
                 "a node without its peers waits until it is "
                 "stopped, and begins nothing",
                 "[runtime][cluster]") {
  auto& x = start(1);
  auto formed = x->form([] { return true; });
  REQUIRE(formed);
  CHECK_FALSE(*formed);
  CHECK_FALSE(who(1).bootstrapped);
  CHECK(who(1).cluster_id.empty());
  auto raft = storage::load_raft(x.db(), shard_id{0});
  REQUIRE(raft);
  CHECK_FALSE(raft->has_value());
}

TEST_CASE_METHOD(cluster_fixture,
                 "a node that was alone begins a cluster with what it has",
                 "[runtime][cluster]") {
  {
    member before{alone(1), path(1)};
    REQUIRE(storage::bootstrap(before.db(), 1));
  }
  auto& x = start(alone(1), path(1));
  CHECK(who(1).server == 1);
  auto id = who(1).cluster_id;
  CHECK_FALSE(id.empty());
  require_formed(x.form());
  CHECK(x.servers_of(0) == std::vector<raft_server>{{1, "1"}});
  start(alone(1), path(1));
  CHECK(who(1).cluster_id == id);
}

TEST_CASE_METHOD(cluster_fixture,
                 "a new directory of a node joins and founds nothing",
                 "[runtime][cluster]") {
  form_three();
  auto before = who(3);
  auto& x = start(one_of_three(3), dir / "new");
  require_formed(x.form());
  auto after = who(3);
  CHECK(after.cluster_id == before.cluster_id);
  CHECK(after.founders.empty());
  CHECK(after.server != before.server);
  CHECK(storage::node_of(after.server) == 3);
  for (uint32_t shard = 0; shard < 2; ++shard)
    CHECK(x.servers_of(shard).empty());
  CHECK(eventually([&] { return are_connected(); }));
  for (auto& [node, y] : members)
    CHECK(y->is_sound());
}

// -- who is refused -----------------------------------------------------------

TEST_CASE_METHOD(cluster_fixture,
                 "a copy of an older directory is refused and begins anew",
                 "[runtime][cluster]") {
  form_three();
  auto before = who(3);
  members.erase(3);
  std::filesystem::copy(path(3), dir / "old",
                        std::filesystem::copy_options::recursive);
  // The others see one more start of it, of which the copy knows nothing.
  start(3);
  REQUIRE(eventually([&] { return are_connected(); }));
  auto& copy = start(one_of_three(3), dir / "old");
  REQUIRE(eventually([&] { return !copy.stale().empty(); }));
  CHECK(copy.stale().size() == 1);
  CHECK(copy.stale()[0] == ec::conflict);
  CHECK(storage::load_identity(copy.db())->abandoned);
  CHECK(who(3).server == before.server);
  CHECK_FALSE(copy->connected(1));
  CHECK_FALSE(copy->connected(2));
  // Those who refused it are what they were.
  CHECK(members.at(1)->is_sound());
  CHECK(members.at(2)->is_sound());

  auto& anew = start(one_of_three(3), dir / "old");
  CHECK(who(3).server != before.server);
  CHECK(storage::node_of(who(3).server) == 3);
  CHECK(who(3).boot_counter == 1);
  CHECK_FALSE(who(3).bootstrapped);
  require_formed(anew.form());
  CHECK(who(3).cluster_id == before.cluster_id);
  CHECK(who(3).founders.empty());
  CHECK(anew.servers_of(0).empty());
  CHECK(eventually([&] { return are_connected(); }));
  for (auto& [node, x] : members)
    CHECK(x->is_sound());
}

TEST_CASE_METHOD(cluster_fixture,
                 "a start that was seen already is refused by one that stays "
                 "sound",
                 "[runtime][cluster]") {
  auto& x = start(alone(1), path(1));
  require_formed(x.form());
  auto id = who(1).cluster_id;
  auto is_admitted
    = [&](uint64_t boot, uint64_t boot_id, std::vector<uint64_t> boots = {}) {
        auto own = stranger(id, boot, boot_id);
        own.boots = std::move(boots);
        link_node other{own};
        other.dial(1, port(1));
        REQUIRE(other.eventually([](const auto& told) {
          return !told.connected.empty() || !told.refused.empty();
        }));
        auto told = other.told();
        if (told.refused.empty())
          return true;
        CHECK(told.refused[0].second.find("put back to an older state")
              != std::string::npos);
        return false;
      };
  CHECK(is_admitted(5, 55));
  CHECK(is_admitted(5, 55)); // Its connection was lost, no more.
  CHECK_FALSE(is_admitted(4, 55));
  CHECK_FALSE(is_admitted(5, 56));
  CHECK(is_admitted(7, 77));
  CHECK_FALSE(is_admitted(6, 55));
  CHECK(x.is_sound());
  // What it has seen outlives its own end.
  start(alone(1), path(1));
  CHECK_FALSE(is_admitted(6, 66));
  CHECK(is_admitted(7, 77));
  // Started more often than the original, in another life.
  CHECK_FALSE(is_admitted(9, 99, {99, 88, 76, 66}));
  CHECK(is_admitted(9, 99, {99, 88, 77, 66}));
  CHECK_FALSE(is_admitted(10, 101, {101, 98, 88}));
  CHECK(members.at(1)->is_sound());
}

TEST_CASE_METHOD(cluster_fixture,
                 "a node of another cluster or with another's directory is "
                 "refused",
                 "[runtime][cluster]") {
  auto& x = start(alone(1), path(1));
  require_formed(x.form());
  auto id = who(1).cluster_id;
  {
    link_node other{stranger("another", 1, 11)};
    other.dial(1, port(1));
    CHECK(other.is_refused(1, "it belongs to another cluster (another"));
  }
  {
    auto own = stranger(id, 1, 11);
    own.server = server_id(3, 5);
    link_node other{own};
    other.dial(1, port(1));
    CHECK(other.is_refused(1, "its data directory belongs to node 3"));
  }
  link_node other{stranger(id, 1, 11)};
  other.dial(1, port(1));
  CHECK(other.connects());
  CHECK(other.told().refused.empty());
  CHECK(x.is_sound());
}

TEST_CASE_METHOD(cluster_fixture,
                 "a node with another number of shards is refused, both are "
                 "told, and one that tells none is not",
                 "[runtime][cluster]") {
  auto& x = start(alone(1), path(1));
  require_formed(x.form());
  auto own = stranger(who(1).cluster_id, 1, 11);
  own.shards = 4;
  {
    link_node other{own};
    other.dial(1, port(1));
    CHECK(other.is_refused(1, "node 2 has 4 shards and node 1 has 2"));
    CHECK(other.warns("node 2 has 4 shards and node 1 has 2"));
    CHECK(other.told().connected.empty());
  }
  for (uint32_t shards : {2, 0}) {
    INFO(shards << " shards");
    own.shards = shards;
    link_node other{own};
    other.dial(1, port(1));
    CHECK(other.connects());
    CHECK(other.told().refused.empty());
  }
}

TEST_CASE_METHOD(cluster_fixture,
                 "three empty nodes, one with other shards, form no cluster",
                 "[runtime][cluster]") {
  start(1);
  start(one_of_three(2), path(2), 4);
  start(3);
  REQUIRE(eventually([&] {
    return (*members.at(1))->connected(3) && (*members.at(3))->connected(1);
  }));
  for (auto& [node, x] : members) {
    INFO("node " << node);
    std::string reason;
    auto end = clock::now() + limit;
    auto formed = (*x)->form(
      [&] {
        return reason.find(" shards") != std::string::npos
               || clock::now() >= end;
      },
      [&](const std::string& why) { reason = why; });
    REQUIRE(formed);
    CHECK_FALSE(*formed);
    CHECK_FALSE(who(node).bootstrapped);
    INFO(reason);
    CHECK(reason.find("node 2 has 4") != std::string::npos);
  }
  CHECK_FALSE((*members.at(1))->connected(2));
  CHECK_FALSE((*members.at(2))->connected(3));
}

TEST_CASE_METHOD(cluster_fixture,
                 "a node that is refused counts as not reached, whatever it "
                 "said before, and the last reason is told",
                 "[runtime][cluster]") {
  auto& x = start(1);
  auto reason = [&] {
    std::string told;
    auto formed = x->form([&] { return !told.empty(); },
                          [&](const std::string& why) { told = why; });
    REQUIRE(formed);
    return told;
  };
  auto own = stranger({}, 1, 11);
  own.empty = true;
  {
    link_node other{own};
    other.dial(1, port(1));
    REQUIRE(other.connects());
  }
  CHECK(reason().find("node 2 ") == std::string::npos);
  for (uint32_t shards : {4, 5}) {
    own.server = server_id(2, shards);
    own.shards = shards;
    link_node other{own};
    other.dial(1, port(1));
    auto why = "node 2 has " + std::to_string(shards) + " shards";
    REQUIRE(other.is_refused(1, why));
    INFO(reason());
    CHECK(reason().find("node 2 (" + address(2) + ") and")
          != std::string::npos);
    CHECK(reason().find(why) != std::string::npos);
  }
  CHECK(reason().find("node 2 has 4 shards") == std::string::npos);
}

TEST_CASE_METHOD(cluster_fixture,
                 "a directory of another node is refused and stays its own",
                 "[runtime][cluster]") {
  start(alone(1), path(1));
  auto before = who(1);
  members.clear();
  member wrong{alone(2), path(1)};
  auto started = wrong.start();
  REQUIRE_FALSE(started);
  CHECK(started.error() == ec::invalid_config);
  CHECK(started.error().detail.find("belongs to node 1") != std::string::npos);
  auto stored = storage::load_identity(wrong.db());
  REQUIRE(stored);
  CHECK(stored->server == before.server);
  CHECK(stored->boot_counter == before.boot_counter);
}

TEST_CASE_METHOD(cluster_fixture, "a port in use is an error",
                 "[runtime][cluster]") {
  start(alone(1), path(1));
  auto settings = alone(2);
  settings.port = port(1);
  member second{settings, path(2)};
  auto started = second.start();
  REQUIRE_FALSE(started);
  CHECK(started.error() == ec::address_in_use);
}
