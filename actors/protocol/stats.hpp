// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace eventd::actors {

/// Counts durations. Threads: any. Blocking: never.
class histogram {
public:
  /// Upper bounds of the buckets, in microseconds; the last is open.
  static constexpr std::array<uint64_t, 17> bounds_us{
    100,       250,       500,       1'000,      2'500,     5'000,
    10'000,    25'000,    50'000,    100'000,    250'000,   500'000,
    1'000'000, 2'500'000, 5'000'000, 10'000'000, 30'000'000};

  void record(uint64_t us) {
    size_t i = 0;
    while (i < bounds_us.size() && us > bounds_us[i])
      ++i;
    buckets_[i].fetch_add(1, std::memory_order_relaxed);
    sum_us_.fetch_add(us, std::memory_order_relaxed);
  }

  /// Durations in bucket `i` alone; `i` up to `bounds_us.size()`.
  uint64_t bucket(size_t i) const {
    return buckets_[i].load(std::memory_order_relaxed);
  }
  uint64_t sum_us() const { return sum_us_.load(std::memory_order_relaxed); }

private:
  std::array<std::atomic<uint64_t>, bounds_us.size() + 1> buckets_{};
  std::atomic<uint64_t> sum_us_{0};
};

/// Counts one thing. Threads: any.
using counter = std::atomic<uint64_t>;

/// What the actors and the gateway of one node count for `/metrics`. Each
/// figure is written where the thing happens and read by the gateway only.
struct node_stats {
  counter fsyncs{0};            ///< Synced writes of the LOG WRITER.
  histogram fsync_duration;     ///< One synced write.
  counter log_bytes{0};         ///< Bytes given to RocksDB by the LOG WRITER.
  counter entries_committed{0}; ///< Raft entries applied.
  counter events_committed{0};  ///< Events applied.
  histogram commit_duration;    ///< Proposal to applied, in the REPLICA.
  counter actor_restarts{0};    ///< By the SUPERVISOR.
  counter corrupt_records{0};   ///< Records that failed their check.
  counter mended_records{0};    ///< Damaged ones written anew from a peer.
  counter scrubbed_bytes{0};    ///< Looked at by the SCRUBBER.
  counter scrub_passes{0};      ///< All of the node's logs, once through.
  counter damaged_families{0};  ///< Not compacted, for damage. Goes down not.
  counter deliveries{0};        ///< Attempts made.
  counter deliveries_failed{0}; ///< Attempts that did not end in 2xx.
  histogram delivery_duration;  ///< One attempt.
  counter dead_letters{0};      ///< Events handed to a dead letter sink.
  counter undelivered{0};       ///< Events given up without a sink.
  counter events_trimmed{0};    ///< Events hidden by retention.
};

} // namespace eventd::actors
