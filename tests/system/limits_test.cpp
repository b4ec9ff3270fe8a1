// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "storage/model/limits.hpp"
#include "tests/system/file_limit.hpp"
#include "tests/system/node.hpp"

/// S-11: clients that mean no good against one real node.
namespace eventd::tests {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

const std::string channel = "test/limits";

/// A connection that a test may leave as it is.
class wire {
public:
  explicit wire(uint16_t port, in_addr to = {htonl(INADDR_LOOPBACK)})
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    timeval limit{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr = to;
    at.sin_port = htons(port);
    REQUIRE(::connect(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
  }
  wire(wire&& x) noexcept : fd_(std::exchange(x.fd_, -1)) {}
  wire& operator=(wire&&) = delete;
  ~wire() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  /// What is refused is refused: it may have been cut.
  void send(std::string_view text) const {
    while (!text.empty()) {
      auto n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0)
        return;
      text.remove_prefix(static_cast<size_t>(n));
    }
  }

  bool is_cut() const {
    char byte;
    auto n = ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN);
  }

  /// All that comes until this is in it, or until the end, or for 10 s.
  std::string read_until(const std::string& mark) const {
    std::string out;
    char buffer[4'096];
    while (out.find(mark) == std::string::npos) {
      auto n = ::recv(fd_, buffer, sizeof buffer, 0);
      if (n <= 0)
        break;
      out.append(buffer, static_cast<size_t>(n));
    }
    return out;
  }

  /// The status line's end: "200 OK".
  std::string ask(const std::string& target) const {
    send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    return read_status();
  }

  std::string read_status() const {
    auto text = read_until("\r\n\r\n");
    auto end = std::min(text.find("\r\n"), text.size());
    return end > 9 ? text.substr(9, end - 9) : text;
  }

private:
  int fd_;
};

/// An IPv4 address of this machine beyond loopback.
std::optional<in_addr> outer_address() {
  std::optional<in_addr> out;
  ifaddrs* all = nullptr;
  REQUIRE(::getifaddrs(&all) == 0);
  for (auto* x = all; x != nullptr && !out; x = x->ifa_next)
    if (x->ifa_addr != nullptr && x->ifa_addr->sa_family == AF_INET
        && (x->ifa_flags & IFF_UP) != 0 && (x->ifa_flags & IFF_LOOPBACK) == 0)
      out = reinterpret_cast<sockaddr_in*>(x->ifa_addr)->sin_addr;
  ::freeifaddrs(all);
  return out;
}

std::string event_head(size_t body_bytes) {
  return "POST /" + channel
         + " HTTP/1.1\r\nHost: x\r\nce-specversion: 1.0\r\nce-id: slow\r\n"
           "ce-source: /s\r\nce-type: t\r\nContent-Type: text/plain\r\n"
           "Content-Length: "
         + std::to_string(body_bytes) + "\r\n\r\n";
}

int64_t grown_since(uint64_t before, eventd_node& node) {
  return static_cast<int64_t>(node.running().resident_bytes())
         - static_cast<int64_t>(before);
}

// -- slow clients -------------------------------------------------------------

constexpr size_t quick_piece_bytes = 2'048;
constexpr size_t quick_pieces = 14;

/// A client that sends the same each second until it is cut.
struct slow_client {
  std::string what;
  std::string begin;
  std::string each_second;
  wire connection;
  std::optional<std::chrono::milliseconds> cut_after = {};
};

std::vector<slow_client> slow_clients(uint16_t port) {
  std::vector<slow_client> out;
  auto add = [&](std::string what, std::string begin, std::string each) {
    out.push_back(
      {std::move(what), std::move(begin), std::move(each), wire{port}});
  };
  add("header that stops", "GET / HTTP/1.1\r\nHost: x\r\n", {});
  add("header a field a second", "GET / HTTP/1.1\r\n", "X-A: y\r\n");
  add("body that stops", event_head(100'000), {});
  add("body of 512 bytes a second", event_head(100'000), std::string(512, 'x'));
  add("body of 2 KiB a second", event_head(quick_pieces * quick_piece_bytes),
      std::string(quick_piece_bytes, 'x'));
  return out;
}

/// Lets them go on for as many seconds as the quick one needs. Meanwhile others
/// publish.
/// @returns the longest that one of these took
std::chrono::milliseconds go_on(std::vector<slow_client>& clients,
                                const eventd_node& node) {
  clock::duration longest{};
  auto begin = clock::now();
  for (auto& x : clients)
    x.connection.send(x.begin);
  for (size_t s = 1; s <= quick_pieces; ++s) {
    for (auto& x : clients)
      x.connection.send(x.each_second);
    while (clock::now() < begin + s * 1s) {
      auto before = clock::now();
      node.publish(channel, "usual");
      longest = std::max(longest, clock::now() - before);
      for (auto& x : clients)
        if (!x.cut_after && x.connection.is_cut())
          x.cut_after = std::chrono::duration_cast<std::chrono::milliseconds>(
            clock::now() - begin);
      std::this_thread::sleep_for(20ms);
    }
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(longest);
}

} // namespace

TEST_CASE("S-11: slow headers and bodies are cut in ten seconds, and those who "
          "keep their pace are served",
          "[system][limits]") {
  eventd_node node;
  node.create_channel(channel);
  auto clients = slow_clients(node.port());
  auto longest = go_on(clients, node);
  auto quick = std::move(clients.back());
  clients.pop_back();
  CHECK_FALSE(quick.cut_after);
  CHECK(quick.connection.read_status() == "202 Accepted");
  std::cout << "S-11: cut were";
  for (auto& x : clients) {
    INFO(x.what);
    REQUIRE(x.cut_after);
    std::cout << " a " << x.what << " after " << x.cut_after->count() << " ms,";
    // A window of a body begins with a whole second, and ends with one.
    auto is_body = x.what.starts_with("body");
    CHECK(*x.cut_after > (is_body ? 9'500ms : 8'500ms));
    // It is seen when the others have published.
    CHECK(*x.cut_after < (is_body ? 12'500ms : 11'500ms) + longest);
  }
  std::cout << " others waited " << longest.count() << " ms at most\n";
  CHECK(longest < 5s);
}

// -- many connections ---------------------------------------------------------

TEST_CASE("S-11: ten thousand half-open connections take 64 MiB at most, and "
          "others are served",
          "[system][limits]") {
  const size_t n = is_sanitized ? 1'000 : 10'000;
  need_files(n + 500);
  eventd_node node{
    {"--header-timeout", "120", "--connections-max", std::to_string(n + 100)}};
  node.create_channel(channel);
  node.publish(channel, "before");
  auto before = node.running().resident_bytes();
  std::vector<wire> held;
  for (size_t i = 0; i < n; ++i) {
    held.emplace_back(node.port());
    held.back().send("POST /test/limits HTTP/1.1\r\nHost: x\r\nX-A: y");
    if (i % 500 == 0)
      node.publish(channel, std::to_string(i));
  }
  node.publish(channel, "last"); // All that came before it is accepted.
  CHECK(node.running().files_open() >= n);
  auto grown = grown_since(before, node);
  std::cout << "S-11: " << n << " half-open connections took " << (grown >> 10)
            << " KiB\n";
  CHECK((is_sanitized || grown <= int64_t{64} << 20));
  CHECK(std::none_of(held.begin(), held.end(),
                     [](const wire& x) { return x.is_cut(); }));
  held.clear();
  CHECK(eventually([&] { return node.running().files_open() < 200; }));
}

TEST_CASE("S-11: a connection takes 32 KiB at most before its header is "
          "complete, also behind a request",
          "[system][limits]") {
  constexpr size_t n = 1'000;
  need_files(n + 500);
  eventd_node node{{"--header-timeout", "120"}};
  node.create_channel(channel);
  node.publish(channel, "before");
  // Of a large request, which is read and refused, little may be kept.
  std::string first
    = "POST /apis/messaging.knative.dev/v1/namespaces/x/channels HTTP/1.1\r\n"
      "Host: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n"
      "X-A: "
      + std::string(16'000, 'a') + "\r\n\r\n" + std::string(60'000, 'x');
  // As many fields as may be, which are copied, and the rest in one.
  std::string second = "GET /healthz HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 97; ++i)
    second += "X-A: " + std::string(32, 'a') + "\r\n";
  second += "X-B: ";
  second.append(16'300 - second.size(), 'b');
  auto before = node.running().resident_bytes();
  std::vector<wire> held;
  for (size_t i = 0; i < n; ++i) {
    held.emplace_back(node.port());
    held.back().send(first);
    REQUIRE(held.back().read_status() == "400 Bad Request");
  }
  for (auto& x : held)
    x.send(second);
  node.publish(channel, "last");
  auto grown = grown_since(before, node);
  std::cout << "S-11: " << n << " connections before their header's end took "
            << grown / static_cast<int64_t>(n) << " bytes each\n";
  constexpr auto most
    = static_cast<int64_t>(n * limits::waiting_connection_bytes_max);
  CHECK((is_sanitized || grown <= most));
  held[7].send("\r\n\r\n");
  CHECK(held[7].read_status() == "200 OK");
}

TEST_CASE("S-11: an address beyond loopback has as many connections as it may "
          "and not one more",
          "[system][limits]") {
  auto outer = outer_address();
  if (!outer)
    SKIP("NOT RUN: this machine has no IPv4 address but loopback");
  temp_dir dir;
  auto port = free_port();
  process node{"eventd",
               {"--listen", "0.0.0.0:" + std::to_string(port), "--insecure",
                "--connections-per-address-max", "3", "--data-dir",
                dir / "data"}};
  REQUIRE(node.wait_for_line("ready "));
  std::vector<wire> held;
  for (int i = 0; i < 3; ++i) {
    held.emplace_back(port, *outer);
    CHECK(held.back().ask("/healthz") == "200 OK");
  }
  CHECK(wire{port, *outer}.read_status() == "503 Service Unavailable");
  std::vector<wire> local;
  for (int i = 0; i < 5; ++i) {
    local.emplace_back(port);
    CHECK(local.back().ask("/healthz") == "200 OK");
  }
  local[0].send(
    "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  auto page = local[0].read_until("no such text: until the end");
  CHECK(page.find("\neventd_connections_refused_total{reason=\"address\"} 1\n")
        != std::string::npos);
  CHECK(eventually([&] {
    return node.err().find("connections, as many as it may")
           != std::string::npos;
  }));
  held.pop_back();
  CHECK(eventually([&] {
    return wire{port, *outer}.ask("/healthz") == "200 OK";
  }));
}

TEST_CASE("eventd raises its limit of open files, and refuses more connections "
          "than fit into it",
          "[system][limits]") {
  auto before = file_limit();
  auto low = before;
  low.rlim_cur = 300;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
  std::optional<eventd_node> node;
  node.emplace();
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  auto raised = "the limit of open files was 300 and is now "
                + std::to_string(before.rlim_max);
  CHECK(eventually(
    [&] { return node->running().err().find(raised) != std::string::npos; }));
  if (before.rlim_max >= 1'000'000)
    return; // Whatever can be asked for fits.
  temp_dir dir;
  auto refused = run("eventd", {"--listen", "127.0.0.1:0", "--connections-max",
                                "1000000", "--data-dir", dir / "data"});
  CHECK(refused.code == 2);
  CHECK(refused.err.find("--connections-max: 1000000") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(dir / "data"));
}

} // namespace eventd::tests
