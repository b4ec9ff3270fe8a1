// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/http_session.hpp"

#include <cstring>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <spdlog/spdlog.h>

#include "runtime/gateway/problem.hpp"
#include "runtime/gateway/response.hpp"
#include "runtime/gateway/status.hpp"
#include "runtime/gateway/worker.hpp"

namespace eventd::runtime {

namespace {

/// The buffer begins small, for who says little; who fills it gets the usual
/// size, in which most requests fit; a larger header makes it grow by that.
constexpr size_t input_bytes_min = 2'048;
constexpr size_t input_step_bytes = 4'096;

/// Room for an answer that is kept until the next.
constexpr size_t output_bytes_kept = 1'024;

/// What is answered before the node serves, too: who can answer lives.
bool needs_nothing(route_kind x) {
  return x == route_kind::livez || x == route_kind::healthz;
}

void log_exception(const std::exception_ptr& thrown) {
  if (!thrown)
    return;
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& x) {
    spdlog::error("a connection ended by an exception: {}", x.what());
  }
}

} // namespace

http_session::http_session(io_worker& worker, tcp_socket socket,
                           connection_ticket ticket)
  : worker_(worker), ticket_(std::move(ticket)), socket_(std::move(socket)),
    pace_(bounds().body_bytes_per_s_min) {
  ++worker_.shared().connections;
}

http_session::~http_session() {
  end_request();
  worker_.leave(this);
  --worker_.shared().connections;
  worker_.shared().one_ended();
}

void http_session::start() {
  net::co_spawn(worker_.context(), run(),
                [self = shared_from_this()](std::exception_ptr thrown) {
                  log_exception(thrown);
                  self->close();
                });
}

void http_session::set_deadline(uint64_t seconds) {
  // The current second has begun already: one more makes it a lower bound.
  deadline_s_ = worker_.now_s() + seconds + 1;
}

/// At the latest: what sends slowly on purpose gets no second more.
void http_session::set_header_deadline() {
  deadline_s_ = worker_.now_s() + bounds().header_timeout_s;
}

const gateway_limits& http_session::bounds() const {
  return worker_.shared().options.bounds;
}

void http_session::close_if_late() {
  auto now_s = worker_.now_s();
  if ((deadline_s_ != 0 && now_s >= deadline_s_) || pace_.is_slow(now_s))
    close();
}

void http_session::close_if_idle() {
  if (idle_)
    close();
}

void http_session::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

// -- the way of a request -----------------------------------------------------

task<> http_session::run() {
  boost::system::error_code ignored;
  socket_.set_option(tcp::no_delay{true}, ignored);
  while (co_await read_header()) {
    co_await serve();
    end_request();
    if (!keep_alive_ || !socket_.is_open())
      break;
  }
  if (lingers_ && socket_.is_open())
    co_await linger();
}

void http_session::end_request() {
  worker_.shared().bodies.give_back(std::exchange(reserved_bytes_, 0));
}

/// Makes room behind what is unread, by less than a step more than it needs,
/// and gives back what something larger took before.
void http_session::make_room() {
  auto held = end_ - begin_;
  auto size = input_.empty() ? input_bytes_min
                             : (held / input_step_bytes + 1) * input_step_bytes;
  auto fits = end_ < input_.size() && input_.size() <= size;
  if (fits && held > 0)
    return;
  if (fits || input_.size() == size) {
    std::memmove(input_.data(), input_.data() + begin_, held);
  } else {
    std::string other(size, '\0');
    std::memcpy(other.data(), input_.data() + begin_, held);
    input_.swap(other);
  }
  begin_ = 0;
  end_ = held;
}

task<bool> http_session::receive() {
  make_room();
  auto [failed, n] = co_await socket_.async_read_some(
    net::buffer(input_.data() + end_, input_.size() - end_), no_throw);
  end_ += n;
  co_return !failed;
}

bool http_session::had_fold(std::string_view bytes) {
  bool found = false;
  for (auto c : bytes) {
    found = found || (last_byte_ == '\n' && (c == ' ' || c == '\t'));
    last_byte_ = c;
  }
  return found;
}

task<bool> http_session::read_header() {
  parser_.emplace(request_, bounds().body_bytes_max, bounds().header);
  if (output_.capacity() > output_bytes_kept)
    output_.shrink_to_fit();
  header_bytes_ = 0;
  status_ = 0;
  last_byte_ = 0;
  folded_ = false;
  idle_ = begin_ == end_;
  keep_alive_ = true;
  body_done_ = true;
  if (idle_)
    set_deadline(bounds().idle_timeout_s);
  else
    set_header_deadline();
  for (;;) {
    if (begin_ < end_) {
      boost::system::error_code failed;
      auto used = parser_->put(
        net::buffer(input_.data() + begin_, end_ - begin_), failed);
      folded_ = had_fold(unread().substr(0, used)) || folded_;
      header_bytes_ += used;
      begin_ += used;
      if (parser_->is_header_done() && !failed)
        co_return true; // The guard knows the size of a whole header.
      // The parser's own limit is of one field: many small ones pass it.
      if ((!failed || failed == http::error::need_more)
          && header_bytes_ + (end_ - begin_) > bounds().header.bytes_max)
        failed = http::error::header_limit;
      if (failed && failed != http::error::need_more) {
        keep_alive_ = false;
        lingers_ = true;
        auto large = failed == http::error::header_limit;
        co_await fail({large ? ec::payload_too_large : ec::invalid_request,
                       "the request's header: " + failed.message()},
                      large ? 431 : 400);
        co_return false;
      }
    }
    if (idle_ && worker_.shared().draining)
      co_return false;
    if (!co_await receive())
      co_return false;
    if (std::exchange(idle_, false))
      set_header_deadline();
  }
}

