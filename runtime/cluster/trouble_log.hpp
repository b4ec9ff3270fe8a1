// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace eventd::limits {

/// Addresses and kinds of trouble that are remembered. Past it: a further one
/// is not told until a minute is over.
inline constexpr size_t troubles_max = 1'024;

} // namespace eventd::limits

namespace eventd::runtime {

/// What can be wrong with a connection between nodes.
enum class trouble : uint8_t {
  unreachable, ///< No connection comes about.
  lost,        ///< It was there and broke.
  silent,      ///< It was there and nothing came any more.
  tls,         ///< The handshake fails.
  bytes,       ///< What comes is not our protocol.
  refused,     ///< One side does not admit the other.
  crowded,     ///< Too many connections that have not said hello.
};

/// Decides which trouble is told: each kind once a minute for each address. A
/// plain value. With a trouble told at 0 ms, the same is due at 60 000 ms.
class trouble_log {
public:
  /// Whether to tell it now; then it counts as told.
  /// @pre `now_ms` never goes back
  bool is_due(trouble kind, const std::string& address, int64_t now_ms);

private:
  std::map<std::pair<std::string, trouble>, int64_t> told_ms_;
};

} // namespace eventd::runtime
