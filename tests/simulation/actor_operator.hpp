// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "actors/cluster/member_plan.hpp"
#include "tests/fixtures/inquiry.hpp"
#include "tests/simulation/actor_world.hpp"

namespace eventd::tests {

/// Changes the servers of the group as MEMBERSHIP does: looks, takes the next
/// step that `next_member_step` says, looks again. A node with a new disk takes
/// its old server's place by itself.
class actor_operator {
public:
  explicit actor_operator(actor_world& world) : world_(world) {}

  /// One at a time. @pre `idle()`
  void add(size_t node);
  void remove(size_t node);

  /// Takes a step, or waits for the answer to one. Call every 50 ms or so.
  void tick();

  /// All is as wanted, and committed so, as it was last seen.
  bool idle() const { return idle_; }
  /// Something else is wanted now: looks again before it is idle.
  void wake() { idle_ = false; }
  /// The servers as they were last seen.
  const std::vector<storage::raft_server>& servers() const { return servers_; }
  bool is_member(size_t node) const;
  size_t done = 0; ///< Steps.

  /// Told of a node that was removed, which is stopped then.
  std::function<void(size_t)> removed;
  /// Told of each step, in a sentence.
  std::function<void(const std::string&)> said;

private:
  void look(const actors::shard_status& status);
  void take(const actors::member_step& step);
  void finish();
  bool is_given_up() const;
  void note(const actors::member_step& step) const;

  actor_world& world_;
  std::optional<actors::member_change> asked_;
  std::optional<inquiry<actors::shard_status>> status_;
  std::optional<inquiry<raft_index>> answer_;
  std::vector<storage::raft_server> next_; ///< Once a promotion is answered.
  std::vector<storage::raft_server> servers_;
  size_t node_ = 0; ///< Was asked.
  uint64_t life_ = 0;
  int64_t asked_us_ = 0;
  bool idle_ = false;
};

} // namespace eventd::tests
