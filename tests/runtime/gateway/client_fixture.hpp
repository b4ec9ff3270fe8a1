// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch_test_macros.hpp>

#include "runtime/gateway/client.hpp"
#include "runtime/gateway/url.hpp"
#include "tests/runtime/gateway/raw_socket.hpp"

namespace eventd::tests {

namespace net = boost::asio;
using namespace eventd::runtime;

inline const std::string request
  = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";

/// Answers each request with the next text; then waits for the client's end.
inline scripted_server::script answers(std::vector<std::string> texts) {
  return [texts](raw_socket& peer) {
    for (const auto& text : texts) {
      if (peer.read_request().empty())
        return;
      peer.send(text);
    }
    peer.is_at_end();
  };
}

inline const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Runs exchanges one after the other on a context of its own.
struct client_fixture {
  using answer = result<std::unique_ptr<client_answer>>;

  answer exchange(const std::string& url, int64_t timeout_ms = 5'000) {
    return exchange(url, timeout_ms, requests);
  }

  answer exchange(const std::string& url, int64_t timeout_ms, client& by) {
    auto parsed = *parse_http_url(url);
    answer out = failure{ec::internal, "never ran"};
    bool done = false;
    net::co_spawn(
      context,
      [&]() -> task<> {
        out = co_await by.exchange(parsed, request, timeout_ms, own);
        done = true;
      },
      net::detached);
    context.restart();
    // The timer of a connection that is kept goes on.
    while (!done && context.run_one() > 0) {
    }
    return out;
  }

  /// For another thread: returns when what came in before is read. A context
  /// runs what is posted only after it has looked at its sockets, or before it
  /// does so for what is posted next.
  void settle() {
    for (int i = 0; i < 3; ++i) {
      auto ran = std::make_shared<std::promise<void>>();
      net::post(context, [ran] { ran->set_value(); });
      ran->get_future().wait_for(std::chrono::seconds{tests::wait_s});
    }
  }

  net::io_context context{1};
  byte_budget budget{limits::answers_bytes_max};
  byte_budget own{limits::target_answers_bytes_max};
  client requests{context, budget};
};

} // namespace eventd::tests
