// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/time_format.hpp"

#include <catch2/catch_test_macros.hpp>

namespace eventd::actors {

TEST_CASE("a time is written in UTC and reads back the same",
          "[resource][time]") {
  CHECK(format_time(0) == "1970-01-01T00:00:00Z");
  CHECK(format_time(951'782'400'999) == "2000-02-29T00:00:00Z");
  CHECK(parse_time("2000-02-29T00:00:00Z") == 951'782'400'000);
}

TEST_CASE("RFC 3339 times are read with their zone and fraction",
          "[resource][time]") {
  CHECK(parse_time("1970-01-01T01:00:00+01:00") == 0);
  CHECK(parse_time("1969-12-31T23:30:00-01:00") == 1'800'000);
  CHECK(parse_time("1970-01-01t00:00:01.5z") == 1'500);
  CHECK(parse_time("1970-01-01T00:00:00.0129Z") == 12);
}

TEST_CASE("what is not an RFC 3339 time is none", "[resource][time]") {
  for (auto text :
       {"", "1970", "1970-01-01", "1970-01-01T00:00:00", "1970-02-30T00:00:00Z",
        "1970-13-01T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z",
        "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00Zx",
        "1970-01-01 00:00:00Z", "1970-01-01T00:00:00+24:00",
        "1969-12-31T00:00:00Z", "1970\r01-01T00:00:00Z"}) {
    INFO(text);
    CHECK_FALSE(parse_time(text).has_value());
  }
}

} // namespace eventd::actors
