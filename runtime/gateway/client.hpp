// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/gateway/byte_budget.hpp"
#include "runtime/gateway/message_parser.hpp"
#include "runtime/gateway/net.hpp"
#include "runtime/gateway/url.hpp"
#include "storage/model/error.hpp"

namespace eventd::runtime {

/// A server's answer.
struct client_answer {
  client_answer(byte_budget& all, byte_budget& own) : held(all, own) {}

  unsigned status = 0;
  message content;           ///< Fields and body.
  bool body_dropped = false; ///< Larger than `limits::answer_bytes_max`.
  held_bytes held;           ///< Of the body, but its begin.
};

/// HTTP/1.1 to others: one request at a time per connection, connections kept
/// per target. Never follows a redirect, never decodes a content encoding.
/// Threads: the I/O thread. Blocking: never; names are resolved by Asio.
class client {
public:
  /// @param answers what the bodies of all answers may hold, but for the first
  ///   `limits::socket_read_bytes` of each; outlives them
  /// @param idle_max idle connections that are kept
  client(net::io_context& context, byte_budget& answers,
         size_t idle_max = limits::idle_connections_max);
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// Sends `request`, a whole HTTP/1.1 message, and reads the answer's end.
  /// A kept connection that turns out to be closed before a byte of the answer
  /// is tried once more on a fresh one, within the same timeout.
  /// @param timeout_ms of the whole attempt: name, connect, send, answer
  /// @param own what the bodies of answers of this target may hold, as
  ///   `answers`; outlives the answer
  /// @errors `ec::timeout`, `ec::unreachable` with the reason in words;
  ///   `ec::overloaded`: the answer was not read to its end, because `answers`
  ///   or `own` is spent
  task<result<std::unique_ptr<client_answer>>>
  exchange(const http_url& url, const std::string& request, int64_t timeout_ms,
           byte_budget& own);

  /// Call once a second: closes what was idle too long.
  void sweep();

  /// Closes all connections; what is on its way fails with `ec::unreachable`.
  void close();

  size_t idle_connections() const { return n_idle_; }

private:
  struct connection;
  using connection_ptr = std::shared_ptr<connection>;

  connection_ptr take_idle(const std::string& key);
  void keep(connection_ptr x);
  task<result<void>> open(connection& x, const http_url& url);
  task<result<std::unique_ptr<client_answer>>>
  talk(connection& x, const std::string& request, byte_budget& own);

  net::io_context& context_;
  byte_budget& answers_;
  const size_t idle_max_;
  std::unordered_map<std::string, std::vector<connection_ptr>> idle_;
  std::vector<std::weak_ptr<connection>> busy_;
  size_t n_idle_ = 0;
  uint64_t sweeps_ = 0;
  bool closed_ = false;
};

} // namespace eventd::runtime
