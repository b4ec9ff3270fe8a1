// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/dialer.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/post.hpp>

#include "runtime/cluster/frame.hpp"
#include "runtime/cluster/link_stream.hpp"

namespace eventd::runtime {

namespace {

/// A connection that was there and broke is likely to come about again.
constexpr int64_t redial_first_ms = 4;
constexpr int64_t redial_ms_max = 1'000;

/// Answers and pongs are small.
constexpr size_t read_bytes = size_t{4} << 10;

using endpoints = std::vector<tcp::endpoint>;

/// What a name lookup fills in; shared, because a lookup that hangs can not be
/// cancelled and ends after its asker has gone.
struct lookup {
  explicit lookup(io_executor executor) : names(executor), wake(executor) {}

  net::ip::basic_resolver<tcp, io_executor> names;
  steady_timer wake;
  boost::system::error_code failed;
  endpoints found;
};

} // namespace

redial_pause::redial_pause(uint64_t seed)
  : dice_(static_cast<std::minstd_rand::result_type>(seed)),
    longest_ms_(redial_first_ms) {}

std::chrono::milliseconds redial_pause::next() {
  std::uniform_int_distribution<int64_t> pick{longest_ms_ / 2, longest_ms_};
  std::chrono::milliseconds out{pick(dice_)};
  longest_ms_ = std::min(2 * longest_ms_, redial_ms_max);
  return out;
}

void redial_pause::reset() {
  longest_ms_ = redial_first_ms;
}

std::chrono::milliseconds handshake_patience::next() {
  if (short_ones_left_ == 0)
    return longest_;
  --short_ones_left_;
  return short_;
}

void handshake_patience::came_about(std::chrono::milliseconds took) {
  constexpr std::chrono::milliseconds shortest{20};
  short_ = std::min(std::max(4 * took, shortest), longest_);
  short_ones_left_ = 2;
}

struct dialer::connection {
  connection(net::io_context& io, net::ssl::context* tls)
    : stream(std::make_shared<link_stream>(io, tls)) {}

  /// The first reason counts; what follows is its echo.
  void fail(trouble as, std::string text) {
    if (why.empty()) {
      kind = as;
      why = std::move(text);
    }
  }

