// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/node_fixture.hpp"
#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

constexpr int64_t minute_ms = 60'000;

channel_settings keeping(int64_t age_ms, uint64_t bytes, uint64_t events) {
  channel_settings x;
  x.retention_age_ms = age_ms;
  x.retention_bytes = bytes;
  x.retention_events = events;
  x.dedup_window_ms = 0;
  return x;
}

} // namespace

TEST_CASE_METHOD(node_fixture, "a channel hides events that are too old",
                 "[actors][channel][retention]") {
  start();
  auto orders = open("orders", keeping(10 * minute_ms, 0, 0));
  publish(orders, {"a", "b"});
  advance(5 * minute_ms);
  publish(orders, {"c"});
  advance(4 * minute_ms);
  CHECK(status(orders).earliest == log_offset{0});
  advance(3 * minute_ms);
  CHECK(status(orders).earliest == log_offset{2});
  CHECK(ids(orders) == std::vector<std::string>{"c"});
  auto trimmed = read(orders, 1);
  REQUIRE_FALSE(trimmed);
  CHECK(trimmed.error() == ec::offset_trimmed);
  CHECK(trimmed.error().offset == 2);
  CHECK(stats->events_trimmed.load() == 2);
  auto held = status(orders).bytes;
  CHECK(held > 0);
  // All of it goes; offsets go on where they were.
  advance(6 * minute_ms);
  CHECK(status(orders).earliest == log_offset{3});
  CHECK(status(orders).bytes == 0);
  CHECK(read(orders, 3)->batches.empty());
  CHECK(publish(orders, {"d"}).first == log_offset{3});
  restart();
  CHECK(status(orders).earliest == log_offset{3});
  CHECK(ids(orders) == std::vector<std::string>{"d"});
  CHECK(read(orders, 2).error() == ec::offset_trimmed);
}

TEST_CASE_METHOD(node_fixture, "a channel without limits keeps everything",
                 "[actors][channel][retention]") {
  start();
  auto orders = open("orders", keeping(0, 0, 0));
  publish(orders, {"a"});
  advance(30 * minute_ms);
  CHECK(ids(orders) == std::vector<std::string>{"a"});
}

TEST_CASE_METHOD(node_fixture, "a channel keeps about as many events as it may",
                 "[actors][channel][retention]") {
  start();
  auto orders = open("orders", keeping(0, 0, 10));
  for (int i = 0; i < 30; ++i)
    publish(orders, {std::to_string(2 * i), std::to_string(2 * i + 1)});
  advance(3'000);
  CHECK(status(orders).earliest == log_offset{50});
  CHECK(ids(orders).front() == "50");
  CHECK(ids(orders).size() == 10);
}

TEST_CASE_METHOD(node_fixture, "a channel keeps about as many bytes as it may",
                 "[actors][channel][retention]") {
  start();
  auto orders = open("orders", keeping(0, 50'000, 0));
  for (int i = 0; i < 30; ++i)
    append(orders, events({std::to_string(i)}, std::string(10'000, 'x')));
  advance(3'000);
  CHECK(status(orders).bytes <= 50'000);
  CHECK(status(orders).bytes > 40'000);
  CHECK(status(orders).earliest == log_offset{26});
}

TEST_CASE_METHOD(node_fixture, "limits count at once when a channel was idle",
                 "[actors][channel][retention]") {
  start();
  auto orders = open("orders", keeping(0, 0, 3));
  constexpr auto long_idle_ms = 5 * minute_ms + 7'000; // Between idle ticks.
  advance(long_idle_ms);
  for (int i = 0; i < 10; ++i)
    publish(orders, {std::to_string(i)});
  advance(3'000);
  CHECK(status(orders).earliest == log_offset{7});
  // Without limits it is left alone, until it gets some.
  configure(orders, keeping(0, 0, 0));
  advance(long_idle_ms);
  publish(orders, {"a", "b"});
  advance(long_idle_ms);
  CHECK(status(orders).earliest == log_offset{7});
  configure(orders, keeping(0, 0, 3));
  advance(1'000);
  CHECK(status(orders).earliest == log_offset{9});
}

TEST_CASE_METHOD(node_fixture, "new limits count at once",
                 "[actors][channel][retention]") {
  start();
  auto orders = open("orders", keeping(7 * 24 * 60 * minute_ms, 0, 0));
  for (int i = 0; i < 10; ++i)
    publish(orders, {std::to_string(i)});
  advance(minute_ms + 7'000);
  CHECK(status(orders).earliest == log_offset{0});
  configure(orders, keeping(7 * 24 * 60 * minute_ms, 0, 3));
  advance(1'000);
  CHECK(status(orders).earliest == log_offset{7});
}

TEST_CASE_METHOD(node_fixture,
                 "an actor that dies while it trims leaves nothing half done",
                 "[actors][channel][retention]") {
  start();
  auto orders = open("orders", keeping(0, 0, 3));
  for (int i = 0; i < 10; ++i)
    publish(orders, {std::to_string(i)});
  advance(20); // What retention looks at is written.
  hold_writes();
  advance(1'500);
  kill(owner(orders));
  advance(1);
  release_writes();
  CHECK(ids(orders) == std::vector<std::string>{"7", "8", "9"});
  CHECK(publish(orders, {"x"}).first == log_offset{10});
}
