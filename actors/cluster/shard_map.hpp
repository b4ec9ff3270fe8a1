// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "storage/model/units.hpp"

namespace eventd::actors {

/// Whether this node is one of its cluster's, as far as it knows.
enum class belonging : uint8_t {
  member,
  awaited, ///< It was not taken in yet: new, or begun anew.
  removed, ///< The cluster goes on without it.
};

/// For who asks a node that is none; empty: it is a member.
constexpr std::string_view why_outside(belonging x) {
  switch (x) {
  case belonging::member:
    break;
  case belonging::awaited:
    return "this node waits to be taken into the cluster (a new one needs "
           "eventctl cluster add)";
  case belonging::removed:
    return "this node is not in the cluster (removed, or its adding was given "
           "up)";
  }
  return {};
}

/// Who leads each shard, as this node's replicas know it. Threads: any; what
/// is read may be old a moment later.
class shard_map {
public:
  shard_map(uint64_t self, uint32_t shards)
    : self_(self), shards_(shards),
      owners_(std::make_unique<std::atomic<uint64_t>[]>(shards)),
      served_(std::make_unique<std::atomic<uint64_t>[]>(shards)),
      terms_(std::make_unique<std::atomic<uint64_t>[]>(shards)),
      leases_(std::make_unique<std::atomic<int64_t>[]>(shards)) {}

  uint64_t self() const { return self_; }
  uint32_t shards() const { return shards_; }

  /// The node that leads the shard; this node only once it serves. 0: none
  /// that is known.
  uint64_t owner(shard_id x) const {
    return x.value < shards_ ? owners_[x.value].load(std::memory_order_acquire)
                             : 0;
  }
  bool is_own(shard_id x) const { return owner(x) == self_; }

  void set(shard_id x, uint64_t node) {
    owners_[x.value].store(node, std::memory_order_release);
  }

  /// CATALOG has carried out that this node leads the shard now: where it is
  /// this one, all of the shard's channels are being opened.
  void set_served(shard_id x, uint64_t node) {
    served_[x.value].store(node, std::memory_order_release);
  }

  /// The term in which this node leads the shard; 0: it does not.
  raft_term lead_term(shard_id x) const {
    return raft_term{terms_[x.value].load(std::memory_order_acquire)};
  }

  /// Until when this node surely leads the shard in this term, so that reads
  /// need not ask the others. Unit: microseconds of the actors' steady clock;
  /// 0: it does not.
  int64_t lease_end_us(shard_id x, raft_term term) const {
    // The lease of a term is never seen before its term.
    auto end_us = leases_[x.value].load(std::memory_order_acquire);
    return lead_term(x) == term ? end_us : 0;
  }

  /// Only by the shard's REPLICA.
  void set_lease(shard_id x, raft_term term, int64_t end_us) {
    if (lead_term(x) != term) {
      leases_[x.value].store(0, std::memory_order_release);
      terms_[x.value].store(term.value, std::memory_order_release);
    }
    leases_[x.value].store(end_us, std::memory_order_release);
  }

  /// Whether this node takes part at all.
  belonging place() const { return place_.load(std::memory_order_acquire); }
  void set_place(belonging x) { place_.store(x, std::memory_order_release); }

  /// A shard without a leader, or whose channels are not open yet; none: all
  /// requests can be served.
  std::optional<shard_id> unserved() const {
    for (uint32_t i = 0; i < shards_; ++i) {
      auto node = owners_[i].load(std::memory_order_acquire);
      if (node == 0 || served_[i].load(std::memory_order_acquire) != node)
        return shard_id{i};
    }
    return std::nullopt;
  }

private:
  uint64_t self_;
  uint32_t shards_;
  std::unique_ptr<std::atomic<uint64_t>[]> owners_;
  std::unique_ptr<std::atomic<uint64_t>[]> served_;
  std::unique_ptr<std::atomic<uint64_t>[]> terms_;
  std::unique_ptr<std::atomic<int64_t>[]> leases_;
  std::atomic<belonging> place_{belonging::member};
};

} // namespace eventd::actors
