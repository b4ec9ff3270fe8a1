// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/protocol/messages.hpp"
#include "actors/protocol/stats.hpp"

namespace eventd::runtime {

/// Publish requests of one channel, by the status they were answered with.
/// Threads: any.
class channel_publishes {
public:
  static constexpr std::array<unsigned, 9> statuses{202, 400, 404, 413, 415,
                                                    429, 500, 503, 507};

  /// Counts one. A status that is not listed counts as 500.
  void count(unsigned status);

  uint64_t of(size_t index) const {
    return counts_[index].load(std::memory_order_relaxed);
  }

private:
  std::array<actors::counter, statuses.size()> counts_{};
};

/// Publish requests of all channels. Past `limits::metric_channels_max` names
/// the rest is counted together as "other". Threads: any.
class publish_stats {
public:
  using entry = std::pair<std::string, std::shared_ptr<channel_publishes>>;

  /// The counts of "namespace/name"; keep what it answers, it takes a lock.
  std::shared_ptr<channel_publishes> of(const std::string& channel);

  /// All channels by name, "other" among them where it is used.
  std::vector<entry> snapshot() const;

  actors::histogram duration; ///< Header read to answer written.

private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<channel_publishes>> channels_;
};

/// What the operating system tells about this process.
struct process_figures {
  double cpu_seconds = 0;
  uint64_t resident_bytes = 0;
  uint64_t open_fds = 0;
};

/// Reads /proc/self; what can not be read is zero. Blocking: no disk.
process_figures read_process_figures();

/// All that one scrape shows.
struct metrics_input {
  std::string_view version;
  const publish_stats& publishes;
  const actors::node_stats& stats;
  std::vector<actors::channel_status> channels = {};
  std::vector<actors::subscription_status> subscriptions = {};
  process_figures process = {};
  uint64_t connections = 0;
  uint64_t refused_for_all = 0;     ///< Connections: too many in all.
  uint64_t refused_for_address = 0; ///< Too many of one address.
  uint64_t inflight_bytes = 0;
};

/// The figures in Prometheus' text format 0.0.4. Pure.
std::string render_metrics(const metrics_input& x);

/// A label's value with backslash, quote and line end escaped.
std::string escape_label(std::string_view text);

} // namespace eventd::runtime
