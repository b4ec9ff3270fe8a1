// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/link_stream.hpp"

#include <array>

#include <boost/asio/write.hpp>
#include <openssl/err.h>
#include <openssl/sslerr.h>

namespace eventd::runtime {

namespace {

class mismatch_category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "eventd.link"; }
  std::string message(int) const override {
    return "one side uses TLS and the other does not";
  }
};

/// What OpenSSL says of an answer that is no record of TLS.
bool is_no_record(const link_stream::error_code& x) {
  return x.category() == net::error::get_ssl_category()
         && ERR_GET_REASON(static_cast<unsigned long>(x.value()))
              == SSL_R_WRONG_VERSION_NUMBER;
}

/// What is taken of who speaks otherwise, before it is answered.
constexpr size_t passed_over_bytes = size_t{64} << 10;

} // namespace

boost::system::error_code tls_mismatch() {
  static const mismatch_category category;
  return {1, category};
}

link_stream::link_stream(net::io_context& context, net::ssl::context* tls)
  : deadline_(context.get_executor(), [this] {
      expired_ = true;
      close();
    }) {
  if (tls)
    tls_.emplace(tcp_socket{context.get_executor()}, *tls);
  else
    plain_.emplace(context.get_executor());
}

task<link_stream::error_code> link_stream::begin(role as) {
  error_code failed;
  socket().set_option(tcp::no_delay{true}, failed);
  if (failed)
    co_return failed;
  if (as == role::server) {
    bool differs = co_await is_mismatch();
    if (differs)
      co_return tls_mismatch();
  }
  if (!tls_)
    co_return failed;
  auto [refused] = co_await tls_->async_handshake(as, no_throw);
  co_return is_no_record(refused) ? tls_mismatch() : refused;
}

/// TLS begins with a handshake record, [1 type 22][2 version 3.1 or later]; as
/// a hello of ours those would be the length of one that is too long.
task<bool> link_stream::is_mismatch() {
  auto [failed] = co_await socket().async_wait(tcp_socket::wait_read, no_throw);
  std::array<unsigned char, 3> first{};
  error_code nothing = failed;
  size_t n = 0;
  if (!nothing)
    n = socket().receive(net::buffer(first), tcp_socket::message_peek, nothing);
  if (nothing || n < first.size())
    co_return false; // What comes after it will show.
  bool is_tls = first[0] == 22 && first[1] == 3 && first[2] >= 1;
  co_return is_tls != tls_.has_value();
}

task<> link_stream::answer_plainly(std::string bytes) {
  // What is not taken would take the answer along when the stream is closed.
  std::vector<char> passed_over(passed_over_bytes);
  auto [failed, n]
    = co_await socket().async_read_some(net::buffer(passed_over), no_throw);
  if (failed)
    co_return;
  co_await net::async_write(socket(), net::buffer(bytes), no_throw);
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
  if (!closed_)
    deadline_.set(deadline::clock::now() + time);
}

void link_stream::close() {
  closed_ = true;
  error_code ignored;
  socket().close(ignored);
  deadline_.cancel();
}

} // namespace eventd::runtime
