// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/actor_cluster.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iostream>

#include <catch2/catch_test_macros.hpp>

#include "tests/simulation/seeds.hpp"

using namespace eventd;
using namespace eventd::tests;

namespace {

void add(cluster_report& sum, const cluster_report& x) {
  for (auto member :
       {&cluster_report::acknowledged, &cluster_report::refused,
        &cluster_report::unknown, &cluster_report::confirmed,
        &cluster_report::terms, &cluster_report::crashes,
        &cluster_report::failed_disks, &cluster_report::wiped_disks,
        &cluster_report::partitions, &cluster_report::one_way,
        &cluster_report::transfers, &cluster_report::added,
        &cluster_report::removed, &cluster_report::changes,
        &cluster_report::copies, &cluster_report::jumps})
    sum.*member += x.*member;
}

cluster_report run_seeds(seeds which, const cluster_rules& rules = {}) {
  cluster_report sum;
  auto wanted = wanted_seed();
  if (wanted)
    which = {*wanted, 1};
  for (auto seed = which.first; seed < which.first + which.n; ++seed) {
    // An assertion of ours would end the process with no other word.
    INFO("seed " << seed);
    actor_cluster cluster{seed, rules};
    if (wanted)
      cluster.trace([](const std::string& x) { std::cout << x << std::endl; });
    auto report = cluster.run();
    if (!report.broken.empty())
      FAIL("seed " << seed << ": " << report.broken << "; EVENTD_SEED=" << seed
                   << " plays it again");
    add(sum, report);
  }
  return sum;
}

/// The seeds would show nothing if nothing happened in them.
void check_that_much_happened(const cluster_report& sum, size_t seeds) {
  if (wanted_seed())
    return;
  CHECK(sum.acknowledged > seeds * 30);
  CHECK(sum.refused > seeds / 2);
  CHECK(sum.unknown > seeds / 5);
  CHECK(sum.confirmed > seeds / 2);
  CHECK(sum.terms > seeds);
  CHECK(sum.crashes > seeds);
  CHECK(sum.failed_disks > seeds / 10);
  CHECK(sum.wiped_disks > seeds / 10);
  CHECK(sum.partitions > seeds);
  CHECK(sum.one_way > seeds / 5);
  CHECK(sum.transfers > seeds / 5);
  CHECK(sum.added > seeds / 2);
  CHECK(sum.removed > seeds / 10);
  CHECK(sum.changes > seeds);
  CHECK(sum.copies > seeds / 5);
  CHECK(sum.jumps > seeds / 2);
}

} // namespace

TEST_CASE("three replicas keep what they acknowledged, whatever happens",
          "[simulation][replica]") {
  constexpr size_t n = 100;
  check_that_much_happened(run_seeds({1, n}), n);
}

TEST_CASE("seeds of replicas that once found something find nothing",
          "[simulation][replica]") {
  for (uint64_t seed : std::initializer_list<uint64_t>{
         1077, 1181, 2213, 2299, 2739, 3014, 21983662572521, 53196194908825,
         123728161866313, 26635626611713})
    run_seeds({seed, 1});
}

TEST_CASE("a seed of replicas does the same again, bit for bit",
          "[simulation][replica]") {
  for (uint64_t seed : {1, 2, 3}) {
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
  auto which = fresh_seeds(10'000);
  std::cout << "seeds " << which.first << " and on" << std::endl;
  check_that_much_happened(run_seeds(which), which.n);
}
