// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/cluster/local_actors.hpp"
#include "actors/cluster/shard_map.hpp"
#include "actors/protocol/interfaces.hpp"
#include "actors/protocol/stats.hpp"
#include "actors/supervisor/restart_policy.hpp"
#include "storage/log/tail_cache.hpp"
#include "storage/rocks/disk_reserve.hpp"

namespace eventd::actors {

/// Actors whose death the node does not survive.
struct vital_actor {
  std::string name;
  caf::actor_addr address;
};

struct supervisor_wiring {
  std::vector<shard_actor> shards;   ///< By number.
  std::vector<reader_actor> readers; ///< Given out in turn; at least one.
  directory_actor directory;
  dispatcher_actor dispatcher;
  std::shared_ptr<storage::tail_cache> tail;
  std::shared_ptr<node_stats> stats;
  std::function<int64_t()> wall_ms;
  std::shared_ptr<storage::disk_reserve> reserve; ///< Null: never low.
  std::vector<vital_actor> vital;
  /// Called at once when a vital actor dies; stops the node. Any thread.
  std::function<void(const std::string& name, const failure& why)> fatal;
  std::shared_ptr<const shard_map> map; ///< Null: all shards are led here.
  std::shared_ptr<local_actors> locals; ///< Null: no other node calls.
  /// One line about a restart. Any thread.
  std::function<void(const std::string& line)> warn;
};

/// Starts channels and subscriptions and starts them again when they die.
class supervisor_state {
public:
  static constexpr const char* name = "eventd.supervisor";
  using pointer = supervisor_self_actor::stateful_pointer<supervisor_state>;

  supervisor_state() = default;

  void init(pointer self, supervisor_wiring wiring);

  caf::result<channel_actor> open(const channel_info& info,
                                  const channel_settings& settings);
  void release(shard_id shard);
  void shut(channel_id id);
  caf::result<subscription_actor> follow(const subscription_spec& spec);
  caf::result<caf::unit_t> unfollow(const std::string& uid);
  caf::result<subscription_actor> lookup(const std::string& name) const;
  void report(subscription_status x);
  void report(channel_status x);
  std::vector<subscription_status> subscriptions() const;
  std::vector<channel_status> channels() const;
  caf::result<caf::unit_t> stop();

  /// Starts what is due.
  void tick();

private:
  struct channel_child {
    channel_info info;
    channel_settings settings;
    channel_actor actor;
    restart_policy policy;
    int64_t due_ms = 0; ///< When to start again, while there is no actor.
    channel_status status;
  };
  struct subscription_child {
    subscription_spec spec;
    channel_id channel;
    subscription_actor actor;
    restart_policy policy;
    int64_t due_ms = 0;
    subscription_status status;
  };

  /// A subscription that was told to end for good.
  struct leaving_child {
    std::string uid;
    channel_id channel;
    shard_actor shard;
    caf::typed_response_promise<caf::unit_t> promise;
  };

  bool leads(shard_id shard) const {
    return !wiring_.map || wiring_.map->is_own(shard);
  }
  void leave(const channel_child& x);
  void leave(const subscription_child& x);
  void start(channel_child& x);
  void start(subscription_child& x);
  void end(const caf::actor_addr& address, const caf::error& why);
  void forget_cursor(leaving_child x);
  void arm(int64_t delay_ms);
  void tell_restart(const std::string& what, const caf::error& why,
                    int64_t delay_ms);
  int64_t now_ms() const;
  channel_child* channel_named(const std::string& name);

  pointer self_ = nullptr;
  supervisor_wiring wiring_;
  std::map<channel_id, channel_child> channels_;
  std::unordered_map<std::string, channel_id> by_name_;     ///< "ns/name".
  std::map<std::string, subscription_child> subscriptions_; ///< By uid.
  /// Not down yet. At most as many as there were subscriptions.
  std::map<caf::actor_addr, leaving_child> leaving_;
  size_t next_reader_ = 0;
  uint64_t next_seed_ = 1;
  bool stopping_ = false;
  std::vector<caf::actor_addr> ending_; ///< Told to end, not down yet.
  caf::typed_response_promise<caf::unit_t> stopped_;
};

/// Never blocks.
supervisor_self_actor::behavior_type supervisor(supervisor_state::pointer self,
                                                supervisor_wiring wiring);

} // namespace eventd::actors
