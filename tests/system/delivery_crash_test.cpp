// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <csignal>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/node.hpp"
#include "tests/system/sink.hpp"

namespace eventd::tests {

namespace {

namespace json = boost::json;

const std::string channel = "test/a";

json::object retries(int n, const std::string& delay) {
  return {{"retry", n}, {"backoffPolicy", "linear"}, {"backoffDelay", delay}};
}

size_t count_of(const http_sink& sink, const std::string& id) {
  auto ids = sink.ids();
  return static_cast<size_t>(std::count(ids.begin(), ids.end(), id));
}

} // namespace

TEST_CASE("an event whose 2xx was sent but not committed comes again with its "
          "id",
          "[system][delivery][crash]") {
  eventd_node node;
  node.create_channel(channel);
  http_sink sink;
  // The node is held while the answer is on its way, so that it surely dies
  // between the subscriber's 2xx and the commit of its cursor.
  sink.set_script([&](auto&, size_t nth) {
    if (nth == 0)
      node.running().signal(SIGSTOP);
    return answer(200);
  });
  node.create_subscription(
    {"s", channel, sink.url(), {}, {{"start", "earliest"}}});
  // Nobody answers this publish either; its outcome is unknown.
  std::thread source{[&] {
    auto unanswered = node.client().send(binary_event(channel, "1"));
    (void)unanswered;
  }};
  REQUIRE(sink.wait_count(1));
  node.kill();
  source.join();
  node.start();
  REQUIRE(sink.wait_count(2));
  auto seen = sink.seen();
  CHECK(seen[0].id == "1");
  CHECK(seen[1].id == "1");
  CHECK(seen[0].body == seen[1].body);
  CHECK(seen[0].header("ce-source") == seen[1].header("ce-source"));
}

TEST_CASE("attempts and the dead letter decision survive a restart",
          "[system][delivery][crash]") {
  eventd_node node;
  node.create_channel(channel);
  http_sink dead;
  http_sink sink{
    [](auto& x, size_t) { return answer(x.id == "poison" ? 500 : 202); }};
  auto delivery = retries(3, "PT1S");
  delivery["deadLetterSink"] = json::object{{"uri", dead.url()}};
  node.create_subscription({"s",
                            channel,
                            sink.url(),
                            delivery,
                            {{"start", "earliest"}, {"ordering", "ordered"}}});
  node.publish(channel, "poison");
  // Attempts 1 and 2; then it is stopped while it waits 2 s for the third.
  REQUIRE(sink.wait_count(2));
  REQUIRE(
    eventually([&] { return node.figure("test/s", "attemptsFailed") == 2; }));
  CHECK(node.stop() == 0);
  node.start();
  REQUIRE(dead.wait_count(1));
  CHECK(count_of(sink, "poison") == 4);
  REQUIRE(eventually([&] { return node.figure("test/s", "offset") == 1; }));
  CHECK(node.stop() == 0);
  node.start();
  node.publish(channel, "after");
  REQUIRE(eventually([&] { return sink.has("after"); }));
  CHECK(count_of(sink, "poison") == 4);
  CHECK(dead.ids() == std::vector<std::string>{"poison"});
}

TEST_CASE("an event whose dead letter sink is down too is kept, counted and "
          "sent when it returns, also over SIGKILL",
          "[system][delivery][crash]") {
  eventd_node node;
  node.create_channel(channel);
  http_sink dead;
  dead.down();
  http_sink sink{
    [](auto& x, size_t) { return answer(x.id == "poison" ? 400 : 202); }};
  auto delivery = retries(0, "PT0.2S");
  delivery["deadLetterSink"] = json::object{{"uri", dead.url()}};
  node.create_subscription(
    {"s", channel, sink.url(), delivery, {{"start", "earliest"}}});
  node.publish(channel, "poison");
  node.publish(channel, "good");
  REQUIRE(eventually([&] { return sink.has("good"); }));
  auto is_tried_in_vain = [&] {
    return node.figure("test/s", "attemptsFailed").value_or(0) >= 3
           && node.figure("test/s", "deadLettered") == 0
           && node.figure("test/s", "lag").value_or(0) > 0;
  };
  REQUIRE(eventually(is_tried_in_vain));
  CHECK(node.get("/metrics").body.find("\neventd_dead_letters_total 0\n")
        != std::string::npos);
  node.kill();
  node.start();
  // The decision was stored: the subscriber is not asked again.
  REQUIRE(eventually(
    [&] { return node.figure("test/s", "attemptsFailed").value_or(0) >= 1; }));
  CHECK(count_of(sink, "poison") == 1);
  dead.up();
  REQUIRE(dead.wait_count(1));
  CHECK(dead.seen()[0].id == "poison");
  CHECK(dead.seen()[0].header("ce-knativeerrorcode") == "400");
  REQUIRE(eventually([&] { return node.figure("test/s", "offset") == 2; }));
  CHECK(node.figure("test/s", "givenUp") == 0);
}

} // namespace eventd::tests
