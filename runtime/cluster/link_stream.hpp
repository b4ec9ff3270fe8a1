// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "runtime/gateway/deadline.hpp"
#include "runtime/gateway/net.hpp"

namespace eventd::runtime {

/// One side uses TLS and the other does not.
boost::system::error_code tls_mismatch();

/// One connection between nodes, plain or TLS, with a deadline that closes it.
/// One read and one write at a time may be on their way together. Closing it,
/// by whomever, ends both with an error. Threads: the transport's.
class link_stream {
public:
  using error_code = boost::system::error_code;
  using role = net::ssl::stream_base::handshake_type;

  /// `tls` is null for a plain connection and outlives the stream.
  link_stream(net::io_context& context, net::ssl::context* tls);

  /// What is connected or accepted, before `begin`.
  tcp_socket& socket() { return tls_ ? tls_->next_layer() : *plain_; }

  /// No delay and, where it is TLS, the handshake with verification. A server
  /// looks at the first bytes that come before it takes them.
  /// @returns also `tls_mismatch()`
  task<error_code> begin(role as);

  struct read_result {
    error_code failed;
    size_t bytes = 0;
  };
  task<read_result> read_some(net::mutable_buffer into);

  /// All of them. What they point to, and they, stay until it is done.
  task<error_code> write(const std::vector<net::const_buffer>& buffers);

  /// Takes what has come and writes these bytes outside of TLS, for who does
  /// not use what we do. @pre `begin` failed
  task<> answer_plainly(std::string bytes);

  /// Closes the stream so long after now; a later call moves the deadline.
  void expire_after(std::chrono::milliseconds time);

  /// The deadline closed it.
  bool is_expired() const { return expired_; }

  void close();
  bool is_closed() const { return closed_; }

private:
  task<bool> is_mismatch();

  std::optional<tcp_socket> plain_;
  std::optional<net::ssl::stream<tcp_socket>> tls_;
  deadline deadline_;
  bool expired_ = false;
  bool closed_ = false;
};

} // namespace eventd::runtime
