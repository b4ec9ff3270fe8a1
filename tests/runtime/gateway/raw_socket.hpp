// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/// Plain blocking sockets for tests: every byte is in the test's hand, every
/// wait ends after ten seconds.
namespace eventd::tests {

inline constexpr int wait_s = 10;

/// An HTTP answer as the test sees it.
struct raw_answer {
  int status = 0;
  std::map<std::string, std::string> headers; ///< Names in lower case.
  std::string body;                           ///< Without chunk framing.
  std::string trailer;
  bool complete = false;

  std::string header(const std::string& name) const {
    auto found = headers.find(name);
    return found == headers.end() ? std::string{} : found->second;
  }
};

class raw_socket {
public:
  explicit raw_socket(int fd) : fd_(fd) {
    timeval limit{wait_s, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  }

  static raw_socket connect(uint16_t port) {
    int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) {
      ::close(fd);
      throw std::runtime_error("connect failed");
    }
    return raw_socket{fd};
  }

  raw_socket(raw_socket&& x) noexcept
    : fd_(std::exchange(x.fd_, -1)), input_(std::move(x.input_)) {}
  raw_socket& operator=(raw_socket&&) = delete;
  ~raw_socket() { close(); }

  void close() {
    if (fd_ >= 0)
      ::close(std::exchange(fd_, -1));
  }

  /// Ends the connection with a reset instead of a farewell.
  void reset() {
    linger hard{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close();
  }

  /// From now on each send leaves at once, in a segment of its own.
  void send_at_once() {
    int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }

  /// Says farewell; what comes is still received.
  void end_sending() { ::shutdown(fd_, SHUT_WR); }

  bool send(std::string_view text) {
    while (!text.empty()) {
      auto n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0)
        return false;
      text.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }

  /// Receives into the buffer. @returns false at the end or after the wait
  bool receive() {
    char bytes[16'384];
    auto n = ::recv(fd_, bytes, sizeof bytes, 0);
    if (n <= 0)
      return false;
    input_.append(bytes, static_cast<size_t>(n));
    return true;
  }

  /// Everything up to and with `mark`; empty if it does not come.
  std::string read_until(std::string_view mark) {
    size_t found;
    while ((found = input_.find(mark)) == std::string::npos)
      if (!receive())
        return {};
    return take(found + mark.size());
  }

  std::string read_exactly(size_t n) {
    while (input_.size() < n)
      if (!receive())
        return {};
    return take(n);
  }

  /// Whether the other side closes before it sends anything more.
  bool is_at_end() {
    if (!input_.empty())
      return false;
    char byte;
    auto n = ::recv(fd_, &byte, 1, 0);
    if (n > 0)
      input_ += byte;
    return n == 0 || (n < 0 && errno == ECONNRESET);
  }

  /// Whether nothing came that was not taken, not even the end. Does not wait.
  bool is_silent() const {
    char byte;
    auto n = ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return input_.empty() && n < 0 && errno == EAGAIN;
  }

  /// Bytes that came and were not taken from the socket. Does not wait.
  size_t waiting() const {
    int n = 0;
    ::ioctl(fd_, FIONREAD, &n);
    return static_cast<size_t>(n);
  }

  raw_answer read_head() {
    raw_answer x;
    auto head = read_until("\r\n\r\n");
    if (head.size() < 12)
      return x;
    x.status = std::atoi(head.c_str() + 9);
    size_t at = head.find("\r\n") + 2;
    while (at + 2 < head.size()) {
      auto end = head.find("\r\n", at);
      auto line = head.substr(at, end - at);
      auto colon = line.find(':');
      auto name = line.substr(0, colon);
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return std::tolower(c); });
      x.headers[name] = line.substr(std::min(colon + 2, line.size()));
      at = end + 2;
    }
    return x;
  }

  /// One chunk's bytes; empty for the last, or where none comes.
  std::string read_chunk() {
    auto line = read_until("\r\n");
    auto size = std::strtoul(line.c_str(), nullptr, 16);
    if (size == 0)
      return {};
    auto bytes = read_exactly(size);
    read_until("\r\n");
    return bytes;
  }

  raw_answer read_answer() {
    auto x = read_head();
    if (x.status == 0)
      return x;
    if (x.header("transfer-encoding") == "chunked") {
      for (auto chunk = read_chunk(); !chunk.empty(); chunk = read_chunk())
        x.body += chunk;
      for (auto line = read_until("\r\n"); line.size() > 2;
           line = read_until("\r\n"))
        x.trailer += line;
      x.complete = true;
      return x;
    }
    auto size = std::strtoul(x.header("content-length").c_str(), nullptr, 10);
    x.body = read_exactly(size);
    x.complete = x.body.size() == size;
    return x;
  }

  /// One request with its body, as a server sees it.
  std::string read_request() {
    auto head = read_until("\r\n\r\n");
    auto at = head.find("Content-Length: ");
    if (at == std::string::npos)
      return head;
    return head
           + read_exactly(std::strtoul(head.c_str() + at + 16, nullptr, 10));
  }

private:
  std::string take(size_t n) {
    auto text = input_.substr(0, n);
    input_.erase(0, n);
    return text;
  }

  int fd_;
  std::string input_;
};

/// A server whose connections, in the order they come, run the given scripts.
class scripted_server {
public:
  using script = std::function<void(raw_socket&)>;

  explicit scripted_server(std::vector<script> scripts)
    : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    timeval limit{wait_s, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&at), size) != 0
        || ::listen(fd_, 16) != 0
        || ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size) != 0)
      throw std::runtime_error("no scripted server");
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this, scripts = std::move(scripts)] {
      std::vector<std::thread> all;
      for (const auto& run : scripts) {
        int fd = ::accept(fd_, nullptr, nullptr);
        if (fd < 0)
          break;
        all.emplace_back([fd, run] {
          raw_socket peer{fd};
          run(peer);
        });
      }
      for (auto& x : all)
        x.join();
    });
  }

  ~scripted_server() {
    ::shutdown(fd_, SHUT_RDWR); // Ends a wait for a client that never came.
    thread_.join();
    ::close(fd_);
  }

  uint16_t port() const { return port_; }

  std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }

private:
  int fd_;
  uint16_t port_ = 0;
  std::thread thread_;
};

} // namespace eventd::tests
