// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/routes.hpp"

namespace eventd::runtime {

void route_table::set(const std::string& key,
                      const actors::channel_actor& channel) {
  auto& route = routes_[key];
  route.channel = channel;
  if (!route.counts)
    route.counts = shared_.publishes.of(key);
}

void route_table::erase(const std::string& key) {
  routes_.erase(key);
}

const channel_route* route_table::known(std::string_view key) const {
  auto found = routes_.find(key);
  return found == routes_.end() ? nullptr : &found->second;
}

task<result<channel_route>> route_table::find(bridge& asks,
                                              std::string_view key) {
  if (const auto* route = known(key))
    co_return *route;
  std::string name{key};
  auto channel
    = co_await asks.ask(shared_.wiring.directory, actors::atom::lookup_v, name);
  if (!channel) {
    if (channel.error() == ec::not_found)
      co_return failure{ec::not_found, "there is no channel " + name};
    co_return channel.error();
  }
  // Not kept: only what DIRECTORY tells by itself is taken back by it too.
  co_return channel_route{*channel, shared_.publishes.of(name)};
}

} // namespace eventd::runtime
