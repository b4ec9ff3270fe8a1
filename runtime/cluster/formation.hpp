// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/cluster/hello.hpp"
#include "storage/raft/configuration.hpp"
#include "storage/state/identity.hpp"

namespace eventd::runtime {

/// What a node whose directory is empty does next.
struct formation_step {
  enum class kind : uint8_t {
    wait,
    found, ///< Begins a new cluster with `founders`.
    begin, ///< Begins as one of the founders of `cluster_id`.
    join,  ///< Waits in `cluster_id` until it is taken into the groups.
  } what = kind::wait;
  std::string cluster_id;                       ///< Empty with `found`.
  std::vector<storage::raft_server> founders{}; ///< Not with `join`.
  std::string reason;                           ///< Why it waits, in words.
};

/// A cluster is founded once: by the lowest node, when all of `peers` have said
/// that they are empty too. A node that finds a cluster either is one of its
/// founders and has not begun yet, or a new directory, which never had a vote.
/// Where the data of any node was damaged and set aside no cluster is founded.
/// @errors `ec::invalid_config`: the peers belong to different clusters
result<formation_step> next_step(const storage::identity& own, uint64_t node,
                                 const std::string& address,
                                 const std::vector<storage::raft_server>& peers,
                                 const std::map<uint64_t, hello>& seen);

} // namespace eventd::runtime
