// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/system/cluster.hpp"
#include "tests/system/history.hpp"
#include "tests/system/load.hpp"
#include "tests/system/network.hpp"
#include "tests/system/sink.hpp"

namespace eventd::tests {

struct trial_options {
  retries again = retries::every_second;
  bool own_net = false; ///< Links can be cut; needs root.
  size_t nodes = 3;
  std::vector<std::string> flags = {}; ///< Of all nodes.
  /// Says how single nodes are started.
  std::function<void(cluster&)> prepare = {};
  std::string program = "eventd";       ///< See `cluster`.
  std::filesystem::path data_root = {}; ///< See `cluster`.
  bool fills_disks = false; ///< Events may be refused for want of space.
};

/// One fault's world: a cluster with a channel, four publishers, four readers
/// and two webhook subscribers. The test maltreats the nodes, brings all back,
/// and calls `settle`. Threads: the test's own.
class trial {
public:
  /// @param fault what is done here, for the line that sums it up
  explicit trial(std::string fault, trial_options options = {});

  cluster& nodes() { return *nodes_; }
  own_network& network() { return *network_; }
  load& work() { return *work_; }
  const std::string& channel() const { return channel_; }
  size_t leader() const { return nodes_->leader_of_channel(channel_); }

  /// A node that runs and does not lead the channel.
  size_t follower() const { return nodes_->other_than({leader()}); }

  /// Waits until this many events more are acknowledged.
  bool progresses(size_t events, std::chrono::milliseconds limit) const;

  /// What other clients did to the channel; `settle` judges it too.
  void also(history other) { more_.append(std::move(other)); }

  /// Ends the load, and checks all that must hold after any fault: nothing
  /// lost, nothing twice, readers and subscribers complete, replicas equal,
  /// nodes that end with 0 and never failed an assertion. Prints one line.
  /// @pre all members run, and nothing is cut
  /// @returns what was found
  verdict settle();

  /// Longest time without an acknowledgement while the load ran.
  /// @pre `settle` was called
  std::chrono::milliseconds gap() const { return gap_; }

  /// The same, of the single publisher that waited longest.
  /// @pre `settle` was called
  std::chrono::milliseconds client_gap() const { return client_gap_; }

  /// Times of all acknowledgements, in order.
  /// @pre `settle` was called
  const std::vector<std::chrono::steady_clock::time_point>& acks() const {
    return acks_;
  }

  /// What `settle` calls before it stops the nodes, with the ids of all events
  /// that were acknowledged.
  using check = std::function<void(const std::set<std::string>&)>;
  void before_stop(check more) { check_more_ = std::move(more); }

  /// Publish latency that 99 of 100 events acknowledged in [from, to) kept.
  /// @pre `settle` was called
  std::chrono::milliseconds
  p99(std::chrono::steady_clock::time_point from,
      std::chrono::steady_clock::time_point to) const {
    return latency(all_, 0.99, from, to);
  }

private:
  void tally(const verdict& found) const;
  void check_subscribers(const std::set<std::string>& acknowledged,
                         const std::vector<sighting>& log) const;
  void check_replicas(const std::vector<stored_event>& log);
  void save(const history& all) const;

  std::string fault_;
  bool fills_disks_;
  std::string channel_ = "test/faults";
  std::unique_ptr<own_network> network_;
  std::atomic<size_t> damaged_deliveries_ = 0; ///< Not as they were sent.
  std::unique_ptr<http_sink> first_;
  std::unique_ptr<http_sink> second_;
  std::unique_ptr<cluster> nodes_;
  std::unique_ptr<load> work_;
  std::chrono::steady_clock::time_point begun_;
  history more_;
  history all_;
  check check_more_;
  std::chrono::milliseconds gap_{0};
  std::chrono::milliseconds client_gap_{0};
  std::vector<std::chrono::steady_clock::time_point> acks_;
};

} // namespace eventd::tests
