// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "tests/fixtures/node_fixture.hpp"
#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

channel_settings window_of(int64_t ms) {
  channel_settings x;
  x.dedup_window_ms = ms;
  return x;
}

} // namespace

TEST_CASE_METHOD(node_fixture,
                 "an event that came before in the window is stored once",
                 "[actors][channel][dedup]") {
  start();
  auto orders = open("orders", window_of(10'000));
  CHECK(publish(orders, {"a", "b"}).stored == 2);
  advance(9'000);
  auto again = publish(orders, {"b"});
  CHECK(again.stored == 0);
  CHECK(again.duplicates == 1);
  CHECK(again.first == log_offset{1});
  CHECK(ids(orders) == std::vector<std::string>{"a", "b"});
  CHECK(status(orders).duplicates == 1);
  // A channel of its own has a window of its own.
  auto others = open("others", window_of(10'000));
  CHECK(publish(others, {"a"}).stored == 1);
}

TEST_CASE_METHOD(node_fixture, "after the window an event is stored again",
                 "[actors][channel][dedup]") {
  start();
  auto orders = open("orders", window_of(10'000));
  publish(orders, {"a"});
  advance(10'001);
  auto again = publish(orders, {"a"});
  CHECK(again.stored == 1);
  CHECK(again.first == log_offset{1});
}

TEST_CASE_METHOD(node_fixture, "a window of 0 stores everything",
                 "[actors][channel][dedup]") {
  start();
  auto orders = open("orders", window_of(0));
  publish(orders, {"a"});
  CHECK(publish(orders, {"a"}).stored == 1);
  CHECK(publish(orders, {"b", "b"}).stored == 2);
  CHECK(status(orders).duplicates == 0);
  restart();
  CHECK(publish(orders, {"a"}).stored == 1);
}

TEST_CASE_METHOD(node_fixture,
                 "a duplicate of an event on its way waits for the original",
                 "[actors][channel][dedup]") {
  start();
  auto orders = open("orders");
  hold_writes();
  auto original = append(orders, {"a"});
  auto copy = append(orders, {"a"});
  CHECK_FALSE(copy.answered());
  release_writes();
  REQUIRE(original.code() == ec::none);
  REQUIRE(copy.code() == ec::none);
  CHECK(copy.value().stored == 0);
  CHECK(copy.value().duplicates == 1);
  CHECK(copy.value().first == log_offset{0});
}

TEST_CASE_METHOD(node_fixture,
                 "a waiting duplicate does not hold up what is durable before",
                 "[actors][channel][dedup]") {
  start();
  auto orders = open("orders");
  hold_writes();
  std::vector<inquiry<append_result>> first;
  for (int i = 0; i < 4; ++i)
    first.push_back(append(orders, {"first" + std::to_string(i)}));
  // Not proposed yet: four entries are on their way.
  auto original = append(orders, {"late"});
  auto copy = append(orders, {"late"});
  release_writes();
  for (const auto& x : first)
    CHECK(x.code() == ec::none);
  CHECK(original.code() == ec::none);
  REQUIRE(copy.code() == ec::none);
  CHECK(copy.value().first == log_offset{4});
}

TEST_CASE_METHOD(node_fixture,
                 "of a batch that holds duplicates only the rest is stored",
                 "[actors][channel][dedup]") {
  start();
  auto orders = open("orders");
  publish(orders, {"a", "b"});
  auto mixed = publish(orders, {"b", "c", "a", "d", "c"});
  CHECK(mixed.stored == 2);
  CHECK(mixed.duplicates == 3);
  CHECK(mixed.first == log_offset{2});
  CHECK(ids(orders) == std::vector<std::string>{"a", "b", "c", "d"});
  auto known = publish(orders, {"d", "c"});
  CHECK(known.stored == 0);
  CHECK(known.first == log_offset{3});
}

TEST_CASE_METHOD(node_fixture, "the window is there again after a restart",
                 "[actors][channel][dedup]") {
  start();
  auto orders = open("orders", window_of(10'000));
  publish(orders, {"a"});
  for (int i = 0; i < 20; ++i)
    publish(orders, {"more" + std::to_string(i)});
  SECTION("of the node") {
    restart();
  }
  SECTION("of the node, with all rows written") {
    advance(20);
    stop();
    start();
  }
  SECTION("of the actor, while the newest rows are not on the disk") {
    kill(owner(orders));
    advance(1);
  }
  SECTION("of the actor, when the tail has nothing any more") {
    advance(20);
    tail->drop(orders.id);
    kill(owner(orders));
    advance(1);
  }
  CHECK(publish(orders, {"a"}).duplicates == 1);
  auto last = publish(orders, {"more19", "new"});
  CHECK(last.duplicates == 1);
  CHECK(last.first == log_offset{21});
  // It is longer after a restart, not endless.
  advance(10'001);
  CHECK(publish(orders, {"a"}).stored == 1);
}

TEST_CASE_METHOD(node_fixture, "damage in the window does not stop a channel",
                 "[actors][channel][dedup]") {
  start();
  auto orders = open("orders");
  publish(orders, {"a"});
  auto index = propose(orders.shard, storage::put_cursors{});
  REQUIRE(index.code() == ec::none);
  // The next entry of the shard holds four events.
  publish(orders, {"b", "c", "d", "e"});
  publish(orders, {"f"});
  advance(20);
  storage::write_batch damage{*database};
  damage.put(storage::log_family(orders.shard),
             storage::log_key(index.value().index + 1), "nonsense");
  REQUIRE(database->write(damage, true));
  tail->drop(orders.id);
  kill(owner(orders));
  advance(1);
  CHECK(publish(orders, {"a"}).duplicates == 1);
  CHECK(publish(orders, {"f"}).duplicates == 1);
  CHECK(publish(orders, {"g"}).first == log_offset{6});
  CHECK(status(orders).corrupt_offset == 1);
}

TEST_CASE_METHOD(node_fixture, "a window can be switched off and on",
                 "[actors][channel][dedup]") {
  start();
  auto orders = open("orders", window_of(10'000));
  publish(orders, {"a"});
  configure(orders, window_of(0));
  CHECK(publish(orders, {"a"}).stored == 1);
  configure(orders, window_of(10'000));
  CHECK(publish(orders, {"a"}).stored == 1);
  CHECK(publish(orders, {"a"}).duplicates == 1);
}
