// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/times.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd::runtime;

TEST_CASE("RFC 3339 times are read to the millisecond", "[gateway][times]") {
  CHECK(parse_rfc3339("1970-01-01T00:00:00Z") == 0);
  CHECK(parse_rfc3339("2026-01-02T03:04:05.678Z") == 1'767'323'045'678);
  CHECK(parse_rfc3339("2026-01-02t03:04:05.6789999z") == 1'767'323'045'678);
  CHECK(parse_rfc3339("2026-01-02T04:04:05+01:00") == 1'767'323'045'000);
  CHECK(parse_rfc3339("2026-01-01T21:34:05-05:30") == 1'767'323'045'000);
  CHECK(parse_rfc3339("2024-02-29T00:00:00Z") == 1'709'164'800'000);
  for (const char* bad :
       {"", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02 03:04:05Z",
        "2026-13-02T03:04:05Z", "2026-02-30T03:04:05Z", "2026-01-02T24:00:00Z",
        "2026-01-02T03:60:00Z", "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05+25:00", "1969-12-31T23:59:59Z",
        "2026-01-02T03:04:05Zx"})
    CHECK_FALSE(parse_rfc3339(bad).has_value());
}

TEST_CASE("a written time is read back", "[gateway][times]") {
  CHECK(to_rfc3339(1'767'323'045'678) == "2026-01-02T03:04:05.678Z");
  CHECK(to_rfc3339(7) == "1970-01-01T00:00:00.007Z");
  CHECK(to_http_date(784'111'777'000) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(parse_http_date(to_http_date(1'767'323'045'000), 0)
        == 1'767'323'045'000);
}

TEST_CASE("all three forms of an HTTP date mean the same moment",
          "[gateway][times]") {
  constexpr int64_t in_1994 = 784'111'777'000;
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", in_1994) == in_1994);
  CHECK(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", in_1994) == in_1994);
  CHECK(parse_http_date("Sun Nov  6 08:49:37 1994", in_1994) == in_1994);
  // Seen from 2026, '94 lies more than fifty years ahead: it is 1994.
  CHECK(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", 1'767'323'045'000)
        == in_1994);
  CHECK_FALSE(
    parse_http_date("Sun, 06 Nov 1994 08:49:37", in_1994).has_value());
  CHECK_FALSE(
    parse_http_date("Sun, 31 Feb 1994 08:49:37 GMT", in_1994).has_value());
  CHECK_FALSE(parse_http_date("tomorrow", in_1994).has_value());
}

TEST_CASE("Retry-After is seconds or a date and never negative",
          "[gateway][times]") {
  constexpr int64_t now = 784'111'777'000;
  CHECK(parse_retry_after("120", now) == 120'000);
  CHECK(parse_retry_after(" 0 ", now) == 0);
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:47 GMT", now) == 10'000);
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:40:00 GMT", now) == 0);
  // Saturates instead of overflowing.
  CHECK(parse_retry_after("99999999999999999999", now)
        == 365LL * 24 * 3'600'000);
  for (const char* bad : {"", "soon", "-1", "1.5", "1s"})
    CHECK_FALSE(parse_retry_after(bad, now).has_value());
}
