// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/model/error.hpp"
#include "tools/client/address.hpp"

namespace eventd::tools {

using header_list = std::vector<std::pair<std::string, std::string>>;

struct http_request {
  std::string method = "GET";
  std::string target = "/"; ///< Path and query, already percent-encoded.
  header_list headers = {}; ///< Without Host and Content-Length.
  std::string body = {};
};

struct http_answer {
  unsigned status = 0;
  header_list headers = {};
  std::string body = {}; ///< Empty after `open`.

  bool ok() const { return status >= 200 && status < 300; }

  /// Value of a header, by its name in any case; empty where there is none.
  std::string_view header(std::string_view name) const;
};

struct client_options {
  std::chrono::milliseconds connect_timeout{5'000};
  /// Longest silence of the server while an answer is awaited.
  std::chrono::milliseconds answer_timeout{60'000};
  /// Where true, the call in progress ends with `ec::shutting_down` within
  /// 100 ms. May be null; must outlive the client.
  const std::atomic<bool>* stop = nullptr;
};

/// One HTTP/1.1 connection to one server, kept alive between requests and
/// opened again when the server closed it meanwhile.
/// Threads: one at a time. Blocking: every call, up to its timeout.
///
///   http_client server{*parse_url("http://127.0.0.1:8080")};
///   auto answer = server.send({.target = "/readyz"});
class http_client {
public:
  explicit http_client(url to, client_options options = {});
  http_client(http_client&&) noexcept;
  http_client& operator=(http_client&&) noexcept;
  ~http_client();

  const url& address() const;

  /// Sends a request and reads the whole answer, of any status. A request on
  /// a kept connection that the server closed without a byte of answer is
  /// sent once more on a new one: a publish may then arrive twice, and the
  /// server's dedup window stores it once.
  /// @errors `ec::unreachable`, `ec::timeout`, `ec::shutting_down`,
  ///   `ec::payload_too_large` beyond 64 MiB.
  result<http_answer> send(const http_request& what);

  /// Like `send`, and answers 4xx and 5xx as a failure.
  result<http_answer> call(const http_request& what);

  /// Sends a request and reads the head of the answer; `read` gives the body.
  result<http_answer> open(const http_request& what);

  /// Next bytes of the answer's body, as soon as there are any; 0 is the end.
  /// @pre `open` answered, and no other request since
  result<size_t> read(std::span<char> out);

  /// Closes the connection; the next request opens another.
  void close();

private:
  struct connection;
  std::unique_ptr<connection> connection_;
};

} // namespace eventd::tools