  std::shared_ptr<link_stream> stream;
  frame_reader reader;
  std::array<char, read_bytes> buffer;
  clock::time_point begin; ///< Of its handshakes, TCP's among them.
  std::chrono::milliseconds patience{0}; ///< Of them together, where short.
  hello theirs;
  uint32_t version = 0;
  bool usable = false; ///< Both hellos were accepted.
  bool heard = false;  ///< A pong came.
  trouble kind = trouble::lost;
  std::string why; ///< Why it ended.
};

dialer::dialer(link_context& context, peer_address peer)
  : context_(context), peer_(std::move(peer)),
    name_("node " + std::to_string(peer_.node) + " at " + peer_.host + ':'
          + std::to_string(peer_.port)),
    redial_(context.options.node << 16 ^ peer_.node),
    patience_(context.timeout()), outbox_(context.options.queue_bytes_max),
    pause_(context.io.get_executor()), wake_(context.io.get_executor()) {}

void dialer::start() {
  net::co_spawn(context_.io, run(shared_from_this()), net::detached);
}

void dialer::close() {
  closed_ = true;
  pause_.cancel();
  wake_.cancel();
  if (current_)
    current_->stream->close();
}

bool dialer::send(link_bytes message) {
  auto pushed = outbox_.push(std::move(message));
  if (pushed == outbox::pushed::wake)
    net::post(context_.io,
              [self = shared_from_this()] { self->wake_.cancel(); });
  return pushed != outbox::pushed::refused;
}

task<> dialer::run([[maybe_unused]] std::shared_ptr<dialer> self) {
  while (!closed_) {
    auto x = std::make_shared<connection>(context_.io, context_.tls.get());
    current_ = x;
    co_await talk(x);
    x->stream->close();
    current_ = nullptr;
    outbox_.close();
    if (x->usable)
      context_.options.on.disconnected(peer_.node);
    // Whoever accepts us and says no more is not dialed any faster for it.
    if (x->heard)
      redial_.reset();
    if (closed_)
      break;
    report_end(*x);
    pause_.expires_after(redial_.next());
    co_await pause_.async_wait(no_throw);
  }
}

task<> dialer::talk(const connection_ptr& x) {
  bool connected = co_await connect(*x);
  if (!connected)
    co_return;
  give_time(*x);
  auto refused = co_await x->stream->begin(link_stream::role::client);
  if (refused) {
    x->fail(trouble::tls, "the TLS handshake failed: " + refused.message());
    co_return;
  }
  give_time(*x);
  bool welcome = co_await greet(*x);
  if (!welcome || x->stream->is_closed())
    co_return;
  patience_.came_about(std::chrono::duration_cast<std::chrono::milliseconds>(
    clock::now() - x->begin));
  x->stream->expire_after(context_.timeout());
  x->usable = true;
  outbox_.open();
  context_.options.on.connected(peer_.node, x->theirs, x->version);
  net::co_spawn(context_.io, read_pongs(shared_from_this(), x), net::detached);
  co_await write(*x);
}

/// Each handshake has all the time, unless they are expected to be quick.
void dialer::give_time(connection& x) const {
  if (x.patience == context_.timeout() && !x.stream->is_closed())
    x.stream->expire_after(context_.timeout());
}

task<endpoints> dialer::find(connection& x) {
  endpoints found;
  boost::system::error_code failed;
  auto address = net::ip::make_address(peer_.host, failed);
  if (!failed) {
    found.emplace_back(address, peer_.port);
    co_return found;
  }
  if (peer_.host == "localhost") {
    found.emplace_back(net::ip::address_v4::loopback(), peer_.port);
    found.emplace_back(net::ip::address_v6::loopback(), peer_.port);
    co_return found;
  }
  auto names = std::make_shared<lookup>(context_.io.get_executor());
  names->wake.expires_after(context_.timeout());
  names->names.async_resolve(
    peer_.host, std::to_string(peer_.port),
    [names](auto why, const tcp::resolver::results_type& results) {
      names->failed = why;
      for (const auto& entry : results)
        names->found.push_back(entry.endpoint());
      names->wake.cancel();
    });
  co_await names->wake.async_wait(no_throw);
  names->names.cancel();
  if (names->found.empty())
    x.fail(trouble::unreachable,
           "no address of it in time"
             + (names->failed ? ": " + names->failed.message() : ""));
  co_return std::move(names->found);
}

/// From the address we listen on, so that the network sees one address a node.
void dialer::bind_source(tcp_socket& socket, const tcp::endpoint& to) const {
  boost::system::error_code failed;
  auto own = net::ip::make_address(context_.options.host, failed);
  if (!failed && !own.is_unspecified() && own.is_v4() == to.address().is_v4())
    // Where it can not be had the system's choice does as well.
    socket.bind({own, 0}, failed);
}

task<bool> dialer::connect(connection& x) {
  x.stream->expire_after(context_.timeout());
  endpoints found = co_await find(x);
  x.patience = patience_.next();
  if (!x.stream->is_closed())
    x.stream->expire_after(x.patience);
  x.begin = clock::now();
  boost::system::error_code last;
  for (const auto& to : found) {
    // Opening would bring a closed stream back to life.
    if (x.stream->is_closed())
      break;
    auto& socket = x.stream->socket();
    boost::system::error_code failed;
    socket.close(failed);
    socket.open(to.protocol(), failed);
    if (!failed) {
      bind_source(socket, to);
      auto [refused] = co_await socket.async_connect(to, no_throw);
      failed = refused;
    }
    if (!failed && !x.stream->is_closed())
      co_return true;
    last = failed;
  }
  x.fail(trouble::unreachable,
         x.stream->is_expired() ? "no connection in time" : last.message());
  co_return false;
}

task<bool> dialer::greet(connection& x) {
  auto own = context_.options.on.own();
  auto frame = encode_frame(frame_hello, encode(own));
  std::vector<net::const_buffer> buffers{net::buffer(frame)};
  auto failed = co_await x.stream->write(buffers);
  if (failed) {
    x.fail(trouble::lost, "the hello was not sent: " + failed.message());
    co_return false;
  }
  std::string answer;
  bool answered = co_await read_answer(x, answer);
  co_return answered&& take_answer(x, own, answer);
}

task<bool> dialer::read_answer(connection& x, std::string& into) {
  for (;;) {
    auto got = co_await x.stream->read_some(net::buffer(x.buffer));
    if (got.failed) {
      x.fail(x.stream->is_expired() ? trouble::silent : trouble::lost,
             "no answer to the hello: " + got.failed.message());
      co_return false;
    }
    std::string_view bytes{x.buffer.data(), got.bytes};
    auto next = x.reader.next(bytes);
    // Nothing may follow before we have said more.
    if (!next || !bytes.empty()) {
      x.fail(trouble::bytes, "its answer to the hello is not our protocol");
      co_return false;
    }
    if (*next) {
      into = std::move((*next)->bytes);
      co_return true;
    }
  }
}

bool dialer::take_answer(connection& x, const hello& own,
                         const std::string& bytes) {
  auto refuse = [&](const std::string& why) {
    x.fail(trouble::refused, why);
    context_.options.on.refused(peer_.node, why);
    return false;
  };
  auto answer = decode_hello_answer(bytes);
  if (!answer) {
    x.fail(trouble::bytes, answer.error().detail);
    return false;
  }
  if (!answer->accepted)
    return refuse(std::string{refused_us_text} + answer->refusal);
  x.theirs = std::move(*answer->accepted);
  if (x.theirs.node != peer_.node)
    return refuse("the node there is " + std::to_string(x.theirs.node));
  auto version = agree_on_version(own, x.theirs);
  if (!version)
    return refuse(version.error().detail);
  if (auto fine = context_.options.on.admit(x.theirs, *version); !fine)
    return refuse(fine.error().detail);
  x.version = *version;
  return true;
}

task<> dialer::write(connection& x) {
  const std::chrono::milliseconds heartbeat{
    std::max<int64_t>(context_.options.heartbeat_ms, 1)};
  auto next_ping = clock::now();
  frame_batch batch;
  while (!x.stream->is_closed()) {
    batch.clear();
    // At the head of what is written, so that its answer does not wait for it.
    if (auto now = clock::now(); now >= next_ping) {
      batch.add_control(frame_ping);
      next_ping = now + heartbeat;
    }
    if (!outbox_.gather(batch)) {
      wake_.expires_at(next_ping);
      co_await wake_.async_wait(no_throw);
      continue;
    }
    auto buffers = batch.buffers();
    auto failed = co_await x.stream->write(buffers);
    outbox_.written(batch);
    if (failed) {
      if (!x.stream->is_closed())
        x.fail(trouble::lost,
               "it was not possible to send: " + failed.message());
      break;
    }
  }
}

task<> dialer::read_pongs([[maybe_unused]] std::shared_ptr<dialer> self,
                          connection_ptr x) {
  while (!x->stream->is_closed()) {
    auto got = co_await x->stream->read_some(net::buffer(x->buffer));
    if (got.failed) {
      if (!x->stream->is_closed())
        x->fail(trouble::lost, "the connection ended: " + got.failed.message());
      break;
    }
    std::string_view bytes{x->buffer.data(), got.bytes};
    bool pong = false;
    while (!bytes.empty() && x->why.empty()) {
      auto next = x->reader.next(bytes);
      if (!next)
        x->fail(trouble::bytes, next.error().detail);
      else if (*next && (*next)->what != link_message::kind::pong)
        x->fail(trouble::bytes, "it sent a message where only pongs may come");
      else
        pong = pong || *next;
    }
    if (!x->why.empty())
      break;
    x->heard = x->heard || pong;
    if (pong)
      x->stream->expire_after(context_.timeout());
  }
  x->stream->close();
  // Of this connection's writer; another one's only looks around.
  wake_.cancel();
}

void dialer::report_end(connection& x) {
  if (x.usable && x.stream->is_expired())
    x.fail(trouble::silent, "it has not answered for "
                              + std::to_string(context_.options.timeout_ms)
                              + " ms");
  x.fail(trouble::lost, "it was closed");
  auto state = x.usable ? " was lost: " : " can not be used: ";
  context_.report(x.kind, name_, "the connection to " + name_ + state + x.why);
}

} // namespace eventd::runtime
