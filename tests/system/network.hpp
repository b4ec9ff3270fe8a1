// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace eventd::tests {

/// Where a node listens for others.
struct link_end {
  std::string host;
  uint16_t port = 0;
};

/// A network of the test's own, with 127.0.0.0/8 only, in which links between
/// nodes can be cut. What is started and dialed by this thread, and by threads
/// that it starts, is inside. Needs root: without, the test fails, or is
/// skipped where EVENTD_WITHOUT_ROOT=1.
/// Threads: the one that made it. Blocking: until the tool has run.
class own_network {
public:
  own_network();
  own_network(const own_network&) = delete;
  own_network& operator=(const own_network&) = delete;
  ~own_network();

  /// Drops all that `from` sends to `to` on the links of both. Links are known
  /// by their addresses: a node must dial from the host that it listens on.
  void cut_one_way(const link_end& from, const link_end& to);

  void cut(const link_end& a, const link_end& b);

  /// Drops this share of all packets between the links of these. [0, 1]
  void lose(const std::vector<link_end>& links, double share);

  /// Answers this share of them with a reset of their connection. [0, 1]
  void reset(const std::vector<link_end>& links, double share);

  /// Undoes all of these.
  void heal();

private:
  int before_ = -1; ///< The network that this thread was in.
};

} // namespace eventd::tests
