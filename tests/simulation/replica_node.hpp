// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "actors/cluster/local_actors.hpp"
#include "actors/cluster/peer_outlet.hpp"
#include "actors/cluster/shard_map.hpp"
#include "actors/link/link.hpp"
#include "actors/protocol/interfaces.hpp"
#include "actors/replica/replica.hpp"
#include "storage/rocks/reclaim.hpp"
#include "tests/fixtures/actor_fixture.hpp"
#include "tests/simulation/actor_disk.hpp"

namespace eventd::tests {

/// A node that is nothing but a REPLICA of shard 0 with its LINK, on a model of
/// a disk.
class replica_node {
public:
  /// `world` and `outlet` outlive it. It begins with its number as its Raft
  /// server id.
  replica_node(uint64_t id, const std::vector<storage::raft_server>& servers,
               actor_fixture& world, actors::peer_outlet* outlet);
  ~replica_node();

  replica_node(const replica_node&) = delete;
  replica_node& operator=(const replica_node&) = delete;

  /// @pre not alive
  void start(unsigned seed);
  /// Ends the actors at once, as the loss of power does.
  void crash(std::mt19937_64& dice);
  /// Gives it another disk, which is empty and has another server id.
  /// @pre not alive
  void wipe(uint64_t server);

  uint64_t id() const { return id_; }
  uint64_t server() const { return server_; }
  bool alive() const { return replica_ != nullptr; }
  /// Counts the starts.
  uint64_t life() const { return life_; }
  actor_disk& disk() { return *disk_; }
  const actor_disk& disk() const { return *disk_; }
  const actors::shard_actor& replica() const { return replica_; }
  const actors::log_writer_actor& writer() const { return writer_; }
  /// Of shard 0 as this node's map has it; 0: none.
  uint64_t owner() const { return map_ ? map_->owner(shard_id{0}) : 0; }
  bool leads() const { return owner() == id_; }
  /// Of its read lease, by the actors' clock; 0: it has none. Unit: us.
  int64_t lease_end_us() const {
    return map_ ? map_->lease_end_us(shard_id{0}, map_->lead_term(shard_id{0}))
                : 0;
  }
  /// Why the REPLICA ended by itself; empty: it did not.
  const std::string& complaint() const { return *complaint_; }
  /// It was meant to end.
  void forget_complaint() { complaint_->clear(); }
  /// What of its disk is free. Unit: bytes.
  void set_free(uint64_t bytes) { free_bytes_ = bytes; }
  /// Takes a message of another node.
  void receive(const std::string& message, uint64_t from = 0);
  void receive(const storage::raft_packet& packet);
  /// The connection to a node is lost.
  void lose(uint64_t node);

  /// Entries that the log keeps for others.
  uint64_t start_distance = limits::raft_start_distance_entries;
  /// False: no LINK, so nothing is copied.
  bool links = false;
  /// Told what the REPLICA says for the log.
  std::function<void(const std::string&)> noted;
  std::function<void(raft_index)> applied; ///< Told how far it has applied.

private:
  void start_link(actors::replica_wiring& wiring);
  void end_actors();
  int64_t now_ms() const;

  uint64_t id_;
  uint64_t server_;
  actor_fixture& world_;
  actors::peer_outlet* outlet_;
  actor_disk_ptr disk_;
  storage::reclaim_rules rules_{1};
  uint64_t life_ = 0;
  uint64_t free_bytes_ = UINT64_MAX;
  std::shared_ptr<actors::shard_map> map_;
  std::shared_ptr<std::string> complaint_ = std::make_shared<std::string>();
  actors::log_writer_actor writer_;
  actors::reader_actor reader_;
  std::shared_ptr<actors::local_actors> locals_;
  actors::link_holder link_;
  actors::shard_actor replica_;
};

} // namespace eventd::tests
