// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "tests/fixtures/actor_fixture.hpp"
#include "tests/fixtures/inquiry.hpp"
#include "tests/simulation/actor_ledger.hpp"
#include "tests/simulation/replica_node.hpp"

namespace eventd::tests {

/// What the network and the disks do, at random. Chances are in thousandths,
/// delays in microseconds.
struct world_rules {
  unsigned lost = 0; ///< Of Raft's messages; others end their connection.
  unsigned twice = 0;
  unsigned late = 0;            ///< Up to 300 ms, so that later ones overtake.
  int64_t delay_us = 2'000;     ///< The most that a message takes otherwise.
  unsigned slow_writes = 0;     ///< Up to 500 ms.
  int64_t write_us = 3'000;     ///< The most that a write takes otherwise.
  uint64_t start_distance = 32; ///< Entries that a log keeps for others.
};

/// Nodes of one shard in virtual time and one thread: real REPLICAs and LINKs,
/// a network and disks that are models. After each step all invariants are
/// looked at; `broken` says which did not hold. One seed decides all.
///
/// Nodes 1 to `founders` are a group from the start, and run; the others have
/// empty disks, and wait to be started.
class actor_world {
public:
  actor_world(uint64_t seed, size_t founders, size_t nodes,
              const world_rules& rules);
  ~actor_world();

  world_rules rules;
  actor_ledger ledger;
  /// Told of all that happens; may be empty.
  std::function<void(const std::string&)> trace;
  /// Told that a node died by itself, which a failed disk lets it.
  std::function<void(size_t)> died;
  /// Told what a REPLICA says for the log.
  std::function<void(size_t, const std::string&)> noted;
  size_t copies = 0; ///< Snapshots of another node that were taken.

  // -- chance and time

  uint64_t roll(uint64_t end) { return dice_() % end; }
  bool chance(unsigned thousandths) { return roll(1'000) < thousandths; }
  /// Since the start. Unit: us.
  int64_t now_us() const;
  void at(int64_t delay_us, std::function<void()> what);
  /// Until then, or until something is broken.
  void run_until(int64_t end_us);
  void run_for(int64_t us) { run_until(now_us() + us); }
  /// Looks every 5 ms. False: it is not so after that time.
  bool run_until_true(int64_t patience_us, const std::function<bool()>& x);
  bool is_broken() const { return !ledger.broken().empty(); }

  // -- nodes: the first has the number 0 here, and 1 as its name

  size_t size() const { return nodes_.size(); }
  replica_node& node(size_t i) { return *nodes_[i]; }
  void start(size_t i);
  void crash(size_t i);
  /// The disk is replaced by an empty one. @pre not alive
  void wipe(size_t i);
  /// The one that serves, if there is just one.
  replica_node* leader();
  /// `what` makes a line of the trace.
  template <class F>
  void tell(const F& what) const {
    if (trace)
      trace_line(what());
  }

  // -- network

  void cut(size_t from, size_t to) { cut_[from][to] = true; }
  bool is_cut(size_t from, size_t to) const { return cut_[from][to]; }
  void heal();

  template <class T, class... Ts>
  inquiry<T> ask(size_t i, Ts... xs) {
    return inquire<T>(world_.system, nodes_[i]->replica(), std::move(xs)...);
  }

private:
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
    outlet(actor_world& owner, size_t from) : owner_(owner), from_(from) {}
    bool send(uint64_t node,
              std::shared_ptr<const std::string> message) override {
      return owner_.send(from_, node, std::move(message));
    }
    bool connected(uint64_t) const override { return true; }

  private:
    actor_world& owner_;
    size_t from_;
  };

  void trace_line(const std::string& what) const;
  void watch(replica_node& x);
  bool send(size_t from, uint64_t to,
            std::shared_ptr<const std::string> message);
  void send_raft(size_t from, size_t to, const std::string& message);
  void send_call(size_t from, size_t to,
                 std::shared_ptr<const std::string> message);
  void disconnect(size_t x, size_t y);
  bool passes(size_t from, size_t to) const {
    return !cut_[from][to] && nodes_[to]->alive();
  }
  void write(size_t i);
  void settle();
  void look(size_t i);
  bool run_timers(int64_t until_us);
  void move_to(int64_t at_us);

  std::mt19937_64 dice_;
  actor_fixture world_;
  int64_t begin_us_ = 0;
  std::vector<std::unique_ptr<outlet>> outlets_;
  std::vector<std::unique_ptr<replica_node>> nodes_;
  std::vector<uint64_t> owners_;       ///< By node, as last told.
  std::vector<std::vector<bool>> cut_; ///< From, to.
  std::priority_queue<event, std::vector<event>, std::greater<>> events_;
  uint64_t order_ = 0;
  uint32_t disks_ = 1; ///< Numbers the lives of directories.
  bool ends_ = false;
};

} // namespace eventd::tests
