// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// What goes between this node and the others, and what it knows of them.

#include <map>
#include <utility>

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include "runtime/cluster/cluster.hpp"
#include "runtime/config/node_address.hpp"
#include "storage/raft/message_codec.hpp"

namespace eventd::runtime {

void cluster::serve(std::vector<actors::shard_actor> replicas,
                    actors::link_holder link) {
  std::lock_guard guard{mutex_};
  replicas_ = std::move(replicas);
  link_ = std::move(link);
}

void cluster::receive(uint64_t node, const hello& theirs,
                      const std::string& message) {
  if (message.empty())
    return;
  auto kind = static_cast<actors::peer_message>(message[0]);
  auto body = std::string_view{message}.substr(1);
  if (kind != actors::peer_message::raft) {
    actors::link_holder link;
    {
      std::lock_guard guard{mutex_};
      link = link_;
    }
    if (!link)
      return;
    if (auto done = link->receive(node, kind, body); !done)
      spdlog::warn("node {}: {}", node, done.error().detail);
    return;
  }
  auto packet = storage::decode_raft_packet(body);
  if (!packet) {
    spdlog::warn("node {}: {}", node, packet.error().detail);
    return;
  }
  if (packet->from != theirs.server)
    return;
  std::lock_guard guard{mutex_};
  if (packet->shard.value < replicas_.size())
    caf::anon_send(replicas_[packet->shard.value], actors::atom::raft_v,
                   std::move(*packet));
}

bool cluster::send(uint64_t node, std::shared_ptr<const std::string> message) {
  return transport_->send(node, std::move(message));
}

bool cluster::connected(uint64_t node) const {
  std::lock_guard guard{mutex_};
  return connected_.contains(node);
}

std::vector<actors::node_view> cluster::nodes() const {
  std::lock_guard guard{mutex_};
  std::map<uint64_t, actors::node_view> found;
  found[settings_.node_id]
    = {settings_.node_id, settings_.listen, who_.server, true, EVENTD_VERSION};
  for (const auto& [node, address] : known_)
    if (!found.contains(node))
      found[node] = {node, address, 0, false, {}};
  for (const auto& x : settings_.peers)
    if (!found.contains(x.node))
      found[x.node]
        = {x.node, node_address{x.host, x.port}.text(), 0, false, {}};
  for (const auto& [node, x] : seen_) {
    auto place = found.find(node);
    if (place == found.end())
      continue;
    place->second.server = x.server;
    place->second.version = x.eventd_version;
    place->second.connected = connected_.contains(node);
  }
  std::vector<actors::node_view> xs;
  for (auto& [node, x] : found)
    xs.push_back(std::move(x));
  return xs;
}

} // namespace eventd::runtime