task<> http_session::serve() {
  deadline_s_ = 0; // A handler's questions have deadlines of their own.
  auto passed
    = framing_guard({request_.method(), request_.target(), request_.version(),
                     request_.fields(), header_bytes_, folded_},
                    bounds().header);
  if (!passed) {
    keep_alive_ = false;
    lingers_ = true;
    co_await fail(passed.error(),
                  passed.error() == ec::payload_too_large ? 431 : 0);
    co_return;
  }
  framing_ = *passed;
  keep_alive_ = !framing_.close && !worker_.shared().draining;
  body_done_ = framing_.kind == body_framing::none
               || (framing_.kind == body_framing::length
                   && framing_.content_length == 0);
  routed_ = runtime::route(request_.method(), framing_.target, framing_.host);
  if (!worker_.shared().serving && !needs_nothing(routed_.kind)) {
    co_await fail(worker_.shared().not_yet());
    co_return;
  }
  switch (routed_.kind) {
  case route_kind::publish:
    co_return co_await handle_publish(*this);
  case route_kind::handshake:
    co_return co_await handle_handshake(*this);
  case route_kind::read:
    co_return co_await handle_read(*this);
  case route_kind::resource:
    co_return co_await handle_resource(*this);
  case route_kind::subscription_pause:
  case route_kind::subscription_resume:
  case route_kind::subscription_seek:
    co_return co_await handle_subscription(*this);
  case route_kind::cluster:
    co_return co_await handle_cluster(*this);
  case route_kind::healthz:
  case route_kind::livez:
  case route_kind::readyz:
  case route_kind::startupz:
  case route_kind::metrics:
  case route_kind::version:
    co_return co_await handle_operations(*this);
  case route_kind::wrong_method:
    co_await fail(
      {ec::method_not_allowed, std::string{method()} + " is not allowed here"},
      0, "Allow: " + std::string{routed_.allow} + "\r\n");
    co_return;
  case route_kind::bad_path:
    co_await fail({ec::invalid_request,
                   "a channel takes events at /{namespace}/{name}, or at / "
                   "with a host that names it"});
    co_return;
  case route_kind::not_found:
    co_await fail({ec::not_found, "there is nothing at this path"});
    co_return;
  }
}

// -- the answer ---------------------------------------------------------------

std::string& http_session::begin(unsigned status) {
  skip_small_body();
  if (!body_done_) {
    // Where the next request begins can only be told by reading the body.
    keep_alive_ = false;
    lingers_ = true;
  }
  status_ = status;
  output_.clear();
  begin_response(output_, status, worker_.date());
  return output_;
}

void http_session::skip_small_body() {
  if (body_done_ || framing_.kind != body_framing::length
      || framing_.expects_continue || framing_.content_length > end_ - begin_)
    return;
  begin_ += framing_.content_length;
  body_done_ = true;
}

task<bool> http_session::send() {
  set_deadline(bounds().idle_timeout_s);
  auto [failed, n]
    = co_await net::async_write(socket_, net::buffer(output_), no_throw);
  deadline_s_ = 0;
  output_.clear();
  if (output_.capacity() > limits::read_chunk_bytes_max)
    output_.shrink_to_fit();
  if (failed)
    keep_alive_ = false;
  co_return !failed;
}

task<bool> http_session::finish(std::string_view body) {
  end_response(output_, body, keep_alive_, method() == "HEAD");
  co_return co_await send();
}

task<bool> http_session::begin_stream() {
  if (speaks_chunked())
    output_ += "Transfer-Encoding: chunked\r\n";
  else
    keep_alive_ = false;
  if (!keep_alive_)
    output_ += "Connection: close\r\n";
  output_ += "\r\n";
  co_return co_await send();
}

task<bool> http_session::write(std::string_view bytes) {
  if (bytes.empty())
    co_return true;
  if (speaks_chunked())
    append_chunk(output_, bytes);
  else
    output_ += bytes;
  co_return co_await send();
}

task<bool> http_session::end_stream(std::string_view trailer) {
  if (!speaks_chunked())
    co_return true;
  output_ += "0\r\n";
  output_ += trailer;
  output_ += "\r\n";
  co_return co_await send();
}

task<bool> http_session::fail(const failure& why, unsigned status,
                              std::string_view headers) {
  if (why == ec::unreachable && !socket_.is_open())
    co_return false;
  if (status == 0)
    status = http_status(why.code);
  auto& out = begin(status);
  if (auto wait_s = retry_after_s(status))
    add_header(out, "Retry-After", uint64_t{wait_s});
  out += headers;
  add_header(out, "Content-Type", problem_media_type);
  co_return co_await finish(problem_json(why, status));
}

task<> http_session::linger() {
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  set_deadline(limits::linger_timeout_s);
  for (size_t read = 0; read < limits::linger_bytes_max; read += end_) {
    begin_ = end_ = 0;
    if (!co_await receive())
      co_return;
  }
}

} // namespace eventd::runtime
