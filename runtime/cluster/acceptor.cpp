// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/acceptor.hpp"

#include <chrono>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/basic_resolver.hpp>

#include "runtime/cluster/link_stream.hpp"

namespace eventd::runtime {

namespace {

/// After a failed accept, most often for want of file descriptors.
constexpr std::chrono::milliseconds accept_pause{100};

/// Read at a time: what a hello may have, a quarter of a frame.
constexpr size_t read_bytes = size_t{64} << 10;

/// A dialer pings all the time; it gets longer than we do, so that the side
/// that knows more about the connection gives it up first.
constexpr int silence_factor = 3;

} // namespace

struct link_acceptor::connection {
  connection(net::io_context& io, net::ssl::context* tls)
    : stream(std::make_shared<link_stream>(io, tls)) {}

  std::shared_ptr<link_stream> stream;
  std::string address; ///< Where it comes from, without the port.
  frame_reader reader;
  hello theirs;
  bool greeted = false;
};

link_acceptor::link_acceptor(link_context& context)
  : context_(context), acceptor_(context.io.get_executor()),
    pause_(context.io.get_executor()) {}

result<void> link_acceptor::open() {
  const auto& host = context_.options.host;
  auto port = context_.options.port;
  boost::system::error_code failed;
  auto refuse = [&] {
    return failure{ec::address_in_use, "can not listen for other nodes on "
                                         + host + ':' + std::to_string(port)
                                         + ": " + failed.message()};
  };
  tcp::endpoint at{net::ip::make_address(host, failed), port};
  if (failed) {
    net::ip::basic_resolver<tcp, io_executor> names{context_.io.get_executor()};
    auto found = names.resolve(host, std::to_string(port), failed);
    if (failed || found.empty())
      return refuse();
    at = found.begin()->endpoint();
  }
  acceptor_.open(at.protocol(), failed);
  if (!failed)
    acceptor_.set_option(net::socket_base::reuse_address{true}, failed);
  if (!failed)
    acceptor_.bind(at, failed);
  if (!failed)
    acceptor_.listen(net::socket_base::max_listen_connections, failed);
  if (failed)
    return refuse();
  port_ = acceptor_.local_endpoint(failed).port();
  return {};
}

void link_acceptor::start() {
  net::co_spawn(context_.io, accept(), net::detached);
}

void link_acceptor::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  for (const auto& x : connections_)
    x->stream->close();
}

task<> link_acceptor::accept() {
  for (;;) {
    auto x = std::make_shared<connection>(context_.io, context_.tls.get());
    auto [failed]
      = co_await acceptor_.async_accept(x->stream->socket(), no_throw);
    if (!acceptor_.is_open())
      co_return;
    boost::system::error_code gone;
    auto from
      = failed ? tcp::endpoint{} : x->stream->socket().remote_endpoint(gone);
    if (gone)
      continue;
    if (failed) {
      context_.report(trouble::crowded, "accept",
                      "a connection between nodes was not accepted: "
                        + failed.message());
      pause_.expires_after(accept_pause);
      co_await pause_.async_wait(no_throw);
      if (!acceptor_.is_open())
        co_return;
      continue;
    }
    x->address = from.address().to_string();
    if (strangers_ >= limits::link_strangers_max) {
      context_.report(trouble::crowded, x->address,
                      "a connection from " + x->address
                        + " to the port between nodes was closed: too many "
                          "have not said hello");
      continue;
    }
    ++strangers_;
    connections_.insert(x);
    net::co_spawn(context_.io, serve(x), net::detached);
  }
}

task<> link_acceptor::serve(connection_ptr x) {
  x->stream->expire_after(std::chrono::milliseconds{limits::link_hello_ms_max});
  auto refused = co_await x->stream->begin(link_stream::role::server);
  if (!refused) {
    co_await read(x);
  } else if (refused == tls_mismatch()) {
    co_await refuse_kind(x);
  } else if (acceptor_.is_open()) {
    context_.report(trouble::tls, x->address,
                    "a connection from " + x->address
                      + " to the port between nodes failed its TLS handshake: "
                      + refused.message());
  }
  x->stream->close();
  if (!x->greeted)
    --strangers_;
  if (auto found = by_node_.find(x->theirs.node);
      found != by_node_.end() && found->second == x) {
    by_node_.erase(found);
    if (acceptor_.is_open())
      context_.options.on.unheard(x->theirs.node);
  }
  connections_.erase(x);
}

