// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "tools/bench/request_maker.hpp"

namespace eventd::bench {

/// The events that are sent together.
struct event_range {
  uint64_t first = 0; ///< Number of the first one.
  size_t count = 1;
  std::optional<int64_t> sent_ns = {}; ///< Each carries it as `benchsent`.
};

/// One connection of the generator, in one server's protocol. Opens itself when
/// it is first used, and again after it broke.
/// Threads: its context's. Blocking: never.
class wire {
public:
  virtual ~wire() = default;

  /// Sends the events, and waits until all are acknowledged.
  /// @returns what went wrong; empty: nothing
  virtual boost::asio::awaitable<std::string> send(const event_range& events)
    = 0;

  /// Offset that the server gave the first event of the last `send`; empty
  /// where it told none.
  virtual std::string_view offset() const { return {}; }
};

/// Makes one connection of a thread, whose context and events outlive it.
using wire_maker = std::function<std::unique_ptr<wire>(
  boost::asio::io_context& context, request_maker& events)>;

} // namespace eventd::bench
