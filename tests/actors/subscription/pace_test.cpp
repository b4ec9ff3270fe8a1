// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/subscription/pace.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd::actors;

namespace {

/// Requests that pass in `ms` when each is made as soon as it may.
uint64_t passed_in(token_bucket& bucket, int64_t from_ms, int64_t ms) {
  uint64_t n = 0;
  for (auto now = from_ms; now < from_ms + ms;) {
    if (bucket.ready(now)) {
      bucket.take();
      ++n;
    } else {
      now = bucket.ready_at_ms(now);
    }
  }
  return n;
}

} // namespace

TEST_CASE("a rate of 10 lets one pass every 100 ms", "[actors][pace]") {
  token_bucket bucket;
  bucket.configure(10);
  CHECK(bucket.ready(5'000));
  bucket.take();
  CHECK_FALSE(bucket.ready(5'000));
  CHECK(bucket.ready_at_ms(5'000) == 5'100);
  CHECK_FALSE(bucket.ready(5'099));
  CHECK(bucket.ready(5'100));
}

TEST_CASE("a rate is kept over time and never bursts more than a tenth",
          "[actors][pace]") {
  token_bucket bucket;
  bucket.configure(100);
  CHECK(passed_in(bucket, 1'000, 1) == 10);
  CHECK(passed_in(bucket, 1'001, 10'000) == 1'000);
  // A pause of a minute is not made up for.
  CHECK(passed_in(bucket, 71'001, 1) == 10);
}

TEST_CASE("a rate of zero is no limit", "[actors][pace]") {
  token_bucket bucket;
  bucket.configure(0);
  for (int i = 0; i < 1'000; ++i) {
    REQUIRE(bucket.ready(7));
    bucket.take();
  }
}

TEST_CASE("a clock that stands or steps back lets nothing more pass",
          "[actors][pace]") {
  token_bucket bucket;
  bucket.configure(1);
  CHECK(bucket.ready(9'000));
  bucket.take();
  CHECK_FALSE(bucket.ready(9'000));
  CHECK_FALSE(bucket.ready(1'000));
  CHECK(bucket.ready(10'000));
}

TEST_CASE("five failures in a row make the window one, answers double it",
          "[actors][pace]") {
  leg_health target{32};
  for (int i = 0; i < 4; ++i)
    CHECK_FALSE(target.on_failure());
  CHECK(target.window() == 32);
  CHECK(target.on_failure());
  CHECK(target.probing());
  CHECK(target.window() == 1);
  CHECK_FALSE(target.on_failure());
  target.on_answer(32);
  CHECK_FALSE(target.probing());
  CHECK(target.window() == 2);
  for (int i = 0; i < 4; ++i)
    target.on_answer(32);
  CHECK(target.window() == 32);
  target.on_answer(32);
  CHECK(target.window() == 32);
}

TEST_CASE("an answer between failures keeps the window", "[actors][pace]") {
  leg_health target{8};
  for (int i = 0; i < 100; ++i) {
    for (int j = 0; j < 4; ++j)
      target.on_failure();
    target.on_answer(8);
  }
  CHECK(target.window() == 8);
}
