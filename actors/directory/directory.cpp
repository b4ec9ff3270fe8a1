// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/directory/directory.hpp"

namespace eventd::actors {

directory_actor::behavior_type
directory(directory_actor::stateful_pointer<directory_state> self,
          std::vector<route_watcher_actor> watchers) {
  self->state.watchers = std::move(watchers);
  return {
    [self](atom::lookup,
           const std::string& name) -> caf::result<channel_actor> {
      auto found = self->state.routes.find(name);
      if (found == self->state.routes.end())
        return to_caf(failure{ec::not_found, "no channel " + name});
      return found->second;
    },
    [self](atom::watch, const route_watcher_actor& watcher) {
      self->state.watchers.push_back(watcher);
      for (const auto& [name, channel] : self->state.routes)
        self->send(watcher, atom::route_v, name, channel);
    },
    [self](atom::route, const std::string& name, const channel_actor& channel) {
      self->state.routes[name] = channel;
      for (const auto& watcher : self->state.watchers)
        self->send(watcher, atom::route_v, name, channel);
    },
    [self](atom::unroute, const std::string& name) {
      if (self->state.routes.erase(name) == 0)
        return;
      for (const auto& watcher : self->state.watchers)
        self->send(watcher, atom::unroute_v, name);
    },
  };
}

} // namespace eventd::actors
