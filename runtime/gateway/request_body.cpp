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

/// Room that a body gets at a time: as much as came before, within these.
constexpr size_t step_bytes_min = limits::socket_read_bytes;
constexpr size_t step_bytes_max = size_t{64} << 10;

failure too_large(size_t bytes_max) {
  return {ec::payload_too_large,
          "the body is larger than " + std::to_string(bytes_max) + " bytes"};
}

failure no_room() {
  return {ec::overloaded, "the node holds as many bytes of requests as it may"};
}

/// What all bodies may hold where one of this size gets in.
size_t room_for(size_t body_bytes) {
  return body_bytes <= limits::small_body_bytes_max
           ? limits::node_inflight_bytes_max
           : limits::large_bodies_bytes_max;
}

failure client_is_gone() {
  return {ec::unreachable, "the client closed the connection"};
}

failure bad_chunks(const std::string& why) {
  return {ec::invalid_request, "the chunked body: " + why};
}

/// A chunk's first line, which is whole, ends within quotes: Beast would wait
/// for their end in what follows.
bool has_open_quote(std::string_view unread) {
  // The parser leaves the last bytes of a chunk's data, too, where they are
  // fewer than any ending of a body.
  if (unread.size() < chunked_end_bytes)
    return false;
  if (unread.starts_with("\r\n"))
    unread.remove_prefix(2); // The end of the chunk before.
  auto end = unread.find("\r\n");
  if (end == std::string_view::npos)
    return false;
  bool open = false;
  for (size_t i = 0; i < end; ++i) {
    if (open && unread[i] == '\\')
      ++i;
    else if (unread[i] == '"')
      open = !open;
  }
  return open;
}

/// What can be said against a chunked body that did not end yet.
/// @param failed by the parser
/// @param unread what the parser could not use: from a chunk's first line on
/// @param beside_bytes_max of that line, or of the trailers
result<void> check_chunks(const boost::system::error_code& failed,
                          std::string_view unread, size_t beside_bytes_max) {
  if (failed == http::error::header_limit || unread.size() > beside_bytes_max)
    return bad_chunks("extensions or trailers beyond the limits of a header");
  if (failed && failed != http::error::need_more)
    return bad_chunks(failed.message());
  if (has_open_quote(unread))
    return bad_chunks("the quotes of a chunk extension have no end");
  return {};
}

} // namespace

/// @param body_bytes what is known to come of the body, this piece with it
result<void> http_session::reserve(size_t bytes, size_t body_bytes) {
  if (!worker_.shared().bodies.take(bytes, room_for(body_bytes)))
    return no_room();
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
  pace_.begin(worker_.now_s());
  result<std::string_view> body;
  if (framing_.kind == body_framing::length)
    body = co_await read_known_length(bytes_max);
  else
    body = co_await read_chunked(bytes_max);
  pace_.end();
  co_return body;
}

task<result<std::string_view>>
http_session::read_known_length(size_t bytes_max) {
  if (framing_.content_length > bytes_max)
    co_return too_large(bytes_max);
  auto size = static_cast<size_t>(framing_.content_length);
  auto here = std::min(size, end_ - begin_);
  if (here == size) {
    if (auto ok = reserve(size, size); !ok)
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
  if (worker_.shared().bodies.used() + size > room_for(size))
    co_return no_room();
  if (auto ok = co_await continue_if_asked(); !ok)
    co_return ok.error();
  if (auto ok = reserve(here, size); !ok)
    co_return ok.error();
  auto& body = request_.body();
  body.assign(input_, begin_, here);
  begin_ += here;
  pace_.add(worker_.now_s(), here);
  for (auto held = here; held < size;) {
    if (held == body.size()) {
      auto step = std::min(std::clamp(held, step_bytes_min, step_bytes_max),
                           size - held);
      if (auto ok = reserve(step, size); !ok)
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
    pace_.add(worker_.now_s(), n);
  }
  body_done_ = true;
  co_return std::string_view{body};
}

task<result<std::string_view>> http_session::read_chunked(size_t bytes_max) {
  if (auto ok = co_await continue_if_asked(); !ok)
    co_return ok.error();
  auto& body = request_.body();
  size_t raw_bytes = 0;
  pace_.add(worker_.now_s(), end_ - begin_);
  for (;;) {
    boost::system::error_code failed = http::error::need_more;
    while (begin_ < end_ && !parser_->is_done()) {
      auto held = body.size();
      auto used = parser_->put(
        net::buffer(input_.data() + begin_, end_ - begin_), failed);
      begin_ += used;
      raw_bytes += used;
      if (auto ok = reserve(body.size() - held, body.size()); !ok)
        co_return ok.error();
      if (failed || used == 0)
        break;
    }
    if (parser_->is_done()) {
      body_done_ = true;
      co_return std::string_view{body};
    }
    if (failed == http::error::body_limit || body.size() > bytes_max)
      co_return too_large(bytes_max);
    auto beside_bytes_max = bounds().header.bytes_max;
    if (auto ok = check_chunks(failed, unread(), beside_bytes_max); !ok)
      co_return ok.error();
    // Many small chunks: their framing may be as large as a header, and as the
    // body.
    if (raw_bytes + (end_ - begin_) > 2 * body.size() + 2 * beside_bytes_max)
      co_return bad_chunks("more framing than content");
    auto unused = end_ - begin_;
    if (!co_await receive()) {
      keep_alive_ = false;
      close();
      co_return client_is_gone();
    }
    pace_.add(worker_.now_s(), end_ - begin_ - unused);
  }
}

} // namespace eventd::runtime
