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
                 "410 pauses the subscription until it is configured",
                 "[actors][subscription]") {
  channel->publish(3);
  dispatcher->answer = [](const delivery_request& x) {
    return answered(x.leg == delivery_leg::subscriber ? 410 : 200);
  };
  auto spec = a_spec();
  spec.max_in_flight = 1;
  spec.dead_letter_uri = "http://sink/";
  start(spec);
  advance(60'000);
  auto x = status();
  CHECK(x.paused);
  CHECK(x.paused_reason == "Gone");
  CHECK(x.dead_lettered == 1);
  CHECK(x.low == log_offset{1});
  CHECK(reports.back().second.paused_reason == "Gone");
  restart(spec);
  advance(60'000);
  CHECK(status().paused_reason == "Gone");
  CHECK(dispatcher->offsets().size() == 1);
  dispatcher->answer = [](const auto&) { return answered(200); };
  caf::anon_send(subscriber, atom::configure_v, spec);
  advance(10);
  CHECK_FALSE(status().paused);
  CHECK(status().low == log_offset{3});
}

TEST_CASE_METHOD(subscription_world,
                 "a paused subscription delivers nothing until resumed",
                 "[actors][subscription]") {
  channel->publish(3);
  auto spec = a_spec();
  spec.paused = true;
  start(spec);
  advance(60'000);
  CHECK(status().paused_reason == "Requested");
  CHECK(dispatcher->requests.empty());
  channel->publish(2);
  advance(2'000);
  CHECK(status().end == log_offset{5}); // Its lag stays known.
  spec.paused = false;
  caf::anon_send(subscriber, atom::configure_v, spec);
  advance(10);
  CHECK(dispatcher->offsets() == up_to(5));
}

TEST_CASE_METHOD(subscription_world,
                 "retention does not wait: the subscription jumps and "
                 "records it",
                 "[actors][subscription]") {
  channel->publish(100);
  dispatcher->answer = [](const auto&) { return answered(0); };
  auto spec = a_spec();
  spec.max_in_flight = 4;
  start(spec);
  advance(600'000);
  CHECK(status().delivered == 0);
  channel->earliest = log_offset{90};
  dispatcher->answer = [](const auto&) { return answered(200); };
  dispatcher->requests.clear();
  advance(60'000);
  auto x = status();
  CHECK(x.low == log_offset{100});
  CHECK(x.delivered + x.skipped == 100);
  CHECK(x.skipped >= 85);
  CHECK(replica->last().skipped == x.skipped);
  auto got = dispatcher->offsets();
  CHECK(
    std::count_if(got.begin(), got.end(), [](uint64_t y) { return y >= 90; })
    == 10);
}

TEST_CASE_METHOD(subscription_world,
                 "a damaged record stops the subscription at it",
                 "[actors][subscription]") {
  channel->publish(10);
  channel->damaged = log_offset{6};
  start(a_spec());
  advance(120'000);
  auto x = status();
  CHECK(dispatcher->offsets() == up_to(6));
  CHECK(x.paused);
  CHECK(x.paused_reason == "CorruptRecord");
  CHECK(x.last_error == "record is damaged");
  CHECK(x.low == log_offset{6});
  auto reads = channel->reads;
  advance(600'000);
  CHECK(channel->reads == reads + 20); // It is looked at every 30 s.
  CHECK(status().paused);
  CHECK(std::all_of(reports.end() - 10, reports.end(), [](const auto& y) {
    return y.second.paused_reason == "CorruptRecord";
  }));
  // A person steps over it.
  CHECK(seek(7) == ec::none);
  advance(10);
  CHECK_FALSE(status().paused);
  CHECK(status().low == log_offset{10});
  CHECK(dispatcher->offsets().size() == 9);
}

TEST_CASE_METHOD(subscription_world,
                 "a subscription goes on once the damage is repaired",
                 "[actors][subscription]") {
  channel->publish(10);
  channel->damaged = log_offset{6};
  start(a_spec());
  advance(10'000);
  CHECK(status().paused_reason == "CorruptRecord");
  channel->damaged.reset();
  advance(15'000);
  CHECK(status().paused_reason == "CorruptRecord");
  advance(10'000);
  CHECK_FALSE(status().paused);
  CHECK(status().skipped == 0);
  CHECK(dispatcher->offsets() == up_to(10));
}

TEST_CASE_METHOD(subscription_world,
                 "a subscription goes on once retention has passed the damage",
                 "[actors][subscription]") {
  channel->publish(10);
  channel->damaged = log_offset{6};
  start(a_spec());
  advance(10'000);
  CHECK(status().paused_reason == "CorruptRecord");
  channel->earliest = log_offset{8};
  advance(30'000);
  auto x = status();
  CHECK_FALSE(x.paused);
  CHECK(x.low == log_offset{10});
  CHECK(x.delivered == 8);
  CHECK(x.skipped == 2);
}

TEST_CASE_METHOD(subscription_world,
                 "a retry that finds its event whole again ends the stop",
                 "[actors][subscription]") {
  channel->publish(10);
  dispatcher->answer = [](const delivery_request& x) {
    return answered(x.event.first_offset == log_offset{4} ? 503 : 200);
  };
  start(a_spec());
  advance(10);
  // What is to be retried is read again after a restart.
  channel->damaged = log_offset{4};
  dispatcher->answer = [](const auto&) { return answered(200); };
  dispatcher->requests.clear();
  restart(a_spec());
  advance(10'000);
  CHECK(status().paused_reason == "CorruptRecord");
  channel->publish(5);
  advance(5'000);
  CHECK(dispatcher->requests.empty());
  channel->damaged.reset();
  advance(30'000);
  auto x = status();
  CHECK_FALSE(x.paused);
  CHECK(x.low == log_offset{15});
  CHECK(dispatcher->offsets().size() == 6);
}

TEST_CASE_METHOD(subscription_world,
                 "a read from before a seek does not stop it",
                 "[actors][subscription]") {
  channel->publish(10);
  channel->holds_reads = true;
  start(a_spec());
  REQUIRE(channel->held_reads.size() == 1);
  CHECK(seek(5) == ec::none);
  release_reads();
  advance(10);
  CHECK_FALSE(status().paused);
  CHECK(status().last_error.empty());
  CHECK(dispatcher->offsets() == std::vector<uint64_t>{5, 6, 7, 8, 9});
}

TEST_CASE_METHOD(subscription_world,
                 "a seek goes on elsewhere once that is durable",
                 "[actors][subscription]") {
  channel->publish(10);
  channel->earliest = log_offset{2};
  start(a_spec());
  advance(10);
  CHECK(status().low == log_offset{10});
  dispatcher->requests.clear();
  CHECK(seek(7) == ec::none);
  CHECK(replica->urgent == 2);
  advance(10);
  CHECK(dispatcher->offsets() == std::vector<uint64_t>{7, 8, 9});
  auto trimmed = seek(1);
  CHECK(trimmed == ec::offset_trimmed);
  CHECK(trimmed.offset == 2);
  auto beyond = seek(11);
  CHECK(beyond == ec::offset_out_of_range);
  CHECK(beyond.offset == 10);
  CHECK(status().low == log_offset{10});
}

TEST_CASE_METHOD(subscription_world, "a seek skips a poison event",
                 "[actors][subscription]") {
  channel->publish(3);
  dispatcher->answer = [](const delivery_request& x) {
    return answered(x.event[0].id() == "0" ? 500 : 200);
  };
  auto spec = a_spec();
  spec.ordering = delivery_ordering::ordered;
  start(spec);
  advance(600'000);
  CHECK(status().low == log_offset{0});
  CHECK(seek(1) == ec::none);
  advance(10);
  CHECK(status().low == log_offset{3});
  CHECK(status().waiting == 0);
}
