// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace eventd::bench {

/// Counts latencies in buckets that are at most 1.6 % wide, from 0 ns to over
/// an hour, in 19 KiB. Threads: one at a time. Blocking: never.
class latency_histogram {
public:
  /// Negative counts as 0; beyond the last bucket as the last.
  void record(int64_t ns);
  void merge(const latency_histogram& other);

  uint64_t count() const { return count_; }

  /// Latency that this part of all does not exceed; 0 where there is none.
  /// `quantile(0.99)` is the p99. Unit: ns.
  /// @pre 0 < part <= 1
  int64_t quantile(double part) const;

private:
  static constexpr unsigned step_bits = 6; ///< 64 buckets per doubling.
  static constexpr size_t doublings = 36;
  static constexpr size_t buckets = (doublings + 1) << step_bits;

  static size_t bucket_of(uint64_t ns);
  static uint64_t upper_end(size_t bucket);

  std::vector<uint64_t> counts_ = std::vector<uint64_t>(buckets);
  uint64_t count_ = 0;
};

} // namespace eventd::bench
