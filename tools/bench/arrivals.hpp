// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstdint>

#include "tools/bench/measurement.hpp"

namespace eventd::bench {

/// What arrived at the far end, and how late after its intended send time.
/// Threads: one calls `note`, any the others, but `fill` once `note` is over.
class arrivals {
public:
  /// Takes note of one event, by the time that it carries. Unit: ns of the
  /// steady clock; 0: it carries none.
  void note(int64_t sent_ns);

  /// What was sent and arrives from now on is measured. Unit: as above.
  void measure_from(int64_t ns) { from_ns_ = ns; }

  /// Waits until `wanted` have arrived, or none did for 30 s, or SIGINT.
  /// Blocking: for so long. @returns whether all are there
  bool wait_for(uint64_t wanted) const;

  uint64_t all() const { return all_; }

  /// Sets events, latency and seconds, which end with the last arrival.
  void fill(measurement& out) const;

private:
  std::atomic<int64_t> from_ns_{0}; ///< 0: still the warm-up.
  std::atomic<int64_t> last_ns_{0};
  std::atomic<uint64_t> all_{0};
  std::atomic<uint64_t> measured_{0};
  latency_histogram latency_;
};

} // namespace eventd::bench
