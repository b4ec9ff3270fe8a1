// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cstring>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "runtime/gateway/http_session.hpp"
#include "runtime/gateway/worker.hpp"

/// How a session reads a body: the limits come first, then `100 Continue`,
/// then the bytes.
namespace eventd::runtime {

namespace {

constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

failure too_large(size_t bytes_max) {
  return {ec::payload_too_large,
          "the body is larger than " + std::to_string(bytes_max) + " bytes"};
}

failure client_is_gone() {
  return {ec::unreachable, "the client closed the connection"};
}

} // namespace

result<void> http_session::reserve(size_t bytes) {
  auto& all = worker_.shared().inflight_bytes;
  if (all.fetch_add(bytes) + bytes > limits::node_inflight_bytes_max) {
    all -= bytes;
    return failure{ec::overloaded,
                   "the node holds as many bytes of requests as it may"};
  }
  reserved_bytes_ += bytes;
  return {};
}

task<result<void>> http_session::continue_if_asked() {
  if (!framing_.expects_continue || begin_ < end_)
    co_return result<void>{};
  auto [failed, n]
    = co_await net::async_write(socket_, net::buffer(go_on), no_throw);
  if (failed)
    co_return client_is_gone();
  co_return result<void>{};
}

task<result<std::string_view>> http_session::read_body(size_t bytes_max) {
  if (body_done_)
    co_return std::string_view{};
  if (framing_.kind == body_framing::length)
    co_return co_await read_known_length(bytes_max);
  co_return co_await read_chunked(bytes_max);
}

task<result<std::string_view>>
http_session::read_known_length(size_t bytes_max) {
  if (framing_.content_length > bytes_max)
    co_return too_large(bytes_max);
  auto size = static_cast<size_t>(framing_.content_length);
  if (auto ok = reserve(size); !ok)
    co_return ok.error();
  auto here = std::min(size, end_ - begin_);
  if (here == size) {
    // The usual case: it came with the header. Nothing is read into the buffer
    // until the request is answered, so a view is enough.
    auto body = unread().substr(0, size);
    begin_ += size;
    body_done_ = true;
    co_return body;
  }
  if (auto ok = co_await continue_if_asked(); !ok)
    co_return ok.error();
  auto& body = request_.body();
  body.resize(size);
  std::memcpy(body.data(), input_.data() + begin_, here);
  begin_ += here;
  set_deadline(limits::header_timeout_s + size / limits::body_bytes_per_s_min);
  auto [failed, n] = co_await net::async_read(
    socket_, net::buffer(body.data() + here, size - here), no_throw);
  deadline_s_ = 0;
  if (failed) {
    keep_alive_ = false;
    close();
    co_return client_is_gone();
  }
  body_done_ = true;
  co_return std::string_view{body};
}

task<result<std::string_view>> http_session::read_chunked(size_t bytes_max) {
  if (auto ok = co_await continue_if_asked(); !ok)
    co_return ok.error();
  auto& body = request_.body();
  size_t raw_bytes = 0;
  set_deadline(limits::header_timeout_s);
  auto budget_s = deadline_s_;
  for (;;) {
    boost::system::error_code failed = http::error::need_more;
    while (begin_ < end_ && !parser_->is_done()) {
      auto held = body.size();
      auto used = parser_->put(
        net::buffer(input_.data() + begin_, end_ - begin_), failed);
      begin_ += used;
      raw_bytes += used;
      if (auto ok = reserve(body.size() - held); !ok)
        co_return ok.error();
      if (failed || used == 0)
        break;
    }
    if (parser_->is_done()) {
      body_done_ = true;
      deadline_s_ = 0;
      co_return std::string_view{body};
    }
    if (failed == http::error::body_limit || body.size() > bytes_max)
      co_return too_large(bytes_max);
    if (failed && failed != http::error::need_more)
      co_return failure{ec::invalid_request,
                        "the chunked body: " + failed.message()};
    // Chunk headers and trailers have no limit of their own in the parser:
    // they may be as large as a header, and as the body they frame.
    if (raw_bytes + (end_ - begin_)
        > 2 * body.size() + 2 * limits::header_bytes_max)
      co_return failure{ec::invalid_request,
                        "the chunked body has more framing than content"};
    deadline_s_ = budget_s + body.size() / limits::body_bytes_per_s_min;
    if (!co_await receive()) {
      keep_alive_ = false;
      close();
      co_return client_is_gone();
    }
  }
}

} // namespace eventd::runtime
