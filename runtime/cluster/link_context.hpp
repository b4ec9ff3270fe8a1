// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "runtime/cluster/transport.hpp"
#include "runtime/cluster/trouble_log.hpp"
#include "runtime/gateway/net.hpp"

namespace eventd::runtime {

/// What all connections of one transport share. Threads: the transport's.
struct link_context {
  explicit link_context(transport_options x) : options(std::move(x)) {}

  /// Tells the operator, once a minute for each address and kind.
  void report(trouble kind, const std::string& address,
              const std::string& line) {
    auto now = std::chrono::steady_clock::now().time_since_epoch();
    if (troubles.is_due(
          kind, address,
          std::chrono::duration_cast<std::chrono::milliseconds>(now).count()))
      options.on.warn(line);
  }

  std::chrono::milliseconds timeout() const {
    return std::chrono::milliseconds{options.timeout_ms};
  }

  const transport_options options;
  net::io_context io{1}; ///< One thread runs it.
  std::shared_ptr<net::ssl::context> tls;
  trouble_log troubles;
};

} // namespace eventd::runtime
