// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "actors/cluster/member_plan.hpp"
#include "actors/cluster/peer_outlet.hpp"
#include "actors/link/link.hpp"
#include "actors/protocol/interfaces.hpp"
#include "runtime/cluster/transport.hpp"
#include "runtime/config/cluster_config.hpp"
#include "storage/rocks/database.hpp"
#include "storage/state/identity.hpp"

namespace eventd::runtime {

/// This node's place among the others: who it is, whom it knows, and the
/// messages between them. Threads: any, where nothing else is said.
class cluster : public actors::peer_outlet {
public:
  /// Counts the start of the directory, binds, and begins to dial the peers.
  /// With `join_only` a new directory never founds a cluster.
  /// `on_stale` is called on another thread when a peer has seen a later state
  /// of the directory: the process must end.
  /// @errors `ec::address_in_use`, `ec::invalid_config`, `ec::io_error`,
  ///   `ec::corrupt_record`
  static result<std::unique_ptr<cluster>>
  start(const cluster_config& settings, storage::database& database,
        bool join_only, std::function<void(const failure&)> on_stale);

  ~cluster() override;

  /// Sees to it that the directory has its first rows: founds a cluster, or
  /// joins one. Blocks until then, or until `stop` says so; all the while
  /// `waits` is told for what.
  /// @returns false: it was stopped
  /// @errors `ec::invalid_config`, `ec::io_error`
  result<bool> form(const std::function<bool()>& stop,
                    const std::function<void(const std::string&)>& waits = {});

  const storage::identity& who() const { return who_; }
  uint64_t node() const { return settings_.node_id; }

  /// From now on messages go to these.
  void serve(std::vector<actors::shard_actor> replicas,
             actors::link_holder link);

  /// Dials the servers of the groups, too. Of those that are in no group and
  /// not among `--peers` it dials whoever was in one, dialed this node, or
  /// asked it something, within the last minute: who was removed can be told
  /// so. A server of life 0 stands for a node that shall come into the
  /// groups. Call often.
  void know(const std::vector<storage::raft_server>& servers);

  std::vector<actors::node_view> nodes() const;

  /// Whether a node may be added at this address: as for `--peers`, and not
  /// beside what that says of it, because it is dialed there.
  /// @errors `ec::invalid_request`
  result<void> may_dial(uint64_t node, const std::string& address) const;

  bool send(uint64_t node, std::shared_ptr<const std::string> message) override;
  bool connected(uint64_t node) const override;
  bool is_leaving(uint64_t node) const override;

  /// Tells the others that this node stops, so that none hands it a lead.
  void leave();

  /// No callback runs after it. Blocking.
  void stop();

private:
  explicit cluster(const cluster_config& settings, storage::database& database)
    : settings_(settings), database_(database) {}

  /// How often it was told that the connection to a node comes or goes.
  struct told_lines {
    std::chrono::steady_clock::time_point since;
    size_t count = 0;
  };

  /// A node of this cluster that is in no group.
  struct guest {
    std::string address;
    std::chrono::steady_clock::time_point until; ///< Dialed no longer.
  };

  /// What was said last, where a connection was refused.
  struct refusal {
    std::string of_it; ///< By this node.
    std::string of_us; ///< By the other one.
  };

  transport_options options();
  void disconnect(uint64_t node);
  void hear(uint64_t node, bool begins);
  void fail_calls(uint64_t node);
  void probe();
  void tell(uint64_t node, const std::string& line);
  void refused(uint64_t node, const std::string& why);
  hello own() const;
  result<void> admit(const hello& theirs);
  bool takes_a_place(const hello& theirs) const;
  result<void> check_boot(const hello& theirs);
  void receive(uint64_t node, const hello& theirs, const std::string& message);
  void connect(uint64_t node, const hello& theirs, uint32_t version);
  bool has_left(uint64_t node) const;
  void add_refusals(std::string& reason) const;
  void dial(bool again);
  void invite(const hello& theirs);
  void invite(uint64_t node, const std::string& address);
  result<void> settle(storage::identity next,
                      const std::vector<storage::raft_server>& servers);
  std::vector<storage::raft_server> peers() const;

  const cluster_config settings_;
  storage::database& database_;
  std::unique_ptr<cluster_transport> transport_;
  std::map<uint64_t, told_lines> told_; ///< The transport's thread only.

  mutable std::mutex mutex_;             ///< Guards what follows.
  storage::identity who_;                ///< Changes only before `serve`.
  std::map<uint64_t, hello> seen_;       ///< The newest of each node.
  std::map<uint64_t, refusal> refusals_; ///< Since it was seen.
  std::map<uint64_t, storage::peer_boot> boots_; ///< By server.
  std::set<uint64_t> connected_;
  std::set<uint64_t> heard_; ///< Whose connection to this node can be used.
  bool leaves_ = false;      ///< This node stops.
  std::map<uint64_t, uint64_t> leaving_; ///< Others that do: their boot ids.
  /// Addresses from the groups, and of who shall come into them.
  std::map<uint64_t, std::string> known_;
  std::map<uint64_t, uint64_t> members_; ///< Of them, by node: its server.
  std::map<uint64_t, guest> guests_;
  std::vector<actors::shard_actor> replicas_;
  actors::link_holder link_;
  std::atomic<bool> stale_{false};
  std::function<void(const failure&)> on_stale_;
};

} // namespace eventd::runtime
