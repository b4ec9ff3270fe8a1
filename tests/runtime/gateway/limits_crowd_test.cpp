// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// What all clients of a node may have together; each alone: limits_test.cpp.

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "storage/model/limits.hpp"
#include "tests/runtime/gateway/gateway_fixture.hpp"

using namespace eventd;
using namespace eventd::tests;

// -- how many connections -----------------------------------------------------

TEST_CASE("as many connections as there may be are served, and one more gets "
          "a 503",
          "[gateway][limits]") {
  runtime::gateway_limits bounds;
  bounds.connections_max = 3;
  bounds.connections_per_address_max = 1; // Loopback has no such limit.
  gateway_fixture node{bounds};
  std::vector<raw_socket> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(node.connect());
    clients.back().send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(clients.back().read_answer().status == 200);
  }
  auto beyond = node.connect(); // Its answer does not wait for a request.
  auto out = beyond.read_answer();
  CHECK(out.status == 503);
  CHECK(out.header("retry-after") == "1");
  CHECK(out.header("connection") == "close");
  CHECK(out.header("content-type") == "application/problem+json");
  CHECK(out.body.find("the node has 3 connections") != std::string::npos);
  CHECK(beyond.is_at_end());
  clients[0].send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  auto metrics = clients[0].read_answer().body;
  for (const char* line :
       {"eventd_connections_refused_total{reason=\"total\"} 1\n",
        "eventd_connections_refused_total{reason=\"address\"} 0\n",
        "eventd_http_connections 3\n"}) {
    INFO(line);
    CHECK(metrics.find(line) != std::string::npos);
  }
  clients.pop_back();
  // The end of one is seen in its turn.
  int served = 0;
  for (int i = 0; i < 1'000 && served != 200; ++i)
    served = node.get("/healthz").status;
  CHECK(served == 200);
}

// -- what all of them may hold ------------------------------------------------

namespace {

/// Slow clients have sent all of large bodies but their last bytes.
struct crowded : gateway_fixture {
  static constexpr size_t each = limits::large_bodies_bytes_max / 3;

  static runtime::gateway_limits bounds() {
    runtime::gateway_limits x;
    x.body_bytes_max = each;
    return x;
  }

  crowded() : gateway_fixture(bounds()) {
    for (int i = 0; i < 3; ++i) {
      slow.push_back(connect());
      slow.back().send(large_head + std::string(each - 1, '1'));
    }
    for (int i = 0; i < 10'000 && held() < 3 * each - 3; ++i) {
    }
  }

  size_t held() {
    auto text = get("/metrics").body;
    const std::string name = "\neventd_http_in_flight_bytes ";
    auto at = text.find(name);
    REQUIRE(at != text.npos);
    return std::stoull(text.substr(at + name.size()));
  }

  const std::string large_head
    = "POST /prod/orders HTTP/1.1\r\nHost: x\r\n" + event_headers("slow")
      + "Content-Length: " + std::to_string(each) + "\r\n\r\n";
  std::vector<raw_socket> slow;
};

} // namespace

TEST_CASE_METHOD(crowded,
                 "large bodies that come slowly leave room for small ones",
                 "[gateway][limits]") {
  // Before its body came.
  auto late = ask(large_head);
  CHECK(late.status == 503);
  CHECK(late.header("retry-after") == "1");
  CHECK(late.body.find("as many bytes of requests") != std::string::npos);
  auto small = '"' + std::string(limits::small_body_bytes_max - 2, 'x') + '"';
  auto is_taken = [&](const std::string& first, const std::string& rest) {
    auto client = connect();
    client.send(first);
    settle();
    client.send(rest);
    return client.read_answer().status == 202;
  };
  auto whole = post_text("/prod/orders", event_headers("a"), small);
  CHECK(is_taken(whole, ""));
  for (size_t n : {whole.size() - small.size(), whole.size() - 1})
    CHECK(is_taken(whole.substr(0, n), whole.substr(n)));
  auto chunked = "POST /prod/orders HTTP/1.1\r\nHost: x\r\n"
                 + event_headers("b") + "Transfer-Encoding: chunked\r\n\r\n";
  CHECK(is_taken(chunked + "4000\r\n" + small + "\r\n", "0\r\n\r\n"));
  auto beyond = small;
  beyond.insert(1, "x");
  CHECK(post("/prod/orders", event_headers("c"), beyond).status == 503);
  slow.clear();
  for (int i = 0; i < 10'000 && held() > 0; ++i) {
  }
  CHECK(held() == 0);
  CHECK(stored() == 4);
}

TEST_CASE("who takes nothing of an answer is cut after 75 seconds",
          "[gateway][limits]") {
  gateway_fixture node{runtime::gateway_limits{}};
  node.store(100'000); // More than sockets hold.
  auto client = node.connect();
  client.send("GET /v1/namespaces/prod/channels/orders/events HTTP/1.1\r\n"
              "Host: x\r\nAccept: application/x-ndjson\r\n\r\n");
  auto watcher = node.connect(); // One that is told of beside it.
  auto connected = [&](int n) {
    watcher.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    return watcher.read_answer().body.find("\neventd_http_connections "
                                           + std::to_string(n + 1) + "\n")
           != std::string::npos;
  };
  auto becomes = [&](int n) {
    // The end of one is seen in its turn.
    for (int i = 0; i < 1'000; ++i)
      if (connected(n))
        return true;
    return false;
  };
  // It writes until it has to wait, in several turns.
  size_t came = 0;
  for (int i = 0, quiet = 0; i < 20'000 && quiet < 200; ++i) {
    node.settle();
    auto now = client.waiting();
    quiet = now > 0 && now == came ? quiet + 1 : 0;
    came = now;
  }
  node.pass_seconds(75);
  CHECK(becomes(1));
  node.pass_seconds(1);
  CHECK(becomes(0));
}
