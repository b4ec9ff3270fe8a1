// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/formation.hpp"

#include <algorithm>
#include <utility>

namespace eventd::runtime {

namespace {

using storage::raft_server;
using kind = formation_step::kind;

std::vector<raft_server> founders_of(const hello& x) {
  std::vector<raft_server> made;
  for (const auto& founder : x.founders)
    made.push_back({founder.server, founder.address});
  return made;
}

formation_step wait(std::string reason) {
  formation_step x;
  x.reason = std::move(reason);
  return x;
}

/// Where nodes lost their data to damage there was a cluster, and a new one
/// beside it would hide the loss: they wait for one that has the data.
std::string why_not_founded(const storage::identity& own, uint64_t node,
                            const std::vector<raft_server>& peers,
                            const std::map<uint64_t, hello>& seen) {
  std::string damaged = own.join_only ? std::to_string(node) : std::string{};
  std::string away;
  auto add = [](std::string& list, uint64_t id) {
    list += (list.empty() ? "" : ", ") + std::to_string(id);
  };
  for (const auto& peer : peers) {
    auto found = seen.find(peer.id);
    if (found == seen.end())
      add(away, peer.id);
    else if (found->second.join_only)
      add(damaged, peer.id);
  }
  if (damaged.empty())
    return {};
  return "the data of these nodes was damaged and set aside: " + damaged
         + "; not reached: " + (away.empty() ? "none" : away)
         + "; a node that has its data is waited for";
}

/// "node 2 (127.0.0.2:7001) and node 3 (127.0.0.3:7001) were not reached yet"
/// names all that are missing; empty: none is.
std::string who_is_away(const std::vector<raft_server>& peers,
                        const std::map<uint64_t, hello>& seen) {
  std::vector<std::string> away;
  for (const auto& peer : peers)
    if (!seen.contains(peer.id))
      away.push_back("node " + std::to_string(peer.id) + " (" + peer.address
                     + ")");
  std::string text;
  for (size_t i = 0; i < away.size(); ++i) {
    if (i > 0)
      text += i + 1 < away.size() ? ", " : " and ";
    text += away[i];
  }
  if (away.empty())
    return {};
  return text + (away.size() == 1 ? " was" : " were") + " not reached yet";
}

} // namespace

result<formation_step> next_step(const storage::identity& own, uint64_t node,
                                 const std::string& address,
                                 const std::vector<raft_server>& peers,
                                 const std::map<uint64_t, hello>& seen) {
  const hello* member = nullptr;
  for (const auto& [id, x] : seen) {
    if (x.cluster_id.empty())
      continue;
    if (member != nullptr && member->cluster_id != x.cluster_id)
      return failure{ec::invalid_config, "nodes " + std::to_string(member->node)
                                           + " and " + std::to_string(id)
                                           + " belong to different clusters"};
    // A node that joined later does not know the founders.
    if (member == nullptr || member->founders.empty())
      member = &x;
  }
  if (member != nullptr) {
    auto founders = founders_of(*member);
    auto is_own = [&](const raft_server& x) { return x.id == own.server; };
    if (std::any_of(founders.begin(), founders.end(), is_own))
      return formation_step{
        kind::begin, member->cluster_id, std::move(founders), {}};
    return formation_step{kind::join, member->cluster_id, {}, {}};
  }
  if (auto reason = why_not_founded(own, node, peers, seen); !reason.empty())
    return wait(std::move(reason));
  if (auto reason = who_is_away(peers, seen); !reason.empty())
    return wait(std::move(reason));
  std::vector<raft_server> founders{{own.server, address}};
  for (const auto& peer : peers) {
    auto found = seen.find(peer.id);
    if (!found->second.empty)
      return wait("node " + std::to_string(peer.id)
                  + " has data of no cluster yet");
    if (peer.id < node)
      return wait("node " + std::to_string(peer.id) + " begins the cluster");
    founders.push_back({found->second.server, peer.address});
  }
  return formation_step{kind::found, {}, std::move(founders), {}};
}

} // namespace eventd::runtime
