// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/system/process.hpp"

namespace eventd::tests {

/// One request that came to a sink.
struct delivery {
  std::string id; ///< `ce-id`; empty for structured mode.
  std::string target;
  std::map<std::string, std::string> headers; ///< Names in lower case.
  std::string body;
  std::chrono::steady_clock::time_point at;

  /// Value of a header by its name in lower case; empty where there is none.
  std::string header(const std::string& name) const {
    auto found = headers.find(name);
    return found == headers.end() ? std::string{} : found->second;
  }
};

/// What a sink does with a request.
struct reply {
  enum class then { keep, close, reset, hang };

  std::string wire = {};
  then after = then::keep;
  /// Where not zero, `wire` is sent byte by byte with this between.
  std::chrono::milliseconds pause{0};
};

/// An answer of this status.
reply answer(unsigned status, const std::string& body = {},
             const std::string& headers = {});

/// A subscriber: an HTTP server that notes all that comes and answers as the
/// test says. One thread per connection; `script` is called by one at a time.
class http_sink {
public:
  /// @param nth counts the requests of all connections, from 0
  using script = std::function<reply(const delivery& what, size_t nth)>;

  explicit http_sink(script call = {}, bool keep_deliveries = true);
  http_sink(const http_sink&) = delete;
  http_sink& operator=(const http_sink&) = delete;
  ~http_sink();

  std::string url() const;

  /// Closes all; connections are refused until `up`.
  void down();
  void up();

  void set_script(script call);

  std::vector<delivery> seen() const;
  std::vector<std::string> ids() const; ///< In the order they came.
  size_t count() const;
  size_t distinct() const; ///< Different ids.
  bool has(const std::string& id) const;

  bool wait_count(size_t n, std::chrono::milliseconds limit = patience) const;
  bool wait_distinct(size_t n,
                     std::chrono::milliseconds limit = patience) const;

private:
  void accept_all(int listener);
  void converse(int socket);
  void join_ended();
  reply note(delivery what);
  void perform(int socket, const reply& what);
  bool is_up() const;

  const bool keep_deliveries_;
  const uint16_t port_;
  mutable std::mutex lock_;
  mutable std::condition_variable changed_;
  std::mutex script_lock_;
  script script_;
  std::vector<delivery> seen_;
  std::vector<std::string> ids_;
  std::set<std::string> distinct_;
  bool up_ = false;
  int listener_ = -1;
  std::set<int> sockets_;
  std::map<int, std::thread> threads_; ///< By socket.
  std::vector<std::thread> ended_;     ///< To be joined.
  std::thread acceptor_;
};

} // namespace eventd::tests
