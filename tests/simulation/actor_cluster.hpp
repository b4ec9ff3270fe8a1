// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "tests/fixtures/actor_fixture.hpp"
#include "tests/fixtures/inquiry.hpp"
#include "tests/simulation/actor_ledger.hpp"
#include "tests/simulation/replica_node.hpp"

namespace eventd::tests {

/// What a seed may do. Chances are in thousandths.
struct cluster_rules {
  int64_t chaos_ms = 3'000;
  int64_t calm_ms = 4'500; ///< At the end, to show that it goes on.
  unsigned lost = 20;      ///< Of messages.
  unsigned twice = 20;
  unsigned late = 20; ///< Up to 300 ms, so that later ones overtake.
  bool sync = true;   ///< False: a control run, which must show loss.
};

struct cluster_report {
  std::string broken; ///< What did not hold; empty: all did.
  uint64_t digest = 0;
  size_t acknowledged = 0;
  size_t refused = 0;
  size_t unknown = 0;
  size_t confirmed = 0;
  size_t crashes = 0;
  size_t partitions = 0;
  size_t transfers = 0;
  size_t terms = 0; ///< In which somebody served.
};

/// Three nodes of one shard in virtual time: real REPLICAs with all that is
/// below them but RocksDB and sockets. On each node a client behaves as one
/// CHANNEL does: it asks for its place, then proposes entries one behind the
/// other, and asks again when one is refused. One seed decides all.
class actor_cluster {
public:
  explicit actor_cluster(uint64_t seed, const cluster_rules& rules = {});
  ~actor_cluster();
  cluster_report run();

private:
  static constexpr unsigned n_nodes = 3;

  struct event {
    int64_t at_us;
    uint64_t order;
    std::function<void()> what;
    bool operator>(const event& x) const {
      return at_us != x.at_us ? at_us > x.at_us : order > x.order;
    }
  };

  class outlet : public actors::peer_outlet {
  public:
    outlet(actor_cluster& owner, uint64_t from) : owner_(owner), from_(from) {}
    bool send(uint64_t node,
              std::shared_ptr<const std::string> message) override {
      owner_.send(from_, node, std::move(message));
      return true;
    }
    bool connected(uint64_t) const override { return true; }

  private:
    actor_cluster& owner_;
    uint64_t from_;
  };

  struct proposal {
    uint64_t operation;
    inquiry<actors::proposed> answer;
    int64_t asked_us;
  };
  struct confirmation {
    inquiry<raft_index> answer;
    raft_index acknowledged; ///< When it was asked.
    int64_t asked_us;
  };
  /// A CHANNEL of one life of a node.
  struct client {
    std::optional<inquiry<actors::channel_place>> place;
    int64_t asked_us = 0;
    bool placed = false;
    log_offset next;
    std::deque<proposal> in_flight;
    std::vector<confirmation> confirmations;
  };

  uint64_t roll(uint64_t end) { return dice_() % end; }
  bool chance(unsigned thousandths) { return roll(1'000) < thousandths; }
  void at(int64_t delay_us, std::function<void()> what);
  int64_t now_us();
  void move_to(int64_t at_us);
  void run_until(int64_t end_us);
  bool run_timers(int64_t until_us);
  void settle();

  void start(size_t i);
  void crash(size_t i);
  void send(uint64_t from, uint64_t to,
            std::shared_ptr<const std::string> message);
  void write(size_t i);
  void disturb();
  void partition();
  void heal();

  void use(size_t i);
  bool is_overdue(int64_t asked_us);
  void look(size_t i);
  void look_at_place(size_t i);
  void propose(size_t i);
  void confirm(size_t i);
  void forget(size_t i);
  void judge();

  std::mt19937_64 dice_;
  cluster_rules rules_;
  actor_fixture world_;
  actor_ledger ledger_;
  std::vector<std::unique_ptr<outlet>> outlets_;
  std::vector<std::unique_ptr<replica_node>> nodes_;
  std::vector<client> clients_;
  std::vector<std::vector<bool>> cut_; ///< From, to.
  std::priority_queue<event, std::vector<event>, std::greater<>> events_;
  uint64_t order_ = 0;
  uint64_t operations_ = 0;
  bool chaos_ = true;
  int64_t calm_us_ = 0; ///< When it ended.
  cluster_report report_;
};

} // namespace eventd::tests
