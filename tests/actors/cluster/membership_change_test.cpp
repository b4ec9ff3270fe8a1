// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// What is asked of MEMBERSHIP and how that ends; what it does about it:
// membership_test.cpp.

#include <algorithm>
#include <string>
#include <vector>

#include "tests/actors/cluster/membership_world.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

bool is_transfer(const std::string& step) {
  return step.starts_with("transfer");
}

} // namespace

// -- what it refuses ----------------------------------------------------------

TEST_CASE_METHOD(membership_world, "membership refuses what makes no sense",
                 "[actors][membership]") {
  CHECK(change("paint", 4).code() == ec::invalid_request);
  CHECK(change("add", 2, address_of(2)).code() == ec::already_exists);
  CHECK(change("remove", 9).code() == ec::not_found);
  CHECK(change("replace", 9).code() == ec::not_found);
  auto waits = change("add", 4, address_of(4));
  CHECK_FALSE(waits.answered());
  auto second = change("add", 5, address_of(5));
  REQUIRE(second.code() == ec::conflict);
  CHECK(second.answer().error().detail.find("under way: add node 4 at "
                                            + address_of(4))
        != std::string::npos);
  for (auto& x : cluster->shards)
    x.servers.resize(1);
  advance(200);
  CHECK(change("remove", 1).code() == ec::invalid_request);
  cluster->lead(0, 0);
  CHECK(change("add", 6, address_of(6)).code() == ec::not_leader);
  CHECK(cluster->steps.empty());
}

TEST_CASE_METHOD(membership_world,
                 "membership refuses an address that is taken or can not be "
                 "dialed",
                 "[actors][membership]") {
  auto taken = change("add", 5, address_of(2));
  REQUIRE(taken.code() == ec::invalid_request);
  CHECK(taken.answer().error().detail
        == address_of(2) + " is the address of node 2");
  auto beyond = change("add", 5, "10.0.0.5:7001");
  REQUIRE(beyond.code() == ec::invalid_request);
  CHECK(beyond.answer().error().detail == "10.0.0.5:7001 is beyond loopback");
  auto elsewhere = change("add", 7, address_of(7));
  REQUIRE(elsewhere.code() == ec::invalid_request);
  CHECK(elsewhere.answer().error().detail == "node 7 is dialed elsewhere");
  // Who is no member keeps no address from a new one.
  cluster->nodes.push_back({9, address_of(9), 0, false, {}});
  auto waits = change("add", 5, address_of(9));
  CHECK_FALSE(waits.answered());
  CHECK(cluster->notes
        == std::vector<std::string>{"cluster: add node 5 at " + address_of(9)});
}

