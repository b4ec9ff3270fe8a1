// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/subscription/subscription.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <caf/send.hpp>
#include <catch2/catch_test_macros.hpp>

#include "actors/subscription/dead_letter.hpp"
#include "tests/actors/subscription/subscription_world.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

TEST_CASE_METHOD(subscription_world,
                 "a poison event goes to the sink and nothing else does",
                 "[actors][subscription]") {
  channel->publish(10);
  dispatcher->answer = [](const delivery_request& x) {
    auto poison = x.leg == delivery_leg::subscriber && x.event[0].id() == "4";
    auto outcome = answered(poison ? 500 : 200);
    outcome.body = "broken";
    return outcome;
  };
  auto spec = a_spec();
  spec.delivery.retry = 2;
  spec.dead_letter_uri = "http://sink/";
  start(spec);
  advance(1'000);
  CHECK(dispatcher->offsets(delivery_leg::dead_letter)
        == std::vector<uint64_t>{4});
  auto subscriber_legs = dispatcher->offsets();
  CHECK(std::count(subscriber_legs.begin(), subscriber_legs.end(), 4u) == 3);
  CHECK(subscriber_legs.size() == 12);
  const auto& letter = dispatcher->requests.back().request;
  CHECK(letter.target == "http://sink/");
  REQUIRE(letter.error);
  CHECK(letter.error->dest == "http://subscriber/");
  CHECK(letter.error->code == 500);
  CHECK(letter.error->data == to_base64("broken"));
  CHECK(status().dead_lettered == 1);
  CHECK(status().delivered == 9);
  CHECK(status().low == log_offset{10});
  CHECK(stats->dead_letters == 1);
}

TEST_CASE_METHOD(subscription_world,
                 "a sink that is down too gets the event when it is up",
                 "[actors][subscription]") {
  channel->publish(3);
  bool sink_is_up = false;
  dispatcher->answer = [&](const delivery_request& x) {
    if (x.leg == delivery_leg::dead_letter && sink_is_up)
      return answered(200);
    auto outcome = answered(0);
    outcome.error = "connection refused";
    return outcome;
  };
  auto spec = a_spec();
  spec.delivery.retry = 0;
  spec.dead_letter_uri = "http://sink/";
  start(spec);
  advance(3'600'000);
  CHECK(status().waiting == 3);
  CHECK(status().low == log_offset{0});
  CHECK(status().attempts_failed > 100);
  SECTION("in the same process") {}
  SECTION("after a restart") {
    restart(spec);
  }
  sink_is_up = true;
  dispatcher->requests.clear();
  advance(60'000);
  auto letters = dispatcher->offsets(delivery_leg::dead_letter);
  std::sort(letters.begin(), letters.end());
  CHECK(letters == up_to(3));
  CHECK(dispatcher->offsets().empty());
  CHECK(dispatcher->requests[0].request.error->code == 500);
  CHECK(dispatcher->requests[0].request.error->data
        == to_base64("dispatch error: connection refused"));
  CHECK(status().low == log_offset{3});
}

TEST_CASE_METHOD(subscription_world,
                 "a reply goes to the reply address with its headers",
                 "[actors][subscription]") {
  channel->publish(1);
  int failures_left = 2;
  dispatcher->answer = [&](const delivery_request& x) {
    if (x.leg == delivery_leg::reply)
      return answered(failures_left-- > 0 ? 503 : 202);
    auto outcome = answered(200);
    outcome.reply = one_event("reply");
    outcome.headers = {{"x-request-id", "9"}};
    return outcome;
  };
  auto spec = a_spec();
  spec.reply_uri = "http://reply/";
  start(spec);
  advance(10'000);
  REQUIRE(dispatcher->requests.size() == 4);
  CHECK(dispatcher->offsets().size() == 1); // The subscriber was asked once.
  const auto& last = dispatcher->requests.back().request;
  CHECK(last.leg == delivery_leg::reply);
  CHECK(last.target == "http://reply/");
  CHECK(last.event[0].id() == "reply");
  CHECK(last.headers == header_list{{"x-request-id", "9"}});
  CHECK(status().delivered == 1);
}

TEST_CASE_METHOD(subscription_world,
                 "a reply that can not be handed on dead-letters the "
                 "original",
                 "[actors][subscription]") {
  channel->publish(1);
  dispatcher->answer = [&](const delivery_request& x) {
    auto outcome = answered(x.leg == delivery_leg::reply ? 500 : 200);
    if (x.leg == delivery_leg::subscriber)
      outcome.reply = one_event("reply");
    return outcome;
  };
  auto spec = a_spec();
  spec.reply_uri = "http://reply/";
  spec.dead_letter_uri = "http://sink/";
  spec.delivery.retry = 1;
  start(spec);
  advance(1'000);
  REQUIRE(dispatcher->requests.size() == 4);
  const auto& letter = dispatcher->requests.back().request;
  CHECK(letter.leg == delivery_leg::dead_letter);
  CHECK(letter.event[0].id() == "0");
  CHECK(letter.error->dest == "http://reply/");
}
