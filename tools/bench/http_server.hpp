// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "storage/model/error.hpp"

namespace eventd::bench {

using server_request
  = boost::beast::http::request<boost::beast::http::string_body>;

/// What a request is answered with: a status without a body.
struct server_reply {
  unsigned status = 202;
  int64_t delay_ms = 0; ///< Waited before the answer.
};

/// Called once for each request, by one of the server's threads.
using server_handler = std::function<server_reply(const server_request&)>;

/// A plain Beast server with coroutines: the sink of deliveries, and with a
/// handler that does nothing the reference that figures are compared with.
/// Threads: any. `run` blocks until `stop`.
class http_server {
public:
  /// Binds HOST:PORT; port 0 takes a free one.
  /// @errors `ec::invalid_config`, `ec::address_in_use`
  static result<std::unique_ptr<http_server>> listen(const std::string& where,
                                                     server_handler handler);
  ~http_server();

  /// HOST:PORT as bound.
  std::string address() const;

  /// Serves with this many threads, the caller's included, until `stop`; with
  /// `until_signal` also until SIGINT or SIGTERM.
  void run(int threads, bool until_signal);
  void stop();

private:
  struct state;
  explicit http_server(std::unique_ptr<state> made);
  std::unique_ptr<state> state_;
};

} // namespace eventd::bench
