// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/subscription/subscription.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <caf/send.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/actors/subscription/subscription_world.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

TEST_CASE_METHOD(subscription_world,
                 "a subscriber down for an hour costs no memory and "
                 "then gets everything",
                 "[actors][subscription]") {
  bool is_up = false;
  dispatcher->answer = [&](const auto&) { return answered(is_up ? 200 : 0); };
  dispatcher->takes_ms = 1;
  auto spec = a_spec();
  bool is_ordered = false;
  SECTION("unordered") {}
  SECTION("ordered") {
    spec.ordering = delivery_ordering::ordered;
    is_ordered = true;
  }
  channel->publish(1'000);
  start(spec);
  for (int minute = 0; minute < 60; ++minute) {
    channel->publish(20);
    advance(60'000);
    auto x = status();
    // A window, those sent before five failures told, one more a minute.
    REQUIRE(x.waiting <= spec.max_in_flight + 4 + 61);
  }
  CHECK(status().delivered == 0);
  CHECK(channel->events_read < 20'000);
  is_up = true;
  dispatcher->requests.clear();
  dispatcher->on_wire_max = 0;
  advance(120'000);
  auto x = status();
  CHECK(x.delivered == 2'200);
  CHECK(x.low == log_offset{2'200});
  CHECK(x.waiting == 0);
  CHECK(dispatcher->on_wire_max <= spec.max_in_flight);
  auto got = dispatcher->offsets();
  if (!is_ordered)
    std::sort(got.begin(), got.end());
  CHECK(got == up_to(2'200));
}

TEST_CASE_METHOD(subscription_world, "order by key holds through failures",
                 "[actors][subscription]") {
  for (int i = 0; i < 300; ++i)
    channel->publish(1, "key-" + std::to_string(i % 7));
  uint64_t n = 0;
  std::map<std::string, std::vector<uint64_t>> delivered;
  dispatcher->answer = [&](const delivery_request& x) {
    auto fails = ++n % 3 == 0;
    if (!fails) {
      auto key = std::string{x.event[0].find("partitionkey")->value};
      delivered[key].push_back(x.event.first_offset.value);
    }
    return answered(fails ? 503 : 200);
  };
  dispatcher->takes_ms = 3;
  auto spec = a_spec();
  spec.ordering = delivery_ordering::by_key;
  start(spec);
  advance(3'600'000);
  CHECK(status().delivered == 300);
  CHECK(delivered.size() == 7);
  for (const auto& [key, offsets] : delivered)
    CHECK(std::is_sorted(offsets.begin(), offsets.end()));
  CHECK(dispatcher->on_wire_max > 1);
  CHECK(dispatcher->on_wire_max <= 7);
}

TEST_CASE_METHOD(subscription_world, "a rate is kept",
                 "[actors][subscription]") {
  channel->publish(1'000);
  auto spec = a_spec();
  spec.rate = 20;
  start(spec);
  advance(10'000);
  CHECK(dispatcher->requests.size() >= 195);
  CHECK(dispatcher->requests.size() <= 203);
}

TEST_CASE_METHOD(subscription_world,
                 "a restart in the middle of retries keeps the count",
                 "[actors][subscription]") {
  channel->publish(1);
  dispatcher->answer = [](const delivery_request& x) {
    return answered(x.leg == delivery_leg::subscriber ? 500 : 200);
  };
  auto spec = a_spec();
  spec.delivery.retry = 4;
  spec.delivery.backoff = backoff_policy::linear;
  spec.delivery.backoff_delay_ms = 1'000;
  spec.dead_letter_uri = "http://sink/";
  start(spec);
  advance(3'500); // Attempts at 0, 1 and 3 s.
  CHECK(dispatcher->offsets().size() == 3);
  restart(spec);
  advance(100'000);
  CHECK(dispatcher->offsets().size() == 5);
  CHECK(dispatcher->offsets(delivery_leg::dead_letter).size() == 1);
}

TEST_CASE_METHOD(subscription_world,
                 "a crash between 2xx and commit delivers the event again",
                 "[actors][subscription]") {
  auto spec = a_spec();
  start(spec);
  replica->holds = true;
  channel->publish(1);
  advance(10);
  CHECK(dispatcher->requests.size() == 1);
  replica->holds = false;
  restart(spec);
  advance(10);
  REQUIRE(dispatcher->requests.size() == 2);
  CHECK(dispatcher->requests[0].request.event[0].id()
        == dispatcher->requests[1].request.event[0].id());
}

TEST_CASE_METHOD(subscription_world,
                 "an overloaded dispatcher costs no attempt",
                 "[actors][subscription]") {
  channel->publish(1);
  dispatcher->is_overloaded = true;
  auto spec = a_spec();
  spec.delivery.retry = 0;
  start(spec);
  advance(10'000);
  CHECK(status().attempts_failed == 0);
  CHECK(status().given_up == 0);
  dispatcher->is_overloaded = false;
  advance(1'000);
  CHECK(status().delivered == 1);
}

TEST_CASE_METHOD(subscription_world,
                 "an attempt that is never answered counts as failed",
                 "[actors][subscription]") {
  channel->publish(1);
  dispatcher->takes_ms = 10'000'000;
  auto spec = a_spec();
  spec.delivery.timeout_ms = 1'000;
  spec.delivery.retry = 0;
  start(spec);
  advance(5'900);
  CHECK(status().attempts_failed == 0);
  advance(200);
  CHECK(status().attempts_failed == 1);
  CHECK(status().given_up == 1);
  CHECK(status().in_flight == 0);
}

TEST_CASE_METHOD(subscription_world, "a subscription ends with its channel",
                 "[actors][subscription]") {
  channel->publish(1);
  start(a_spec());
  CHECK(is_alive());
  kill_channel();
  CHECK_FALSE(is_alive());
}

TEST_CASE_METHOD(subscription_world,
                 "reports come once a second, changes of state at once",
                 "[actors][subscription]") {
  start(a_spec());
  reports.clear();
  for (int i = 0; i < 100; ++i) {
    channel->publish(1);
    advance(100);
  }
  CHECK(reports.size() >= 9);
  CHECK(reports.size() <= 11);
  reports.clear();
  advance(600'000);
  CHECK(reports.size() <= 1);
  auto spec = a_spec();
  spec.paused = true;
  caf::anon_send(subscriber, atom::configure_v, spec);
  run();
  CHECK(reports.back().second.paused);
}

TEST_CASE_METHOD(subscription_world,
                 "an idle subscription keeps no timer running",
                 "[actors][subscription]") {
  channel->publish(10);
  start(a_spec());
  advance(600'000);
  CHECK(sched.clock().schedule().size() <= 1);
}
