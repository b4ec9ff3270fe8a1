// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include "actors/cluster/local_actors.hpp"
#include "actors/cluster/shard_map.hpp"
#include "actors/link/link.hpp"
#include "actors/protocol/interfaces.hpp"
#include "actors/protocol/stats.hpp"
#include "runtime/cluster/cluster.hpp"
#include "runtime/config/config.hpp"
#include "runtime/gateway/gateway.hpp"
#include "storage/log/tail_cache.hpp"
#include "storage/rocks/database.hpp"
#include "storage/rocks/disk_reserve.hpp"
#include "storage/state/recover.hpp"

namespace eventd::runtime {

/// CAF as eventd wants it: our message types, few threads, no sleeping ones.
class system_config : public caf::actor_system_config {
public:
  explicit system_config(bool in_cluster);
};

/// Ends the process where going on could lose or contradict what was
/// acknowledged. No destructor runs: the disk stays as it is.
[[noreturn]] void stop_hard(const std::string& who, const failure& why);

/// One node: owns everything, starts it in order and stops it in the other.
/// The only place that reads clocks and makes random numbers.
/// Threads: one owner calls. Blocking: all calls.
class node {
public:
  /// Binds the addresses, opens the data directory, forms or joins a cluster
  /// where one is configured, recovers all shards and begins to serve. Files
  /// of a node of a cluster that are damaged are set aside, and it joins again
  /// as a new one. Blocks;
  /// `interrupted` is asked while it waits for other nodes, and ends the wait.
  /// @errors `ec::address_in_use`, `ec::data_dir_in_use`, `ec::corrupt_store`,
  ///   `ec::format_too_new`, `ec::io_error`: nothing runs after them;
  ///   `ec::shutting_down`: it was interrupted
  static result<std::unique_ptr<node>>
  start(const config& settings, const std::function<bool()>& interrupted);

  ~node();

  /// Whether it can serve all requests, or why not. Any thread.
  result<void> is_ready() const;

  /// Where it serves: "http://127.0.0.1:8080".
  std::string url() const;

  /// Hands over what it leads, takes no new requests, lets what runs finish,
  /// keeps cursors, stops. Within 10 s; what is not finished then is delivered
  /// again later.
  void stop();

private:
  explicit node(const config& settings);

  /// Opens the directory, and where it is damaged and other nodes have the
  /// data, sets its files aside and opens it as a new one.
  result<void> open(const std::function<bool()>& interrupted);
  result<void> open_as_it_is(const std::function<bool()>& interrupted);
  result<void> set_aside(const std::string& why);
  result<void> open_storage();
  result<void> join_cluster(const std::function<bool()>& interrupted);
  result<void> recover_shards();
  void close();
  void spawn_shards();
  void spawn_disk_actors();
  void spawn_services();
  void spawn_catalog();
  void serve();
  void hand_over();
  void end_actors();
  /// The node does not survive the end of this actor.
  template <class Handle>
  void watch(const Handle& whom, const char* name);

  config settings_;
  std::shared_ptr<actors::node_stats> stats_;
  std::shared_ptr<storage::tail_cache> tail_;
  std::shared_ptr<storage::disk_reserve> reserve_;
  std::unique_ptr<storage::database> database_;
  std::unique_ptr<cluster> cluster_; ///< Null: the node is alone.
  uint64_t server_ = 1;              ///< Raft server id.
  /// Until the replicas are spawned.
  std::vector<std::shared_ptr<storage::recovered_shard>> recovered_;
  std::shared_ptr<actors::shard_map> map_;
  std::shared_ptr<actors::local_actors> locals_;
  system_config caf_config_;
  std::unique_ptr<caf::actor_system> system_;
  std::unique_ptr<gateway> gateway_;
  actors::log_writer_actor log_writer_;
  actors::reclaimer_actor reclaimer_;
  std::vector<actors::reader_actor> readers_; ///< For users.
  actors::reader_actor raft_reader_;          ///< For the replicas.
  actors::mender_actor mender_;               ///< Null: the node is alone.
  actors::scrubber_actor scrubber_;           ///< Null: the node is alone.
  std::vector<actors::shard_actor> shards_;
  actors::directory_actor directory_;
  actors::supervisor_self_actor supervisor_;
  actors::catalog_actor catalog_;
  actors::resources_actor resources_; ///< A FORWARDER to them.
  actors::cluster_actor membership_;
  actors::link_holder link_;
  bool stopped_ = false;
};

} // namespace eventd::runtime
