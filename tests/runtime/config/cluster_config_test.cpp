// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/config/cluster_config.hpp"

#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using namespace eventd::runtime;

namespace {

/// Node 1 of three on this machine.
cluster_flags three_nodes() {
  cluster_flags x;
  x.node_id = 1;
  x.listen = "127.0.0.1:7001";
  x.peers = "1=127.0.0.1:7001,2=127.0.0.2:7001,3=127.0.0.3:7001";
  return x;
}

/// Refused as a config, in a sentence that begins with the flag and holds
/// `part`.
void check_refused(const cluster_flags& x, const std::string& flag,
                   const std::string& part) {
  auto out = check_cluster(x);
  INFO(flag << " because of: " << part);
  REQUIRE(out.has_error());
  INFO(out.error().detail);
  CHECK(out.error().code == ec::invalid_config);
  CHECK("--" + out.error().field == flag);
  CHECK(out.error().detail.starts_with(flag + ": "));
  CHECK(out.error().detail.find(part) != std::string::npos);
}

void check_peers_refused(const std::string& peers, const std::string& part) {
  auto x = three_nodes();
  x.peers = peers;
  check_refused(x, "--peers", part);
}

/// Flags with three files that can be read.
cluster_flags with_tls(const tests::temp_dir& dir) {
  auto x = three_nodes();
  x.tls_cert = dir / "cert.pem";
  x.tls_key = dir / "key.pem";
  x.tls_ca = dir / "ca.pem";
  for (const auto& path : {x.tls_cert, x.tls_key, x.tls_ca})
    std::ofstream{path} << "PEM";
  return x;
}

} // namespace

TEST_CASE("without flags of a cluster there is none", "[runtime][config]") {
  auto out = check_cluster({});
  REQUIRE(out.has_value());
  CHECK_FALSE(out->has_value());
}

TEST_CASE("peers are all but this node, in the order of their ids",
          "[runtime][config]") {
  auto x = three_nodes();
  for (const auto* peers : {"1=127.0.0.1:7001,2=127.0.0.2:7001,3=[::1]:7001",
                            "3=[::1]:7001, 2=127.0.0.2:7001",
                            "3=[0::1]:7001,2=127.0.0.2:7001,"
                            "1=localhost:7001"}) {
    INFO(peers);
    x.peers = peers;
    auto out = check_cluster(x);
    REQUIRE(out.has_value());
    REQUIRE(out->has_value());
    const auto& cluster = **out;
    CHECK(cluster.node_id == 1);
    CHECK(cluster.listen == "127.0.0.1:7001");
    CHECK(cluster.host == "127.0.0.1");
    CHECK(cluster.port == 7001);
    CHECK(cluster.election_ms == 400);
    CHECK(cluster.heartbeat_ms == 80);
    REQUIRE(cluster.peers.size() == 2);
    CHECK(cluster.peers[0].node == 2);
    CHECK(cluster.peers[0].host == "127.0.0.2");
    CHECK(cluster.peers[1].node == 3);
    CHECK(cluster.peers[1].host == "::1");
    CHECK(cluster.peers[1].port == 7001);
  }
}

TEST_CASE("a node may begin alone, with no peers or only itself",
          "[runtime][config]") {
  auto x = three_nodes();
  for (const auto* peers : {"", "1=127.0.0.1:7001"}) {
    x.peers = peers;
    auto out = check_cluster(x);
    REQUIRE((out.has_value() && out->has_value()));
    CHECK((*out)->peers.empty());
  }
}

TEST_CASE("flags of a cluster come together", "[runtime][config]") {
  auto no_listen = three_nodes();
  no_listen.listen.clear();
  check_refused(no_listen, "--cluster-listen", "--node-id");
  auto no_id = three_nodes();
  no_id.node_id.reset();
  check_refused(no_id, "--node-id", "--cluster-listen");
  cluster_flags only_peers;
  only_peers.peers = "1=127.0.0.1:7001";
  check_refused(only_peers, "--peers", "--node-id");
  cluster_flags only_tls;
  only_tls.tls_ca = "ca.pem";
  check_refused(only_tls, "--cluster-tls-ca", "--node-id");
}

