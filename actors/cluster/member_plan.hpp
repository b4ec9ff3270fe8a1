// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/protocol/messages.hpp"
#include "storage/raft/configuration.hpp"

/// Which servers a shard shall have, and the next step to it. Plain values.
namespace eventd::actors {

/// A node as this one sees it.
struct node_view {
  uint64_t node = 0;
  std::string address;
  uint64_t server = 0; ///< Raft server id; 0: it was never reached.
  bool connected = false;
  std::string version;
  bool leaving = false; ///< It stops, and so takes no lead over.
};

/// What an operator asks for.
struct member_change {
  enum class kind : uint8_t { add, remove, replace } what = kind::add;
  uint64_t node = 0;
  std::string address; ///< With `add`.
};

/// One step towards the voters that are wanted; at most one server changes.
struct member_step {
  enum class kind : uint8_t {
    done,
    change,   ///< To `servers`.
    promote,  ///< Bring `server` up to date, then `servers`.
    transfer, ///< Its leader leaves: another one first.
    wait,     ///< Something is not committed yet.
  } what = kind::done;
  uint64_t server = 0;
  std::vector<storage::raft_server> servers{};
};

bool is_voter(const server_status& x);

/// The servers of shard 0 after what is asked for, after nodes that came back
/// with a new directory have taken the place of their old servers, and after
/// each standby that is there votes, also if whoever asked for it is gone. A
/// standby that is away is a standby here, too.
std::vector<storage::raft_server>
wanted_voters(const std::vector<storage::raft_server>& now,
              const std::vector<node_view>& nodes,
              const std::optional<member_change>& asked);

/// New servers first, so that there is never a moment with fewer. But a server
/// whose node has another disk by now goes before its successor votes: it will
/// never be back, and both together would only make the majority larger.
member_step next_member_step(const shard_status& now,
                             const std::vector<storage::raft_server>& wanted);

/// Whether another node may take the lead of the shard over: one of its voters
/// that is there and does not stop. Where its servers are not known: any node.
bool has_heir(const shard_status& shard, const std::vector<node_view>& nodes,
              uint64_t self);

/// The node that shall lead a shard, so that leaders are spread evenly. 0: no
/// voters.
uint64_t preferred_leader(shard_id shard,
                          const std::vector<server_status>& servers);

std::vector<storage::raft_server> servers_of(const shard_status& x);

} // namespace eventd::actors
