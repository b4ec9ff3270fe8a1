// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/config/node_address.hpp"
#include "storage/model/error.hpp"
#include "storage/model/limits.hpp"

namespace CLI {
class App;
}

namespace eventd::runtime {

/// What a node of a cluster has to know, checked together.
struct cluster_config {
  struct peer {
    uint64_t node; ///< 1 to 65535, unique.
    std::string host;
    uint16_t port; ///< Never 0.
  };

  uint64_t node_id = 0;    ///< 1 to 65535.
  std::string listen;      ///< "127.0.0.1:7001": as the others dial it.
  std::string host;        ///< From `listen`: an IP address.
  uint16_t port = 0;       ///< From `listen`.
  std::vector<peer> peers; ///< By node, without this one. May be empty.
  std::string tls_cert;    ///< PEM files: all three, or none.
  std::string tls_key;
  std::string tls_ca;
  unsigned election_ms = 400; ///< 100 to 60 000.
  unsigned heartbeat_ms = 80; ///< 10 to less than half of `election_ms`.
  uint64_t raft_log_entries = limits::raft_start_distance_entries;
};

/// The same as flags, environment and file say it; empty where they do not.
struct cluster_flags {
  std::optional<uint64_t> node_id;
  std::string listen;
  std::string peers; ///< "1=HOST:PORT,2=HOST:PORT".
  std::string tls_cert;
  std::string tls_key;
  std::string tls_ca;
  unsigned election_ms = 400;
  unsigned heartbeat_ms = 80;
  uint64_t raft_log_entries = limits::raft_start_distance_entries;
};

/// Adds `--node-id` and its kin, which write into `x`.
/// @pre `x` outlives `app`
void add_cluster_options(CLI::App& app, cluster_flags& x);

/// Whether nodes may dial each other at this address, which the operator wrote
/// as `shown`.
/// @errors `ec::invalid_config`: a sentence that begins with `shown`
result<void> check_dialed(const std::string& shown, const node_address& address,
                          bool has_tls);

/// Checks the flags together. Without `--node-id` and all that needs it the
/// node is alone, and there is no value.
/// Blocking: looks whether the TLS files can be read.
/// @errors `ec::invalid_config`, naming the flag
result<std::optional<cluster_config>> check_cluster(const cluster_flags& x);

} // namespace eventd::runtime
