// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/publisher.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "tools/bench/delivery_line.hpp"
#include "tools/bench/http_server.hpp"

using namespace eventd;
using namespace eventd::bench;

namespace {

/// A server in this process that lives as long as the test.
struct running_server {
  explicit running_server(server_handler call)
    : server(std::move(*http_server::listen("127.0.0.1:0", std::move(call)))),
      thread([this] { server->run(1, false); }) {}

  ~running_server() {
    server->stop();
    thread.join();
  }

  std::unique_ptr<http_server> server;
  std::thread thread;
};

publish_plan plan_of(const running_server& to, uint64_t events) {
  publish_plan x;
  x.maker.server = *tools::parse_url(to.server->address());
  x.maker.path = "/default/bench";
  x.maker.id_prefix = "p-";
  x.connections = 4;
  x.warmup_ms = 0;
  x.events_max = events;
  return x;
}

} // namespace

TEST_CASE("a publisher sends exactly the events it was asked for",
          "[bench][publisher]") {
  std::atomic<int> seen = 0;
  running_server server{[&seen](const server_request&) {
    ++seen;
    return server_reply{};
  }};
  auto out = publish(plan_of(server, 101));
  CHECK(out.acked == 101);
  CHECK(out.figures.events == 101);
  CHECK(out.figures.errors == 0);
  CHECK(out.figures.latency.count() == 101);
  CHECK(seen == 101);
}

TEST_CASE("a publisher sends again what failed when told to",
          "[bench][publisher]") {
  for (bool retry : {false, true}) {
    std::atomic<int> seen = 0;
    running_server server{[&seen](const server_request&) {
      return server_reply{++seen == 1 ? 503u : 202u, 0};
    }};
    auto plan = plan_of(server, 10);
    plan.retry = retry;
    auto out = publish(plan);
    CHECK(out.figures.errors == 1);
    CHECK(out.acked == (retry ? 10u : 9u));
    CHECK_FALSE(out.last_error.empty());
  }
}

TEST_CASE("a publisher with nobody to talk to acknowledges nothing",
          "[bench][publisher]") {
  auto plan = [] {
    running_server gone{[](const server_request&) { return server_reply{}; }};
    return plan_of(gone, 2);
  }();
  auto out = publish(plan);
  CHECK(out.acked == 0);
  CHECK(out.figures.errors == 2);
}

TEST_CASE("a server refuses an address it can not use", "[bench][server]") {
  auto nothing = [](const server_request&) { return server_reply{}; };
  CHECK(http_server::listen("nowhere", nothing).error() == ec::invalid_config);
  CHECK(http_server::listen("127.0.0.1:99999", nothing).error()
        == ec::invalid_config);
  CHECK(http_server::listen("192.0.2.1:1", nothing).error()
        == ec::address_in_use);
}

TEST_CASE("a delivery's line has id, type, headers and body", "[bench][sink]") {
  server_request x;
  x.target("/in");
  x.set("ce-id", "1");
  x.set("ce-type", "t");
  x.set("Content-Type", "text/plain");
  x.body() = "a\"b";
  CHECK(
    delivery_line(x, 200)
    == R"({"id":"1","type":"t","source":"","path":"/in","status":200,)"
       R"("headers":{"ce-id":"1","ce-type":"t","content-type":"text/plain"},)"
       R"("body":"a\"b"})");
  x.body() = "\xff";
  CHECK(delivery_line(x, 200).find(R"("body_base64":"/w==")")
        != std::string::npos);
}

TEST_CASE("a structured delivery has its id in the body", "[bench][sink]") {
  server_request x;
  x.set("Content-Type", "application/cloudevents+json");
  x.body() = R"({"id":"9","type":"t","source":"/s"})";
  CHECK(event_of(x).id == "9");
  CHECK(event_of(x).source == "/s");
  x.body() = "{";
  CHECK(event_of(x).id.empty());
}
