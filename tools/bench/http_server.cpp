// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/http_server.hpp"

#include <chrono>
#include <thread>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

namespace eventd::bench {

namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using tcp = net::ip::tcp;

constexpr auto no_throw = net::as_tuple(net::use_awaitable);
constexpr size_t read_buffer_bytes = size_t{16} << 10;
constexpr uint64_t body_bytes_max = uint64_t{64} << 20;

net::awaitable<void> serve(tcp::socket socket, const server_handler& handler) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay{true}, ignored);
  boost::beast::flat_buffer buffer;
  // Beast reads as much as there is capacity: large bodies want more than 512.
  buffer.reserve(read_buffer_bytes);
  for (;;) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(body_bytes_max);
    auto [failed, n]
      = co_await http::async_read(socket, buffer, parser, no_throw);
    if (failed)
      co_return;
    auto reply = handler(parser.get());
    if (reply.delay_ms > 0) {
      net::steady_timer pause{socket.get_executor(),
                              std::chrono::milliseconds{reply.delay_ms}};
      co_await pause.async_wait(no_throw);
    }
    http::response<http::empty_body> answer{http::int_to_status(reply.status),
                                            parser.get().version()};
    answer.result(reply.status);
    answer.keep_alive(parser.get().keep_alive());
    answer.prepare_payload();
    auto [broken, written]
      = co_await http::async_write(socket, answer, no_throw);
    if (broken || !answer.keep_alive())
      co_return;
  }
}

net::awaitable<void> accept(tcp::acceptor& acceptor,
                            const server_handler& handler) {
  for (;;) {
    auto [failed, socket] = co_await acceptor.async_accept(no_throw);
    if (failed == net::error::operation_aborted)
      co_return;
    if (!failed)
      net::co_spawn(acceptor.get_executor(), serve(std::move(socket), handler),
                    net::detached);
  }
}

} // namespace

struct http_server::state {
  net::io_context context;
  tcp::acceptor acceptor{context};
  net::signal_set signals{context};
  server_handler handler;
};

http_server::http_server(std::unique_ptr<state> made)
  : state_(std::move(made)) {}

http_server::~http_server() = default;

result<std::unique_ptr<http_server>>
http_server::listen(const std::string& where, server_handler handler) {
  auto colon = where.rfind(':');
  auto invalid = failure{
    ec::invalid_config, "'" + where + "' is not HOST:PORT with a numeric host"};
  if (colon == std::string::npos)
    return invalid;
  boost::system::error_code wrong;
  auto host = net::ip::make_address(where.substr(0, colon), wrong);
  auto digits = where.substr(colon + 1);
  if (wrong || digits.empty() || digits.size() > 5
      || digits.find_first_not_of("0123456789") != digits.npos
      || std::stoul(digits) > 65'535)
    return invalid;
  auto made = std::make_unique<state>();
  made->handler = std::move(handler);
  tcp::endpoint at{host, static_cast<uint16_t>(std::stoul(digits))};
  made->acceptor.open(at.protocol(), wrong);
  if (!wrong)
    made->acceptor.set_option(tcp::acceptor::reuse_address{true}, wrong);
  if (!wrong)
    made->acceptor.bind(at, wrong);
  if (!wrong)
    made->acceptor.listen(net::socket_base::max_listen_connections, wrong);
  if (wrong)
    return failure{ec::address_in_use, where + ": " + wrong.message()};
  net::co_spawn(made->context, accept(made->acceptor, made->handler),
                net::detached);
  return std::unique_ptr<http_server>{new http_server{std::move(made)}};
}

std::string http_server::address() const {
  auto at = state_->acceptor.local_endpoint();
  return at.address().to_string() + ":" + std::to_string(at.port());
}

void http_server::run(int threads, bool until_signal) {
  if (until_signal) {
    state_->signals.add(SIGINT);
    state_->signals.add(SIGTERM);
    state_->signals.async_wait(
      [this](auto failed, int) { failed ? void() : stop(); });
  }
  std::vector<std::jthread> others;
  for (int i = 1; i < threads; ++i)
    others.emplace_back([this] { state_->context.run(); });
  state_->context.run();
}

void http_server::stop() {
  state_->context.stop();
}

} // namespace eventd::bench
