// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/arrivals.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tools/bench/publisher.hpp"

using namespace eventd::bench;

TEST_CASE("what arrives in the warm-up is counted, but not measured",
          "[bench][arrivals]") {
  arrivals seen;
  auto early = steady_ns();
  seen.note(early);
  seen.measure_from(steady_ns());
  seen.note(early);
  seen.note(steady_ns());
  CHECK(seen.wait_for(3));
  CHECK(seen.all() == 3);
  measurement out;
  seen.fill(out);
  // Sent before and arrived after: an event, but its latency is another's.
  CHECK(out.events == 2);
  CHECK(out.latency.count() == 1);
  CHECK(out.seconds > 0);
}
