// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/byte_budget.hpp"

#include <optional>
#include <utility>

#include <catch2/catch_test_macros.hpp>

using namespace eventd::runtime;

TEST_CASE("a budget gives what it has and no more", "[gateway][byte_budget]") {
  byte_budget x{100};
  CHECK(x.take(60));
  CHECK_FALSE(x.take(41));
  CHECK(x.used() == 60);
  CHECK_FALSE(x.take(1, 60));
  CHECK(x.take(40));
  // Who wants nothing is not refused, even beyond what it may have.
  CHECK(x.take(0, 60));
  x.give_back(100);
  CHECK(x.used() == 0);
}

TEST_CASE("what is held counts in both budgets until its end",
          "[gateway][byte_budget]") {
  byte_budget all{100};
  byte_budget own{50};
  {
    held_bytes x{all, own};
    CHECK(x.grow_to(30));
    CHECK(x.grow_to(20)); // It does not shrink.
    CHECK(x.grow_to(50));
    CHECK_FALSE(x.grow_to(51));
    CHECK(all.used() == 50);
    auto moved = std::move(x);
    CHECK(own.used() == 50);
  }
  CHECK(all.used() == 0);
  CHECK(own.used() == 0);
  REQUIRE(all.take(80));
  held_bytes y{all, own};
  CHECK_FALSE(y.grow_to(21));
  CHECK(own.used() == 0);
  CHECK(y.grow_to(20));
}
