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
                 "a subscription is ready when its start is durable",
                 "[actors][subscription]") {
  channel->publish(3);
  replica->holds = true;
  start(a_spec());
  CHECK_FALSE(status().ready);
  CHECK(dispatcher->requests.empty());
  REQUIRE(replica->held.size() == 1);
  CHECK(replica->urgent == 1);
  release();
  advance(1);
  CHECK(status().ready);
  CHECK(dispatcher->offsets() == up_to(3));
  REQUIRE_FALSE(reports.empty());
  CHECK(reports.back().second.ready);
}

TEST_CASE_METHOD(subscription_world,
                 "a subscription starts where its spec says",
                 "[actors][subscription]") {
  channel->publish(10);
  channel->earliest = log_offset{2};
  auto spec = a_spec();
  auto first = [&] {
    start(spec);
    return replica->commits.front().low.value;
  };
  SECTION("latest") {
    spec.start = start_kind::latest;
    CHECK(first() == 10);
  }
  SECTION("earliest") {
    CHECK(first() == 2);
  }
  SECTION("an offset") {
    spec.start = start_kind::offset;
    spec.start_value = 7;
    CHECK(first() == 7);
  }
  SECTION("an offset that is trimmed starts at the earliest") {
    spec.start = start_kind::offset;
    spec.start_value = 1;
    CHECK(first() == 2);
  }
  SECTION("a time") {
    spec.start = start_kind::time;
    spec.start_value = 4'500;
    CHECK(first() == 5);
  }
}

