// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/system/sink.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <catch2/catch_test_macros.hpp>

namespace eventd::tests {

namespace {

namespace http = boost::beast::http;

constexpr uint64_t body_bytes_max = uint64_t{64} << 20;

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return out;
}

delivery delivery_of(const http::request<http::string_body>& asked) {
  delivery out;
  out.target = std::string{asked.target()};
  for (auto& field : asked)
    out.headers.emplace(lower(field.name_string()), std::string{field.value()});
  out.id = out.header("ce-id");
  out.body = asked.body();
  out.at = std::chrono::steady_clock::now();
  return out;
}

/// Reads one request; `rest` keeps what came after it.
bool read_request(int socket, std::string& rest, delivery& out) {
  http::request_parser<http::string_body> parser;
  parser.body_limit(body_bytes_max);
  parser.eager(true);
  for (;;) {
    if (!rest.empty()) {
      boost::system::error_code failed;
      auto used = parser.put(boost::asio::buffer(rest), failed);
      rest.erase(0, used);
      if (failed && failed != http::error::need_more)
        return false;
    }
    if (parser.is_done())
      break;
    char buffer[16'384];
    auto n = ::recv(socket, buffer, sizeof buffer, 0);
    if (n <= 0)
      return false;
    rest.append(buffer, static_cast<size_t>(n));
  }
  out = delivery_of(parser.get());
  return true;
}

bool send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    auto n = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (n <= 0)
      return false;
    text.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

/// How often a sink that hangs looks whether its client is still there.
constexpr std::chrono::milliseconds look_pause{100};

bool is_closed(int socket) {
  char byte;
  auto n = ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

/// The next close sends RST and not FIN.
void set_reset(int socket) {
  linger now{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

} // namespace

reply answer(unsigned status, const std::string& body,
             const std::string& headers) {
  return {"HTTP/1.1 " + std::to_string(status) + " x\r\n" + headers
          + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n"
          + body};
}

http_sink::http_sink(script call, bool keep_deliveries)
  : keep_deliveries_(keep_deliveries), port_(free_port()),
    script_(std::move(call)) {
  up();
}

http_sink::~http_sink() {
  down();
}

std::string http_sink::url() const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/";
}

void http_sink::up() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int yes = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port_);
  REQUIRE(
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address)
    == 0);
  // A subscription opens as many at once as it may have events in flight; what
  // does not fit here comes a second later, behind thousands of others.
  REQUIRE(::listen(listener_, 1'024) == 0);
  {
    std::lock_guard hold{lock_};
    up_ = true;
  }
  acceptor_ = std::thread{[this, fd = listener_] { accept_all(fd); }};
}

void http_sink::down() {
  {
    std::lock_guard hold{lock_};
    if (!up_)
      return;
    up_ = false;
    ::shutdown(listener_, SHUT_RDWR);
    for (auto socket : sockets_)
      ::shutdown(socket, SHUT_RDWR);
  }
  changed_.notify_all();
  acceptor_.join();
  ::close(listener_);
  {
    std::unique_lock hold{lock_};
    changed_.wait(hold, [this] { return threads_.empty(); });
  }
  join_ended();
}

/// A thread that ended keeps its stack until it is joined.
void http_sink::join_ended() {
  std::vector<std::thread> ended;
  {
    std::lock_guard hold{lock_};
    ended.swap(ended_);
  }
  for (auto& x : ended)
    x.join();
}

bool http_sink::is_up() const {
  std::lock_guard hold{lock_};
  return up_;
}

void http_sink::set_script(script call) {
  std::lock_guard hold{script_lock_};
  script_ = std::move(call);
}

void http_sink::accept_all(int listener) {
  while (is_up()) {
    join_ended();
    int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0)
      continue;
    int yes = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    std::lock_guard hold{lock_};
    if (!up_) {
      ::close(socket);
      return;
    }
    sockets_.insert(socket);
    threads_[socket] = std::thread{[this, socket] { converse(socket); }};
  }
}

void http_sink::converse(int socket) {
  std::string rest;
  delivery what;
  while (is_up() && read_request(socket, rest, what)) {
    auto given = note(std::move(what));
    perform(socket, given);
    if (given.after == reply::then::reset)
      set_reset(socket);
    if (given.after != reply::then::keep)
      break;
  }
  std::lock_guard hold{lock_};
  sockets_.erase(socket);
  ended_.push_back(std::move(threads_.at(socket)));
  threads_.erase(socket);
  changed_.notify_all();
  ::close(socket);
}

void http_sink::perform(int socket, const reply& what) {
  if (what.pause.count() == 0) {
    if (!send_all(socket, what.wire))
      return;
  } else {
    for (auto c : what.wire) {
      std::unique_lock hold{lock_};
      if (changed_.wait_for(hold, what.pause, [this] { return !up_; }))
        return;
      hold.unlock();
      if (!send_all(socket, {&c, 1}))
        return;
    }
  }
  if (what.after != reply::then::hang)
    return;
  // Until the other side has enough of it, or the test.
  std::unique_lock hold{lock_};
  while (!changed_.wait_for(hold, look_pause, [this] { return !up_; })
         && !is_closed(socket)) {
  }
}

reply http_sink::note(delivery what) {
  size_t nth = 0;
  {
    std::lock_guard hold{lock_};
    nth = ids_.size();
    ids_.push_back(what.id);
    distinct_.insert(what.id);
    if (keep_deliveries_)
      seen_.push_back(what);
  }
  changed_.notify_all();
  std::lock_guard hold{script_lock_};
  return script_ ? script_(what, nth) : answer(202);
}

std::vector<delivery> http_sink::seen() const {
  std::lock_guard hold{lock_};
  return seen_;
}

std::vector<std::string> http_sink::ids() const {
  std::lock_guard hold{lock_};
  return ids_;
}

size_t http_sink::count() const {
  std::lock_guard hold{lock_};
  return ids_.size();
}

size_t http_sink::distinct() const {
  std::lock_guard hold{lock_};
  return distinct_.size();
}

bool http_sink::has(const std::string& id) const {
  std::lock_guard hold{lock_};
  return distinct_.contains(id);
}

bool http_sink::wait_count(size_t n, std::chrono::milliseconds limit) const {
  std::unique_lock hold{lock_};
  return changed_.wait_for(hold, limit, [&] { return ids_.size() >= n; });
}

bool http_sink::wait_distinct(size_t n, std::chrono::milliseconds limit) const {
  std::unique_lock hold{lock_};
  return changed_.wait_for(hold, limit, [&] { return distinct_.size() >= n; });
}

} // namespace eventd::tests
