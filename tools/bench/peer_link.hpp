// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "tools/bench/peer_dialect.hpp"
#include "tools/bench/wire.hpp"
#include "tools/client/address.hpp"

namespace eventd::bench {

/// Another event store: where it is, and how it is spoken to.
struct peer {
  std::string name;   ///< "redis", "nats".
  tools::url address; ///< Its path means nothing.
  std::function<std::unique_ptr<peer_dialect>()> make_dialect;
};

/// One connection to a peer. What fails closes it.
/// Threads: its context's. Blocking: never.
class peer_link {
public:
  peer_link(boost::asio::io_context& context, peer to);

  bool is_open() const { return dialect_ != nullptr; }

  /// @pre `is_open()`
  peer_dialect& dialect() { return *dialect_; }

  /// Connects, and waits until the peer is ready.
  /// @errors `ec::unreachable`, and those of the dialect
  boost::asio::awaitable<result<void>> open();

  /// Sends what the peer answers with one `ready`, and waits for that.
  boost::asio::awaitable<result<void>> ask(std::string text);

  boost::asio::awaitable<result<void>> write(std::string_view text);

  /// What comes next, at most 30 s later.
  boost::asio::awaitable<result<peer_news>> read();

private:
  failure broken(const boost::system::error_code& why);

  boost::asio::io_context& context_;
  peer to_;
  boost::beast::tcp_stream stream_;
  std::unique_ptr<peer_dialect> dialect_;
  std::string input_;
};

/// Makes connections that publish to a peer.
wire_maker peer_wires(peer to);

} // namespace eventd::bench
