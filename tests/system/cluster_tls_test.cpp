// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <string_view>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/cluster/certificates.hpp"
#include "tests/system/trial.hpp"

/// Who may speak with the nodes of a cluster, and who may not.
namespace eventd::tests {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr size_t garbage_connections = 1'000;
constexpr size_t half_open_connections = 200;

/// What a stranger may cost a node, and does not get back at once.
constexpr size_t connections_slack = 16;
constexpr uint64_t memory_slack_bytes = uint64_t{32} << 20;

std::string host_of(size_t n) {
  return "127.0.0." + std::to_string(n);
}

/// A connection from 127.0.0.1; -1 where it was refused.
int connect_to(const link_end& x) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  timeval limit{2, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  ::inet_pton(AF_INET, x.host.c_str(), &to.sin_addr);
  to.sin_port = htons(x.port);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0)
    return fd;
  ::close(fd);
  return -1;
}

/// Says something that no node says, and waits until it is shown the door.
bool is_shown_the_door(const link_end& to, std::string_view garbage) {
  int fd = connect_to(to);
  if (fd < 0)
    return false;
  ::send(fd, garbage.data(), garbage.size(), MSG_NOSIGNAL);
  char rest[4'096];
  ssize_t n = 0;
  for (auto end = clock::now() + 10s; clock::now() < end;)
    if (n = ::recv(fd, rest, sizeof rest, 0); n <= 0)
      break;
  bool ended = n == 0 || (n < 0 && errno == ECONNRESET);
  ::close(fd);
  return ended;
}

/// Certificates of the nodes, and of one of another authority.
struct certificates {
  certificates() {
    ours.write_ca(dir / "ours.ca");
    other.write_ca(dir / "other.ca");
    other.issue("stranger", dir / "stranger.crt", dir / "stranger.key");
  }

  std::vector<std::string> flags(const std::string& name,
                                 const std::string& ca) const {
    return {"--cluster-tls-cert",  dir / (name + ".crt"), "--cluster-tls-key",
            dir / (name + ".key"), "--cluster-tls-ca",    dir / (ca + ".ca")};
  }

  std::vector<std::string> of_node(size_t n) const {
    auto name = std::to_string(n);
    ours.issue(name, dir / (name + ".crt"), dir / (name + ".key"));
    return flags(name, "ours");
  }

  temp_dir dir;
  certificate_authority ours{"ours"};
  certificate_authority other{"other"};
};

trial_options with_tls(const certificates& files, bool tls) {
  trial_options out;
  if (tls)
    out.prepare = [&](cluster& nodes) {
      for (size_t n = 1; n <= nodes.size(); ++n)
        nodes.how(n).flags = files.of_node(n);
    };
  return out;
}

/// A node at 127.0.0.9 that is none of the cluster's.
struct stranger {
  stranger(const cluster& nodes, const std::string& data_dir, bool dials,
           const std::vector<std::string>& flags)
    : link_port(free_port(9)) {
    auto own = host_of(9) + ":" + std::to_string(link_port);
    auto peers = "9=" + own;
    for (size_t n = 1; dials && n <= nodes.size(); ++n)
      peers += "," + nodes.peer(n);
    std::vector<std::string> args{
      "--listen",         host_of(9) + ":" + std::to_string(free_port(9)),
      "--data-dir",       data_dir,
      "--node-id",        "9",
      "--cluster-listen", own,
      "--peers",          peers};
    args.insert(args.end(), flags.begin(), flags.end());
    running = std::make_unique<process>("eventd", args);
  }

  uint16_t link_port;
  std::unique_ptr<process> running;
};

// -- what strangers do --------------------------------------------------------

void send_garbage(const cluster& nodes, size_t n) {
  const std::string zeros(64, '\0');
  const std::string noise(4'096, '\xff');
  const std::string_view kinds[]{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", zeros,
                                 noise};
  size_t shown = 0;
  for (size_t i = 0; i < garbage_connections; ++i)
    shown += is_shown_the_door(nodes.link(n), kinds[i % 3]) ? 1 : 0;
  CHECK(shown == garbage_connections);
}

void check_garbage(trial& world, size_t n) {
  auto& nodes = world.nodes();
  auto& node = nodes.running(n);
  send_garbage(nodes, n);
  auto port = nodes.link(n).port;
  auto before = node.connections_at(port);
  auto memory = node.resident_bytes();
  auto begun = clock::now();
  send_garbage(nodes, n);
  std::chrono::duration<double> took = clock::now() - begun;
  CHECK(world.progresses(100, 5s));
  CHECK(eventually(
    [&] { return node.connections_at(port) <= before + connections_slack; }));
  auto grown = static_cast<int64_t>(node.resident_bytes())
               - static_cast<int64_t>(memory);
  std::cout << "garbage on " << nodes.peer(n) << ": "
            << node.connections_at(port) << " connections (" << before
            << " before), " << (grown >> 10) << " KiB more memory after "
            << garbage_connections << " connections in " << took.count()
            << " s\n";
  CHECK((is_sanitized || grown <= static_cast<int64_t>(memory_slack_bytes)));
}

/// Connections that never say anything: all are closed, most of them at once.
void check_half_open(trial& world, size_t n) {
  auto& nodes = world.nodes();
  auto before = nodes.running(n).connections_at(nodes.link(n).port);
  std::vector<int> sockets;
  for (size_t i = 0; i < half_open_connections; ++i)
    sockets.push_back(connect_to(nodes.link(n)));
  CHECK(std::count(sockets.begin(), sockets.end(), -1) == 0);
  // It keeps a bounded number of them.
  CHECK(eventually([&] {
    return nodes.running(n).connections_at(nodes.link(n).port)
           < before + half_open_connections / 2;
  }));
  CHECK(world.progresses(100, patience));
  CHECK(eventually([&] {
    return nodes.running(n).connections_at(nodes.link(n).port)
           <= before + connections_slack;
  }));
  for (auto x : sockets)
    ::close(x);
}

void check_other_authority(trial& world, const certificates& files) {
  auto& nodes = world.nodes();
  temp_dir dir;
  stranger x{nodes, dir / "data", true, files.flags("stranger", "other")};
  for (size_t n = 1; n <= nodes.size(); ++n) {
    INFO(x.running->err() << nodes.last_words());
    CHECK(eventually([&] {
      return lines_with(nodes.log_of(n), {"from 127.0.0.9 ", "TLS"}) == 1;
    }));
    CHECK(eventually([&] {
      return lines_with(x.running->err(),
                        {"node " + std::to_string(n) + " at", "TLS"})
             == 1;
    }));
  }
  // It dials many times more, and nothing is said of that.
  CHECK(world.progresses(200, patience));
  std::this_thread::sleep_for(2s);
  for (size_t n = 1; n <= nodes.size(); ++n)
    CHECK(lines_with(nodes.log_of(n), {"127.0.0.9", "TLS"}) == 1);
  CHECK(x.running->out().empty());
}

void check_other_cluster(trial& world, const std::vector<std::string>& flags) {
  auto& nodes = world.nodes();
  temp_dir dir;
  {
    stranger alone{nodes, dir / "data", false, flags};
    auto ready = alone.running->wait_for_line("ready ");
    INFO(alone.running->err());
    REQUIRE(ready.has_value());
    alone.running->signal(SIGTERM);
    CHECK(alone.running->wait() == 0);
  }
  stranger x{nodes, dir / "data", true, flags};
  for (size_t n = 1; n <= nodes.size(); ++n) {
    INFO(x.running->err() << nodes.last_words());
    CHECK(eventually([&] {
      return lines_with(nodes.log_of(n),
                        {"node 9 at 127.0.0.9 was refused", "another cluster"})
             == 1;
    }));
    CHECK(eventually([&] {
      return lines_with(x.running->err(), {"node " + std::to_string(n) + " at",
                                           "another cluster"})
             == 1;
    }));
  }
  CHECK(world.progresses(200, patience));
  std::this_thread::sleep_for(2s);
  for (size_t n = 1; n <= nodes.size(); ++n) {
    CHECK(lines_with(nodes.log_of(n), {"127.0.0.9 was refused"}) == 1);
    CHECK_FALSE(nodes.sees(n, 9));
  }
}

} // namespace

TEST_CASE("a cluster with TLS takes events, and no node of another CA or "
          "another cluster",
          "[system][cluster][tls]") {
  certificates files;
  auto own = files.of_node(9);
  trial world{"TLS and strangers", with_tls(files, true)};
  check_other_authority(world, files);
  check_other_cluster(world, own);
  check_garbage(world, world.leader());
  world.settle();
}

TEST_CASE("garbage and silence on the port between nodes harm nothing",
          "[system][cluster]") {
  certificates files;
  trial world{"garbage on the port between nodes", with_tls(files, false)};
  check_garbage(world, world.leader());
  check_half_open(world, world.leader());
  // Of all that came from there.
  auto logs = world.nodes().logs();
  auto told = lines_with(logs, {"from 127.0.0.1 to the port between nodes"})
              + lines_with(logs, {"127.0.0.1 fell silent"});
  CHECK(told >= 2);
  CHECK(told <= 6);
  world.settle();
}

TEST_CASE("an address beyond loopback without TLS is refused at the start",
          "[system][start][tls]") {
  temp_dir dir;
  auto data = dir / "data";
  std::vector<std::string> args{"--node-id",        "1",
                                "--cluster-listen", "192.0.2.1:7001",
                                "--peers",          "2=192.0.2.2:7001",
                                "--listen",         "127.0.0.1:0",
                                "--data-dir",       data};
  auto refused = [&](const std::string& what) {
    auto x = run("eventd", args);
    INFO(x.err);
    CHECK(x.code == 2);
    CHECK(x.out.empty());
    CHECK(x.err.find(what) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(data));
  };
  refused("192.0.2.1");
  refused("--cluster-tls-cert");
  // One of them is not enough.
  args.insert(args.end(), {"--cluster-tls-ca", dir / "ca.pem"});
  refused("--cluster-tls-cert");
  // All of them, but no such file.
  args.insert(args.end(), {"--cluster-tls-cert", dir / "x.pem",
                           "--cluster-tls-key", dir / "x.key"});
  refused("can not be read");
}

} // namespace eventd::tests