/// Whoever dials here reads it in its log, too.
task<> link_acceptor::refuse_kind(const connection_ptr& x) {
  auto why = tls_mismatch().message();
  context_.report(trouble::tls, x->address,
                  "a connection from " + x->address
                    + " to the port between nodes was closed: " + why);
  hello_answer answer{{}, std::move(why)};
  auto frame = encode_frame(frame_hello, encode(answer));
  co_await x->stream->answer_plainly(std::move(frame));
}

task<> link_acceptor::read(const connection_ptr& x) {
  std::vector<char> buffer(read_bytes);
  for (;;) {
    auto got = co_await x->stream->read_some(net::buffer(buffer));
    if (got.failed || x->stream->is_closed()) {
      report_end(*x, got.failed);
      co_return;
    }
    std::string_view bytes{buffer.data(), got.bytes};
    bool goes_on = co_await take(x, bytes);
    if (!goes_on)
      co_return;
    if (x->greeted)
      x->stream->expire_after(silence_factor * context_.timeout());
  }
}

task<bool> link_acceptor::take(const connection_ptr& x,
                               std::string_view bytes) {
  bool pinged = false;
  while (!bytes.empty()) {
    auto next = x->reader.next(bytes);
    if (!next) {
      context_.report(trouble::bytes, x->address,
                      "a connection from " + x->address
                        + " to the port between nodes was closed: "
                        + next.error().detail);
      co_return false;
    }
    if (!*next)
      break;
    auto& message = **next;
    switch (message.what) {
    case link_message::kind::hello: {
      bool welcome = co_await greet(x, message.bytes);
      if (!welcome)
        co_return false;
      break;
    }
    case link_message::kind::data:
      context_.options.on.received(x->theirs.node, x->theirs,
                                   std::move(message.bytes));
      break;
    case link_message::kind::ping:
      pinged = true;
      break;
    case link_message::kind::pong:
      break;
    }
    // Replaced, or stopped, by one of the calls above.
    if (x->stream->is_closed())
      co_return false;
  }
  if (!pinged)
    co_return true;
  // One for all: what it says is that we read up to here.
  auto pong = encode_frame(frame_pong);
  std::vector<net::const_buffer> buffers{net::buffer(pong)};
  auto failed = co_await x->stream->write(buffers);
  co_return !failed;
}

task<bool> link_acceptor::greet(const connection_ptr& x,
                                std::string_view bytes) {
  auto own = context_.options.on.own();
  hello_answer answer;
  uint64_t node = 0;
  auto theirs = decode_hello(bytes);
  if (theirs) {
    node = theirs->node;
    auto version = admit(own, *theirs);
    if (version)
      answer.accepted = std::move(own);
    else
      answer.refusal = version.error().detail;
  } else {
    answer.refusal = theirs.error().detail;
  }
  if (answer.accepted) {
    x->theirs = std::move(*theirs);
    x->greeted = true;
    --strangers_;
    auto& current = by_node_[node];
    if (current)
      current->stream->close();
    current = x;
  } else {
    auto who = node == 0 ? x->address
                         : "node " + std::to_string(node) + " at " + x->address;
    context_.report(trouble::refused, x->address,
                    who + " was refused: " + answer.refusal);
    if (node != 0)
      context_.options.on.refused(node, answer.refusal);
  }
  bool welcome = answer.accepted.has_value();
  auto frame = encode_frame(frame_hello, encode(answer));
  std::vector<net::const_buffer> buffers{net::buffer(frame)};
  auto failed = co_await x->stream->write(buffers);
  if (welcome && !failed && !x->stream->is_closed())
    context_.options.on.heard(node);
  co_return welcome && !failed;
}

result<uint32_t> link_acceptor::admit(const hello& own, const hello& theirs) {
  if (theirs.node == context_.options.node)
    return failure{ec::conflict, "node " + std::to_string(theirs.node)
                                   + " is the node that was dialed"};
  auto version = agree_on_version(own, theirs);
  if (!version)
    return version;
  if (auto admitted = context_.options.on.admit(theirs, *version); !admitted)
    return admitted.error();
  return version;
}

void link_acceptor::report_end(const connection& x,
                               const boost::system::error_code& why) {
  if (!acceptor_.is_open())
    return;
  auto who = x.greeted
               ? "node " + std::to_string(x.theirs.node) + " at " + x.address
               : x.address;
  if (x.stream->is_expired())
    context_.report(trouble::silent, x.address,
                    who + " fell silent and was cut off");
  else if (x.stream->is_closed())
    return; // By us: replaced.
  else if (!x.reader.at_start())
    context_.report(trouble::bytes, x.address,
                    who + " ended inside a frame: " + why.message());
}

} // namespace eventd::runtime
