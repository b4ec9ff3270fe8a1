// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "storage/log/log_clock.hpp"
#include "tests/fixtures/inquiry.hpp"
#include "tests/simulation/actor_world.hpp"

namespace eventd::tests {

/// The payload that makes the channel which simulations use.
actors::shared_bytes open_orders();

/// An entry of events of that channel.
struct events_entry {
  log_offset first;
  uint64_t operation = 0; ///< Stands in the entry as its wall time.
  log_time logged_at;
  std::vector<std::string> data;
};
actors::shared_bytes payload_of(const events_entry& x);

/// The trim that hides everything below an entry of it that the disk has; none
/// where it has no more than one.
std::optional<actors::shared_bytes> trim_of(const model_disk& disk,
                                            uint64_t which);

/// What a node does with one channel, as CHANNEL does it: asks for its place,
/// proposes entries one behind the other, and asks again when one is refused.
/// Asks now and then for a confirmation, and where the replica stands.
class actor_client {
public:
  static constexpr channel_id channel{1};

  actor_client(actor_world& world, size_t node) : world_(world), node_(node) {}

  /// One moment: looks, or not yet, and asks for more.
  void use();
  /// Looks at all answers that have come.
  void look();
  /// What was asked of a node that died is never answered.
  void forget();
  /// The wall clock of the node jumps.
  void jump(int64_t ms) { wall_jump_ms_ += ms; }
  bool is_waiting() const { return !in_flight_.empty(); }

  /// From then on all is calm, and what is asked must be answered.
  std::optional<int64_t> calm_us;
  size_t confirmed = 0;

private:
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

  bool is_overdue(int64_t asked_us) const;
  void look_at_place();
  void look_at_status();
  bool look_at(const confirmation& x);
  void propose();
  void confirm();
  void change_state();
  std::string name() const { return "node " + std::to_string(node_ + 1); }

  actor_world& world_;
  size_t node_;
  std::optional<inquiry<actors::channel_place>> place_;
  std::optional<inquiry<actors::shard_status>> status_;
  int64_t asked_us_ = 0;
  bool placed_ = false;
  log_offset next_;
  storage::log_clock clock_;
  int64_t wall_jump_ms_ = 0;
  raft_index commit_; ///< As it was last told in this life.
  std::deque<proposal> in_flight_;
  std::vector<confirmation> confirmations_;
};

} // namespace eventd::tests
