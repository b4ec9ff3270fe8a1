// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/peer_link.hpp"

#include <chrono>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace eventd::bench {

namespace {

namespace net = boost::asio;
using tcp = net::ip::tcp;

constexpr auto no_throw = net::as_tuple(net::use_awaitable);
constexpr std::chrono::seconds answer_timeout{30};
constexpr size_t read_bytes = size_t{64} << 10;

class peer_wire final : public wire {
public:
  peer_wire(net::io_context& context, request_maker& events, peer to)
    : events_(events), link_(context, std::move(to)) {}

  net::awaitable<std::string> send(const event_range& x) override {
    if (!link_.is_open())
      if (auto opened = co_await link_.open(); !opened)
        co_return opened.error().detail;
    text_.clear();
    for (size_t i = 0; i < x.count; ++i) {
      event_.clear();
      events_.append_event(event_, x.first + i, x.sent_ns);
      link_.dialect().append_publish(text_, event_);
    }
    if (auto written = co_await link_.write(text_); !written)
      co_return written.error().detail;
    for (size_t stored = 0; stored < x.count;) {
      auto news = co_await link_.read();
      if (!news)
        co_return news.error().detail;
      stored += news->stored;
    }
    co_return std::string{};
  }

private:
  request_maker& events_;
  peer_link link_;
  std::string event_;
  std::string text_;
};

} // namespace

peer_link::peer_link(net::io_context& context, peer to)
  : context_(context), to_(std::move(to)), stream_(context) {
  input_.resize(read_bytes);
}

failure peer_link::broken(const boost::system::error_code& why) {
  dialect_.reset();
  stream_.close();
  return {ec::unreachable,
          to_.name + " at " + to_.address.authority + ": " + why.message()};
}

net::awaitable<result<void>> peer_link::open() {
  boost::system::error_code unknown;
  auto found = tcp::resolver{context_}.resolve(to_.address.host,
                                               to_.address.port, unknown);
  if (unknown)
    co_return broken(unknown);
  stream_.expires_after(answer_timeout);
  auto [failed, at] = co_await stream_.async_connect(found, no_throw);
  if (failed)
    co_return broken(failed);
  stream_.socket().set_option(tcp::no_delay{true}, unknown);
  dialect_ = to_.make_dialect();
  co_return co_await ask(dialect_->hello());
}

net::awaitable<result<void>> peer_link::ask(std::string text) {
  if (auto written = co_await write(text); !written)
    co_return written;
  for (;;) {
    auto news = co_await read();
    if (!news)
      co_return news.error();
    if (news->ready > 0)
      co_return result<void>{};
  }
}

net::awaitable<result<void>> peer_link::write(std::string_view text) {
  stream_.expires_after(answer_timeout);
  auto [failed, written]
    = co_await net::async_write(stream_, net::buffer(text), no_throw);
  if (failed)
    co_return broken(failed);
  co_return result<void>{};
}

net::awaitable<result<peer_news>> peer_link::read() {
  stream_.expires_after(answer_timeout);
  auto [failed, n]
    = co_await stream_.async_read_some(net::buffer(input_), no_throw);
  if (failed)
    co_return broken(failed);
  auto news = dialect_->take(std::string_view{input_}.substr(0, n));
  if (!news) {
    broken({});
    co_return news;
  }
  if (!news->reply.empty())
    if (auto written = co_await write(news->reply); !written)
      co_return written.error();
  co_return news;
}

wire_maker peer_wires(peer to) {
  return [to = std::move(to)](net::io_context& context, request_maker& events) {
    return std::make_unique<peer_wire>(context, events, to);
  };
}

} // namespace eventd::bench
