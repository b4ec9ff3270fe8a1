// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/config/cluster_config.hpp"

#include <algorithm>
#include <fstream>
#include <string_view>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "runtime/config/node_address.hpp"

namespace eventd::runtime {

namespace {

constexpr std::string_view tls_needed
  = " is beyond loopback, where others could speak as a node or listen: this "
    "needs --cluster-tls-cert, --cluster-tls-key and --cluster-tls-ca";

/// `flag` without its hyphens in front: "peers".
failure bad(const std::string& flag, const std::string& text) {
  return {ec::invalid_config, "--" + flag + ": " + text, flag};
}

using named_text = std::pair<const char*, const std::string*>;

std::vector<named_text> tls_files(const cluster_flags& x) {
  return {{"cluster-tls-cert", &x.tls_cert},
          {"cluster-tls-key", &x.tls_key},
          {"cluster-tls-ca", &x.tls_ca}};
}

/// Who says one of these has to say the others.
result<void> check_together(const cluster_flags& x) {
  if (x.node_id) {
    if (x.listen.empty())
      return bad("cluster-listen", "must be given with --node-id");
    return {};
  }
  if (!x.listen.empty())
    return bad("node-id", "must be given with --cluster-listen");
  auto needy = tls_files(x);
  needy.emplace(needy.begin(), "peers", &x.peers);
  for (const auto& [flag, value] : needy)
    if (!value->empty())
      return bad(flag, "needs --node-id and --cluster-listen");
  return {};
}

result<void> check_tls(const cluster_flags& x) {
  auto files = tls_files(x);
  auto is_empty = [](const named_text& file) { return file.second->empty(); };
  auto missing = std::find_if(files.begin(), files.end(), is_empty);
  if (std::all_of(files.begin(), files.end(), is_empty))
    return {};
  if (missing != files.end())
    return bad(missing->first, "missing; --cluster-tls-cert, --cluster-tls-key "
                               "and --cluster-tls-ca come together");
  for (const auto& [flag, path] : files) {
    std::ifstream file{*path};
    if (file.peek() == std::ifstream::traits_type::eof())
      return bad(flag, *path + " can not be read, or is empty");
  }
  return {};
}

result<void> read_listen(const cluster_flags& x, cluster_config& out) {
  auto address = parse_node_address(x.listen);
  if (!address)
    return bad("cluster-listen", address.error().detail);
  if (!address->is_ip())
    return bad("cluster-listen",
               '\'' + address->host + "' is not an IP address");
  if (address->is_wildcard())
    return bad("cluster-listen", x.listen
                                   + " can not be dialed by the other nodes; "
                                     "give the address where they meet this "
                                     "one");
  if (!address->is_loopback() && x.tls_cert.empty())
    return bad("cluster-listen", x.listen + std::string{tls_needed});
  out.listen = address->text();
  out.host = address->host;
  out.port = address->port;
  return {};
}

/// One entry of `--peers`, "2=127.0.0.2:7001".
result<void> read_peer(std::string_view entry, const cluster_flags& x,
                       cluster_config& out) {
  auto shown = '\'' + std::string{entry} + '\'';
  auto equals = entry.find('=');
  if (equals == entry.npos)
    return bad("peers", shown + " is not ID=HOST:PORT");
  auto node = parse_node_id(entry.substr(0, equals));
  if (!node)
    return bad("peers", shown + ": " + node.error().detail);
  auto address = parse_node_address(entry.substr(equals + 1));
  if (!address)
    return bad("peers", shown + ": " + address.error().detail);
  if (auto done = check_dialed(shown, *address, !x.tls_cert.empty()); !done)
    return bad("peers", done.error().detail);
  out.peers.push_back({*node, address->host, address->port});
  return {};
}

/// No node twice, no address twice, and this one where it says it is.
result<void> check_peers(const cluster_config& x) {
  for (auto one = x.peers.begin(); one != x.peers.end(); ++one) {
    auto address = node_address{one->host, one->port}.text();
    auto id = std::to_string(one->node);
    for (auto other = x.peers.begin(); other != one; ++other) {
      if (other->node == one->node)
        return bad("peers", "node " + id + " stands there twice");
      if (other->host == one->host && other->port == one->port)
        return bad("peers", "nodes " + std::to_string(other->node) + " and "
                              + id + " have the same address " + address);
    }
    auto is_self = one->node == x.node_id;
    if (is_self && address != x.listen)
      return bad("peers", "node " + id + " is this one; its address " + address
                            + " must be that of --cluster-listen, " + x.listen);
    if (!is_self && address == x.listen)
      return bad("peers", "node " + id + " has this node's --cluster-listen, "
                            + x.listen);
  }
  return {};
}

result<void> read_peers(const cluster_flags& x, cluster_config& out) {
  auto rest = std::string_view{x.peers};
  for (bool more = !rest.empty(); more;) {
    auto comma = rest.find(',');
    more = comma != rest.npos;
    auto entry = rest.substr(0, comma);
    rest.remove_prefix(more ? comma + 1 : rest.size());
    entry.remove_prefix(std::min(entry.find_first_not_of(' '), entry.size()));
    if (auto done = read_peer(entry, x, out); !done)
      return done.error();
  }
  if (auto done = check_peers(out); !done)
    return done.error();
  std::erase_if(out.peers,
                [&](const auto& peer) { return peer.node == out.node_id; });
  std::sort(out.peers.begin(), out.peers.end(),
            [](const auto& a, const auto& b) { return a.node < b.node; });
  return {};
}

} // namespace

void add_cluster_options(CLI::App& app, cluster_flags& x) {
  app
    .add_option("--node-id", x.node_id,
                "This node's id in its cluster, 1 to 65535; none: no cluster")
    ->envname("EVENTD_NODE_ID")
    ->check(CLI::Range(uint64_t{1}, node_id_max));
  app
    .add_option("--cluster-listen", x.listen,
                "IP:PORT where the other nodes meet this one")
    ->envname("EVENTD_CLUSTER_LISTEN");
  app
    .add_option("--peers", x.peers,
                "Nodes that the cluster begins with, 1=HOST:PORT,2=HOST:PORT; "
                "empty for one that begins alone")
    ->envname("EVENTD_PEERS");
  app
    .add_option("--cluster-tls-cert", x.tls_cert,
                "PEM file with this node's certificate, for the other nodes")
    ->envname("EVENTD_CLUSTER_TLS_CERT");
  app.add_option("--cluster-tls-key", x.tls_key, "PEM file with its key")
    ->envname("EVENTD_CLUSTER_TLS_KEY");
  app
    .add_option("--cluster-tls-ca", x.tls_ca,
                "PEM file with the authority of all nodes' certificates")
    ->envname("EVENTD_CLUSTER_TLS_CA");
  app
    .add_option("--election-timeout-ms", x.election_ms,
                "A leader that is silent for so long is replaced")
    ->envname("EVENTD_ELECTION_TIMEOUT_MS")
    ->check(CLI::Range(100u, 60'000u))
    ->capture_default_str();
  app
    .add_option("--heartbeat-ms", x.heartbeat_ms,
                "A leader is silent for at most so long; less than half of "
                "the above")
    ->envname("EVENTD_HEARTBEAT_MS")
    ->check(CLI::Range(10u, 29'999u))
    ->capture_default_str();
  app
    .add_option("--raft-log-entries", x.raft_log_entries,
                "Entries a shard keeps for a node that is away; one that lacks "
                "more copies them from the disk")
    ->envname("EVENTD_RAFT_LOG_ENTRIES")
    ->check(CLI::Range(uint64_t{100}, uint64_t{10'000'000}))
    ->capture_default_str();
}

result<void> check_dialed(const std::string& shown, const node_address& address,
                          bool has_tls) {
  if (address.is_wildcard())
    return failure{ec::invalid_config,
                   shown + ": this address can not be dialed"};
  if (!address.is_loopback() && !has_tls)
    return failure{ec::invalid_config, shown + std::string{tls_needed}};
  return {};
}

result<std::optional<cluster_config>> check_cluster(const cluster_flags& x) {
  using answer = std::optional<cluster_config>;
  if (auto done = check_together(x); !done)
    return done.error();
  if (x.heartbeat_ms * 2 >= x.election_ms)
    return bad("heartbeat-ms", std::to_string(x.heartbeat_ms)
                                 + " must be less than half of "
                                   "--election-timeout-ms, which is "
                                 + std::to_string(x.election_ms));
  if (!x.node_id)
    return answer{};
  if (auto done = check_tls(x); !done)
    return done.error();
  cluster_config out;
  out.node_id = *x.node_id;
  if (auto done = read_listen(x, out); !done)
    return done.error();
  if (auto done = read_peers(x, out); !done)
    return done.error();
  out.tls_cert = x.tls_cert;
  out.tls_key = x.tls_key;
  out.tls_ca = x.tls_ca;
  out.election_ms = x.election_ms;
  out.heartbeat_ms = x.heartbeat_ms;
  out.raft_log_entries = x.raft_log_entries;
  return answer{std::move(out)};
}

} // namespace eventd::runtime
