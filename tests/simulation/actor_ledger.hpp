// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "storage/log/write_job.hpp"
#include "storage/model/error.hpp"
#include "tests/simulation/raft_watch.hpp"
#include "tests/simulation/replica_node.hpp"

namespace eventd::tests {

/// What all that watch a cluster of REPLICAs have seen: the log as the first
/// node to apply an entry saw it, and what became of each proposal. An entry
/// of events carries the number of its proposal as its wall time.
class actor_ledger {
public:
  explicit actor_ledger(size_t nodes) : applied_(nodes + 1) {}

  /// The group has its first entry from its founding.
  void found(const storage::write_job& bootstrap);

  // -- what is seen

  /// The node applies all up to here; its disk has the entries.
  void apply(uint64_t node, raft_index upto, const model_disk& disk);
  /// The node begins a life with this much applied.
  void restart(uint64_t node, raft_index applied, const model_disk& disk);
  /// A proposal of so many events, from an offset on, ended so.
  void settle(uint64_t operation, const result<actors::proposed>& how);
  void forget(uint64_t operation); ///< Its outcome will never be known.
  /// Who leads, after each step.
  void look(const replica_node& x);

  // -- what it comes to

  /// Where false, an entry is not asked for on the disks of a majority: they
  /// lie, and a control run shows what comes of it.
  bool disks_are_honest = true;

  raft_watch& raft() { return raft_; }
  const std::string& broken() const {
    return broken_.empty() ? raft_.broken() : broken_;
  }
  void fail(std::string what);
  void note(uint64_t x) { digest_ = (digest_ ^ x) * 0x9e3779b97f4a7c15ULL + 1; }
  uint64_t digest() const { return digest_; }
  /// Numbers proposals.
  uint64_t next_operation() { return ++operations_; }
  raft_index end() const { return raft_index{entries_.size()}; }
  raft_index applied(uint64_t node) const { return applied_[node]; }
  /// Highest index of a proposal that was acknowledged.
  raft_index acknowledged_end() const { return acknowledged_end_; }
  size_t acknowledged() const { return acknowledged_; }
  size_t refused() const { return refused_; }
  size_t unknown() const { return unknown_; }
  size_t terms() const { return leaders_.size(); }
  size_t changes() const { return changes_; } ///< Of the configuration.

  /// True where nothing was taken and the same may be proposed again.
  static bool is_refusal(ec code);

private:
  enum class outcome : uint8_t { acknowledged, refused, unknown };

  void compare(uint64_t node, raft_index from, raft_index upto,
               const model_disk& disk);
  void add(const storage::log_record& record);
  void add_events(const storage::log_record& record);
  bool is_safe(raft_index index, raft_term term) const;

  raft_watch raft_;
  std::vector<storage::log_record> entries_;  ///< Index 1 is `entries_[0]`.
  std::vector<raft_index> applied_;           ///< By node.
  std::vector<storage::raft_server> servers_; ///< As of `end()`.
  std::unordered_map<uint64_t, raft_index> stored_; ///< By operation.
  std::unordered_map<uint64_t, outcome> outcomes_;  ///< By operation.
  /// Term of an entry to the highest one of it that was acknowledged.
  std::map<uint64_t, raft_index> acknowledged_of_term_;
  std::map<uint64_t, uint64_t> leaders_; ///< Term to node.
  raft_index acknowledged_end_;
  log_offset channel_end_;
  log_time logged_at_;
  size_t acknowledged_ = 0;
  size_t refused_ = 0;
  size_t unknown_ = 0;
  size_t changes_ = 0;
  uint64_t operations_ = 0;
  uint64_t digest_ = 0;
  std::string broken_;
};

} // namespace eventd::tests