TEST_CASE_METHOD(subscription_world,
                 "a start that can not be stored is tried again",
                 "[actors][subscription]") {
  channel->publish(1);
  replica->fails = true;
  start(a_spec());
  advance(10'000);
  CHECK_FALSE(status().ready);
  CHECK(status().last_error == "the cursor was not stored: elsewhere");
  CHECK(replica->commits.size() > 3);
  CHECK(replica->commits.size() < 20);
  replica->fails = false;
  advance(5'000);
  CHECK(status().ready);
  CHECK(dispatcher->offsets() == up_to(1));
}

TEST_CASE_METHOD(subscription_world,
                 "a cursor that can not be read stops the subscription",
                 "[actors][subscription]") {
  channel->publish(5);
  replica->durable = "\x09nonsense";
  start(a_spec());
  advance(60'000);
  auto x = status();
  CHECK_FALSE(x.ready);
  CHECK(x.paused_reason == "CorruptRecord");
  CHECK_FALSE(x.last_error.empty());
  CHECK(dispatcher->requests.empty());
  // A seek is the way out.
  CHECK(seek(3) == ec::none);
  advance(10);
  CHECK(status().ready);
  CHECK(dispatcher->offsets() == std::vector<uint64_t>{3, 4});
}

TEST_CASE_METHOD(subscription_world,
                 "an in-memory channel begins again in its next life",
                 "[actors][subscription]") {
  cursor old;
  old.epoch = incarnation{1};
  old.low = log_offset{500};
  old.given_up = 3;
  replica->durable = encode(old);
  channel->epoch = incarnation{2};
  channel->publish(2);
  start(a_spec());
  advance(10);
  CHECK(dispatcher->offsets() == up_to(2));
  CHECK(replica->commits.front().epoch == incarnation{2});
  CHECK(status().given_up == 3);
}

TEST_CASE_METHOD(subscription_world,
                 "events are delivered as they are published",
                 "[actors][subscription]") {
  start(a_spec());
  channel->publish(2);
  advance(1);
  CHECK(dispatcher->offsets() == up_to(2));
  advance(100'000);
  channel->publish(1);
  advance(1);
  CHECK(dispatcher->offsets() == up_to(3));
  const auto& request = dispatcher->requests[2].request;
  CHECK(request.target == "http://subscriber/");
  CHECK(request.namespace_name == "default");
  CHECK(request.timeout_ms == 30'000);
  CHECK(request.event.size() == 1);
  CHECK(request.event[0].id() == "2");
  CHECK_FALSE(request.error);
  CHECK(status().delivered == 3);
  CHECK(status().low == log_offset{3});
  CHECK(replica->last().low == log_offset{3});
  CHECK(stats->deliveries == 3);
}

TEST_CASE_METHOD(subscription_world,
                 "a long log is delivered within the window, in order",
                 "[actors][subscription]") {
  channel->publish(5'000);
  dispatcher->takes_ms = 10;
  auto spec = a_spec();
  spec.max_in_flight = 16;
  start(spec);
  advance(10'000);
  CHECK(dispatcher->offsets() == up_to(5'000));
  CHECK(dispatcher->on_wire_max == 16);
  CHECK(status().low == log_offset{5'000});
}

TEST_CASE_METHOD(subscription_world, "cursors are committed one at a time",
                 "[actors][subscription]") {
  start(a_spec());
  replica->holds = true;
  replica->commits.clear();
  channel->publish(100);
  advance(1'000);
  CHECK(status().delivered == 100);
  CHECK(replica->commits.size() == 1);
  release();
  advance(1);
  CHECK(replica->commits.size() == 2);
  CHECK(replica->last().low == log_offset{100});
}

TEST_CASE_METHOD(subscription_world,
                 "an attempt's count is durable before the next attempt",
                 "[actors][subscription]") {
  channel->publish(1);
  dispatcher->answer = [](const auto&) { return answered(500); };
  start(a_spec());
  CHECK(dispatcher->requests.size() <= 1);
  replica->holds = true;
  advance(60'000);
  CHECK(dispatcher->requests.size() <= 2);
  auto before = dispatcher->requests.size();
  advance(600'000);
  CHECK(dispatcher->requests.size() == before);
  release();
  advance(60'000);
  CHECK(dispatcher->requests.size() > before);
}

TEST_CASE_METHOD(subscription_world,
                 "an urgent commit overtakes one that takes its time",
                 "[actors][subscription]") {
  auto spec = a_spec();
  spec.delivery.retry = 1;
  start(spec);
  replica->holds = true;
  channel->publish(1);
  advance(1);
  CHECK(replica->held.size() == 1); // Not urgent: an event was delivered.
  dispatcher->answer = [](const auto&) { return answered(500); };
  channel->publish(1);
  advance(1);
  REQUIRE(replica->held.size() == 2);
  replica->held.erase(replica->held.begin()); // Still on its way.
  release();
  advance(1);
  CHECK(dispatcher->requests.size() == 3);
}

TEST_CASE_METHOD(subscription_world,
                 "the default schedule doubles to 30 s within a tenth",
                 "[actors][subscription]") {
  channel->publish(1);
  dispatcher->answer = [](const auto&) { return answered(503); };
  start(a_spec());
  advance(200'000);
  REQUIRE(dispatcher->requests.size() >= 10);
  int64_t expected = 500;
  for (size_t i = 1; i < 10; ++i) {
    auto waited
      = dispatcher->requests[i].at_ms - dispatcher->requests[i - 1].at_ms;
    CHECK(waited >= expected * 9 / 10);
    CHECK(waited <= expected * 11 / 10 + 2);
    expected = std::min<int64_t>(expected * 2, 30'000);
  }
  CHECK(status().last_error == "status 503 from http://subscriber/");
  CHECK(status().waiting == 1);
}

TEST_CASE_METHOD(subscription_world, "a linear backoff keeps its times",
                 "[actors][subscription]") {
  channel->publish(1);
  dispatcher->answer = [](const auto&) { return answered(500); };
  auto spec = a_spec();
  spec.delivery.retry = 3;
  spec.delivery.backoff = backoff_policy::linear;
  spec.delivery.backoff_delay_ms = 2'500;
  start(spec);
  advance(60'000);
  std::vector<int64_t> at;
  for (const auto& x : dispatcher->requests)
    at.push_back(x.at_ms - dispatcher->requests[0].at_ms);
  CHECK(at == std::vector<int64_t>{0, 2'500, 7'500, 15'000});
  CHECK(status().given_up == 1);
  CHECK(stats->undelivered == 1);
  CHECK(stats->deliveries_failed == 4);
  REQUIRE(replica->last().last_given_up.size() == 1);
  CHECK(replica->last().last_given_up[0].code == 500);
}

TEST_CASE_METHOD(subscription_world, "Retry-After holds an event back",
                 "[actors][subscription]") {
  channel->publish(1);
  dispatcher->answer = [](const auto&) {
    auto x = answered(429);
    x.retry_after_ms = 20'000;
    return x;
  };
  start(a_spec());
  advance(19'000);
  CHECK(dispatcher->requests.size() == 1);
  advance(2'000);
  CHECK(dispatcher->requests.size() == 2);
}
