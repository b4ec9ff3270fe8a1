// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <span>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>

#include "runtime/gateway/deadline.hpp"
#include "runtime/gateway/framing_guard.hpp"

namespace eventd::runtime {

namespace {

using resolver = net::ip::basic_resolver<tcp, io_executor>;
using endpoints = std::vector<tcp::endpoint>;

/// Interim answers (100, 103) before the real one.
constexpr int interim_answers_max = 8;

/// An answer with all its framing: a body in small chunks is still read.
constexpr size_t answer_raw_bytes_max
  = 2 * limits::answer_bytes_max + limits::header_bytes_max;

/// Of an answer, what is read before the node's budget counts.
constexpr size_t free_answer_bytes = limits::socket_read_bytes;

failure unreachable(std::string what, const boost::system::error_code& why) {
  return {ec::unreachable, std::move(what) + ": " + why.message()};
}

/// Whether two servers would agree on where this answer ended. What followed
/// on its connection is trusted only then.
bool is_plainly_framed(std::span<const cloudevents::field> fields) {
  size_t encodings = 0;
  bool has_length = false;
  for (const auto& x : fields) {
    has_length = has_length || iequals(x.name, "content-length");
    if (!iequals(x.name, "transfer-encoding"))
      continue;
    ++encodings;
    if (!iequals(x.value, "chunked"))
      return false;
  }
  return encodings == 0 || (encodings == 1 && !has_length);
}

/// What a name lookup fills in; shared, because a lookup that hangs can not be
/// cancelled and ends after its asker has gone.
struct lookup {
  explicit lookup(io_executor executor) : names(executor), wake(executor) {}

  resolver names;
  steady_timer wake;
  boost::system::error_code failed;
  endpoints found;
  bool done = false;
};

} // namespace

/// One connection to one server.
struct client::connection {
  connection(io_executor executor, std::string k)
    : socket(executor), late(executor, [this] { expire(); }),
      key(std::move(k)) {}

  /// The time is over: what waits on the socket ends with it.
  void expire() {
    expired = true;
    if (pending_lookup) {
      pending_lookup->names.cancel();
      pending_lookup->wake.cancel();
    }
    shut();
  }

