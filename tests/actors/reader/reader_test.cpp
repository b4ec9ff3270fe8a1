// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/reader/reader.hpp"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/node_fixture.hpp"
#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

/// A channel of ten entries of two events, ten seconds apart, on the disk.
struct reader_world : node_fixture {
  reader_world() {
    start();
    channel_settings settings;
    settings.retention_age_ms = 0;
    orders = open("orders", settings);
    for (int i = 0; i < 10; ++i) {
      publish(orders, {std::to_string(10 + 2 * i), std::to_string(11 + 2 * i)});
      advance(10'000);
    }
  }

  inquiry<read_result> read_disk(uint64_t from, uint32_t events_max,
                                 uint64_t end = 20) {
    return ask<read_result>(
      reader, atom::read_v,
      stored_read_request{
        orders, {log_offset{from}, events_max, 1'000'000}, log_offset{end}});
  }
  trim_plan retain(int64_t age_ms, uint64_t bytes, uint64_t n) {
    auto now = log_time{static_cast<uint64_t>(wall_ms())};
    auto x = ask<trim_plan>(reader, atom::retain_v, orders,
                            channel_settings{age_ms, bytes, n, 0}, now);
    REQUIRE(x.code() == ec::none);
    return x.value();
  }

  channel_info orders;
};

} // namespace

TEST_CASE_METHOD(reader_world, "a reader reads a part of a channel",
                 "[actors][reader]") {
  auto x = read_disk(3, 4);
  REQUIRE(x.code() == ec::none);
  REQUIRE(x.value().batches.size() == 3);
  CHECK(x.value().batches[0].first_offset == log_offset{3});
  CHECK(x.value().batches[0].size() == 1);
  CHECK(x.value().batches[1].size() == 2);
  CHECK(x.value().batches[2].size() == 1);
  CHECK(x.value().next == log_offset{7});
  CHECK(x.value().epoch == orders.epoch);
}

TEST_CASE_METHOD(reader_world, "a reader gives nothing at or beyond the end",
                 "[actors][reader]") {
  auto x = read_disk(3, 100, 5);
  REQUIRE(x.code() == ec::none);
  CHECK(x.value().next == log_offset{5});
  auto at_end = read_disk(5, 100, 5);
  REQUIRE(at_end.code() == ec::none);
  CHECK(at_end.value().batches.empty());
  CHECK(at_end.value().next == log_offset{5});
}

TEST_CASE_METHOD(reader_world, "a reader says when an offset was trimmed",
                 "[actors][reader]") {
  REQUIRE(
    propose(orders.shard, storage::trim_channel{orders.id, log_offset{6}, 1})
      .code()
    == ec::none);
  advance(20);
  auto x = read_disk(5, 100);
  REQUIRE(x.code() == ec::offset_trimmed);
  CHECK(x.answer().error().offset == 6);
  CHECK(read_disk(6, 100).code() == ec::none);
}

TEST_CASE_METHOD(reader_world, "a reader says what retention lets go",
                 "[actors][reader]") {
  CHECK(retain(0, 0, 0).start == log_offset{0});
  CHECK(retain(45'000, 0, 0).start == log_offset{12});
  CHECK(retain(0, 0, 7).start == log_offset{14});
  CHECK(retain(0, 0, 1).start == log_offset{18});
  CHECK(retain(1, 0, 0).start == log_offset{20});
  auto each = status(orders).bytes / 10;
  auto x = retain(0, 3 * each + each / 2, 0);
  CHECK(x.start == log_offset{14});
  CHECK(x.bytes_below == 7 * each);
  // The strictest counts.
  CHECK(retain(45'000, 3 * each, 7).start == log_offset{14});
}
