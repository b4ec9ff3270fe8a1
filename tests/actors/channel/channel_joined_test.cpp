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

using answers = std::vector<append_result>;

struct joined_fixture : node_fixture {
  inquiry<answers> ask_to_join(const channel_info& channel,
                               const std::vector<std::string>& ids,
                               std::vector<uint32_t> sizes) {
    return ask<answers>(owner(channel), atom::append_v,
                        joined_append{events(ids), std::move(sizes)});
  }

  answers join(const channel_info& channel, const std::vector<std::string>& ids,
               std::vector<uint32_t> sizes) {
    auto x = ask_to_join(channel, ids, std::move(sizes));
    REQUIRE(x.code() == ec::none);
    return x.value();
  }
};

void check(const append_result& x, uint64_t first, uint32_t stored,
           uint32_t duplicates) {
  CHECK(x.first == log_offset{first});
  CHECK(x.stored == stored);
  CHECK(x.duplicates == duplicates);
}

} // namespace

TEST_CASE_METHOD(joined_fixture,
                 "requests that came together are answered each for itself",
                 "[actors][channel]") {
  start();
  auto orders = open("orders");
  auto got = join(orders, {"a", "b", "c", "d"}, {1, 2, 1});
  REQUIRE(got.size() == 3);
  check(got[0], 0, 1, 0);
  check(got[1], 1, 2, 0);
  check(got[2], 3, 1, 0);
  CHECK(ids(orders) == std::vector<std::string>{"a", "b", "c", "d"});
  CHECK(status(orders).published == 4);
}

TEST_CASE_METHOD(joined_fixture,
                 "duplicates among requests that came together are found in "
                 "the log and in each other",
                 "[actors][channel][dedup]") {
  start();
  auto orders = open("orders");
  publish(orders, {"x", "y"});
  auto got = join(orders, {"y", "a", "x", "a", "b"}, {2, 1, 2});
  REQUIRE(got.size() == 3);
  check(got[0], 2, 1, 1);
  check(got[1], 0, 0, 1);
  check(got[2], 3, 1, 1);
  CHECK(ids(orders) == std::vector<std::string>{"x", "y", "a", "b"});
  auto again = join(orders, {"a", "b"}, {1, 1});
  REQUIRE(again.size() == 2);
  check(again[0], 2, 0, 1);
  check(again[1], 3, 0, 1);
  CHECK(status(orders).duplicates == 5);
  restart();
  CHECK(ids(orders) == std::vector<std::string>{"x", "y", "a", "b"});
}

TEST_CASE_METHOD(joined_fixture,
                 "requests that came together wait for the disk together",
                 "[actors][channel]") {
  start();
  auto orders = open("orders");
  hold_writes();
  auto first = ask_to_join(orders, {"a"}, {1});
  auto second = ask_to_join(orders, {"b", "a"}, {1, 1});
  CHECK_FALSE(first.answered());
  CHECK_FALSE(second.answered());
  release_writes();
  REQUIRE(first.code() == ec::none);
  REQUIRE(second.code() == ec::none);
  check(first.value().at(0), 0, 1, 0);
  check(second.value().at(0), 1, 1, 0);
  check(second.value().at(1), 0, 0, 1);
}

TEST_CASE_METHOD(joined_fixture,
                 "requests that came together are refused together when their "
                 "channel ends, and can be sent again",
                 "[actors][channel]") {
  start();
  auto orders = open("orders");
  hold_writes();
  auto held = ask_to_join(orders, {"a", "b"}, {1, 1});
  kill(owner(orders));
  release_writes();
  advance(1'000);
  CHECK(held.code() != ec::none);
  auto got = join(orders, {"a", "b", "c"}, {1, 1, 1});
  CHECK(got[2].first == log_offset{2});
  CHECK(ids(orders) == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE_METHOD(joined_fixture,
                 "requests whose sizes are not those of their events are "
                 "refused whole",
                 "[actors][channel]") {
  start();
  auto orders = open("orders");
  CHECK(ask_to_join(orders, {"a", "b"}, {1}).code() == ec::invalid_request);
  CHECK(ask_to_join(orders, {"a", "b"}, {2, 0}).code() == ec::invalid_request);
  CHECK(ask_to_join(orders, {"a", "b"}, {1, 2}).code() == ec::invalid_request);
  CHECK(ask_to_join(orders, {}, {}).code() == ec::invalid_request);
  CHECK(ids(orders).empty());
}

TEST_CASE_METHOD(joined_fixture,
                 "an in-memory channel answers requests that came together",
                 "[actors][channel]") {
  start();
  auto orders = open("orders", {}, true);
  auto got = join(orders, {"a", "b", "a"}, {1, 1, 1});
  REQUIRE(got.size() == 3);
  check(got[1], 1, 1, 0);
  check(got[2], 0, 0, 1);
  CHECK(ids(orders) == std::vector<std::string>{"a", "b"});
}
