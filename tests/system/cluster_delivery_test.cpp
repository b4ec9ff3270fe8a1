// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// What of deliveries outlives the node that leads the channel.

#include <algorithm>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/system/cluster.hpp"
#include "tests/system/sink.hpp"

namespace eventd::tests {

namespace {

namespace json = boost::json;

const std::string channel = "test/a";

size_t count_of(const http_sink& sink, const std::string& id) {
  auto ids = sink.ids();
  return static_cast<size_t>(std::count(ids.begin(), ids.end(), id));
}

/// A figure of `status.eventd` of the subscription "test/s".
std::string figure(const cluster& nodes, const std::string& key) {
  auto given
    = nodes.send({"GET", resource_path("subscriptions", "test/s"), {}, {}});
  return given.status == 200
           ? text_at(json::parse(given.body), "/status/eventd/" + key)
           : std::string{};
}

void publish(const cluster& nodes, const std::string& id) {
  REQUIRE(nodes.send(binary_event(channel, id)).status == 202);
}

} // namespace

TEST_CASE("attempts and the decision for a dead letter survive the death of "
          "the leader",
          "[system][cluster][delivery]") {
  http_sink dead;
  http_sink sink{
    [](auto& x, size_t) { return answer(x.id == "poison" ? 500 : 202); }};
  cluster nodes;
  nodes.create_channel(channel);
  nodes.create_subscription(
    {"s",
     channel,
     sink.url(),
     {{"retry", 3},
      {"backoffPolicy", "linear"},
      {"backoffDelay", "PT2S"},
      {"deadLetterSink", json::object{{"uri", dead.url()}}}},
     {{"start", "earliest"}, {"ordering", "ordered"}}});
  publish(nodes, "poison");
  // After the second attempt, 4 s before the third.
  REQUIRE(sink.wait_count(2));
  INFO(nodes.last_words());
  REQUIRE(eventually([&] { return figure(nodes, "attemptsFailed") == "2"; }));
  auto first = nodes.leader_of_channel(channel);
  nodes.kill(first);
  REQUIRE(dead.wait_count(1, patience));
  // The one whose outcome was not committed yet is made again.
  auto attempts = count_of(sink, "poison");
  CHECK(attempts >= 4);
  CHECK(attempts <= 5);
  REQUIRE(eventually([&] { return figure(nodes, "offset") == "1"; }));
  nodes.start(first);
  nodes.wait_ready(first);
  nodes.wait_healthy();
  nodes.kill(nodes.leader_of_channel(channel));
  publish(nodes, "after");
  REQUIRE(eventually([&] { return sink.has("after"); }));
  CHECK(count_of(sink, "poison") == attempts);
  CHECK(dead.ids() == std::vector<std::string>{"poison"});
}

TEST_CASE("a memory channel begins a new life at another leader, and its "
          "subscription follows it",
          "[system][cluster][delivery]") {
  http_sink sink;
  cluster nodes;
  nodes.create_channel(channel, {{"durability", "memory"}});
  nodes.create_subscription(
    {"s", channel, sink.url(), {}, {{"start", "earliest"}}});
  for (auto id : {"1", "2", "3"})
    publish(nodes, id);
  REQUIRE(sink.wait_distinct(3));
  nodes.kill(nodes.leader_of_channel(channel));
  publish(nodes, "later");
  INFO(nodes.last_words());
  CHECK(eventually([&] { return sink.has("later"); }));
  auto kept = nodes.read_all(channel);
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].id == "later");
  CHECK(kept[0].offset == 0);
}

} // namespace eventd::tests
