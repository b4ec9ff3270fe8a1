// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <caf/fwd.hpp>

#include "runtime/gateway/wiring.hpp"

namespace eventd::runtime {

class io_worker;
class listener;

/// The node's HTTP side: what comes in and what goes out.
/// Order: `start`, `serve`, `drain`, `stop`. The actor system must live longer.
/// Threads: one owner calls; it works on threads of its own.
class gateway {
public:
  /// Binds the address and starts the I/O threads. Deliveries can be made from
  /// now on; connections wait until `serve`.
  /// @errors `ec::address_in_use`: nothing was started
  static result<std::unique_ptr<gateway>> start(caf::actor_system& system,
                                                gateway_options options);

  ~gateway();

  /// Begins to accept, and until `serve` answers all but `/livez` and
  /// `/healthz` with 503 and `why`. May be called again, with another reason.
  void hold(const std::string& why);

  /// Learns the routes and begins to accept. Call once.
  void serve(gateway_wiring wiring);

  /// Makes delivery attempts; valid until the gateway is destroyed, and
  /// answers `ec::shutting_down` from `drain` on.
  actors::dispatcher_actor dispatcher() const;

  /// The port that was bound.
  uint16_t port() const;

  /// Stops to accept, turns `/readyz` to 503, closes idle connections, ends
  /// long polls and streams, refuses new deliveries, and waits until the rest
  /// has finished. Blocking: up to `patience`.
  /// @returns whether all had finished
  bool drain(std::chrono::milliseconds patience);

  /// One second passes for all deadlines; returns when it did. Only where the
  /// options say that they are not counted: for tests.
  void pass_second();

  /// Cuts what is left and ends the threads. Deliveries on the wire are
  /// answered with `ec::shutting_down`: they count as not made.
  void stop();

private:
  explicit gateway(gateway_options options);

  void listen();
  bool wait_until_quiet(std::chrono::milliseconds patience);

  gateway_shared shared_;
  std::vector<std::unique_ptr<io_worker>> workers_;
  std::unique_ptr<listener> listener_; ///< On the first worker's context.
  std::vector<std::thread> threads_;
  bool listens_ = false;
};

} // namespace eventd::runtime
