// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "tests/system/network.hpp"

namespace eventd::tests {

/// Passes connections on to another address and delays what they say, each way,
/// by `delay` and up to `jitter` more or less; order is kept. At most 4 MiB
/// wait on each way of a connection; past that its sender waits. Threads: one
/// for each way of a connection; its calls, the test's own.
class delay_proxy {
public:
  delay_proxy(link_end listen, link_end to, std::chrono::milliseconds delay,
              std::chrono::milliseconds jitter);
  delay_proxy(const delay_proxy&) = delete;
  delay_proxy& operator=(const delay_proxy&) = delete;
  ~delay_proxy();

  /// Connections passed on, until now.
  size_t connections() const { return connections_; }

private:
  void accept_all();
  void pass(int from, int to, uint32_t seed);

  const link_end to_;
  const std::chrono::milliseconds delay_;
  const std::chrono::milliseconds jitter_;
  int listener_ = -1;
  std::atomic<bool> done_ = false;
  std::atomic<size_t> connections_ = 0;
  std::vector<int> sockets_;         ///< The acceptor's. Closed at the end.
  std::vector<std::thread> threads_; ///< Of the ways.
  std::thread acceptor_;
};

} // namespace eventd::tests
