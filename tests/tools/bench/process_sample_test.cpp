// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/process_sample.hpp"

#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

using namespace eventd::bench;

TEST_CASE("CPU time and memory are read past any name", "[bench][process]") {
  auto x = parse_stat("7 (a ) b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 4 0 9 "
                      "1000 25 18446744073709551615 1",
                      100, 4'096);
  REQUIRE(x);
  CHECK(x->cpu_s == 2.0);
  CHECK(x->rss_bytes == 25 * 4'096);
}

TEST_CASE("a text that is no stat is none", "[bench][process]") {
  CHECK_FALSE(parse_stat("", 100, 4'096));
  CHECK_FALSE(parse_stat("7 (a) S 1 2", 100, 4'096));
}

TEST_CASE("this process has memory, and process 0 does not exist",
          "[bench][process]") {
  REQUIRE(sample_process(getpid()));
  CHECK(sample_process(getpid())->rss_bytes > 0);
  CHECK_FALSE(sample_process(0));
}
