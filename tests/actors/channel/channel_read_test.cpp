// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "storage/codec/key.hpp"
#include "storage/model/limits.hpp"
#include "tests/fixtures/node_fixture.hpp"
#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

TEST_CASE_METHOD(node_fixture, "a channel reads its newest from the tail",
                 "[actors][channel][read]") {
  start();
  auto orders = open("orders");
  publish(orders, {"a", "b"});
  publish(orders, {"c"});
  // No row is on the disk yet, so this is the tail's.
  auto page = read(orders, 1, 10);
  REQUIRE(page);
  REQUIRE(page->batches.size() == 2);
  CHECK(page->batches[0].first_offset == log_offset{1});
  CHECK(page->batches[0][0].id() == "b");
  CHECK(page->next == log_offset{3});
  CHECK(page->earliest == log_offset{0});
  CHECK(page->end == log_offset{3});
  CHECK(page->epoch == orders.epoch);
  CHECK(read(orders, 0, 1)->next == log_offset{1});
}

TEST_CASE_METHOD(node_fixture,
                 "a channel reads from the disk what left the tail",
                 "[actors][channel][read]") {
  tail_bytes = 2'000;
  start();
  auto orders = open("orders");
  std::vector<std::string> expected;
  for (int i = 0; i < 100; ++i) {
    expected.push_back(std::to_string(i));
    publish(orders, {expected.back()});
    advance(20);
  }
  CHECK(tail->bytes() <= tail_bytes);
  std::vector<event_batch> found;
  tail->read(orders.id, log_offset{0}, 1, 1'000, found);
  REQUIRE(found.empty());
  CHECK(ids(orders) == expected);
  // Events and bytes asked for are bounds there too.
  CHECK(read(orders, 3, 2)->next == log_offset{5});
  CHECK(read(orders, 3, 100, 1)->next == log_offset{4});
}

TEST_CASE_METHOD(node_fixture, "a channel says where reading is possible",
                 "[actors][channel][read]") {
  start();
  auto orders = open("orders");
  auto empty = read(orders, 0);
  REQUIRE(empty);
  CHECK(empty->batches.empty());
  publish(orders, {"a", "b"});
  auto end = read(orders, 2);
  REQUIRE(end);
  CHECK(end->batches.empty());
  CHECK(end->next == log_offset{2});
  CHECK(end->end == log_offset{2});
  auto beyond = read(orders, 3);
  REQUIRE_FALSE(beyond);
  CHECK(beyond.error() == ec::offset_out_of_range);
  CHECK(beyond.error().offset == 2);
}

TEST_CASE_METHOD(node_fixture,
                 "a channel names the offset of a damaged record and serves "
                 "the others",
                 "[actors][channel][read]") {
  start();
  auto orders = open("orders");
  publish(orders, {"a"});
  auto index = propose(orders.shard, storage::put_cursors{});
  publish(orders, {"b"});
  publish(orders, {"c"});
  advance(20);
  storage::write_batch damage{*database};
  damage.put(storage::log_family(orders.shard),
             storage::log_key(index.value().index + 1), "nonsense");
  REQUIRE(database->write(damage, true));
  tail->drop(orders.id);
  auto before = read(orders, 0);
  REQUIRE(before);
  CHECK(before->next == log_offset{1});
  auto damaged = read(orders, 1);
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error() == ec::corrupt_record);
  CHECK(damaged.error().offset == 1);
  CHECK(damaged.error().detail.find("default/orders") != std::string::npos);
  CHECK(status(orders).corrupt_offset == 1);
  CHECK(stats->corrupt_records.load() == 1);
  CHECK(read(orders, 2)->batches.size() == 1);
}

// -- waiting ------------------------------------------------------------------