  /// Nothing came in while it was idle, neither the end nor an answer that
  /// nobody asked for. Does not block.
  bool is_silent() {
    char byte;
    auto n = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  void shut() {
    boost::system::error_code ignored;
    socket.close(ignored);
  }

  tcp_socket socket;
  deadline late; ///< Of an exchange.
  std::string key;
  std::shared_ptr<lookup> pending_lookup;
  uint64_t idle_since = 0;
  bool expired = false;
  bool got_byte = false; ///< Of the answer that is read now.
  bool reusable = false;
};

client::client(net::io_context& context, byte_budget& answers, size_t idle_max)
  : context_(context), answers_(answers), idle_max_(idle_max) {}

client::~client() = default;

client::connection_ptr client::take_idle(const std::string& key) {
  auto found = idle_.find(key);
  if (found == idle_.end())
    return nullptr;
  connection_ptr x;
  while (!x && !found->second.empty()) {
    x = std::move(found->second.back());
    found->second.pop_back();
    --n_idle_;
    if (!x->is_silent())
      x = nullptr;
  }
  if (found->second.empty())
    idle_.erase(found);
  if (x)
    x->expired = x->got_byte = x->reusable = false;
  return x;
}

void client::keep(connection_ptr x) {
  if (closed_ || !x->reusable || x->expired || n_idle_ >= idle_max_)
    return x->shut();
  auto& group = idle_[x->key];
  if (group.size() >= limits::idle_connections_per_target_max)
    return x->shut();
  x->idle_since = sweeps_;
  group.push_back(std::move(x));
  ++n_idle_;
}

void client::sweep() {
  ++sweeps_;
  for (auto group = idle_.begin(); group != idle_.end();) {
    n_idle_ -= std::erase_if(group->second, [this](const connection_ptr& x) {
      return x->idle_since + limits::idle_connection_s < sweeps_;
    });
    group = group->second.empty() ? idle_.erase(group) : std::next(group);
  }
  std::erase_if(busy_, [](const auto& x) { return x.expired(); });
}

void client::close() {
  closed_ = true;
  idle_.clear();
  n_idle_ = 0;
  for (auto& weak : busy_) {
    if (auto x = weak.lock()) {
      x->expire();
    }
  }
  busy_.clear();
}

task<result<void>> client::open(connection& x, const http_url& url) {
  endpoints found;
  boost::system::error_code failed;
  auto address = net::ip::make_address(url.host, failed);
  if (!failed) {
    found.emplace_back(address, url.port);
  } else if (iequals(url.host, "localhost")) {
    // Never asked of the network (RFC 6761 6.3), nor of a file.
    found.emplace_back(net::ip::address_v4::loopback(), url.port);
    found.emplace_back(net::ip::address_v6::loopback(), url.port);
  } else {
    auto names = std::make_shared<lookup>(context_.get_executor());
    x.pending_lookup = names;
    names->wake.expires_at(std::chrono::steady_clock::time_point::max());
    names->names.async_resolve(
      url.host, std::to_string(url.port),
      [names](auto why, const tcp::resolver::results_type& results) {
        names->done = true;
        names->failed = why;
        for (const auto& entry : results)
          names->found.push_back(entry.endpoint());
        names->wake.cancel();
      });
    co_await names->wake.async_wait(no_throw);
    x.pending_lookup = nullptr;
    if (closed_)
      co_return failure{ec::unreachable, "the client is closed"};
    // Even with an address: connecting would open the closed socket again.
    if (x.expired)
      co_return failure{ec::timeout, "no address of " + url.host + " in time"};
    if (names->failed)
      co_return unreachable("no address of " + url.host, names->failed);
    found = std::move(names->found);
  }
  auto [refused, endpoint]
    = co_await net::async_connect(x.socket, found, no_throw);
  if (refused)
    co_return unreachable("no connection to " + x.key, refused);
  x.socket.set_option(tcp::no_delay{true}, failed);
  co_return result<void>{};
}

task<result<std::unique_ptr<client_answer>>>
client::talk(connection& x, const std::string& request, byte_budget& own) {
  auto [unsent, written]
    = co_await net::async_write(x.socket, net::buffer(request), no_throw);
  if (unsent)
    co_return unreachable("the request could not be sent", unsent);
  auto answer = std::make_unique<client_answer>(answers_, own);
  // Not the connection's: many are idle.
  std::array<char, limits::socket_read_bytes> buffer;
  std::optional<message_parser<false>> parser;
  parser.emplace(answer->content, limits::answer_bytes_max);
  parser->eager(true);
  size_t begin = 0;
  size_t end = 0;
  int interim = 0;
  size_t received = 0;
  size_t header_bytes = 0; ///< Received of the header that is read now.
  std::string long_header; // A header that did not come in one read.
  for (;;) {
    boost::system::error_code failed = http::error::need_more;
    std::string_view bytes{buffer.data() + begin, end - begin};
    if (!long_header.empty()) {
      long_header.append(bytes);
      bytes = long_header;
    }
    if (!bytes.empty()) {
      auto used = parser->put(net::buffer(bytes), failed);
      bytes.remove_prefix(used);
    }
    // Chunk headers and trailers count too, or they would have no end; what is
    // unread of them is looked at again with each read.
    if (failed == http::error::body_limit
        || (parser->is_header_done()
            && (received > answer_raw_bytes_max
                || bytes.size() > limits::header_bytes_max))) {
      answer->status = answer->content.status();
      answer->content.body() = std::string{};
      answer->body_dropped = true;
      co_return answer;
    }
    if (failed && failed != http::error::need_more)
      co_return unreachable("the answer is not HTTP", failed);
    auto held = answer->content.body().size();
    if (!parser->is_done() && held > free_answer_bytes
        && !answer->held.grow_to(held - free_answer_bytes))
      co_return failure{ec::overloaded,
                        "the node holds as many bytes of answers as it may"};
    if (parser->is_done()) {
      auto status = answer->content.status();
      if (status / 100 == 1 && status != 101
          && ++interim <= interim_answers_max) {
        std::string rest{bytes};
        parser.emplace(answer->content, limits::answer_bytes_max);
        parser->eager(true);
        long_header = std::move(rest);
        header_bytes = long_header.size();
        begin = end = 0;
        if (!long_header.empty())
          continue;
      } else {
        answer->status = status;
        x.reusable = bytes.empty() && status != 101 && parser->keep_alive()
                     && is_plainly_framed(answer->content.fields());
        co_return answer;
      }
    } else {
      // The parser keeps no bytes: what it did not use comes again.
      long_header = std::string{bytes};
    }
    auto room = buffer.size();
    if (!parser->is_header_done()) {
      // The parser's own limit is of one field: many small ones pass it.
      if (header_bytes >= limits::header_bytes_max)
        co_return failure{ec::unreachable, "the answer's header is too large"};
      room = std::min(room, limits::header_bytes_max - header_bytes);
    }
    auto [cut, n]
      = co_await x.socket.async_read_some(net::buffer(buffer, room), no_throw);
    if (n > 0)
      x.got_byte = true;
    received += n;
    header_bytes += n;
    begin = 0;
    end = n;
    if (!cut)
      continue;
    if (cut == net::error::eof && parser->is_header_done()
        && parser->need_eof()) {
      parser->put_eof(failed);
      if (!failed) {
        answer->status = answer->content.status();
        co_return answer;
      }
    }
    co_return unreachable("the answer was cut off", cut);
  }
}

task<result<std::unique_ptr<client_answer>>>
client::exchange(const http_url& url, const std::string& request,
                 int64_t timeout_ms, byte_budget& own) {
  auto key = url.key();
  auto end = deadline::clock::now() + std::chrono::milliseconds{timeout_ms};
  bool stale = false;
  for (;;) {
    if (closed_)
      co_return failure{ec::unreachable, "the client is closed"};
    auto x = stale ? nullptr : take_idle(key);
    bool fresh = !x;
    if (fresh) {
      x = std::make_shared<connection>(context_.get_executor(), key);
      busy_.push_back(x);
    }
    x->late.set(end);
    result<std::unique_ptr<client_answer>> out
      = failure{ec::unreachable, "not tried"};
    result<void> opened;
    if (fresh)
      opened = co_await open(*x, url);
    if (opened)
      out = co_await talk(*x, request, own);
    else
      out = opened.error();
    x->late.clear();
    if (out) {
      keep(std::move(x));
      co_return out;
    }
    stale = !fresh && !x->got_byte && !x->expired;
    bool is_late = x->expired;
    x->shut();
    if (stale)
      continue;
    if (is_late && !closed_)
      co_return failure{ec::timeout, "no complete answer in "
                                       + std::to_string(timeout_ms) + " ms"};
    co_return out;
  }
}

} // namespace eventd::runtime
