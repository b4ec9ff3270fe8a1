// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/actor_cluster.hpp"

#include <random>

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::tests;

namespace {

struct totals {
  size_t acknowledged = 0;
  size_t refused = 0;
  size_t unknown = 0;
  size_t confirmed = 0;
  size_t crashes = 0;
  size_t partitions = 0;
  size_t transfers = 0;
  size_t terms = 0;
};

totals run_seeds(uint64_t first, uint64_t n, const cluster_rules& rules = {}) {
  totals sum;
  for (auto seed = first; seed < first + n; ++seed) {
    // An assertion of ours would end the process with no other word.
    INFO("seed " << seed);
    auto report = actor_cluster{seed, rules}.run();
    if (!report.broken.empty())
      FAIL("seed " << seed << ": " << report.broken);
    sum.acknowledged += report.acknowledged;
    sum.refused += report.refused;
    sum.unknown += report.unknown;
    sum.confirmed += report.confirmed;
    sum.crashes += report.crashes;
    sum.partitions += report.partitions;
    sum.transfers += report.transfers;
    sum.terms += report.terms;
  }
  return sum;
}

} // namespace

TEST_CASE("three replicas keep what they acknowledged, whatever happens",
          "[simulation][replica]") {
  constexpr uint64_t seeds = 4;
  auto sum = run_seeds(1, seeds);
  // The seeds would show nothing if nothing happened in them.
  CHECK(sum.acknowledged > seeds * 50);
  CHECK(sum.refused > seeds / 2);
  CHECK(sum.unknown > seeds / 5);
  CHECK(sum.confirmed > seeds);
  CHECK(sum.crashes > seeds);
  CHECK(sum.partitions > seeds);
  CHECK(sum.transfers > seeds / 5);
  CHECK(sum.terms > seeds);
}

TEST_CASE("a seed of replicas does the same again, bit for bit",
          "[simulation][replica]") {
  for (uint64_t seed : {1}) {
    INFO("seed " << seed);
    auto first = actor_cluster{seed}.run();
    auto second = actor_cluster{seed}.run();
    CHECK(first.digest == second.digest);
    CHECK(first.acknowledged == second.acknowledged);
    CHECK(first.refused == second.refused);
    CHECK(first.unknown == second.unknown);
    CHECK(first.acknowledged > 0);
  }
}

TEST_CASE("replicas whose disks lie lose what they acknowledged, and it shows",
          "[simulation][replica]") {
  cluster_rules rules;
  rules.sync = false;
  size_t seen = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed)
    seen += !actor_cluster{seed, rules}.run().broken.empty();
  CHECK(seen >= 3);
}

TEST_CASE("10 000 seeds of replicas keep what they acknowledged",
          "[simulation][replica][.soak]") {
  run_seeds(uint64_t{std::random_device{}()}, 500);
}
