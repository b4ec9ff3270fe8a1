// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/system/cluster.hpp"

namespace eventd::tests {

/// Who led one shard, term by term, as the nodes that answer tell. What begins
/// and ends between two looks is seen as a later term.
/// Threads: that of the cluster. Blocking: up to 2 s for a node that is stuck.
class leader_watch {
public:
  /// Looks once.
  /// @param whom is asked: nodes that are not cut off answer at once
  leader_watch(const cluster& nodes, uint64_t shard, std::vector<size_t> whom);

  void look();
  void look_until(std::chrono::steady_clock::time_point end);

  /// Terms with a leader, after the first that was seen.
  size_t changes() const;

  /// "term 3: node 1, term 5: node 2"
  std::string text() const;

private:
  const cluster& nodes_;
  uint64_t shard_;
  std::vector<size_t> whom_;
  std::map<uint64_t, uint64_t> leaders_; ///< Term to node.
};

/// Waits until the shard is led by the node that shall lead it, so that no
/// planned hand-over comes in between.
/// @pre all nodes serve
void wait_settled(const cluster& nodes, uint64_t shard);

} // namespace eventd::tests
