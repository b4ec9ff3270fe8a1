// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/cluster_table.hpp"

#include <algorithm>
#include <optional>

namespace eventd::eventctl {

namespace {

namespace json = boost::json;

/// The elements of an array that is a member of `from`, none where it is not.
const json::array& list_at(const json::value& from, const char* name) {
  static const json::array none;
  auto found = find_at(from, {name});
  return found != nullptr && found->is_array() ? found->get_array() : none;
}

bool is_true(const json::value& from, const char* name) {
  auto found = find_at(from, {name});
  return found != nullptr && found->is_bool() && found->get_bool();
}

std::string state_of(const json::value& node) {
  // Older nodes do not tell.
  if (find_at(node, {"member"}) != nullptr && !is_true(node, "member"))
    return "outside";
  if (is_true(node, "self"))
    return "self";
  return is_true(node, "connected") ? "connected" : "away";
}

std::string leader_of(const json::value& shard) {
  auto leader = text_at(shard, {"leader"});
  return leader == "0" ? "none" : leader;
}

std::string replicas_of(const json::value& shard) {
  std::string out;
  for (auto& x : list_at(shard, "replicas")) {
    if (!out.empty())
      out += ',';
    out += text_at(x, {"node"});
    auto role = text_at(x, {"role"});
    if (!role.empty() && role != "voter")
      out += '(' + role + ')';
  }
  return out;
}

std::string lag_of(const json::value& shard) {
  std::optional<uint64_t> worst;
  for (auto& x : list_at(shard, "replicas")) {
    auto lag = find_at(x, {"lag"});
    if (lag == nullptr)
      continue;
    boost::system::error_code wrong;
    auto n = lag->to_number<uint64_t>(wrong);
    if (!wrong)
      worst = std::max(worst.value_or(0), n);
  }
  return worst ? std::to_string(*worst) : "";
}

} // namespace

std::vector<table_row> node_rows(const json::value& cluster) {
  std::vector<table_row> rows{{"ID", "ADDRESS", "STATE", "LEADS", "VERSION"}};
  for (auto& x : list_at(cluster, "nodes"))
    rows.push_back({text_at(x, {"id"}), text_at(x, {"address"}), state_of(x),
                    text_at(x, {"leads"}), text_at(x, {"version"})});
  return rows;
}

std::vector<table_row> shard_rows(const json::value& cluster) {
  std::vector<table_row> rows{
    {"SHARD", "LEADER", "TERM", "COMMIT", "REPLICAS", "LAG"}};
  for (auto& x : list_at(cluster, "shards"))
    rows.push_back({text_at(x, {"shard"}), leader_of(x), text_at(x, {"term"}),
                    text_at(x, {"commit"}), replicas_of(x), lag_of(x)});
  return rows;
}

} // namespace eventd::eventctl
