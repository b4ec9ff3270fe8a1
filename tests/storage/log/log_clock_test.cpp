// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/log/log_clock.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/print.hpp"

using namespace eventd;
using eventd::storage::log_clock;

TEST_CASE("the log clock of an empty shard believes the wall clock",
          "[storage][log_clock]") {
  log_clock clock{log_time{0}, 160'000, 5'000};
  CHECK(clock.now(5'000) == log_time{160'000});
  CHECK(clock.now(6'000) == log_time{161'000});
}

TEST_CASE("the log clock catches up with a wall clock ahead at twice the speed",
          "[storage][log_clock]") {
  log_clock clock{log_time{100'000}, 160'000, 0};
  CHECK(clock.now(0) == log_time{100'000});
  CHECK(clock.now(10'000) == log_time{120'000});
  CHECK(clock.now(60'000) == log_time{220'000});
  CHECK(clock.now(70'000) == log_time{230'000});
}

TEST_CASE("the log clock neither stops nor goes back for a wall clock behind",
          "[storage][log_clock]") {
  log_clock clock{log_time{100'000}, 40'000, 1'000};
  CHECK(clock.now(1'000) == log_time{100'000});
  CHECK(clock.now(2'000) == log_time{101'000});
  // A steady clock that went back would be the machine's fault.
  CHECK(clock.now(0) == log_time{100'000});
}

TEST_CASE(
  "the log clock never goes back and never runs more than twice as fast",
  "[storage][log_clock]") {
  for (int64_t wall : {0, 99'000, 100'000, 101'500, 3'700'000}) {
    log_clock clock{log_time{100'000}, wall, 0};
    auto before = clock.now(0);
    for (int64_t steady = 7; steady < 5'000; steady += 7) {
      auto now = clock.now(steady);
      REQUIRE(now >= before);
      CHECK(now - before >= 7);
      CHECK(now - before <= 14);
      before = now;
    }
  }
}
