// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/channel/memory_log.hpp"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/print.hpp"
#include "tests/fixtures/test_events.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

struct memory_world {
  memory_log log;

  /// Appends a batch of `n` events, logged and stored at `now`.
  void add(uint32_t n, uint64_t now) {
    std::string records;
    for (uint32_t i = 0; i < n; ++i)
      add_event(records, std::to_string(next++));
    auto batch = open_events(std::move(records), n);
    batch.stored_at = log_time{now};
    log.append(std::move(batch), log_time{now});
  }
  std::string read(uint64_t from, uint32_t events_max,
                   uint64_t bytes_max = 1'000'000) const {
    std::vector<event_batch> out;
    log.read(log_offset{from}, events_max, bytes_max, out);
    std::string ids;
    for (const auto& batch : out)
      for (size_t i = 0; i < batch.size(); ++i)
        ids += std::string{batch[i].id()} + " ";
    return ids;
  }
  uint64_t next = 0;
};

} // namespace

TEST_CASE_METHOD(memory_world, "a memory log reads from any offset",
                 "[actors][memory_log]") {
  add(2, 100);
  add(3, 200);
  CHECK(log.end() == log_offset{5});
  CHECK(read(0, 100) == "0 1 2 3 4 ");
  CHECK(read(1, 2) == "1 2 ");
  CHECK(read(4, 100) == "4 ");
  CHECK(read(5, 100).empty());
  // One batch at least, however little is asked for.
  CHECK(read(0, 100, 1) == "0 1 ");
}

TEST_CASE_METHOD(memory_world, "a memory log drops what is beyond its bounds",
                 "[actors][memory_log]") {
  for (uint64_t i = 0; i < 10; ++i)
    add(1, 100 * i);
  auto each = log.bytes() / 10;
  SECTION("bytes") {
    log.trim({3 * each, 0, 0}, log_time{900});
    CHECK(log.bytes() == 3 * each);
    CHECK(log.start() == log_offset{7});
    CHECK(read(6, 100).empty());
    CHECK(read(7, 100) == "7 8 9 ");
  }
  SECTION("events") {
    log.trim({1'000'000, 4, 0}, log_time{900});
    CHECK(log.start() == log_offset{6});
  }
  SECTION("age") {
    log.trim({1'000'000, 0, 500}, log_time{900});
    CHECK(log.start() == log_offset{5});
  }
  SECTION("no limit but bytes") {
    log.trim({1'000'000, 0, 0}, log_time{1'000'000});
    CHECK(log.start() == log_offset{0});
  }
  SECTION("the newest stays though it is too large") {
    log.trim({1, 1, 0}, log_time{900});
    CHECK(log.start() == log_offset{9});
    CHECK(read(9, 1) == "9 ");
  }
  SECTION("but not when it is too old") {
    log.trim({1'000'000, 0, 500}, log_time{1'400});
    CHECK(log.start() == log_offset{10});
    CHECK(log.end() == log_offset{10});
    CHECK(log.bytes() == 0);
  }
}

TEST_CASE_METHOD(memory_world, "a memory log finds the first of a time",
                 "[actors][memory_log]") {
  CHECK(log.locate(log_time{1}) == log_offset{0});
  add(2, 100);
  add(3, 200);
  CHECK(log.locate(log_time{100}) == log_offset{0});
  CHECK(log.locate(log_time{101}) == log_offset{2});
  CHECK(log.locate(log_time{201}) == log_offset{5});
}
