// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace eventd::actors {

/// The way to the other nodes.
class peer_outlet {
public:
  virtual ~peer_outlet() = default;

  /// Takes a message for a node; what is taken may still be lost with the
  /// connection. False: no connection, or too much waits. Threads: any.
  /// Blocking: never.
  virtual bool send(uint64_t node, std::shared_ptr<const std::string> message)
    = 0;
  virtual bool connected(uint64_t node) const = 0;

  /// Whether the node, this or another one, stops and so takes no lead over.
  virtual bool is_leaving([[maybe_unused]] uint64_t node) const {
    return false;
  }
};

/// First byte of each message between nodes. Values are on the wire.
enum class peer_message : uint8_t {
  raft = 1,
  call = 2,
  answer = 3,
  leaving = 4, ///< The sender stops: it is no heir any more.
};

} // namespace eventd::actors
