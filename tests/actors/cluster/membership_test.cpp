// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/cluster/membership.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/actors/cluster/membership_world.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

using steps = std::vector<std::string>;

bool is_transfer(const std::string& step) {
  return step.starts_with("transfer");
}

} // namespace

// -- what it shows ------------------------------------------------------------

TEST_CASE_METHOD(membership_world, "membership shows the cluster as JSON",
                 "[actors][membership]") {
  cluster->shards[1].servers[2].match = raft_index{4};
  auto x = status();
  CHECK(x["clusterId"].as_string() == "c-1");
  CHECK(x["self"].to_number<uint64_t>() == 1);
  REQUIRE(x["nodes"].as_array().size() == 3);
  auto& node = x["nodes"].as_array()[1].as_object();
  CHECK(node["id"].to_number<uint64_t>() == 2);
  CHECK(node["address"].as_string() == address_of(2));
  CHECK(node["server"].as_string() == "2");
  CHECK_FALSE(node["self"].as_bool());
  CHECK(node["connected"].as_bool());
  CHECK(node["version"].as_string() == "0.1.0");
  CHECK(node["leads"].to_number<uint64_t>() == 1);
  REQUIRE(x["shards"].as_array().size() == 2);
  auto& shard = x["shards"].as_array()[1].as_object();
  CHECK(shard["shard"].to_number<uint64_t>() == 1);
  CHECK(shard["leader"].to_number<uint64_t>() == 2);
  CHECK(shard["term"].to_number<uint64_t>() == 3);
  CHECK(shard["commit"].to_number<uint64_t>() == 10);
  CHECK(shard["health"].as_string() == "ok");
  REQUIRE(shard["replicas"].as_array().size() == 3);
  auto& replica = shard["replicas"].as_array()[2].as_object();
  CHECK(replica["node"].to_number<uint64_t>() == 3);
  CHECK(replica["role"].as_string() == "voter");
  CHECK(replica["match"].to_number<uint64_t>() == 4);
  CHECK(replica["lag"].to_number<uint64_t>() == 6);
}

TEST_CASE_METHOD(membership_world, "membership tells what is amiss",
                 "[actors][membership]") {
  auto health = [this](size_t shard) {
    auto x = status();
    return std::string{
      x["shards"].as_array()[shard].as_object()["health"].as_string()};
  };
  cluster->nodes[2].connected = false;
  CHECK(health(0) == "degraded");
  cluster->lead(1, 0);
  CHECK(health(0) == "degraded");
  CHECK(health(1) == "no leader");
  cluster->nodes[2].connected = true;
  CHECK(health(0) == "ok");
  // A change that is not committed, and a copy that does not vote.
  cluster->shards[0].changing = true;
  CHECK(health(0) == "changing");
  cluster->shards[0].changing = false;
  cluster->shards[0].servers[1].role
    = static_cast<uint8_t>(storage::raft_server_role::standby);
  CHECK(health(0) == "changing");
  cluster->shards[0].servers[1].role
    = static_cast<uint8_t>(storage::raft_server_role::voter);
  // The node is there, with another directory than that of the copy.
  cluster->nodes[2].server = storage::server_id(3, 77);
  CHECK(health(0) == "degraded");
}

TEST_CASE_METHOD(
  membership_world,
  "membership asks each shard's leader, and else its own replica",
  "[actors][membership]") {
  cluster->calls.clear();
  status();
  REQUIRE(cluster->calls.size() == 1);
  CHECK(cluster->calls[0].node == 2);
  CHECK(cluster->calls[0].kind == call_target::replica);
  CHECK(cluster->calls[0].shard == shard_id{1});
  cluster->link_works = false;
  CHECK(status()["shards"].as_array().size() == 2);
}

TEST_CASE_METHOD(membership_world,
                 "membership makes known where the servers of shard 0 are",
                 "[actors][membership]") {
  REQUIRE(cluster->known.size() == 3);
  CHECK(cluster->known[2].address == address_of(3));
  // An address that stands twice for a while is marked in the configuration.
  cluster->shards[0].servers[2].address = address_of(3) + "#77";
  change("add", 4, address_of(4));
  advance(200);
  REQUIRE(cluster->known.size() == 4);
  CHECK(cluster->known[2].address == address_of(3));
  CHECK(cluster->known[3].address == address_of(4));
  CHECK(storage::node_of(cluster->known[3].id) == 4);
}

// -- what it does -------------------------------------------------------------

