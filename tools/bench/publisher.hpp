// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tools/bench/http_wire.hpp"
#include "tools/bench/measurement.hpp"
#include "tools/bench/request_maker.hpp"

namespace eventd::bench {

/// What to publish, how fast, for how long.
struct publish_plan {
  maker_options maker = {};
  int connections = 64;
  int threads = 1;
  size_t batch = 100;        ///< Events of a request in batch mode.
  double rate_per_s = 0;     ///< Events; 0: as fast as they are taken.
  int64_t warmup_ms = 1'000; ///< Published before the figures count.
  int64_t duration_ms = 5'000;
  uint64_t events_max = 0; ///< Stop after this many; 0: when the time is over.
  bool retry = false;      ///< Send what failed again, with the same ids.
  bool stamp = false;      ///< Extension `benchsent`: intended send time.
  std::string acked_file = {}; ///< One line "offset id" per stored event.
  int server_pid = 0;          ///< 0: not sampled.

  size_t events_per_request() const {
    return maker.mode == content_mode::batch ? batch : 1;
  }
};

struct publish_outcome {
  measurement figures = {};
  uint64_t acked = 0; ///< Events, warm-up included.
  std::string last_error = {};
};

/// Publishes with coroutines, one per connection. Latencies count from the
/// intended send time, so that a stalled server can not hide behind requests
/// that were not sent. A connection that breaks is opened again.
/// `measuring` is called when the warm-up ends, with the steady clock's ns.
/// `wires` makes the connections: eventd's protocol, or a peer's.
/// Blocking: until the plan is carried out, or SIGINT.
/// Errors are counted, and the last is told; nothing acknowledged is no error.
publish_outcome publish(const publish_plan& plan,
                        const std::function<void(int64_t)>& measuring = {},
                        const wire_maker& wires = make_http_wire);

/// Nanoseconds of the steady clock.
int64_t steady_ns();

} // namespace eventd::bench
