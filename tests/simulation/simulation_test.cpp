// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/simulation.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tests/simulation/seeds.hpp"

using namespace eventd;
using namespace eventd::tests;

namespace {

struct totals {
  size_t acknowledged = 0;
  size_t crashes = 0;
  size_t partitions = 0;
  size_t installs = 0;
  size_t terms = 0;
};

totals run_seeds(uint64_t first, uint64_t n,
                 const simulation_rules& rules = {}) {
  totals sum;
  if (auto wanted = wanted_seed()) {
    first = *wanted;
    n = 1;
  }
  for (auto seed = first; seed < first + n; ++seed) {
    auto report = simulation{seed, rules}.run();
    if (!report.broken.empty())
      FAIL("seed " << seed << ": " << report.broken << "; EVENTD_SEED=" << seed
                   << " plays it again");
    sum.acknowledged += report.acknowledged;
    sum.crashes += report.crashes;
    sum.partitions += report.partitions;
    sum.installs += report.installs;
    sum.terms += report.terms;
  }
  return sum;
}

} // namespace

TEST_CASE("three servers agree through crashes, partitions and a bad network",
          "[simulation]") {
  auto sum = run_seeds(1, 500);
  if (wanted_seed())
    return;
  // The seeds would show nothing if nothing happened in them.
  CHECK(sum.acknowledged > 100'000);
  CHECK(sum.crashes > 500);
  CHECK(sum.partitions > 500);
  CHECK(sum.installs > 50);
  CHECK(sum.terms > 1'000);
}

TEST_CASE("five servers agree", "[simulation]") {
  simulation_rules rules;
  rules.servers = 5;
  run_seeds(10'001, 50, rules);
}

TEST_CASE("a seed does the same again, bit for bit", "[simulation]") {
  for (uint64_t seed : {1, 2, 3}) {
    auto first = simulation{seed}.run();
    auto second = simulation{seed}.run();
    CHECK(first.digest == second.digest);
    CHECK(first.acknowledged == second.acknowledged);
  }
}

TEST_CASE("without sync the simulation sees loss", "[simulation]") {
  simulation_rules rules;
  rules.sync = false;
  size_t seen = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    auto broken = simulation{seed, rules}.run().broken;
    seen += broken.find("another entry") != broken.npos
            || broken.find("are lost") != broken.npos;
  }
  CHECK(seen >= 8);
}

TEST_CASE("10 000 seeds agree", "[simulation][.soak]") {
  auto which = fresh_seeds(10'000);
  run_seeds(which.first, which.n);
}
