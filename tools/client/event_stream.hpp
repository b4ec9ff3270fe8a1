// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/client/http_client.hpp"

namespace eventd::tools {

/// Which events of a channel are wanted: the parameters of `GET …/events`.
struct event_range {
  std::string from = {};  ///< earliest, latest, an offset or RFC 3339.
  std::string to = {};    ///< Exclusive; empty is the end of the log.
  std::string epoch = {}; ///< Life of the channel that the offsets belong to.
  std::optional<uint64_t> limit = {};
  std::optional<uint64_t> wait_s = {}; ///< Unit: s.

  /// Query of the request, with its "?", or empty.
  std::string query() const;
};

/// Where a read stands, from the headers of its answer.
struct stream_position {
  std::string epoch = {};
  std::optional<uint64_t> earliest = {};
  std::optional<uint64_t> end = {}; ///< End of the log when the read began.
};

/// Reads a channel as NDJSON, in pieces of whole lines.
/// Threads: one at a time. Blocking: until there is something to give.
class event_stream {
public:
  explicit event_stream(http_client client) : client_(std::move(client)) {}

  /// Begins a read.
  /// @errors the server's refusal, or `ec::unreachable`.
  result<stream_position> open(const channel_name& channel,
                               const event_range& range);

  /// Next lines, each with its line feed; empty is the end of the answer. The
  /// view holds until the next call.
  /// @errors `ec::unreachable` when the connection broke; lines given before
  ///   are whole. `ec::payload_too_large`: a line beyond 64 MiB.
  result<std::string_view> next();

private:
  http_client client_;
  std::string buffer_;
  size_t begin_ = 0; ///< Where the line that was not whole begins.
  size_t end_ = 0;   ///< End of what was read.
  bool done_ = true;
};

} // namespace eventd::tools
