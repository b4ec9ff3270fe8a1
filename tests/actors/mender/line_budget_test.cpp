// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/mender/line_budget.hpp"

#include <catch2/catch_test_macros.hpp>

using eventd::actors::line_budget;

TEST_CASE("lines beyond the budget of a window are counted, and told once",
          "[actors][line_budget]") {
  line_budget lines{2, 1'000};
  CHECK_FALSE(lines.left_out(0));
  CHECK(lines.take(5'000));
  CHECK(lines.take(5'100));
  CHECK_FALSE(lines.is_open());
  CHECK_FALSE(lines.take(5'200));
  CHECK_FALSE(lines.take(5'999));
  CHECK(lines.is_open());
  CHECK_FALSE(lines.left_out(5'999));
  CHECK(lines.left_out(6'000) == 2);
  CHECK_FALSE(lines.left_out(6'000));
  CHECK(lines.take(6'000));
}

TEST_CASE("a window in which nothing was left out is told of by nobody",
          "[actors][line_budget]") {
  line_budget lines{2, 1'000};
  CHECK(lines.take(0));
  CHECK(lines.take(500));
  CHECK_FALSE(lines.left_out(1'000));
  CHECK(lines.take(1'000));
  CHECK(lines.take(1'001));
  CHECK_FALSE(lines.take(1'002));
}
