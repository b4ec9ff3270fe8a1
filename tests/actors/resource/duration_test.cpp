// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/duration.hpp"

#include <vector>

#include <catch2/catch_test_macros.hpp>

namespace eventd::actors {

TEST_CASE("an ISO 8601 duration is read in milliseconds",
          "[resource][duration]") {
  struct row {
    const char* text;
    int64_t ms;
  };
  for (auto& [text, ms] : std::vector<row>{
         {"PT0S", 0},
         {"PT0.5S", 500},
         {"PT0,25S", 250},
         {"PT0.0019S", 1},
         {"PT2M", 120'000},
         {"PT1H30M", 5'400'000},
         {"PT1H1S", 3'601'000},
         {"P1D", 86'400'000},
         {"P7D", 604'800'000},
         {"P1DT12H", 129'600'000},
         {"P0.5D", 43'200'000},
         {"P2W", 1'209'600'000},
         {"PT90S", 90'000},
         {"P36500D", 3'153'600'000'000},
       }) {
    INFO(text);
    auto read = parse_duration(text);
    REQUIRE(read.has_value());
    CHECK(*read == ms);
  }
}

TEST_CASE("what is not a duration is refused in words that help",
          "[resource][duration]") {
  struct row {
    const char* text;
    const char* words;
  };
  for (auto& [text, words] : std::vector<row>{
         {"", "begins with a P"},
         {"P", "begins with a P"},
         {"10s", "begins with a P"},
         {"pt1s", "begins with a P"},
         {"PT", "after the T"},
         {"P1DT", "after the T"},
         {"-PT1S", "negative"},
         {"PT-1S", "negative"},
         {"P1Y", "use days"},
         {"P1M", "use days"},
         {"P1M2D", "use days"},
         {"PT1", "its letter"},
         {"PTS", "its letter"},
         {"PT.5S", "its letter"},
         {"PT1.S", "its letter"},
         {"PT1M1H", "can not stand here"},
         {"PT1S1S", "can not stand here"},
         {"PT1D", "can not stand here"},
         {"P1H", "can not stand here"},
         {"P1W1D", "weeks stand alone"},
         {"P1WT1H", "weeks stand alone"},
         {"PT0.5H1M", "only the last"},
         {"P0.5DT1H", "only the last"},
         {"P36501D", "36500 days"},
         {"PT99999999999999999999S", "36500 days"},
         {"P36500DT1S", "36500 days"},
         {"PT1S ", "its letter"},
       }) {
    INFO(text);
    auto read = parse_duration(text);
    REQUIRE(read.has_error());
    CHECK(read.error().code == ec::invalid_resource);
    INFO(read.error().detail);
    CHECK(read.error().detail.find(words) != std::string::npos);
  }
}

TEST_CASE("a duration is written in its shortest form and reads back the same",
          "[resource][duration]") {
  CHECK(format_duration(0) == "PT0S");
  CHECK(format_duration(500) == "PT0.5S");
  CHECK(format_duration(1) == "PT0.001S");
  CHECK(format_duration(604'800'000) == "P7D");
  CHECK(format_duration(120'000) == "PT2M");
  CHECK(format_duration(90'061'050) == "P1DT1H1M1.05S");
  for (int64_t ms : {0, 1, 999, 1'000, 59'999, 3'600'000, 86'400'001})
    CHECK(*parse_duration(format_duration(ms)) == ms);
}

} // namespace eventd::actors
