// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/model/error.hpp"

namespace eventd::bench {

/// What the bytes that came from a peer say.
struct peer_news {
  size_t ready = 0;  ///< Answers to `hello`, `prepare` and `follow`.
  size_t stored = 0; ///< Publishes that the peer acknowledged.
  /// Events, as they were published. Valid until the next bytes.
  std::vector<std::string_view> events = {};
  std::string reply = {}; ///< What has to be sent back.
};

/// The protocol of another event store, as bytes in and out, for one stream
/// and one connection. It keeps bytes until a message is whole.
/// Threads: one at a time. Blocking: never.
class peer_dialect {
public:
  virtual ~peer_dialect() = default;

  /// What a new connection begins with. One `ready` answers.
  virtual std::string hello() = 0;

  /// Makes the stream, empty. One `ready` answers.
  virtual std::string prepare() = 0;

  /// Appends the publish of one event. One `stored` answers.
  virtual void append_publish(std::string& out, std::string_view event) = 0;

  /// Asks for all events of the stream, from the first on, and for those that
  /// come.
  virtual std::string follow() = 0;

  /// Reads on.
  /// @errors `ec::io_error`, with the peer's words or what is not understood
  virtual result<peer_news> take(std::string_view bytes) = 0;
};

} // namespace eventd::bench
