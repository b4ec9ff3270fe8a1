// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "tools/client/address.hpp"

namespace eventd::tests {

/// A server that answers as the test says, one connection after the other.
/// The answer is the text on the wire, so that a test can also break off.
class fake_server {
public:
  using request = boost::beast::http::request<boost::beast::http::string_body>;

  struct reply {
    std::string wire; ///< Head and body.
    bool close_after = false;
  };

  using handler = std::function<reply(const request&)>;

  explicit fake_server(handler call)
    : call_(std::move(call)), thread_([this] { serve(); }) {}

  ~fake_server() {
    stopping_ = true;
    boost::system::error_code ignored;
    boost::asio::io_context context;
    tcp::socket knock{context};
    knock.connect(acceptor_.local_endpoint(), ignored);
    current_shutdown();
    thread_.join();
  }

  std::string url() const {
    return "http://127.0.0.1:"
           + std::to_string(acceptor_.local_endpoint().port());
  }

  eventd::tools::url address() const {
    return *eventd::tools::parse_url(url());
  }

  /// "METHOD target" of each request so far.
  std::vector<std::string> seen() const {
    std::lock_guard hold{lock_};
    return seen_;
  }

  std::vector<std::string> bodies() const {
    std::lock_guard hold{lock_};
    return bodies_;
  }

  static std::string answer(unsigned status, const std::string& body,
                            const std::string& headers = {}) {
    return "HTTP/1.1 " + std::to_string(status) + " x\r\n" + headers
           + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n"
           + body;
  }

  static std::string chunk(const std::string& body) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", body.size());
    return size + body + "\r\n";
  }

  static std::string chunked_head(const std::string& headers = {}) {
    return "HTTP/1.1 200 OK\r\n" + headers
           + "Transfer-Encoding: chunked\r\n\r\n";
  }

private:
  using tcp = boost::asio::ip::tcp;

  void current_shutdown() {
    std::lock_guard hold{lock_};
    boost::system::error_code ignored;
    if (current_)
      current_->shutdown(tcp::socket::shutdown_both, ignored);
  }

  void serve() {
    while (!stopping_) {
      boost::system::error_code failed;
      tcp::socket socket{context_};
      acceptor_.accept(socket, failed);
      if (failed || stopping_)
        return;
      {
        std::lock_guard hold{lock_};
        current_ = &socket;
      }
      converse(socket);
      std::lock_guard hold{lock_};
      current_ = nullptr;
    }
  }

  void converse(tcp::socket& socket) {
    boost::beast::flat_buffer buffer;
    while (!stopping_) {
      request asked;
      boost::system::error_code failed;
      boost::beast::http::read(socket, buffer, asked, failed);
      if (failed)
        return;
      {
        std::lock_guard hold{lock_};
        seen_.push_back(std::string{asked.method_string()} + " "
                        + std::string{asked.target()});
        bodies_.push_back(asked.body());
      }
      auto given = call_(asked);
      boost::asio::write(socket, boost::asio::buffer(given.wire), failed);
      if (failed || given.close_after)
        return;
    }
  }

  handler call_;
  mutable std::mutex lock_;
  std::vector<std::string> seen_;
  std::vector<std::string> bodies_;
  std::atomic<bool> stopping_ = false;
  boost::asio::io_context context_;
  tcp::acceptor acceptor_{context_,
                          {boost::asio::ip::make_address("127.0.0.1"), 0}};
  tcp::socket* current_ = nullptr;
  std::thread thread_; ///< Last: it uses the others.
};

} // namespace eventd::tests
