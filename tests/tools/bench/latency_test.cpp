// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/latency.hpp"

#include <catch2/catch_test_macros.hpp>

using eventd::bench::latency_histogram;

TEST_CASE("quantiles are right within the width of a bucket",
          "[bench][latency]") {
  latency_histogram x;
  for (int64_t i = 1; i <= 1'000; ++i)
    x.record(i * 1'000);
  CHECK(x.count() == 1'000);
  auto near = [](int64_t a, int64_t b) { return a >= b && a - b <= b / 60; };
  CHECK(near(x.quantile(0.5), 500'000));
  CHECK(near(x.quantile(0.99), 990'000));
  CHECK(near(x.quantile(0.999), 999'000));
  CHECK(near(x.quantile(1), 1'000'000));
}

TEST_CASE("small, negative and very large latencies have a bucket",
          "[bench][latency]") {
  latency_histogram x;
  CHECK(x.quantile(0.5) == 0);
  x.record(-5);
  CHECK(x.quantile(1) == 0);
  x.record(63);
  CHECK(x.quantile(1) == 63);
  x.record(64);
  CHECK(x.quantile(1) == 64);
  x.record(INT64_MAX);
  CHECK(x.quantile(1) > 3'600'000'000'000);
}

TEST_CASE("merged histograms count both", "[bench][latency]") {
  latency_histogram x;
  latency_histogram y;
  x.record(10);
  y.record(50);
  x.merge(y);
  CHECK(x.count() == 2);
  CHECK(x.quantile(0.5) == 10);
  CHECK(x.quantile(1) == 50);
}
