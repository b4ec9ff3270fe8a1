// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/cluster/member_plan.hpp"

#include <algorithm>

#include "storage/raft/driver.hpp"
#include "storage/raft/server_id.hpp"

namespace eventd::actors {

namespace {

using storage::raft_server;
using storage::raft_server_role;
using kind = member_step::kind;

bool is_of(const raft_server& x, uint64_t node) {
  return storage::node_of(x.id) == node;
}

raft_server* find(std::vector<raft_server>& xs, uint64_t id) {
  auto found = std::find_if(xs.begin(), xs.end(),
                            [&](const auto& x) { return x.id == id; });
  return found == xs.end() ? nullptr : &*found;
}

/// The voter in whose place a server of the same node comes. Its disk is gone.
raft_server* find_older(std::vector<raft_server>& xs, uint64_t id) {
  auto found = std::find_if(xs.begin(), xs.end(), [&](const auto& x) {
    return x.id != id && storage::node_of(x.id) == storage::node_of(id)
           && x.role == raft_server_role::voter;
  });
  return found == xs.end() ? nullptr : &*found;
}

/// What was there of the node goes, and its newest server comes.
void put_newest(std::vector<raft_server>& xs, const node_view& node) {
  std::erase_if(xs, [&](const auto& x) {
    return is_of(x, node.node) && x.id != node.server;
  });
  if (find(xs, node.server) == nullptr)
    xs.push_back({node.server, node.address, raft_server_role::voter});
}

} // namespace

std::vector<raft_server> servers_of(const shard_status& x) {
  std::vector<raft_server> made;
  for (const auto& server : x.servers)
    made.push_back({server.server, server.address,
                    static_cast<raft_server_role>(server.role)});
  return made;
}

bool is_voter(const server_status& x) {
  return x.role == static_cast<uint8_t>(raft_server_role::voter);
}

std::vector<raft_server>
wanted_voters(const std::vector<raft_server>& now,
              const std::vector<node_view>& nodes,
              const std::optional<member_change>& asked) {
  // Whoever was taken in shall vote in the end: what was begun is finished,
  // also by another coordinator. A standby that is away stays one, so that it
  // holds up nothing else.
  auto wanted = now;
  for (auto& x : wanted)
    for (const auto& node : nodes)
      if (node.connected && node.server == x.id)
        x.role = raft_server_role::voter;
  auto was_there = wanted;
  for (const auto& node : nodes) {
    auto knows
      = std::any_of(was_there.begin(), was_there.end(),
                    [&](const auto& x) { return is_of(x, node.node); });
    auto added = asked && asked->what == member_change::kind::add
                 && asked->node == node.node;
    if ((knows || added) && node.connected && node.server != 0)
      put_newest(wanted, node);
  }
  if (asked && asked->what == member_change::kind::remove)
    std::erase_if(wanted, [&](const auto& x) { return is_of(x, asked->node); });
  return wanted;
}

member_step next_member_step(const shard_status& now,
                             const std::vector<raft_server>& wanted) {
  member_step step;
  if (now.changing) {
    step.what = kind::wait;
    return step;
  }
  step.servers = servers_of(now);
  for (const auto& x : wanted) {
    auto* known = find(step.servers, x.id);
    if (known == nullptr
          ? x.role != raft_server_role::voter
          : known->role == x.role || known->role == raft_server_role::voter)
      continue;
    step.server = x.id;
    if (known == nullptr) {
      auto fresh = x;
      fresh.role = raft_server_role::standby;
      // An address stands once: the older server of the node keeps it until
      // it goes.
      for (const auto& y : step.servers)
        if (y.address == fresh.address)
          fresh.address += "#" + std::to_string(x.id & 0xffffffff);
      step.servers.push_back(std::move(fresh));
      step.what = kind::change;
      return step;
    }
    step.what = kind::promote;
    auto* older = find_older(step.servers, x.id);
    if (older == nullptr) {
      known->role = raft_server_role::voter;
    } else if (now.leader == older->id) {
      step.what = kind::transfer;
      step.server = older->id;
    } else {
      step.servers.erase(step.servers.begin() + (older - step.servers.data()));
    }
    return step;
  }
  for (const auto& x : step.servers) {
    auto stays = std::any_of(wanted.begin(), wanted.end(),
                             [&](const auto& y) { return y.id == x.id; });
    if (stays)
      continue;
    step.server = x.id;
    if (now.leader == x.id) {
      step.what = kind::transfer;
      return step;
    }
    step.what = kind::change;
    std::erase_if(step.servers,
                  [id = x.id](const auto& y) { return y.id == id; });
    return step;
  }
  step.server = 0;
  return step;
}

bool has_heir(const shard_status& shard, const std::vector<node_view>& nodes,
              uint64_t self) {
  auto votes = [&](const node_view& x) {
    return shard.servers.empty()
           || std::any_of(shard.servers.begin(), shard.servers.end(),
                          [&](const server_status& y) {
                            return is_voter(y) && y.server == x.server;
                          });
  };
  return std::any_of(nodes.begin(), nodes.end(), [&](const node_view& x) {
    return x.node != self && x.connected && !x.leaving && votes(x);
  });
}

uint64_t preferred_leader(shard_id shard,
                          const std::vector<server_status>& servers) {
  std::vector<uint64_t> nodes;
  for (const auto& x : servers)
    if (is_voter(x))
      nodes.push_back(storage::node_of(x.server));
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return nodes.empty() ? 0 : nodes[shard.value % nodes.size()];
}

} // namespace eventd::actors
