// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include "actors/protocol/interfaces.hpp"
#include "actors/protocol/stats.hpp"
#include "runtime/config/config.hpp"
#include "runtime/gateway/gateway.hpp"
#include "storage/log/tail_cache.hpp"
#include "storage/rocks/database.hpp"
#include "storage/rocks/disk_reserve.hpp"

namespace eventd::runtime {

/// CAF as eventd wants it: our message types, few threads, no sleeping ones.
class system_config : public caf::actor_system_config {
public:
  system_config();
};

/// One node: owns everything, starts it in order and stops it in the other.
/// The only place that reads clocks and makes random numbers.
/// Threads: one owner calls. Blocking: all calls.
class node {
public:
  /// Binds the address, opens the data directory, recovers all shards, starts
  /// every stored channel and subscription, and serves.
  /// @errors `ec::address_in_use`, `ec::data_dir_in_use`, `ec::corrupt_store`,
  ///   `ec::format_too_new`, `ec::io_error`: nothing runs after them.
  static result<std::unique_ptr<node>> start(const config& settings);

  ~node();

  /// Where it serves: "http://127.0.0.1:8080".
  std::string url() const;

  /// Drains: takes no new requests, lets what runs finish, keeps cursors,
  /// stops. Within 10 s; what is not finished then is delivered again later.
  void stop();

private:
  explicit node(const config& settings);

  result<void> open_storage();
  result<void> spawn_shards();
  void spawn_services();
  result<void> spawn_resources();
  result<void> wait_for_channels(size_t expected);
  void serve();
  result<void> is_ready() const;
  /// The node does not survive the end of this actor.
  template <class Handle>
  void watch(const Handle& whom, const char* name);

  config settings_;
  std::shared_ptr<actors::node_stats> stats_;
  std::shared_ptr<storage::tail_cache> tail_;
  std::shared_ptr<storage::disk_reserve> reserve_;
  std::unique_ptr<storage::database> database_;
  system_config caf_config_;
  std::unique_ptr<caf::actor_system> system_;
  std::unique_ptr<gateway> gateway_;
  actors::log_writer_actor log_writer_;
  actors::reclaimer_actor reclaimer_;
  std::vector<actors::reader_actor> readers_;
  std::vector<actors::shard_actor> shards_;
  actors::directory_actor directory_;
  actors::supervisor_self_actor supervisor_;
  actors::resources_actor resources_;
  bool stopped_ = false;
};

} // namespace eventd::runtime
