// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "runtime/cluster/hello.hpp"
#include "runtime/cluster/link_context.hpp"
#include "runtime/cluster/outbox.hpp"
#include "runtime/cluster/transport.hpp"

namespace eventd::runtime {

/// How long to wait before a peer is dialed again: 4 ms, then twice as long
/// each time up to a second, and of that between half and all by chance, so
/// that nodes that lost each other do not all come at one moment.
class redial_pause {
public:
  explicit redial_pause(uint64_t seed);

  std::chrono::milliseconds next();

  /// A connection was of use: begin with 4 ms again.
  void reset();

private:
  std::minstd_rand dice_;
  int64_t longest_ms_;
};

/// How long the handshakes of a connection may take, TCP's and ours. What is
/// lost together with the other side's connection is missed when TCP sends
/// again, after 200 ms or a second: so where all took 2 ms, the next two are
/// given up after 20 ms, and begun anew. If neither comes about the network has
/// changed, and there is all the time again.
class handshake_patience {
public:
  explicit handshake_patience(std::chrono::milliseconds longest)
    : longest_(longest) {}

  /// Of the next handshake.
  std::chrono::milliseconds next();

  /// One came about, and took so long.
  void came_about(std::chrono::milliseconds took);

private:
  std::chrono::milliseconds longest_;
  std::chrono::milliseconds short_{0};
  int short_ones_left_ = 0;
};

/// Keeps one outgoing connection to one peer, and what waits for it.
/// Threads: any for `send` and `queued_bytes`, the transport's for the rest.
class dialer : public std::enable_shared_from_this<dialer> {
public:
  /// `context` outlives everything that runs on it.
  dialer(link_context& context, peer_address peer);

  const peer_address& peer() const { return peer_; }

  void start();

  /// Cuts the connection for good; `disconnected` is still called.
  void close();

  bool send(link_bytes message);
  size_t queued_bytes() const { return outbox_.bytes(); }

private:
  struct connection;
  using connection_ptr = std::shared_ptr<connection>;
  using clock = std::chrono::steady_clock;

  task<> run(std::shared_ptr<dialer> self);
  task<> talk(const connection_ptr& x);
  task<bool> connect(connection& x);
  task<std::vector<tcp::endpoint>> find(connection& x);
  void bind_source(tcp_socket& socket, const tcp::endpoint& to) const;
  void give_time(connection& x) const;
  task<bool> greet(connection& x);
  task<> write(connection& x);
  task<> read_pongs(std::shared_ptr<dialer> self, connection_ptr x);
  task<bool> read_answer(connection& x, std::string& into);
  bool take_answer(connection& x, const hello& own, const std::string& bytes);
  void report_end(connection& x);

  link_context& context_;
  const peer_address peer_;
  const std::string name_; ///< For log lines: "node 2 at 10.0.0.2:7001".
  redial_pause redial_;
  handshake_patience patience_;
  outbox outbox_;
  steady_timer pause_; ///< Until the next attempt.
  steady_timer wake_;  ///< The writer sleeps on it.
  connection_ptr current_;
  bool closed_ = false;
};

} // namespace eventd::runtime
