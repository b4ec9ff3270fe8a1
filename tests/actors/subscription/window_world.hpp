// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "actors/subscription/delivery_window.hpp"
#include "tests/fixtures/test_events.hpp"

namespace eventd::tests {

using namespace eventd::actors;

using kind = delivery_step::kind;

inline subscription_spec plain(uint32_t max_in_flight = 4) {
  subscription_spec x;
  x.subscriber_uri = "http://subscriber/";
  x.max_in_flight = max_in_flight;
  return x;
}

inline cursor at_offset(uint64_t low) {
  cursor x;
  x.epoch = incarnation{1};
  x.low = log_offset{low};
  return x;
}

inline delivery_outcome answered(int32_t status) {
  delivery_outcome x;
  x.status = status;
  return x;
}

inline delivery_outcome replied(const event_batch& event) {
  auto x = answered(200);
  x.reply = event;
  x.headers = {{"x-request-id", "7"}};
  return x;
}

/// A window over a log whose event `i` has key `keys[i]`, or 0.
struct window_world {
  explicit window_world(subscription_spec spec, uint64_t events = 1'000,
                        const cursor& from = at_offset(0))
    : window(std::move(spec), from, 0), end{events} {}

  void read() {
    while (auto plan = window.wants_more(now)) {
      if (plan->from >= end)
        return;
      auto n = std::min<uint64_t>(plan->events_max, end - plan->from);
      std::vector<uint64_t> offered;
      for (uint64_t i = 0; i < n; ++i)
        offered.push_back(key_at(plan->from.value + i));
      REQUIRE(window.offer(plan->from, offered));
      window.check_invariants();
    }
  }

  uint64_t key_at(uint64_t offset) const {
    return offset < keys.size() ? keys[offset] : 0;
  }

  /// Next step, with reading.
  delivery_step next() {
    read();
    auto step = window.next(now);
    window.check_invariants();
    return step;
  }

  /// Next step, which must be an attempt.
  delivery_step send() {
    auto step = next();
    REQUIRE(step.what == kind::send);
    return step;
  }

  event_fate answer(const delivery_step& step, const delivery_outcome& how) {
    auto fate = window.on_outcome(step, how, now, 500);
    window.check_invariants();
    return fate;
  }

  void commit() { window.on_committed(window.version()); }

  /// All attempts that may be made now.
  std::vector<delivery_step> send_all() {
    std::vector<delivery_step> steps;
    for (auto step = next(); step.what == kind::send; step = next())
      steps.push_back(step);
    return steps;
  }

  /// A restart: the cursor through its bytes, and time that passed.
  void restart(subscription_spec spec) {
    auto stored = decode_cursor(encode(window.to_cursor(now)));
    REQUIRE(stored.has_value());
    now = 0;
    window = delivery_window{std::move(spec), *stored, now};
    window.check_invariants();
  }

  delivery_window window;
  log_offset end;
  std::vector<uint64_t> keys;
  int64_t now = 0;
};

} // namespace eventd::tests
