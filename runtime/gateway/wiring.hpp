// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "actors/protocol/interfaces.hpp"
#include "actors/protocol/stats.hpp"
#include "runtime/config/gateway_limits.hpp"
#include "runtime/gateway/byte_budget.hpp"
#include "runtime/gateway/connection_counter.hpp"
#include "runtime/observe/metrics.hpp"
#include "storage/model/limits.hpp"

namespace eventd::runtime {

/// What the gateway needs before anything else of the node exists. The clocks
/// are called on its threads and must not block.
struct gateway_options {
  std::string host = "127.0.0.1";
  uint16_t port = 8080;       ///< 0: any free port.
  unsigned io_threads = 1;    ///< At least 1.
  gateway_limits bounds;      ///< 0 connections: `limits::connections_max`.
  bool counts_seconds = true; ///< False: `gateway::pass_second` does.
  std::shared_ptr<actors::node_stats> stats; ///< Not null.
  std::function<int64_t()> wall_ms;          ///< ms since 1970 UTC.
  std::function<int64_t()> mono_us;          ///< A clock that never goes back.
};

/// What it needs to serve.
struct gateway_wiring {
  actors::directory_actor directory;
  actors::resources_actor resources;
  actors::supervisor_actor supervisor; ///< Of this node.
  actors::supervisor_actor catalog;    ///< Of the whole cluster.
  actors::cluster_actor cluster;       ///< Null: `/v1/cluster` answers 404.
  /// Whether the node can serve, or why not; called for each `/readyz`.
  std::function<result<void>()> ready;
  std::string version;      ///< "0.1.0", for `/metrics`.
  std::string version_json; ///< Body of `/version`, a JSON object.
};

/// What all I/O contexts of one gateway share. Written before the first
/// connection is accepted, or atomic.
struct gateway_shared {
  explicit gateway_shared(gateway_options x)
    : options(std::move(x)),
      clients(options.bounds.connections_max == 0
                ? limits::connections_max
                : options.bounds.connections_max,
              options.bounds.connections_per_address_max) {}

  /// Tells `wait_until_quiet` that a connection or an attempt ended.
  void one_ended() {
    if (!draining.load())
      return;
    std::lock_guard guard{mutex};
    changed.notify_all();
  }

  /// While the node does not serve yet.
  failure not_yet() {
    std::lock_guard guard{mutex};
    return {ec::not_leader, waits_for};
  }

  bool is_quiet() const { return connections == 0 && deliveries == 0; }

  const gateway_options options;
  gateway_wiring wiring;
  connection_counter clients;
  publish_stats publishes;
  byte_budget bodies{limits::node_inflight_bytes_max}; ///< Being handled.
  std::atomic<size_t> connections{0};
  std::atomic<size_t> deliveries{0};
  byte_budget delivered{limits::delivery_bytes_max}; ///< Events on the wire.
  byte_budget answers{limits::answers_bytes_max};    ///< Being read.
  std::atomic<bool> serving{false};
  std::atomic<bool> was_ready{false};
  std::atomic<bool> draining{false};
  std::atomic<bool> stopping{false};
  std::mutex mutex;
  std::condition_variable changed;
  std::string waits_for; ///< Until `serving`; guarded by `mutex`.
};

} // namespace eventd::runtime
