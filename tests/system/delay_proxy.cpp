// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/system/delay_proxy.hpp"

#include <algorithm>
#include <deque>
#include <random>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

namespace eventd::tests {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr size_t waiting_bytes_max = size_t{4} << 20;
constexpr size_t connections_max = 1'000;
constexpr auto look_interval = 20ms;

sockaddr_in address_of(const link_end& x) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  ::inet_pton(AF_INET, x.host.c_str(), &out.sin_addr);
  out.sin_port = htons(x.port);
  return out;
}

void send_at_once(int fd) {
  int yes = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

int make_socket() {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  send_at_once(fd);
  int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  return fd;
}

bool is_readable(int fd, std::chrono::milliseconds limit) {
  pollfd x{fd, POLLIN, 0};
  return ::poll(&x, 1, static_cast<int>(limit.count())) > 0;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    auto n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0)
      return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

struct piece {
  clock::time_point due;
  std::string bytes;
};

} // namespace

delay_proxy::delay_proxy(link_end listen, link_end to,
                         std::chrono::milliseconds delay,
                         std::chrono::milliseconds jitter)
  : to_(std::move(to)), delay_(delay), jitter_(jitter),
    listener_(make_socket()) {
  auto at = address_of(listen);
  REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
  REQUIRE(::listen(listener_, SOMAXCONN) == 0);
  acceptor_ = std::thread{[this] { accept_all(); }};
}

delay_proxy::~delay_proxy() {
  done_ = true;
  acceptor_.join();
  for (auto fd : sockets_)
    ::shutdown(fd, SHUT_RDWR);
  for (auto& x : threads_)
    x.join();
  for (auto fd : sockets_)
    ::close(fd);
  ::close(listener_);
}

void delay_proxy::accept_all() {
  while (!done_ && connections_ < connections_max) {
    if (!is_readable(listener_, look_interval))
      continue;
    int from = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (from < 0)
      continue;
    send_at_once(from);
    int to = make_socket();
    auto at = address_of(to_);
    sockets_.insert(sockets_.end(), {from, to});
    if (::connect(to, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) {
      ::shutdown(from, SHUT_RDWR);
      continue;
    }
    auto seed = static_cast<uint32_t>(2 * connections_++);
    threads_.emplace_back([this, from, to, seed] { pass(from, to, seed); });
    threads_.emplace_back([this, from, to, seed] { pass(to, from, seed + 1); });
  }
}

void delay_proxy::pass(int from, int to, uint32_t seed) {
  std::mt19937 dice{seed};
  std::uniform_int_distribution<int64_t> around{-jitter_.count(),
                                                jitter_.count()};
  std::deque<piece> waiting;
  size_t waiting_bytes = 0;
  clock::time_point last;
  std::string buffer(size_t{64} << 10, '\0');
  bool open = true;
  while (!done_ && (open || !waiting.empty())) {
    auto limit = std::chrono::milliseconds{look_interval};
    if (!waiting.empty())
      limit = std::clamp(std::chrono::ceil<std::chrono::milliseconds>(
                           waiting.front().due - clock::now()),
                         0ms, limit);
    if (!open || waiting_bytes >= waiting_bytes_max) {
      std::this_thread::sleep_for(limit);
    } else if (is_readable(from, limit)) {
      auto n = ::recv(from, buffer.data(), buffer.size(), 0);
      open = n > 0;
      // None before what was said before.
      last = std::max(last, clock::now() + delay_
                              + std::chrono::milliseconds{around(dice)});
      if (open)
        waiting.push_back({last, buffer.substr(0, static_cast<size_t>(n))});
      waiting_bytes += open ? static_cast<size_t>(n) : 0;
    }
    while (!waiting.empty() && waiting.front().due <= clock::now()) {
      if (!send_all(to, waiting.front().bytes))
        open = false;
      waiting_bytes -= waiting.front().bytes.size();
      waiting.pop_front();
    }
  }
  ::shutdown(from, SHUT_RDWR);
  ::shutdown(to, SHUT_RDWR);
}

} // namespace eventd::tests
