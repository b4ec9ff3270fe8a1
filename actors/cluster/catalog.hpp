// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/cluster/forwarder.hpp"
#include "actors/protocol/interfaces.hpp"
#include "actors/resource/table.hpp"

namespace eventd::actors {

struct catalog_wiring {
  std::vector<shard_actor> shards; ///< The replicas of this node, by number.
  supervisor_self_actor supervisor;
  directory_actor directory;
  std::shared_ptr<shard_map> map;
  forwarder_wiring forwarding;
  std::function<int64_t()> wall_ms;
  std::function<std::string()> new_uid;
  std::function<void(const std::string&)> note; ///< A line for the log.
  std::function<void()> every_second;           ///< May be empty.
  /// RESOURCES ended by an error: the node stops.
  std::function<void(const std::string& name, const failure& why)> fatal;
};

/// Knows all resources as this node's replica of shard 0 has applied them, and
/// sees to it that the channels and subscriptions of the shards this node leads
/// run here, and no others. Where shard 0 is led here it runs RESOURCES.
///
/// To RESOURCES it is the SUPERVISOR of the whole cluster: what it is told is
/// handed to the SUPERVISOR of the node that leads the channel's shard.
class catalog_state {
public:
  static constexpr const char* name = "eventd.catalog";
  using pointer = catalog_actor::stateful_pointer<catalog_state>;

  catalog_state() = default;

  void init(pointer self, catalog_wiring wiring);

  // -- from the replicas
  void lead(shard_id shard, uint64_t node);
  void changed(const std::string& key, const std::string& document,
               raft_index index);
  void reload();

  // -- for RESOURCES and the gateway
  caf::result<channel_actor> open(const channel_info& info,
                                  const channel_settings& settings);
  caf::result<caf::unit_t> shut(channel_id id);
  caf::result<subscription_actor> follow(const subscription_spec& spec);
  caf::result<caf::unit_t> unfollow(const std::string& uid);
  caf::result<subscription_actor> lookup(const std::string& name);
  caf::result<std::vector<subscription_status>> subscriptions();
  caf::result<std::vector<channel_status>> channels();
  caf::result<raft_index> confirm();
  void tick();

private:
  template <class T, class Atom>
  caf::result<std::vector<T>> gather(Atom what);
  /// The SUPERVISOR of the node that leads the shard. A resource may name a
  /// shard that this node does not have, and that is no reason to end.
  result<supervisor_actor> supervisor_of(shard_id shard) const;
  std::optional<shard_id> shard_of_channel(const std::string& name) const;
  bool leads(shard_id shard) const { return own_.contains(shard.value); }

  void take_over(shard_id shard);
  void let_go(shard_id shard);
  void start_resources();
  void place_channel(const std::string& key, const json::object& document);
  void open_here(const std::string& key, const json::object& document);
  void follow_here(const std::string& key);
  void forget(const std::string& key);
  void settle(shard_id shard, uint64_t node);

  pointer self_ = nullptr;
  catalog_wiring wiring_;
  resource_table table_;
  bool reloading_ = false;
  std::set<std::string> stale_;                     ///< Not told again yet.
  std::set<uint64_t> own_;                          ///< Shards led here.
  std::vector<supervisor_actor> supervisors_;       ///< By shard: FORWARDERs.
  std::unordered_map<channel_id, shard_id> shards_; ///< Of all channels.
  std::unordered_map<std::string, shard_id> subscriptions_; ///< By uid.
  resources_actor resources_;           ///< Null: shard 0 is led elsewhere.
  std::vector<replica_actor> replicas_; ///< By shard: FORWARDERs.
};

/// Thread: scheduler. Blocking: never.
catalog_actor::behavior_type catalog(catalog_state::pointer self,
                                     catalog_wiring wiring);

} // namespace eventd::actors
