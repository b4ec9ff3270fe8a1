// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/rocks/disk_reserve.hpp"

#include <catch2/catch_test_macros.hpp>

#include "storage/model/limits.hpp"

using eventd::storage::disk_reserve;

TEST_CASE("the disk is low below the reserve and not at it",
          "[storage][disk_reserve]") {
  uint64_t free = 100;
  disk_reserve reserve{"/", 100, [&](const std::string&) { return free; }};
  CHECK_FALSE(reserve.low(0));
  free = 99;
  CHECK(reserve.low(1'000));
}

TEST_CASE("what is in flight still fits when the disk is low",
          "[storage][disk_reserve]") {
  constexpr auto in_flight = eventd::limits::disk_in_flight_bytes;
  uint64_t free = 0;
  disk_reserve reserve{"/", in_flight + 100,
                       [&](const std::string&) { return free; }};
  free = in_flight + 99;
  CHECK(reserve.low(0));
  CHECK_FALSE(reserve.spent(0));
  free = 99;
  CHECK(reserve.low(1'000));
  CHECK(reserve.spent(1'000));
}

TEST_CASE("the disk is looked at again after 200 ms, not before",
          "[storage][disk_reserve]") {
  uint64_t free = 0;
  int looks = 0;
  disk_reserve reserve{"/", 1, [&](const std::string&) {
                         ++looks;
                         return free;
                       }};
  CHECK(reserve.low(0));
  free = 1;
  CHECK(reserve.low(199));
  CHECK(looks == 1);
  CHECK_FALSE(reserve.low(200));
  CHECK(looks == 2);
}

TEST_CASE("a path that does not exist is never low",
          "[storage][disk_reserve]") {
  disk_reserve reserve{"/nonexistent/path", 1};
  CHECK_FALSE(reserve.low(0));
}
