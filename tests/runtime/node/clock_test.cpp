// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/node/clock.hpp"

#include <set>
#include <string>

#include <catch2/catch_test_macros.hpp>

using namespace eventd::runtime;

TEST_CASE("the steady clock never goes back", "[runtime][clock]") {
  auto before = steady_us();
  for (int i = 0; i < 1'000; ++i) {
    auto now = steady_us();
    CHECK(now >= before);
    before = now;
  }
}

TEST_CASE("UUIDs are of version 4 and differ", "[runtime][clock]") {
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) {
    auto x = new_uuid();
    REQUIRE(x.size() == 36);
    CHECK(x[14] == '4');
    CHECK(seen.insert(x).second);
  }
}