TEST_CASE("peers that can not be read are refused", "[runtime][config]") {
  check_peers_refused("127.0.0.2:7001", "'127.0.0.2:7001' is not ID=HOST:PORT");
  check_peers_refused("2=127.0.0.2:7001,", "'' is not ID=HOST:PORT");
  check_peers_refused(",2=127.0.0.2:7001", "'' is not ID=HOST:PORT");
  check_peers_refused("0=127.0.0.2:7001", "'0' is not a node's id");
  check_peers_refused("65536=127.0.0.2:7001", "'65536' is not a node's id");
  check_peers_refused("two=127.0.0.2:7001", "'two' is not a node's id");
  check_peers_refused("2=127.0.0.2", "'127.0.0.2' is not HOST:PORT");
  check_peers_refused("2=127.0.0.2:0", "has no port");
  check_peers_refused("2=::1:7001", "brackets");
  check_peers_refused("2=0.0.0.0:7001", "can not be dialed");
}

TEST_CASE("peers that contradict each other or this node are refused",
          "[runtime][config]") {
  check_peers_refused("2=127.0.0.2:7001,2=127.0.0.3:7001",
                      "node 2 stands there twice");
  check_peers_refused("1=127.0.0.1:7001,1=127.0.0.1:7001",
                      "node 1 stands there twice");
  check_peers_refused("2=127.0.0.2:7001,3=127.0.0.2:7001",
                      "nodes 2 and 3 have the same address");
  check_peers_refused("2=[::1]:7001,3=[0::1]:7001",
                      "nodes 2 and 3 have the same address [::1]:7001");
  check_peers_refused("1=127.0.0.1:7002,2=127.0.0.2:7001",
                      "must be that of --cluster-listen, 127.0.0.1:7001");
  check_peers_refused("2=127.0.0.1:7001",
                      "node 2 has this node's --cluster-listen");
}

TEST_CASE("an address to listen on has to be one that others can dial",
          "[runtime][config]") {
  auto x = three_nodes();
  x.peers.clear();
  for (const auto* listen :
       {"7001", "127.0.0.1:0", "node-1:7001", "0.0.0.0:7001", "[::]:7001"}) {
    x.listen = listen;
    check_refused(x, "--cluster-listen", "");
  }
}

TEST_CASE("beyond loopback nodes speak only by TLS", "[runtime][config]") {
  tests::temp_dir dir;
  auto plain = three_nodes();
  auto tls = with_tls(dir);
  using edit = std::function<void(cluster_flags&)>;
  struct row {
    const char* flag;
    edit change;
  };
  for (const auto& [flag, change] : std::vector<row>{
         {"--cluster-listen",
          [](auto& x) {
            x.listen = "10.0.0.1:7001";
            x.peers.clear();
          }},
         {"--peers", [](auto& x) { x.peers = "2=10.0.0.2:7001"; }},
         {"--peers", [](auto& x) { x.peers = "2=[2001:db8::1]:7001"; }},
         {"--peers", [](auto& x) { x.peers = "2=node-2:7001"; }}}) {
    auto without = plain;
    change(without);
    check_refused(without, flag, "--cluster-tls-cert");
    auto with = tls;
    change(with);
    auto out = check_cluster(with);
    REQUIRE((out.has_value() && out->has_value()));
    CHECK((*out)->tls_ca == dir / "ca.pem");
  }
}

TEST_CASE("TLS takes all three files, and each must be there",
          "[runtime][config]") {
  tests::temp_dir dir;
  auto no_key = with_tls(dir);
  no_key.tls_key.clear();
  check_refused(no_key, "--cluster-tls-key", "come together");
  auto only_ca = with_tls(dir);
  only_ca.tls_cert.clear();
  only_ca.tls_key.clear();
  check_refused(only_ca, "--cluster-tls-cert", "come together");
  auto lost = with_tls(dir);
  lost.tls_ca = dir / "none.pem";
  check_refused(lost, "--cluster-tls-ca", "none.pem can not be read");
  auto folder = with_tls(dir);
  folder.tls_cert = dir.path();
  check_refused(folder, "--cluster-tls-cert", "can not be read");
}

TEST_CASE("a heartbeat is less than half of the election's timeout",
          "[runtime][config]") {
  auto x = three_nodes();
  x.election_ms = 100;
  x.heartbeat_ms = 49;
  CHECK(check_cluster(x).has_value());
  x.heartbeat_ms = 50;
  check_refused(x, "--heartbeat-ms", "--election-timeout-ms");
}
