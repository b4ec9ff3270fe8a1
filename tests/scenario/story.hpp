// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/actor_operator.hpp"
#include "tests/simulation/actor_world.hpp"

namespace eventd::tests {

/// A cluster that does what one line of a scenario after the other says. Its
/// network and disks are quick and lose nothing; time is virtual; the same
/// lines always say the same.
class story {
public:
  story();
  ~story();

  /// What there is to say about it, in whole lines: a command that can not be
  /// understood, or an invariant that does not hold, is said, too.
  std::string run(const std::string& line);

private:
  using words = std::vector<std::string>;
  using command = void (story::*)(const words&);
  struct pending {
    std::string label;
    inquiry<actors::proposed> answer;
    size_t node;
    log_offset first;
    size_t count;
  };
  /// Where the channel's next entry begins, as a node's CHANNEL has it.
  struct place {
    uint64_t life = 0;
    std::optional<log_offset> next;
  };

  static command find(const std::string& name);

  // -- commands
  void nodes(const words& x);
  void append(const words& x);
  void fill(const words& x);
  void trim(const words& x);
  void let_rows_be_written();
  void read(const words& x);
  void show(const words& x);
  void crash(const words& x);
  void restart(const words& x);
  void wipe(const words& x);
  void fail_disk(const words& x);
  void partition(const words& x);
  void cut(const words& x);
  void heal(const words& x);
  void elect(const words& x);
  void transfer(const words& x);
  void tick(const words& x);
  void await(const words& x);
  void add(const words& x);
  void remove(const words& x);
  void replace(const words& x);

  // -- what they are made of
  void say(const std::string& line) { said_ += line + "\n"; }
  actor_world& world();
  size_t node_of(const std::string& name);
  size_t leader();
  bool is_connected(size_t i);
  std::optional<size_t> served_by();
  void say_who_leads(const std::string& unless);
  template <class T>
  bool wait_for(const inquiry<T>& x, int64_t ms) {
    if (!x.answered())
      world_->run_until_true(ms * 1'000, [&] { return x.answered(); });
    return x.answered();
  }
  actors::shard_status status(size_t i);
  std::optional<log_offset> place_of(size_t i);
  void propose(size_t i, const words& events, bool quiet);
  void look_at_pending(bool quiet);
  bool settle_servers();
  void change_servers();
  std::string position(size_t i);

  std::unique_ptr<actor_world> world_;
  std::unique_ptr<actor_operator> operator_;
  std::vector<place> places_;
  std::deque<pending> pending_;
  std::string said_;
};

} // namespace eventd::tests
