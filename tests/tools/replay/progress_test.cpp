// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/replay/progress.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd::replay;

TEST_CASE("progress shows part, rate and time left", "[replay][progress]") {
  progress_state x{500, 50'000, 0, 1'000, 1'000};
  CHECK(progress_line(x, false)
        == "50%  500/1000 events  500/s  50.0 kB/s  ETA 1 s");
  CHECK(progress_line(x, true).starts_with("[============>           ] 50%"));
}

TEST_CASE("progress without a total has no part and no time left",
          "[replay][progress]") {
  progress_state x{500, 50'000, 3, {}, 1'000};
  CHECK(progress_line(x, true) == "503 events  500/s  50.0 kB/s  3 failed");
}

TEST_CASE("durations and numbers are short", "[replay][progress]") {
  CHECK(short_duration(75'000) == "1 min 15 s");
  CHECK(short_duration(3'700'000) == "1 h 1 min");
  CHECK(short_number(1'234'567) == "1.2 M");
  CHECK(short_number(950) == "950");
}

TEST_CASE("a terminal is told ten times a second, a file each ten seconds",
          "[replay][progress]") {
  progress_clock terminal{true};
  CHECK_FALSE(terminal.due(99));
  CHECK(terminal.due(100));
  CHECK_FALSE(terminal.due(199));
  CHECK(terminal.due(200));
  progress_clock file{false};
  CHECK_FALSE(file.due(9'999));
  CHECK(file.due(10'000));
}
