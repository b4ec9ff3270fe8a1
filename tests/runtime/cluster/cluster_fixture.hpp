// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "runtime/cluster/cluster.hpp"
#include "runtime/config/node_address.hpp"
#include "storage/raft/rows.hpp"
#include "storage/raft/server_id.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/temp_dir.hpp"
#include "tests/runtime/gateway/raw_socket.hpp"

/// Nodes of a cluster with their databases, and without any actors.
namespace eventd::tests::clusters {

using runtime::cluster;
using runtime::cluster_config;
using runtime::node_address;
using storage::raft_server;

using clock = std::chrono::steady_clock;

inline constexpr auto limit = std::chrono::seconds(wait_s);
inline constexpr uint64_t nodes = 3;

inline bool eventually(const std::function<bool()>& condition) {
  for (auto end = clock::now() + limit; clock::now() < end;
       std::this_thread::sleep_for(std::chrono::milliseconds(5)))
    if (condition())
      return true;
  return condition();
}

/// Below those that the system gives to connections that go out.
inline uint16_t free_port() {
  static std::mt19937 dice{std::random_device{}()};
  for (;;) {
    auto port = static_cast<uint16_t>(20'000 + dice() % 12'000);
    int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(port);
    auto free = ::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
    ::close(fd);
    if (free)
      return port;
  }
}

/// What another process says as node 2, in its start `boot`.
inline runtime::hello stranger(const std::string& cluster_id, uint64_t boot,
                               uint64_t boot_id) {
  runtime::hello x;
  x.node = 2;
  x.server = storage::server_id(2, 5);
  x.cluster_id = cluster_id;
  x.boot_counter = boot;
  x.boot_id = boot_id;
  x.address = "127.0.0.1:1";
  return x;
}

/// One node's process: its database, and its place among the others.
class member {
public:
  member(cluster_config settings, const std::string& path, uint32_t shards = 2)
    : settings_(std::move(settings)),
      database_(
        std::move(storage::database::open({path, shards, false, {}}).value())) {
  }

  member(const member&) = delete;
  member& operator=(const member&) = delete;

  result<void> start() {
    auto started = cluster::start(settings_, *database_, false,
                                  [this](const failure& why) {
                                    std::lock_guard guard{mutex_};
                                    stale_.push_back(why);
                                  });
    if (!started)
      return started.error();
    cluster_ = std::move(*started);
    return {};
  }

  cluster* operator->() { return cluster_.get(); }
  storage::database& db() { return *database_; }

  /// Ends on its own, when it takes too long with false.
  std::future<result<bool>> form() {
    return std::async(std::launch::async, [this] {
      auto end = clock::now() + limit;
      return cluster_->form([end] { return clock::now() >= end; });
    });
  }

  /// What `on_stale` was told.
  std::vector<failure> stale() {
    std::lock_guard guard{mutex_};
    return stale_;
  }

  /// Whether it stays the one it is, here and at its next start.
  bool is_sound() {
    auto stored = storage::load_identity(*database_);
    return stale().empty() && stored && !stored->abandoned;
  }

  /// Of a shard, as it was made; empty: it waits for a leader.
  std::vector<raft_server> servers_of(uint32_t shard) {
    auto raft = storage::load_raft(*database_, shard_id{shard});
    REQUIRE(raft);
    REQUIRE(*raft);
    if ((*raft)->configurations.empty())
      return {};
    auto xs = storage::decode_configuration((*raft)->configurations[0].second);
    REQUIRE(xs);
    return *xs;
  }

private:
  const cluster_config settings_;
  std::unique_ptr<storage::database> database_;
  std::mutex mutex_;
  std::vector<failure> stale_;
  std::unique_ptr<cluster> cluster_; ///< Ends first.
};

/// Three nodes, 1 to 3.
struct cluster_fixture {
  temp_dir dir;
  const std::array<uint16_t, nodes> ports = distinct_ports();
  std::map<uint64_t, std::unique_ptr<member>> members;

  static std::array<uint16_t, nodes> distinct_ports() {
    std::set<uint16_t> found;
    while (found.size() < nodes)
      found.insert(free_port());
    std::array<uint16_t, nodes> out{};
    std::copy(found.begin(), found.end(), out.begin());
    return out;
  }

  uint16_t port(uint64_t node) const { return ports.at(node - 1); }

  std::string address(uint64_t node) const {
    return node_address{"127.0.0.1", port(node)}.text();
  }

  cluster_config alone(uint64_t node) const {
    cluster_config x;
    x.node_id = node;
    x.listen = address(node);
    x.host = "127.0.0.1";
    x.port = port(node);
    return x;
  }

  cluster_config one_of_three(uint64_t node) const {
    auto x = alone(node);
    for (uint64_t peer = 1; peer <= nodes; ++peer)
      if (peer != node)
        x.peers.push_back({peer, "127.0.0.1", port(peer)});
    return x;
  }

  std::string path(uint64_t node) const {
    return dir / ("node-" + std::to_string(node));
  }

  member& start(const cluster_config& settings, const std::string& where,
                uint32_t shards = 2) {
    auto& x = members[settings.node_id];
    x.reset();
    x = std::make_unique<member>(settings, where, shards);
    REQUIRE(x->start());
    return *x;
  }

  member& start(uint64_t node) { return start(one_of_three(node), path(node)); }

  static void require_formed(std::future<result<bool>> x) {
    auto formed = x.get();
    REQUIRE(formed);
    REQUIRE(*formed);
  }

  bool are_connected() {
    for (const auto& [a, x] : members)
      for (const auto& [b, y] : members)
        if (a != b && !(*x)->connected(b))
          return false;
    return true;
  }

  /// Starts all three, until each can talk with each.
  void form_three() {
    std::vector<std::future<result<bool>>> forming;
    for (uint64_t node = 1; node <= nodes; ++node)
      start(node);
    for (auto& [node, x] : members)
      forming.push_back(x->form());
    for (auto& x : forming)
      require_formed(std::move(x));
    REQUIRE(eventually([&] { return are_connected(); }));
  }

  storage::identity who(uint64_t node) { return (*members.at(node))->who(); }
};

} // namespace eventd::tests::clusters
