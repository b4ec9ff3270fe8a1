// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/simulation/actor_client.hpp"
#include "tests/simulation/actor_operator.hpp"
#include "tests/simulation/actor_world.hpp"

namespace eventd::tests {

/// What a seed may do. Chances are in thousandths.
struct cluster_rules {
  int64_t chaos_ms = 2'500;
  int64_t calm_ms = 12'000; ///< At most, until all is well again.
  unsigned lost = 20;       ///< Of messages.
  unsigned twice = 20;
  unsigned late = 20;
  unsigned slow_writes = 10;
  bool sync = true; ///< False: a control run, which must show loss.
};

struct cluster_report {
  std::string broken; ///< What did not hold; empty: all did.
  uint64_t digest = 0;
  size_t acknowledged = 0;
  size_t refused = 0;
  size_t unknown = 0;
  size_t confirmed = 0;
  size_t terms = 0; ///< In which somebody served.
  // What happened.
  size_t crashes = 0;
  size_t failed_disks = 0;
  size_t wiped_disks = 0;
  size_t partitions = 0;
  size_t one_way = 0; ///< Of them.
  size_t transfers = 0;
  size_t added = 0;
  size_t removed = 0;
  size_t changes = 0; ///< Of the configuration, committed.
  size_t copies = 0;  ///< Snapshots that were taken.
  size_t jumps = 0;   ///< Of a wall clock.
};

/// Three nodes and a spare one through some seconds of trouble and then calm,
/// with a client on each. One seed decides all.
class actor_cluster {
public:
  explicit actor_cluster(uint64_t seed, const cluster_rules& rules = {});
  cluster_report run();

  /// Told of all that happens.
  void trace(std::function<void(const std::string&)> to) {
    trace_ = std::move(to);
  }

private:
  static constexpr size_t n_founders = 3;
  static constexpr size_t n_nodes = 4;

  void use(size_t i);
  void operate();
  void disturb();
  void disturb_disk(size_t i);
  void crash(size_t i);
  void restart_later(size_t i);
  void partition();
  void transfer();
  void change_members(size_t i);
  void wipe(size_t i);
  void calm_down();
  std::string unrest();
  void judge();

  cluster_rules rules_;
  actor_world world_;
  actor_operator operator_;
  std::vector<actor_client> clients_;
  std::vector<bool> out_; ///< Not in the group, and not meant to run.
  bool chaos_ = true;
  size_t acknowledged_before_ = 0;
  cluster_report report_;
  std::function<void(const std::string&)> trace_;
};

} // namespace eventd::tests
