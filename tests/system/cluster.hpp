// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "tests/fixtures/temp_dir.hpp"
#include "tests/system/network.hpp"
#include "tests/system/node.hpp"
#include "tests/system/process.hpp"
#include "tools/client/http_client.hpp"

namespace eventd::tests {

/// How one node is started, where it is not as the others are.
struct launch {
  std::string program = {};            ///< Empty: that of all nodes.
  std::vector<std::string> flags = {}; ///< After those that all have.
  std::vector<std::string> environment = {};
  std::string peers = {}; ///< Empty: all nodes, at their own ports.
  bool alone = false;     ///< Of no cluster.
};

/// Nodes of one cluster: node n is on 127.0.0.n. Data directories, ports and
/// logs outlive a node's death. Threads: the test's own, because a node dies
/// with the thread that started it. Numbers of nodes begin with 1.
class cluster {
public:
  /// Starts the nodes, and waits until all serve.
  /// @param prepare says by `how` how they are started
  /// @param program which of our programs a node is: "eventd_faulty" has a disk
  ///   that obeys `fault` (tests/faulty)
  /// @param data_root where the data directories are; empty: in `file`'s folder
  explicit cluster(size_t nodes = 3, std::vector<std::string> flags = {},
                   const std::function<void(cluster&)>& prepare = {},
                   std::string program = "eventd",
                   std::filesystem::path data_root = {});

  size_t size() const { return members_.size(); }

  /// How a node is started from now on.
  launch& how(size_t n) { return at(n).how; }
  /// @pre it was started
  process& running(size_t n) { return *at(n).running; }

  /// Starts a node, and does not wait.
  /// @param faults lines as for `fault`, with ";" between them, which its disk
  ///   obeys from its first use on
  void start(size_t n, const std::string& faults = {});

  /// Tells the disk of a node that is "eventd_faulty" what it does from now on:
  /// a line of fault_file_system::obey.
  void fault(size_t n, const std::string& line) const;

  /// After "lose-sync": gives a node that is gone the data that was synced.
  void forget_unsynced(size_t n);

  /// Waits until a node that dies of itself is gone.
  /// @returns its exit code; none where it still runs
  std::optional<int> wait_end(size_t n, std::chrono::milliseconds limit);
  void wait_ready(size_t n, std::chrono::milliseconds limit = patience);

  /// Waits until each shard has a leader and all its voters, none of which is
  /// further behind than this. Unit: entries. Under load some always are.
  void wait_healthy(std::chrono::milliseconds limit = patience,
                    uint64_t lag_max = 1'000);

  /// SIGKILL, and waits for the end.
  void kill(size_t n);

  /// SIGSTOP and SIGCONT.
  void pause(size_t n);
  void go_on(size_t n);

  /// SIGTERM.
  /// @returns its exit code; none where it did not end in 15 s
  std::optional<int> stop(size_t n);

  /// Removes the data of a node that does not run.
  void wipe(size_t n);

  /// Makes a place for one node more; `start` starts it, with an empty data
  /// directory, and it serves once it was added to the cluster.
  /// @returns its number
  size_t add_place();

  bool is_running(size_t n) const;

  /// "ID=HOST:PORT", as `eventctl cluster add` wants it.
  std::string peer(size_t n) const;
  std::string url(size_t n) const;
  std::vector<std::string> urls() const;
  link_end link(size_t n) const;
  std::filesystem::path data_dir(size_t n) const;
  std::filesystem::path file(const std::string& name) const {
    return dir_ / name;
  }

  /// `GET /v1/cluster` of a node; none where it does not answer in 2 s.
  std::optional<boost::json::value> view(size_t n) const;

  /// Whether node `n` says that it is connected to node `other`.
  bool sees(size_t n, size_t other) const;

  /// Raft server id of a node, as those that serve know it; empty where none.
  std::string server(size_t n) const;

  /// The node that leads, by the highest term that any node tells.
  /// @pre there is one within `patience`
  size_t leader_of(uint64_t shard) const;
  size_t leader_of_channel(const std::string& channel) const;
  /// @pre `create_channel` made it
  uint64_t shard_of(const std::string& channel) const;

  /// A node that runs and is none of these.
  size_t other_than(std::vector<size_t> nodes) const;

  /// Sends to nodes in turn until the answer's status is below 500.
  /// @pre it is within `patience`
  tools::http_answer send(const tools::http_request& what) const;

  void create_channel(const std::string& channel,
                      const std::map<std::string, std::string>& own = {});
  void create_subscription(const subscription& x) const;
  std::vector<stored_event> read_all(const std::string& channel) const;

  /// `eventctl` against a node.
  finished eventctl(size_t n, std::vector<std::string> args,
                    std::chrono::milliseconds limit = patience) const;

  /// What the nodes said on stderr, all their lives.
  std::string logs() const;
  std::string log_of(size_t n) const;

  /// The same, the end only, for the message of a failure.
  std::string last_words() const;

private:
  struct member {
    uint16_t port = 0;
    uint16_t link_port = 0;
    std::unique_ptr<process> running = {};
    bool paused = false;
    std::string log = {}; ///< Of its earlier lives.
    launch how = {};
  };

  member& at(size_t n) { return members_.at(n - 1); }
  const member& at(size_t n) const { return members_.at(n - 1); }
  std::filesystem::path fifo(size_t n) const;
  std::vector<std::string> environment(size_t n,
                                       const std::string& faults) const;
  tools::http_client client(size_t n) const;
  bool is_healthy(uint64_t lag_max) const;

  temp_dir dir_;
  std::vector<std::string> flags_;
  std::string program_;
  std::filesystem::path data_root_;
  std::vector<member> members_;
  std::map<std::string, uint64_t> shards_; ///< Channel to its shard.
};

} // namespace eventd::tests
