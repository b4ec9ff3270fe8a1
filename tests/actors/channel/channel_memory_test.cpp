// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "storage/model/limits.hpp"
#include "tests/fixtures/node_fixture.hpp"
#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

TEST_CASE_METHOD(node_fixture,
                 "an in-memory channel behaves as others while it lives",
                 "[actors][channel][memory]") {
  start();
  auto events = open("events", {}, true);
  auto written = gate->synced_jobs;
  CHECK(publish(events, {"a", "b"}).first == log_offset{0});
  CHECK(publish(events, {"b", "c"}).duplicates == 1);
  CHECK(ids(events) == std::vector<std::string>{"a", "b", "c"});
  CHECK(read(events, 4).error() == ec::offset_out_of_range);
  CHECK(*locate(events, 0) == log_offset{0});
  CHECK(*locate(events, wall_ms() + 1) == log_offset{3});
  auto wait = ask<log_offset>(owner(events), atom::await_v,
                              await_request{log_offset{3}, 10'000});
  CHECK_FALSE(wait.answered());
  publish(events, {"d"});
  CHECK(wait.code() == ec::none);
  CHECK(gate->synced_jobs == written);
}

TEST_CASE_METHOD(node_fixture,
                 "an in-memory channel begins a new epoch in each life",
                 "[actors][channel][memory]") {
  start();
  auto events = open("events", {}, true);
  publish(events, {"a"});
  auto first = status(events).info.epoch;
  CHECK(read(events, 0)->epoch == first);
  kill(owner(events));
  advance(1);
  auto second = status(events).info.epoch;
  CHECK(second > first);
  CHECK(status(events).end == log_offset{0});
  CHECK(publish(events, {"a"}).stored == 1);
  advance(10);
  restart();
  CHECK(status(events).info.epoch > second);
  CHECK(ids(events).empty());
}

TEST_CASE_METHOD(node_fixture, "an in-memory channel is bounded",
                 "[actors][channel][memory]") {
  start();
  channel_settings settings;
  settings.dedup_window_ms = 0;
  settings.retention_age_ms = 600'000;
  SECTION("by its owner's bytes") {
    settings.retention_bytes = 100'000;
    auto x = open("events", settings, true);
    for (int i = 0; i < 30; ++i)
      append(x, events({std::to_string(i)}, std::string(10'000, 'x')));
    CHECK(status(x).bytes <= 100'000);
    CHECK(status(x).bytes > 80'000);
    CHECK(status(x).end == log_offset{30});
    auto earliest = status(x).earliest;
    CHECK(earliest > log_offset{15});
    CHECK(read(x, earliest.value - 1).error() == ec::offset_trimmed);
    CHECK(read(x, earliest.value)->batches.size() > 0);
    CHECK(stats->events_trimmed.load() == earliest.value);
  }
  SECTION("by ours, where its owner gives none") {
    auto x = open("events", settings, true);
    std::string big(size_t{4} << 20, 'x');
    for (int i = 0; i < 20; ++i)
      append(x, events({std::to_string(i)}, big));
    CHECK(status(x).bytes <= limits::memory_channel_bytes_default);
    CHECK(status(x).end == log_offset{20});
  }
  SECTION("by age, also when nothing comes") {
    auto x = open("events", settings, true);
    publish(x, {"a"});
    advance(599'000);
    CHECK(ids(x).size() == 1);
    advance(2'001);
    CHECK(ids(x).empty());
    CHECK(status(x).earliest == log_offset{1});
    CHECK(read(x, 0).error() == ec::offset_trimmed);
    CHECK(publish(x, {"b"}).first == log_offset{1});
  }
}
