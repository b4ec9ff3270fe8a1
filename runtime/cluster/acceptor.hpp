// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string_view>

#include "runtime/cluster/frame.hpp"
#include "runtime/cluster/hello.hpp"
#include "runtime/cluster/link_context.hpp"

namespace eventd::limits {

/// Connections between nodes that have not said hello, and how long each may
/// take for it. Past them: the connection is closed. Unit of the latter: ms.
inline constexpr size_t link_strangers_max = 64;
inline constexpr int64_t link_hello_ms_max = 5'000;

} // namespace eventd::limits

namespace eventd::runtime {

/// Takes connections of other nodes, and their messages. A second connection
/// of one node replaces the first.
/// Threads: `open` before the context runs; all else the transport's.
class link_acceptor {
public:
  explicit link_acceptor(link_context& context);

  /// Binds and listens. Blocking: where the host is a name.
  /// @errors `ec::address_in_use`
  result<void> open();

  uint16_t port() const { return port_; }

  void start();

  /// Cuts every connection; what runs ends soon after.
  void close();

private:
  struct connection;
  using connection_ptr = std::shared_ptr<connection>;

  task<> accept();
  task<> serve(connection_ptr x);
  task<> refuse_kind(const connection_ptr& x);
  task<> read(const connection_ptr& x);
  task<bool> take(const connection_ptr& x, std::string_view bytes);
  task<bool> greet(const connection_ptr& x, std::string_view bytes);
  result<uint32_t> admit(const hello& own, const hello& theirs);
  void report_end(const connection& x, const boost::system::error_code& why);

  link_context& context_;
  tcp_acceptor acceptor_;
  steady_timer pause_;
  std::set<connection_ptr> connections_;
  std::map<uint64_t, connection_ptr> by_node_;
  size_t strangers_ = 0; ///< Connections that have not said hello.
  uint16_t port_ = 0;
};

} // namespace eventd::runtime
