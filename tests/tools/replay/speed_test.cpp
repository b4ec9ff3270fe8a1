// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/replay/speed.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::replay;

TEST_CASE("speeds are read in all their forms", "[replay][speed]") {
  CHECK(parse_speed("max")->how == speed::kind::max);
  CHECK(parse_speed("original")->value == 1);
  CHECK(parse_speed("0.5x")->value == 0.5);
  CHECK(parse_speed("1000/s")->how == speed::kind::rate);
  for (auto wrong : {"", "fast", "0x", "-1x", "2", "x", "infx", "1/m"})
    CHECK(parse_speed(wrong).error() == ec::invalid_config);
}

TEST_CASE("a rate spaces events evenly", "[replay][speed]") {
  pacer x{*parse_speed("1000/s")};
  CHECK(x.next_due_ns({}) == 0);
  CHECK(x.next_due_ns({}) == 1'000'000);
  CHECK(x.next_due_ns({}) == 2'000'000);
}

TEST_CASE("a factor divides the times between events", "[replay][speed]") {
  pacer x{*parse_speed("2x")};
  CHECK(x.next_due_ns(50'000) == 0);
  CHECK(x.next_due_ns(60'000) == 5'000'000'000);
  // A clock that went back does not send events back.
  CHECK(x.next_due_ns(55'000) == 5'000'000'000);
  CHECK(x.next_due_ns(std::nullopt) == 5'000'000'000);
}

TEST_CASE("at full speed all is due at once", "[replay][speed]") {
  pacer x{*parse_speed("max")};
  CHECK(x.unpaced());
  CHECK(x.next_due_ns(1) == 0);
  CHECK(x.next_due_ns(1'000'000) == 0);
}
