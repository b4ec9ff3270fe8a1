// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include <caf/actor.hpp>

#include "actors/protocol/messages.hpp"

namespace eventd::actors {

/// The actors of this node that other nodes may call. Threads: any. Blocking:
/// a mutex that is held for a look-up.
class local_actors {
public:
  void set_channel(channel_id id, caf::actor x);
  void erase_channel(channel_id id);
  void set_subscription(const std::string& name, caf::actor x);
  void erase_subscription(const std::string& name);
  void set_supervisor(caf::actor x);
  void set_resources(caf::actor x); ///< Null: they run elsewhere.
  void set_membership(caf::actor x);
  void set_reader(caf::actor x);
  void set_replicas(std::vector<caf::actor> xs);
  /// Lets go of all, so that the actors can end.
  void clear();

  /// Null: it is not here.
  caf::actor find(const call_address& x) const;

private:
  mutable std::mutex mutex_;
  std::unordered_map<channel_id, caf::actor> channels_;
  std::unordered_map<std::string, caf::actor> subscriptions_;
  caf::actor supervisor_;
  caf::actor resources_;
  caf::actor membership_;
  caf::actor reader_;
  std::vector<caf::actor> replicas_;
};

} // namespace eventd::actors
