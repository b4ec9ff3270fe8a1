// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/http_wire.hpp"

#include <chrono>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "tools/client/problem.hpp"

namespace eventd::bench {

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = net::ip::tcp;

constexpr auto no_throw = net::as_tuple(net::use_awaitable);
constexpr std::chrono::seconds answer_timeout{30};

class http_wire final : public wire {
public:
  http_wire(net::io_context& context, request_maker& events)
    : context_(context), events_(events), stream_(context) {}

  net::awaitable<std::string> send(const event_range& x) override {
    events_.make(text_, x.first, x.count, x.sent_ns);
    stream_.expires_after(answer_timeout);
    if (!open_)
      if (auto failed = co_await open(); failed)
        co_return failed.message();
    answer_parser parser;
    auto [failed, written]
      = co_await net::async_write(stream_, net::buffer(text_), no_throw);
    if (!failed) {
      auto [broken, n]
        = co_await http::async_read(stream_, buffer_, parser, no_throw);
      failed = broken;
    }
    if (failed || !parser.get().keep_alive()) {
      stream_.close();
      open_ = false;
    }
    if (failed)
      co_return failed.message();
    auto& answer = parser.get();
    auto status = answer.result_int();
    if (status < 200 || status > 299)
      co_return tools::one_line(tools::failure_of(status, answer.body()));
    offset_ = answer["Eventd-Offset"];
    co_return std::string{};
  }

  std::string_view offset() const override { return offset_; }

private:
  using answer_parser = http::response_parser<http::string_body>;

  net::awaitable<beast::error_code> open() {
    auto& to = events_.server();
    beast::error_code unknown;
    auto found = tcp::resolver{context_}.resolve(to.host, to.port, unknown);
    if (unknown)
      co_return unknown;
    auto [failed, at] = co_await stream_.async_connect(found, no_throw);
    if (failed)
      co_return failed;
    stream_.socket().set_option(tcp::no_delay{true}, unknown);
    buffer_.clear();
    open_ = true;
    co_return beast::error_code{};
  }

  net::io_context& context_;
  request_maker& events_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  bool open_ = false;
  std::string text_;
  std::string offset_;
};

} // namespace

std::unique_ptr<wire> make_http_wire(net::io_context& context,
                                     request_maker& events) {
  return std::make_unique<http_wire>(context, events);
}

} // namespace eventd::bench
