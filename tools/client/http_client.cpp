// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/client/http_client.hpp"

#include <optional>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include "tools/client/problem.hpp"

namespace eventd::tools {

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = net::ip::tcp;
using boost::system::error_code;

/// An answer that is read whole. Past it: `ec::payload_too_large`.
constexpr size_t answer_body_bytes_max = size_t{64} << 20;
constexpr size_t read_buffer_bytes = size_t{64} << 10;
constexpr std::chrono::milliseconds stop_poll{100};

bool has_control(std::string_view x) {
  for (unsigned char c : x)
    if (c < 0x20 || c == 0x7f)
      return true;
  return false;
}

result<std::string> request_text(const http_request& what, const url& to) {
  auto text = what.method + " " + what.target
              + " HTTP/1.1\r\nHost: " + to.authority + "\r\n";
  for (auto& [name, value] : what.headers) {
    if (has_control(name) || has_control(value))
      return failure{ec::invalid_request,
                     "a header value holds a control character", name};
    text += name + ": " + value + "\r\n";
  }
  if (!what.body.empty() || what.method != "GET")
    text += "Content-Length: " + std::to_string(what.body.size()) + "\r\n";
  text += "\r\n";
  text += what.body;
  return text;
}

bool peer_closed(const error_code& x) {
  return x == http::error::end_of_stream || x == net::error::connection_reset
         || x == net::error::broken_pipe || x == net::error::eof;
}

} // namespace

struct http_client::connection {
  connection(url x, client_options y) : to(std::move(x)), options(y) {
    // Beast reads as much as there is capacity, at least 512 bytes: without
    // this, a stream would cost a system call for each.
    buffer.reserve(read_buffer_bytes);
  }

  using parser_type = http::response_parser<http::buffer_body>;

  url to;
  client_options options;
  net::io_context context;
  std::optional<beast::tcp_stream> stream;
  beast::flat_buffer buffer;
  std::optional<parser_type> parser;

  bool stopping() const { return options.stop && options.stop->load(); }

  failure explain(const error_code& why) const {
    auto where = "http://" + to.authority;
    if (stopping())
      return {ec::shutting_down, "interrupted"};
    if (why == beast::error::timeout)
      return {ec::timeout, where + " did not answer in time"};
    return {ec::unreachable, where + ": " + why.message()};
  }

  /// Starts one asynchronous operation and waits for it, so that timeouts and
  /// interruption hold for what reads like blocking code.
  template <class Start>
  error_code await(std::chrono::milliseconds timeout, Start start) {
    std::optional<error_code> done;
    stream->expires_after(timeout);
    start([&done](error_code why, auto&&...) { done = why; });
    context.restart();
    while (!done) {
      context.run_one_for(stop_poll);
      if (!done && stopping())
        stream->cancel();
    }
    return *done;
  }

  result<void> connect() {
    error_code why;
    tcp::resolver resolver{context};
    auto found = resolver.resolve(to.host, to.port, why);
    if (why)
      return explain(why);
    stream.emplace(context);
    buffer.clear();
    why = await(options.connect_timeout, [&](auto handler) {
      stream->async_connect(found, std::move(handler));
    });
    if (why) {
      stream.reset();
      return explain(why);
    }
    stream->socket().set_option(tcp::no_delay{true}, why);
    return {};
  }

  error_code exchange(const std::string& text) {
    auto why = await(options.answer_timeout, [&](auto handler) {
      net::async_write(*stream, net::buffer(text), std::move(handler));
    });
    if (why)
      return why;
    for (;;) {
      parser.emplace();
      parser->body_limit(boost::none);
      why = await(options.answer_timeout, [&](auto handler) {
        http::async_read_header(*stream, buffer, *parser, std::move(handler));
      });
      // A 1xx is not the answer (RFC 9110 15.2).
      if (why || parser->get().result_int() >= 200)
        return why;
    }
  }
};

http_client::http_client(url to, client_options options)
  : connection_(std::make_unique<connection>(std::move(to), options)) {}

http_client::http_client(http_client&&) noexcept = default;
http_client& http_client::operator=(http_client&&) noexcept = default;
http_client::~http_client() = default;

const url& http_client::address() const {
  return connection_->to;
}

std::string_view http_answer::header(std::string_view name) const {
  for (auto& [key, value] : headers)
    if (beast::iequals(key, beast::string_view{name.data(), name.size()}))
      return value;
  return {};
}

result<http_answer> http_client::open(const http_request& what) {
  auto& c = *connection_;
  auto text = request_text(what, c.to);
  if (!text)
    return text.error();
  if (c.parser && !c.parser->is_done())
    close();
  for (bool reused = c.stream.has_value();; reused = false) {
    if (!c.stream)
      if (auto connected = c.connect(); !connected)
        return connected.error();
    auto why = c.exchange(*text);
    if (!why)
      break;
    auto early = !c.parser || !c.parser->got_some();
    close();
    if (!reused || !early || !peer_closed(why))
      return c.explain(why);
  }
  http_answer answer;
  answer.status = c.parser->get().result_int();
  for (auto& field : c.parser->get())
    answer.headers.emplace_back(field.name_string(), field.value());
  return answer;
}

result<size_t> http_client::read(std::span<char> out) {
  auto& c = *connection_;
  while (c.parser && !c.parser->is_done()) {
    auto& body = c.parser->get().body();
    body.data = out.data();
    body.size = out.size();
    body.more = true;
    auto why = c.await(c.options.answer_timeout, [&](auto handler) {
      http::async_read_some(*c.stream, c.buffer, *c.parser, std::move(handler));
    });
    // What came before the connection broke counts; the next call meets the
    // error again.
    if (auto n = out.size() - body.size; n > 0)
      return n;
    if (why && why != http::error::need_buffer) {
      close();
      return c.explain(why);
    }
  }
  if (c.parser && !c.parser->keep_alive())
    close();
  return size_t{0};
}

result<http_answer> http_client::send(const http_request& what) {
  auto answer = open(what);
  if (!answer)
    return answer;
  std::string piece(size_t{16} << 10, '\0');
  for (;;) {
    auto n = read(piece);
    if (!n)
      return n.error();
    if (*n == 0)
      return answer;
    if (answer->body.size() + *n > answer_body_bytes_max) {
      close();
      return failure{ec::payload_too_large, "the answer is beyond 64 MiB"};
    }
    answer->body.append(piece.data(), *n);
  }
}

result<http_answer> http_client::call(const http_request& what) {
  auto answer = send(what);
  if (answer && !answer->ok())
    return failure_of(answer->status, answer->body);
  return answer;
}

void http_client::close() {
  connection_->stream.reset();
  connection_->parser.reset();
  connection_->buffer.clear();
}

} // namespace eventd::tools
