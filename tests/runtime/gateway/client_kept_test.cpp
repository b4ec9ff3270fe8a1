// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// Connections that are kept from one exchange to the next.

#include <chrono>
#include <thread>

#include "tests/runtime/gateway/client_fixture.hpp"

using namespace eventd;
using namespace eventd::tests;

TEST_CASE_METHOD(client_fixture,
                 "each exchange of a kept connection has a timeout of its own",
                 "[gateway][client]") {
  using namespace std::chrono_literals;
  auto answer_after = [](raw_socket& peer, std::chrono::milliseconds pause) {
    peer.read_request();
    std::this_thread::sleep_for(pause);
    peer.send(ok);
  };
  scripted_server server{{[&](raw_socket& peer) {
    answer_after(peer, 0ms);
    answer_after(peer, 400ms);
    answer_after(peer, 0ms);
    peer.read_request();
    peer.is_at_end();
  }}};
  CHECK(exchange(server.url(), 200).has_value());
  // The first one's time is over in its middle.
  CHECK(exchange(server.url(), 10'000).has_value());
  CHECK(exchange(server.url(), 10'000).has_value());
  auto begin = std::chrono::steady_clock::now();
  CHECK(exchange(server.url(), 200).error() == ec::timeout);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("no more idle connections are kept than a client may",
          "[gateway][client]") {
  net::io_context context{1};
  byte_budget budget{limits::answers_bytes_max};
  client none{context, budget, 0};
  scripted_server server{{answers({ok})}};
  auto url = *parse_http_url(server.url());
  bool done = false;
  net::co_spawn(
    context,
    [&]() -> task<> {
      auto out = co_await none.exchange(url, request, 5'000, budget);
      CHECK(out.has_value());
      done = true;
    },
    net::detached);
  while (!done && context.run_one() > 0) {
  }
  CHECK(done);
  CHECK(none.idle_connections() == 0);
}
