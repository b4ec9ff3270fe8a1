// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/arrivals.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "tools/bench/publisher.hpp"
#include "tools/client/command_line.hpp"

namespace eventd::bench {

namespace {

constexpr int64_t silence_ns_max = 30'000'000'000;
constexpr std::chrono::milliseconds poll{1};

} // namespace

void arrivals::note(int64_t sent_ns) {
  auto now = steady_ns();
  auto from = from_ns_.load(std::memory_order_relaxed);
  if (from > 0 && sent_ns >= from)
    latency_.record(now - sent_ns);
  if (from > 0 && now >= from)
    measured_.fetch_add(1, std::memory_order_relaxed);
  all_.fetch_add(1, std::memory_order_relaxed);
  last_ns_.store(now, std::memory_order_relaxed);
}

bool arrivals::wait_for(uint64_t wanted) const {
  auto begin = steady_ns();
  while (all_ < wanted && !tools::interrupted()) {
    if (steady_ns() - std::max(last_ns_.load(), begin) > silence_ns_max)
      break;
    std::this_thread::sleep_for(poll);
  }
  return all_ >= wanted;
}

void arrivals::fill(measurement& out) const {
  out.events = measured_;
  out.latency = latency_;
  if (from_ns_ > 0 && last_ns_ > from_ns_)
    out.seconds = static_cast<double>(last_ns_ - from_ns_) / 1e9;
}

} // namespace eventd::bench
