// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "tests/simulation/model_node.hpp"

namespace eventd::tests {

/// What a seed may do. Chances are in thousandths.
struct simulation_rules {
  unsigned servers = 3;
  int64_t chaos_ms = 4'000;
  int64_t calm_ms = 6'000; ///< At the end, to show that it goes on.
  unsigned lost = 20;      ///< Of messages.
  unsigned twice = 20;
  unsigned late = 20; ///< Up to 500 ms, so that later ones overtake.
  bool sync = true;   ///< False: a control run, which must show loss.
};

struct simulation_report {
  std::string broken; ///< What did not hold; empty: all did.
  uint64_t digest = 0;
  size_t acknowledged = 0;
  size_t lost = 0;
  size_t crashes = 0;
  size_t partitions = 0;
  size_t installs = 0;
  size_t terms = 0;
};

/// A whole cluster in one thread, in virtual time: real drivers and libraft,
/// the network and the disks are models. One seed decides all, so a seed that
/// fails does so again, bit for bit.
class simulation {
public:
  explicit simulation(uint64_t seed, const simulation_rules& rules = {});
  ~simulation();
  simulation_report run();

private:
  struct event {
    int64_t at_us;
    uint64_t order;
    std::function<void()> what;
    bool operator>(const event& x) const {
      return at_us != x.at_us ? at_us > x.at_us : order > x.order;
    }
  };

  uint64_t roll(uint64_t end) { return dice_() % end; }
  bool chance(unsigned thousandths) { return roll(1'000) < thousandths; }
  void at(int64_t delay_us, std::function<void()> what);
  int64_t now_ms(uint64_t server) const;
  model_node& any();

  void run_until(int64_t end_us);
  bool run_timers(int64_t until_us);
  void settle(model_node& x);
  void send(uint64_t from, storage::raft_message message);
  void deliver(uint64_t from, uint64_t to,
               const storage::raft_message& message);
  void start(model_node& x);
  void crash(model_node& x);
  void propose();
  void disturb();
  void partition();
  void heal();
  void write(model_node& x);
  void judge();

  std::mt19937_64 dice_;
  simulation_rules rules_;
  agreed_log agreed_;
  std::vector<std::unique_ptr<model_node>> servers_;
  std::vector<std::vector<bool>> cut_; ///< From, to.
  std::vector<int64_t> clock_offset_ms_;
  std::vector<uint64_t> life_; ///< Of each server, so that old events miss it.
  std::priority_queue<event, std::vector<event>, std::greater<>> events_;
  int64_t now_us_ = 0;
  uint64_t order_ = 0;
  uint64_t operations_ = 0;
  bool chaos_ = true;
  simulation_report report_;
};

} // namespace eventd::tests
