// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <map>
#include <string>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/cluster/forwarder.hpp"
#include "actors/protocol/interfaces.hpp"

namespace eventd::actors {

struct directory_wiring {
  std::vector<route_watcher_actor> watchers;
  /// For channels of other nodes; without a link there are none.
  forwarder_wiring forwarding;
};

/// "namespace/name" to the actor that owns the channel: the CHANNEL itself
/// where it is here, else a FORWARDER to the node that leads its shard.
class directory_state {
public:
  static constexpr const char* name = "eventd.directory";
  using pointer = directory_actor::stateful_pointer<directory_state>;

  directory_state() = default;

  void init(pointer self, directory_wiring wiring);

  caf::result<channel_actor> lookup(const std::string& name);
  void watch(const route_watcher_actor& watcher);
  void route(const std::string& name, const channel_actor& channel);
  void unroute(const std::string& name);
  void place(const channel_info& info, bool repeatable);
  void shut(const std::string& name);
  /// Who knows whether a channel exists that is not known here.
  void ask_when_unknown(caf::actor catalog) { catalog_ = std::move(catalog); }

private:
  struct known_channel {
    channel_info info;
    bool repeatable = false;
    channel_actor forwarder; ///< Made when somebody asks.
  };

  bool in_cluster() const { return wiring_.forwarding.link != nullptr; }
  /// Null: not known.
  channel_actor find(const std::string& name);
  void tell(const std::string& name);

  pointer self_ = nullptr;
  directory_wiring wiring_;
  caf::actor catalog_;
  std::map<std::string, channel_actor> here_;
  std::map<std::string, known_channel> known_;
};

/// Thread: scheduler. Blocking: never.
directory_actor::behavior_type directory(directory_state::pointer self,
                                         directory_wiring wiring);

} // namespace eventd::actors