TEST_CASE_METHOD(membership_world,
                 "membership cancels an add by a remove, while nobody is "
                 "reached",
                 "[actors][membership]") {
  auto added = change("add", 5, address_of(5));
  advance(1'000);
  CHECK_FALSE(added.answered());
  CHECK(change("remove", 6).code() == ec::not_found);
  CHECK(change("remove", 3).code() == ec::conflict);
  auto removed = change("remove", 5);
  REQUIRE(added.answered());
  CHECK(added.code() == ec::conflict);
  CHECK(added.answer().error().detail == "cancelled by remove");
  advance(400);
  CHECK(removed.code() == ec::none);
  CHECK(cluster->steps.empty());
  CHECK(cluster->notes.back() == "cluster: remove node 5");
  // The address is dialed no more, and the next change is taken.
  CHECK(cluster->known.size() == 3);
  CHECK_FALSE(change("add", 6, address_of(6)).answered());
}

TEST_CASE_METHOD(membership_world,
                 "membership cancels an add by a remove, while the node is a "
                 "standby",
                 "[actors][membership]") {
  auto server = storage::server_id(4, 77);
  auto id = std::to_string(server);
  cluster->nodes.push_back({4, address_of(4), server, true, "0.1.0"});
  cluster->refusals.assign(1'000, {ec::timeout, "not in time"});
  auto added = change("add", 4, address_of(4));
  advance(1'000);
  CHECK_FALSE(added.answered());
  REQUIRE(cluster->steps.size() >= 2);
  auto removed = change("remove", 4);
  CHECK(added.code() == ec::conflict);
  advance(1'000);
  CHECK(removed.code() == ec::none);
  CHECK(cluster->steps.front() == "change 0: +" + id);
  CHECK(cluster->steps.back() == "change 0: -" + id);
}

TEST_CASE_METHOD(membership_world,
                 "membership hands a change to the node that leads shard 0",
                 "[actors][membership]") {
  cluster->lead(0, 2);
  cluster->calls.clear();
  auto x = change("add", 4, address_of(4));
  REQUIRE(x.code() == ec::none);
  CHECK(x.value() == "the other's answer");
  REQUIRE(cluster->calls.size() == 1);
  CHECK(cluster->calls[0].node == 2);
  CHECK(cluster->calls[0].kind == call_target::membership);
  advance(1'000);
  CHECK(std::none_of(cluster->steps.begin(), cluster->steps.end(),
                     [](const auto& y) { return !is_transfer(y); }));
}

TEST_CASE_METHOD(membership_world,
                 "membership asks the next one where the node that led shard 0 "
                 "dies over a change",
                 "[actors][membership]") {
  cluster->lead(0, 2);
  cluster->link_works = false;
  cluster->link_trouble = ec::unreachable;
  auto asked = change("remove", 3);
  advance(1'000);
  CHECK_FALSE(asked.answered());
  SECTION("which is another") {
    cluster->lead(0, 3);
    cluster->link_works = true;
    advance(1'000);
    REQUIRE(asked.code() == ec::none);
    CHECK(asked.value() == "the other's answer");
    CHECK(std::any_of(
      cluster->calls.begin(), cluster->calls.end(), [](const auto& to) {
        return to.kind == call_target::membership && to.node == 3;
      }));
  }
  SECTION("which is this one") {
    cluster->lead(0, 1);
    cluster->link_works = true;
    advance(2'000);
    REQUIRE(asked.code() == ec::none);
    CHECK(
      std::find(cluster->steps.begin(), cluster->steps.end(), "change 0: -3")
      != cluster->steps.end());
  }
}

TEST_CASE_METHOD(membership_world,
                 "membership says when a change is not done in time",
                 "[actors][membership]") {
  // The node is never reached.
  auto x = change("add", 4, address_of(4));
  advance(599'000);
  CHECK_FALSE(x.answered());
  advance(2'000);
  REQUIRE(x.answered());
  CHECK(x.code() == ec::timeout);
  CHECK(cluster->steps.empty());
  CHECK_FALSE(change("add", 4, address_of(4)).answered());
}

TEST_CASE_METHOD(membership_world,
                 "membership answers a remove that is repeated with the end of "
                 "the first",
                 "[actors][membership]") {
  cluster->shards[1].changing = true;
  auto first = change("remove", 3);
  advance(1'000);
  auto second = change("remove", 3);
  CHECK(change("remove", 2).code() == ec::conflict);
  advance(1'000);
  CHECK_FALSE(first.answered());
  CHECK_FALSE(second.answered());
  // Shard 0 goes on without it, and the other does not yet.
  CHECK(cluster->steps == std::vector<std::string>{"change 0: -3"});
  cluster->shards[1].changing = false;
  advance(1'000);
  REQUIRE(first.code() == ec::none);
  REQUIRE(second.code() == ec::none);
  CHECK(first.value() == second.value());
  CHECK(change("remove", 3).code() == ec::not_found);
}

TEST_CASE_METHOD(membership_world,
                 "membership removes a node that another has taken out of "
                 "shard 0",
                 "[actors][membership]") {
  cluster->shards[0].servers.pop_back();
  cluster->shards[1].changing = true;
  advance(200);
  auto x = change("remove", 3);
  advance(1'000);
  CHECK_FALSE(x.answered());
  cluster->shards[1].changing = false;
  advance(1'000);
  REQUIRE(x.code() == ec::none);
  CHECK(cluster->steps == std::vector<std::string>{"change 1: -3"});
}

TEST_CASE_METHOD(membership_world,
                 "membership does not cancel a replace by a remove",
                 "[actors][membership]") {
  cluster->nodes[2].connected = false;
  auto replaced = change("replace", 3);
  advance(1'000);
  CHECK_FALSE(replaced.answered());
  auto removed = change("remove", 3);
  REQUIRE(removed.code() == ec::conflict);
  CHECK(removed.answer().error().detail.find(
          "under way: replace node 3; it ends when node 3 is connected")
        != std::string::npos);
  cluster->nodes[2].connected = true;
  advance(1'000);
  CHECK(replaced.code() == ec::none);
}

TEST_CASE_METHOD(membership_world,
                 "membership calls a change done by what was done of it, and "
                 "not by what else was",
                 "[actors][membership]") {
  auto server = storage::server_id(2, 77);
  cluster->nodes[1].server = server;
  auto x = change("replace", 3);
  advance(4'000);
  REQUIRE(x.code() == ec::none);
  CHECK_FALSE(cluster->steps.empty());
  CHECK_FALSE(boost::json::parse(x.value()).at("changed").as_bool());
}

TEST_CASE_METHOD(membership_world,
                 "membership that has handed a change on does not tell whether "
                 "anything changed",
                 "[actors][membership]") {
  cluster->link_works = false;
  auto x = change("remove", 1);
  advance(1'000);
  CHECK_FALSE(x.answered());
  cluster->answer = R"({"self":2,"changed":false})";
  cluster->link_works = true;
  advance(1'000);
  REQUIRE(x.code() == ec::none);
  CHECK(x.value() == R"({"self":2})");
  // What it is told right away passes as it is.
  auto second = change("remove", 1);
  REQUIRE(second.code() == ec::none);
  CHECK(second.value() == cluster->answer);
}