TEST_CASE_METHOD(membership_world,
                 "membership adds a node to shard 0 first, then to the others",
                 "[actors][membership]") {
  auto x = change("add", 4, address_of(4));
  advance(1'000);
  CHECK_FALSE(x.answered());
  CHECK(cluster->steps.empty());
  auto server = storage::server_id(4, 77);
  auto id = std::to_string(server);
  cluster->nodes.push_back({4, address_of(4), server, true, "0.1.0"});
  advance(2'000);
  REQUIRE(x.code() == ec::none);
  CHECK(boost::json::parse(x.value()).at("changed").as_bool());
  CHECK(boost::json::parse(x.value())
          .at("shards")
          .at(1)
          .at("replicas")
          .as_array()
          .size()
        == 4);
  auto did = cluster->steps;
  std::erase_if(did, is_transfer);
  CHECK(did
        == steps{"change 0: +" + id, "promote 0: " + id,
                 "change 0: " + id + " votes", "change 1: +" + id,
                 "promote 1: " + id, "change 1: " + id + " votes"});
}

TEST_CASE_METHOD(membership_world,
                 "membership goes on where a server did not come up to date",
                 "[actors][membership]") {
  auto server = storage::server_id(4, 77);
  auto id = std::to_string(server);
  cluster->nodes.push_back({4, address_of(4), server, true, "0.1.0"});
  cluster->refusals.push_back({ec::timeout, "not in time"});
  auto x = change("add", 4, address_of(4));
  advance(2'000);
  REQUIRE(x.code() == ec::none);
  REQUIRE(cluster->steps.size() >= 4);
  CHECK(cluster->steps[1] == "promote 0: " + id);
  CHECK(cluster->steps[2] == "promote 0: " + id);
  CHECK(cluster->steps[3] == "change 0: " + id + " votes");
}

TEST_CASE_METHOD(membership_world, "membership removes a node from all shards",
                 "[actors][membership]") {
  auto x = change("remove", 3);
  advance(1'000);
  REQUIRE(x.code() == ec::none);
  auto did = cluster->steps;
  std::erase_if(did, is_transfer);
  CHECK(did == steps{"change 0: -3", "change 1: -3"});
}

TEST_CASE_METHOD(membership_world,
                 "membership hands a shard over before its leader goes",
                 "[actors][membership]") {
  auto x = change("remove", 2);
  advance(1'000);
  REQUIRE(x.code() == ec::none);
  CHECK(cluster->steps == steps{"change 0: -2", "transfer 1", "change 1: -2"});
  CHECK(cluster->map->owner(shard_id{1}) != 2);
}

TEST_CASE_METHOD(membership_world,
                 "membership that hands over shard 0 has the next one go on",
                 "[actors][membership]") {
  cluster->link_works = false;
  auto x = change("remove", 1);
  advance(1'000);
  CHECK(cluster->steps == steps{"transfer 0"});
  // It can not be reached, and is asked again.
  CHECK_FALSE(x.answered());
  cluster->link_works = true;
  cluster->calls.clear();
  advance(1'000);
  CHECK(std::any_of(
    cluster->calls.begin(), cluster->calls.end(),
    [](const auto& to) { return to.kind == call_target::membership; }));
  CHECK(x.code() == ec::none);
  CHECK(cluster->steps == steps{"transfer 0"});
}

TEST_CASE_METHOD(membership_world,
                 "membership puts a node's new directory in the place of its "
                 "old one",
                 "[actors][membership]") {
  auto server = storage::server_id(3, 77);
  auto id = std::to_string(server);
  cluster->nodes[2].server = server;
  advance(4'000);
  auto did = cluster->steps;
  std::erase_if(did, is_transfer);
  steps wanted;
  for (const auto* shard : {"0: ", "1: "})
    for (const auto& [verb, what] :
         {std::pair{"change ", "+" + id}, std::pair{"promote ", id},
          std::pair{"change ", std::string{"-3"}}, std::pair{"promote ", id},
          std::pair{"change ", id + " votes"}})
      wanted.push_back(verb + (shard + what));
  CHECK(did == wanted);
  // Nobody asked, and there is nothing left to do.
  advance(1'000);
  auto again = change("replace", 3);
  CHECK_FALSE(again.answered());
  advance(400);
  REQUIRE(again.code() == ec::none);
  CHECK_FALSE(boost::json::parse(again.value()).at("changed").as_bool());
  CHECK(cluster->steps.size() == did.size());
}

TEST_CASE_METHOD(membership_world,
                 "membership waits while a change is not committed",
                 "[actors][membership]") {
  cluster->shards[0].changing = true;
  auto x = change("remove", 3);
  advance(1'000);
  CHECK_FALSE(x.answered());
  CHECK(cluster->steps.empty());
  cluster->shards[0].changing = false;
  advance(1'000);
  CHECK(x.code() == ec::none);
}

// -- who leads what -----------------------------------------------------------

TEST_CASE_METHOD(membership_world,
                 "membership hands a shard to the node whose turn it is",
                 "[actors][membership]") {
  advance(5'000);
  CHECK(cluster->steps.empty());
  cluster->lead(1, 1);
  // It stays for a while where an election has put it.
  advance(1'500);
  CHECK(cluster->steps.empty());
  advance(1'000);
  CHECK(cluster->steps == steps{"transfer 1: 2"});
  CHECK(cluster->map->owner(shard_id{1}) == 2);
}

TEST_CASE_METHOD(membership_world,
                 "membership hands no shard to one that lacks much",
                 "[actors][membership]") {
  cluster->shards[1].last = raft_index{5'000};
  cluster->lead(1, 1);
  advance(5'000);
  CHECK(cluster->steps.empty());
  cluster->shards[1].servers[1].match = raft_index{4'500};
  advance(1'000);
  CHECK(cluster->steps == steps{"transfer 1: 2"});
}

TEST_CASE_METHOD(membership_world,
                 "membership hands no shard to one that stops or is away",
                 "[actors][membership]") {
  cluster->lead(1, 1);
  cluster->nodes[1].leaving = true;
  advance(5'000);
  CHECK(cluster->steps.empty());
  cluster->nodes[1].leaving = false;
  cluster->nodes[1].connected = false;
  advance(5'000);
  CHECK(cluster->steps.empty());
  cluster->nodes[1].connected = true;
  advance(1'000);
  CHECK(cluster->steps == steps{"transfer 1: 2"});
}

TEST_CASE_METHOD(membership_world,
                 "membership hands over only what this node leads",
                 "[actors][membership]") {
  cluster->lead(1, 3);
  advance(5'000);
  CHECK(cluster->steps.empty());
}
