// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>

#include "runtime/gateway/append_joiner.hpp"
#include "runtime/gateway/bridge.hpp"
#include "runtime/gateway/dispatcher.hpp"
#include "runtime/gateway/net.hpp"
#include "runtime/gateway/routes.hpp"
#include "runtime/gateway/wiring.hpp"

namespace eventd::runtime {

class http_session;

/// One I/O context with all that lives on it: its bridge, its routes, its
/// connections, its outgoing requests. One thread runs it.
/// Threads: the I/O thread, but for what says otherwise.
class io_worker final : public bridge_roles {
public:
  io_worker(caf::actor_system& system, gateway_shared& shared);
  ~io_worker() override;

  /// Runs the context until `stop`; the whole life of the thread.
  void run();

  net::io_context& context() { return context_; }
  gateway_shared& shared() { return shared_; }
  bridge& asks() { return bridge_; }
  route_table& routes() { return routes_; }
  append_joiner& appends() { return appends_; }

  /// Seconds since the start, as counted here; every deadline is one of these.
  uint64_t now_s() const { return now_s_; }

  /// For header `Date`; at most a second old.
  const std::string& date() const { return date_; }

  /// A second passes: what is late by now is closed.
  void pass_second();

  /// Workers that deliveries are spread over, by target. Call before `run`.
  void set_peers(std::vector<io_worker*> peers) { peers_ = std::move(peers); }

  /// Learns all routes from DIRECTORY.
  void watch_routes();

  void adopt(tcp_socket socket, connection_ticket ticket);
  void leave(http_session* x) { sessions_.erase(x); }

  /// Closes idle connections and ends long waits; the rest finishes.
  void drain();

  /// Cuts everything; `run` returns soon after. Nothing is posted later.
  void stop();

  void on_deliver(actors::delivery_request request,
                  delivery_promise promise) override;
  void on_route(const std::string& key,
                const actors::channel_actor& channel) override;
  void on_unroute(const std::string& key) override;

private:
  task<> count_seconds();

  gateway_shared& shared_;
  std::unordered_set<http_session*> sessions_;
  std::vector<io_worker*> peers_;
  uint64_t now_s_ = 0;
  std::string date_;
  route_table routes_;
  // Destroyed before the above: frames of coroutines end with the context.
  net::io_context context_{1};
  net::executor_work_guard<io_executor> work_;
  steady_timer timer_;
  bridge bridge_;
  append_joiner appends_;
  dispatcher dispatcher_;
};

} // namespace eventd::runtime
