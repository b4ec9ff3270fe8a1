// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/model/error.hpp"

/// How people write nodes of a cluster. Pure; any thread.
namespace eventd::runtime {

/// Node ids are 1 to this; in a Raft server id they share 64 bits with a count.
inline constexpr uint64_t node_id_max = 65'535;

/// Where one node is met by the others.
struct node_address {
  std::string host;  ///< Name or IP address; IPv6 without brackets.
  uint16_t port = 0; ///< Never 0 once parsed.

  /// "127.0.0.1:7001", "[::1]:7001": addresses of one text are equal.
  std::string text() const;

  /// Whether `host` is an IP address, and not a name to be looked up.
  bool is_ip() const;

  /// Whether nobody from outside of this machine can be met there. A name is
  /// none: who answers for it is not known here.
  bool is_loopback() const;

  /// 0.0.0.0 or ::, which can be listened on and not dialed.
  bool is_wildcard() const;

  friend bool operator==(const node_address&, const node_address&) = default;
};

/// Takes "HOST:PORT" or "[IPv6]:PORT" apart. IP addresses get their one short
/// form and names lower case: "[0:0::1]:7001" is "::1", port 7001. "localhost"
/// is 127.0.0.1.
/// @errors `ec::invalid_config`: a sentence that begins with the text
result<node_address> parse_node_address(std::string_view text);

/// Takes "4" as a node's id, without sign, space or leading zero.
/// @errors `ec::invalid_config`: not 1 to `node_id_max`
result<uint64_t> parse_node_id(std::string_view text);

} // namespace eventd::runtime
