// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <caf/actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/cluster/member_plan.hpp"
#include "actors/cluster/shard_map.hpp"
#include "actors/protocol/interfaces.hpp"

namespace eventd::actors {

using membership_actor = cluster_actor::extend<
  // To itself: what is to be done about the servers of the shards.
  caf::reacts_to<atom::tick>>;

struct membership_wiring {
  std::vector<shard_actor> shards; ///< The replicas of this node, by number.
  std::shared_ptr<const shard_map> map;
  caf::actor link;
  std::string cluster_id;
  uint64_t server = 0; ///< This node's Raft server id.
  std::function<std::vector<node_view>()> nodes; ///< Any thread.
  /// These servers are to be dialed.
  std::function<void(const std::vector<storage::raft_server>&)> know;
  /// Whether this node is one of the cluster's; told when it changes, and a
  /// member at first.
  std::function<void(belonging)> place;
  /// Whether a node may be added at this address.
  std::function<result<void>(uint64_t node, const std::string& address)>
    may_dial;
  std::function<void(const std::string&)> note; ///< A line for the log.
};

/// Keeps the servers of all shards as they shall be. The node that leads shard
/// 0 coordinates: a change is made in shard 0 first, and what shard 0 has is
/// then made true of the others, one after the other, one server at a time. So
/// whoever leads shard 0 next goes on where the last one ended.
///
/// It also spreads leadership: a shard is handed to the node whose turn it is.
class membership_state {
public:
  static constexpr const char* name = "eventd.membership";
  using pointer = membership_actor::stateful_pointer<membership_state>;

  membership_state() = default;

  void init(pointer self, membership_wiring wiring);

  caf::result<std::string> status();
  caf::result<std::string> change(const std::string& verb, uint64_t node,
                                  const std::string& address);
  void tick();

private:
  struct asked_change {
    member_change what;
    /// Of all who asked for it, the first one first.
    std::vector<caf::typed_response_promise<std::string>> promises;
    int64_t deadline_ms = 0;
    bool changed = false;   ///< Something had to be done.
    bool handed_on = false; ///< Others may have done it.

    void answer(const result<std::string>& done);
  };
  /// What is known of this node's place in one shard.
  struct standing {
    raft_term term; ///< The latest that was heard of.
    /// Since when its leaders say that this node is not in it; 0: they do not.
    int64_t out_since_ms = 0;
    bool is_out = false; ///< They have said so for a while.
  };

  int64_t now_ms() const;
  void ask_coordinator(uint64_t owner, const member_change& x,
                       int64_t patience_ms,
                       std::function<void(result<std::string>)> then);
  void ask_again(const member_change& x,
                 caf::typed_response_promise<std::string> promise);
  void hand_on();
  /// Calls `then` with what the leader of each shard says, or where it does
  /// not answer with what our own replica says.
  void look(std::function<void(std::vector<shard_status>)> then);
  void ask_replica(shard_id shard, uint64_t node,
                   std::function<void(result<shard_status>)> then);
  template <class... Ts>
  void call(shard_id shard, std::function<void(result<raft_index>)> then,
            Ts... xs);
  /// `changed` is of the answer to a change.
  std::string render(const std::vector<shard_status>& shards,
                     std::optional<bool> changed = {}) const;
  /// An answer to a change without its `changed`.
  static std::string without_changed(const std::string& answer);

  void learn(const std::vector<shard_status>& shards);
  void look_for_removal(const std::vector<shard_status>& shards);
  void judge(shard_id shard, const shard_status& said);
  void set_place(belonging x);
  bool may_lead(uint64_t node) const;
  void balance(const std::vector<shard_status>& shards);
  void coordinate(const std::vector<shard_status>& shards);
  bool carry_out(const shard_status& shard, const member_step& step);
  void pass_on();
  void finish(const std::vector<shard_status>& shards,
              const std::vector<node_view>& nodes);
  result<void> admit(const member_change& x) const;
  result<void> admit_address(const member_change& x) const;
  bool is_member(uint64_t node) const;
  /// It takes back the add that is asked for, which has not ended.
  bool cancels(const member_change& x) const;
  /// It is what is asked for.
  bool repeats(const member_change& x) const;

  pointer self_ = nullptr;
  membership_wiring wiring_;
  std::optional<asked_change> asked_;
  std::vector<storage::raft_server> servers_; ///< Of shard 0, as last seen.
  std::set<uint64_t> placed_; ///< Nodes with a server in any shard, as above.
  bool looking_ = false;
  bool changing_ = false;           ///< A step is on its way.
  std::vector<standing> standings_; ///< By shard.
  belonging place_ = belonging::member;
  int64_t asked_others_ms_ = 0;
  int64_t balanced_ms_ = 0;
  int lost_ticks_ = 0; ///< In which a shard had no leader that is known.
  std::map<uint64_t, int64_t> led_since_ms_; ///< By shard, of those led here.
};

/// Thread: scheduler. Blocking: never.
membership_actor::behavior_type membership(membership_state::pointer self,
                                           membership_wiring wiring);

} // namespace eventd::actors
