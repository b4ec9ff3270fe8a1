// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <iostream>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/trial.hpp"

namespace eventd::tests {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

struct window {
  clock::time_point from;
  clock::time_point to;
};

/// Kills the channel's leader again and again, and measures how long clients
/// that know all addresses see no acknowledgement.
void fail_over(size_t kills) {
  trial world{"failover, " + std::to_string(kills) + " leaders killed"};
  std::vector<window> windows;
  for (size_t i = 0; i < kills; ++i) {
    INFO("kill " << i);
    auto leader = world.leader();
    window x{clock::now(), {}};
    world.nodes().kill(leader);
    // What was under way is acknowledged first, and is no sign of a leader.
    std::this_thread::sleep_for(1s);
    CHECK(world.progresses(50, 10s));
    x.to = clock::now();
    windows.push_back(x);
    world.nodes().start(leader);
    world.nodes().wait_ready(leader);
    world.nodes().wait_healthy();
  }
  world.settle();
  std::vector<std::chrono::milliseconds> gaps;
  for (auto& x : windows)
    gaps.push_back(longest_gap(world.acks(), x.from, x.to));
  std::sort(gaps.begin(), gaps.end());
  auto median = gaps[gaps.size() / 2];
  std::cout << "failover: " << kills << " kills, median " << median.count()
            << " ms, worst " << gaps.back().count()
            << " ms without an acknowledgement\n";
  CHECK((is_sanitized || median <= 1'500ms));
  CHECK((is_sanitized || gaps.back() <= 3s));
}

} // namespace

TEST_CASE("when the leader is killed, clients wait 3 s at most",
          "[system][cluster][failover]") {
  fail_over(5);
}

TEST_CASE("when the leader is killed 20 times, clients wait 3 s at most",
          "[system][cluster][.soak]") {
  fail_over(20);
}

} // namespace eventd::tests
