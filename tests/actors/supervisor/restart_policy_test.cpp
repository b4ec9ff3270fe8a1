// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/supervisor/restart_policy.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd::actors;

TEST_CASE("an actor that dies for the first time starts at once",
          "[actors][restart_policy]") {
  restart_policy policy;
  policy.started(1'000);
  CHECK(policy.died(1'001) == 0);
}

TEST_CASE("an actor that dies again and again waits longer, up to a bound",
          "[actors][restart_policy]") {
  restart_policy policy;
  int64_t now = 1'000;
  for (auto expected :
       {0, 50, 100, 200, 400, 800, 1'600, 3'200, 5'000, 5'000}) {
    policy.started(now);
    CHECK(policy.died(now + 1) == expected);
    now += expected + 1;
  }
  for (int i = 0; i < 1'000; ++i)
    CHECK(policy.died(now) == restart_policy::longest_ms);
}

TEST_CASE("an actor that lived for a minute starts over",
          "[actors][restart_policy]") {
  restart_policy policy;
  policy.started(0);
  policy.died(1);
  policy.started(1);
  CHECK(policy.died(restart_policy::healthy_ms) == 50);
  policy.started(100'000);
  CHECK(policy.died(100'000 + restart_policy::healthy_ms) == 0);
  policy.started(200'000);
  CHECK(policy.died(200'001) == 50);
}
