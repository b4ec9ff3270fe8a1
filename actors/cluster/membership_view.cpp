// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <set>

#include <boost/json.hpp>

#include "actors/cluster/membership.hpp"
#include "storage/raft/server_id.hpp"

namespace eventd::actors {

namespace {

namespace json = boost::json;

const char* role_name(uint8_t role) {
  switch (static_cast<storage::raft_server_role>(role)) {
  case storage::raft_server_role::standby:
    return "standby";
  case storage::raft_server_role::voter:
    return "voter";
  case storage::raft_server_role::spare:
    return "spare";
  }
  return "unknown";
}

/// Whether its servers are not yet, or no longer, those that stay: a change is
/// not committed, a copy does not vote, or a node has two.
bool is_changing(const shard_status& x) {
  std::set<uint64_t> seen;
  for (const auto& server : x.servers)
    if (server.role != static_cast<uint8_t>(storage::raft_server_role::voter)
        || !seen.insert(storage::node_of(server.server)).second)
      return true;
  return x.changing;
}

/// In any shard: a node that is being removed holds what it still has. Where
/// shard 0's servers are not known everybody passes for a member.
bool is_in(const std::vector<shard_status>& shards, uint64_t node) {
  auto is_its = [node](const server_status& x) {
    return storage::node_of(x.server) == node;
  };
  return shards[0].servers.empty()
         || std::any_of(
           shards.begin(), shards.end(), [&](const shard_status& x) {
             return std::any_of(x.servers.begin(), x.servers.end(), is_its);
           });
}

json::array replicas_of(const shard_status& x) {
  json::array made;
  for (const auto& server : x.servers) {
    auto lag = x.commit > server.match ? x.commit - server.match : 0;
    made.push_back(json::object{
      {"node", storage::node_of(server.server)},
      {"server", std::to_string(server.server)},
      {"role", role_name(server.role)},
      {"match", server.match.value},
      {"lag", lag},
    });
  }
  return made;
}

} // namespace

std::string membership_state::without_changed(const std::string& answer) {
  boost::system::error_code wrong;
  auto made = json::parse(answer, wrong);
  if (wrong || !made.is_object())
    return answer;
  made.get_object().erase("changed");
  return json::serialize(made);
}

std::string membership_state::render(const std::vector<shard_status>& shards,
                                     std::optional<bool> changed) const {
  auto views = wiring_.nodes();
  // A node that came back with a new directory is not the server it was.
  auto connected = [&](uint64_t server) {
    return std::any_of(views.begin(), views.end(), [&](const node_view& x) {
      return x.server == server && x.connected;
    });
  };
  json::array nodes;
  for (const auto& x : views) {
    uint64_t leads = 0;
    for (uint32_t i = 0; i < wiring_.map->shards(); ++i)
      leads += wiring_.map->owner(shard_id{i}) == x.node ? 1 : 0;
    nodes.push_back(json::object{
      {"id", x.node},
      {"address", x.address},
      {"server", std::to_string(x.server)},
      {"self", x.node == wiring_.map->self()},
      {"member",
       is_in(shards, x.node)
         && !(place_ != belonging::member && x.node == wiring_.map->self())},
      {"connected", x.connected},
      {"version", x.version},
      {"leads", leads},
    });
  }
  json::array rows;
  for (uint32_t i = 0; i < shards.size(); ++i) {
    const auto& x = shards[i];
    auto leader = storage::node_of(x.leader);
    auto away = std::any_of(
      x.servers.begin(), x.servers.end(),
      [&](const server_status& y) { return !connected(y.server); });
    rows.push_back(json::object{
      {"shard", i},
      {"leader", leader},
      {"term", x.term.value},
      {"commit", x.commit.value},
      {"health", leader == 0      ? "no leader"
                 : away           ? "degraded"
                 : is_changing(x) ? "changing"
                                  : "ok"},
      {"replicas", replicas_of(x)},
    });
  }
  json::object made{
    {"clusterId", wiring_.cluster_id},
    {"self", wiring_.map->self()},
    {"nodes", std::move(nodes)},
    {"shards", std::move(rows)},
  };
  if (changed)
    made["changed"] = *changed;
  return json::serialize(made);
}

} // namespace eventd::actors
