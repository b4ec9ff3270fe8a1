// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "runtime/gateway/http_session.hpp"
#include "runtime/gateway/worker.hpp"

/// How a session reads a body: the limits come first, then `100 Continue`,
/// then the bytes.
namespace eventd::runtime {

namespace {

constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

/// What must come within each window of `limits::header_timeout_s`.
constexpr size_t window_bytes
  = limits::header_timeout_s * limits::body_bytes_per_s_min;

/// Room that a body gets at a time: as much as came before, within these.
constexpr size_t step_bytes_min = limits::socket_read_bytes;
constexpr size_t step_bytes_max = size_t{64} << 10;

/// Tells when a window is over because enough came in. The first one is for
/// the first byte.
class body_pace {
public:
  /// @returns whether the time runs anew from here
  bool add(size_t bytes) {
    bytes_ += bytes;
    if (bytes == 0 || (begun_ && bytes_ < window_bytes))
      return false;
    begun_ = true;
    bytes_ = 0;
    return true;
  }

private:
  size_t bytes_ = 0;
  bool begun_ = false;
};

failure too_large(size_t bytes_max) {
  return {ec::payload_too_large,
          "the body is larger than " + std::to_string(bytes_max) + " bytes"};
}

failure no_room() {
  return {ec::overloaded, "the node holds as many bytes of requests as it may"};
}

failure client_is_gone() {
  return {ec::unreachable, "the client closed the connection"};
}

} // namespace

result<void> http_session::reserve(size_t bytes) {
  auto& all = worker_.shared().inflight_bytes;
  if (all.fetch_add(bytes) + bytes > limits::node_inflight_bytes_max) {
    all -= bytes;
    return no_room();
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
  auto here = std::min(size, end_ - begin_);
  if (here == size) {
    if (auto ok = reserve(size); !ok)
      co_return ok.error();
    // The usual case: it came with the header. Nothing is read into the buffer
    // until the request is answered, so a view is enough.
    auto body = unread().substr(0, size);
    begin_ += size;
    body_done_ = true;
    co_return body;
  }
  // A length alone takes no memory: only what came in makes room for more. But
  // where there is none for the whole, it is said before the body comes.
  if (worker_.shared().inflight_bytes + size > limits::node_inflight_bytes_max)
    co_return no_room();
  if (auto ok = co_await continue_if_asked(); !ok)
    co_return ok.error();
  if (auto ok = reserve(here); !ok)
    co_return ok.error();
  auto& body = request_.body();
  body.assign(input_, begin_, here);
  begin_ += here;
  body_pace pace;
  pace.add(here);
  set_deadline(limits::header_timeout_s);
  for (auto held = here; held < size;) {
    if (held == body.size()) {
      auto step = std::min(std::clamp(held, step_bytes_min, step_bytes_max),
                           size - held);
      if (auto ok = reserve(step); !ok)
        co_return ok.error();
      body.resize(held + step);
    }
    auto [failed, n] = co_await socket_.async_read_some(
      net::buffer(body.data() + held, body.size() - held), no_throw);
    if (failed) {
      keep_alive_ = false;
      close();
      co_return client_is_gone();
    }
    held += n;
    if (pace.add(n))
      set_deadline(limits::header_timeout_s);
  }
  deadline_s_ = 0;
  body_done_ = true;
  co_return std::string_view{body};
}

task<result<std::string_view>> http_session::read_chunked(size_t bytes_max) {
  if (auto ok = co_await continue_if_asked(); !ok)
    co_return ok.error();
  auto& body = request_.body();
  size_t raw_bytes = 0;
  body_pace pace;
  pace.add(end_ - begin_);
  set_deadline(limits::header_timeout_s);
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
    auto unused = end_ - begin_;
    if (!co_await receive()) {
      keep_alive_ = false;
      close();
      co_return client_is_gone();
    }
    if (pace.add(end_ - begin_ - unused))
      set_deadline(limits::header_timeout_s);
  }
}

} // namespace eventd::runtime