TEST_CASE_METHOD(node_fixture, "a wait ends when an event is committed",
                 "[actors][channel][read]") {
  start();
  auto orders = open("orders");
  publish(orders, {"a"});
  auto wait = [&](uint64_t seen, int64_t ms) {
    return ask<log_offset>(owner(orders), atom::await_v,
                           await_request{log_offset{seen}, ms});
  };
  auto known = wait(0, 10'000);
  REQUIRE(known.code() == ec::none);
  CHECK(known.value() == log_offset{1});
  auto now = wait(1, 0);
  REQUIRE(now.code() == ec::none);
  CHECK(now.value() == log_offset{1});
  auto next = wait(1, 10'000);
  auto later = wait(2, 10'000);
  advance(5'000);
  CHECK_FALSE(next.answered());
  hold_writes();
  append(orders, {"b"});
  CHECK_FALSE(next.answered());
  release_writes();
  REQUIRE(next.code() == ec::none);
  CHECK(next.value() == log_offset{2});
  CHECK_FALSE(later.answered());
  advance(6'000);
  REQUIRE(later.code() == ec::none);
  CHECK(later.value() == log_offset{2});
}

TEST_CASE_METHOD(node_fixture,
                 "a wait is over after its time, at most a minute",
                 "[actors][channel][read]") {
  start();
  auto orders = open("orders");
  auto brief = ask<log_offset>(owner(orders), atom::await_v,
                               await_request{log_offset{0}, 2'000});
  auto endless
    = ask<log_offset>(owner(orders), atom::await_v,
                      await_request{log_offset{0}, 100 * limits::wait_ms_max});
  advance(1'999);
  CHECK_FALSE(brief.answered());
  advance(1'001);
  REQUIRE(brief.code() == ec::none);
  CHECK(brief.value() == log_offset{0});
  CHECK_FALSE(endless.answered());
  advance(limits::wait_ms_max);
  CHECK(endless.code() == ec::none);
}

TEST_CASE_METHOD(node_fixture,
                 "a wait at a channel that was idle is over in its time",
                 "[actors][channel][read]") {
  start();
  auto orders = open("orders");
  for (int64_t wait_ms : {1'500, 10, 59'000, 300}) {
    INFO(wait_ms);
    advance(70'000);
    auto wait = ask<log_offset>(owner(orders), atom::await_v,
                                await_request{log_offset{0}, wait_ms});
    advance(wait_ms - 1);
    CHECK_FALSE(wait.answered());
    // A tenth of a second is the grain.
    advance(101);
    CHECK(wait.code() == ec::none);
  }
}

TEST_CASE_METHOD(node_fixture,
                 "a wait at a channel that trims is over in its time",
                 "[actors][channel][read]") {
  start();
  channel_settings few;
  few.retention_events = 3;
  auto orders = open("orders", few);
  publish(orders, {"a"});
  // Wherever it begins between two ticks.
  for (int64_t begin_ms : {0, 100, 400, 600, 950}) {
    INFO(begin_ms);
    advance(5'000 + begin_ms);
    auto wait = ask<log_offset>(owner(orders), atom::await_v,
                                await_request{log_offset{1}, 700});
    advance(699);
    CHECK_FALSE(wait.answered());
    advance(101);
    CHECK(wait.code() == ec::none);
  }
}

TEST_CASE_METHOD(node_fixture,
                 "a channel that is idle is left alone, and one that is busy "
                 "has few timers",
                 "[actors][channel]") {
  start();
  constexpr int64_t minutes_ms = 10 * 60'000;
  auto without = advance(minutes_ms);
  auto orders = open("orders");
  auto idle = advance(minutes_ms);
  CHECK(idle >= without + 20);
  CHECK(idle <= without + 24);
  auto timers = [&] { return sched.clock().schedule().size(); };
  auto before = timers();
  for (int i = 0; i < 60; ++i) {
    publish(orders, {std::to_string(i)});
    advance(1'000);
  }
  CHECK(timers() <= before + 3);
  for (int64_t wait_ms = 59'000; wait_ms > 0; wait_ms -= 13) {
    auto wait = ask<log_offset>(owner(orders), atom::await_v,
                                await_request{log_offset{60}, wait_ms});
    advance(10);
  }
  CHECK(timers() <= before + 320);
}

// -- times --------------------------------------------------------------------

TEST_CASE_METHOD(node_fixture, "a channel finds the first event of a time",
                 "[actors][channel][read]") {
  start();
  auto orders = open("orders");
  auto check = [&](int64_t first) {
    CHECK(*locate(orders, 0) == log_offset{0});
    CHECK(*locate(orders, first) == log_offset{0});
    CHECK(*locate(orders, first + 1) == log_offset{2});
    CHECK(*locate(orders, first + 100) == log_offset{2});
    CHECK(*locate(orders, first + 101) == log_offset{3});
    CHECK(*locate(orders, first + 105) == log_offset{3});
    CHECK(*locate(orders, first + 106) == log_offset{4});
  };
  CHECK(*locate(orders, 0) == log_offset{0});
  auto first = wall_ms();
  publish(orders, {"a", "b"});
  advance(100);
  publish(orders, {"c"});
  advance(5);
  // Its row is not on the disk yet, those before may be.
  publish(orders, {"d"});
  check(first);
  advance(20);
  check(first);
  SECTION("on the disk alone") {
    tail->drop(orders.id);
    check(first);
  }
  SECTION("after a restart") {
    restart();
    check(first);
  }
}
