// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/gateway/net.hpp"
#include "storage/model/error.hpp"

namespace eventd::runtime {

class io_worker;

/// Accepts connections and deals them out to the workers in turn. One of too
/// many gets a 503 that was written before it was asked for anything.
/// Threads: `open` before the context runs; all else its I/O thread.
class listener {
public:
  explicit listener(net::io_context& context);

  /// Binds and listens; clients that come now wait until `start`.
  /// Blocking: where `host` is a name, until it is looked up.
  /// @errors `ec::address_in_use` with the address and the reason
  result<void> open(const std::string& host, uint16_t port);

  /// The port that was bound.
  uint16_t port() const { return port_; }

  void start(std::vector<io_worker*> workers);
  void close();

private:
  task<> accept();
  void refuse(tcp_socket& socket, const failure& why);

  net::io_context& context_;
  tcp_acceptor acceptor_;
  steady_timer pause_;
  std::vector<io_worker*> workers_;
  uint64_t silent_until_s_ = 0; ///< No log line of refusals before.
  uint16_t port_ = 0;
};

} // namespace eventd::runtime
