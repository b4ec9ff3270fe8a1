// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/link_stream.hpp"

#include <boost/asio/write.hpp>

namespace eventd::runtime {

link_stream::link_stream(net::io_context& context, net::ssl::context* tls)
  : timer_(context.get_executor()) {
  if (tls)
    tls_.emplace(tcp_socket{context.get_executor()}, *tls);
  else
    plain_.emplace(context.get_executor());
}

task<link_stream::error_code> link_stream::begin(role as) {
  error_code failed;
  socket().set_option(tcp::no_delay{true}, failed);
  if (failed || !tls_)
    co_return failed;
  auto [refused] = co_await tls_->async_handshake(as, no_throw);
  co_return refused;
}

task<link_stream::read_result>
link_stream::read_some(net::mutable_buffer into) {
  if (!tls_) {
    auto [failed, n] = co_await plain_->async_read_some(into, no_throw);
    co_return read_result{failed, n};
  }
  auto [failed, n] = co_await tls_->async_read_some(into, no_throw);
  co_return read_result{failed, n};
}

task<link_stream::error_code>
link_stream::write(const std::vector<net::const_buffer>& buffers) {
  if (!tls_) {
    auto [failed, n] = co_await net::async_write(*plain_, buffers, no_throw);
    co_return failed;
  }
  // TLS takes one buffer at a time and makes records of it.
  auto [failed, n] = co_await net::async_write(*tls_, buffers, no_throw);
  co_return failed;
}

void link_stream::expire_after(std::chrono::milliseconds time) {
  deadline_ = std::chrono::steady_clock::now() + time;
  // A later deadline is found when the earlier one is over, so that moving it
  // with each read costs nothing.
  if (!waiting_)
    wait_for_deadline();
  else if (deadline_ < timer_.expiry())
    timer_.cancel();
}

void link_stream::wait_for_deadline() {
  if (closed_)
    return;
  waiting_ = true;
  timer_.expires_at(deadline_);
  timer_.async_wait([weak = weak_from_this()](auto) {
    auto self = weak.lock();
    if (!self)
      return;
    self->waiting_ = false;
    if (self->closed_)
      return;
    if (std::chrono::steady_clock::now() < self->deadline_)
      return self->wait_for_deadline();
    self->expired_ = true;
    self->close();
  });
}

void link_stream::close() {
  closed_ = true;
  error_code ignored;
  socket().close(ignored);
  timer_.cancel();
}

} // namespace eventd::runtime
