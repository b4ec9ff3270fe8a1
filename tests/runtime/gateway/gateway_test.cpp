// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/gateway.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/gateway/gateway_fixture.hpp"

using namespace eventd;
using tests::gateway_fixture;
using tests::raw_socket;

namespace {

runtime::gateway_options options_for(uint16_t port) {
  runtime::gateway_options out;
  out.port = port;
  out.stats = std::make_shared<actors::node_stats>();
  out.wall_ms = [] { return int64_t{0}; };
  out.mono_us = [] { return int64_t{0}; };
  return out;
}

} // namespace

TEST_CASE_METHOD(gateway_fixture,
                 "a port in use is refused by its address and starts nothing",
                 "[gateway]") {
  auto second = runtime::gateway::start(system, options_for(gate->port()));
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error() == ec::address_in_use);
  CHECK(second.error().detail.find("127.0.0.1:" + std::to_string(gate->port()))
        != std::string::npos);
  CHECK(get("/healthz").status == 200);
}

TEST_CASE("a gateway that never served stops cleanly", "[gateway]") {
  tests::fake_config config;
  caf::actor_system system{config};
  auto gate = runtime::gateway::start(system, options_for(0));
  REQUIRE(gate.has_value());
  CHECK((*gate)->port() != 0);
  (*gate)->stop();
  (*gate)->stop();
}

TEST_CASE("a gateway that is held says why it does not serve, and serves later",
          "[gateway]") {
  tests::fake_config config;
  caf::actor_system system{config};
  auto gate = std::move(*runtime::gateway::start(system, options_for(0)));
  gate->hold("node 2 was not reached yet");
  auto client = raw_socket::connect(gate->port());
  auto ask = [&](const std::string& target) {
    client.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    return client.read_answer();
  };
  for (const auto* target :
       {"/v1/cluster", "/readyz", "/prod/orders?from=earliest", "/metrics"}) {
    INFO(target);
    auto held = ask(target);
    CHECK(held.status == 503);
    CHECK(held.body.find("node 2 was not reached yet") != std::string::npos);
  }
  CHECK(ask("/livez").status == 200);
  gate->hold("node 3 was not reached yet");
  CHECK(ask("/readyz").body.find("node 3") != std::string::npos);
  runtime::gateway_wiring wiring;
  auto log = std::make_shared<tests::fake_log>();
  auto orders = tests::spawn_channel(system, log);
  wiring.directory = tests::spawn_directory(system, orders);
  gate->serve(std::move(wiring));
  CHECK(ask("/readyz").status == 200);
}

TEST_CASE("connections wait until the gateway serves", "[gateway]") {
  tests::fake_config config;
  caf::actor_system system{config};
  auto gate = std::move(*runtime::gateway::start(system, options_for(0)));
  auto client = raw_socket::connect(gate->port());
  client.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  runtime::gateway_wiring wiring;
  auto log = std::make_shared<tests::fake_log>();
  auto orders = tests::spawn_channel(system, log);
  wiring.directory = tests::spawn_directory(system, orders);
  gate->serve(std::move(wiring));
  CHECK(client.read_answer().status == 200);
}

TEST_CASE_METHOD(gateway_fixture,
                 "a drain closes idle connections and takes no new ones",
                 "[gateway]") {
  auto idle = connect();
  idle.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(idle.read_answer().status == 200);
  CHECK(gate->drain(std::chrono::seconds{5}));
  CHECK(idle.is_at_end());
  CHECK_THROWS(connect());
}

TEST_CASE_METHOD(gateway_fixture,
                 "a drain lets a request finish and says that it was the last",
                 "[gateway]") {
  auto client = connect();
  auto text = post_text("/prod/orders", event_headers("a"), "{\"x\":1}");
  client.send(text.substr(0, text.size() - 3));
  // The header has been read when the next connection is answered.
  CHECK(get("/healthz").status == 200);
  auto drained = std::async(std::launch::async, [this] {
    return gate->drain(std::chrono::seconds{10});
  });
  client.send(text.substr(text.size() - 3));
  CHECK(client.read_answer().status == 202);
  CHECK(client.is_at_end());
  CHECK(drained.get());
}

TEST_CASE_METHOD(gateway_fixture, "a drain that is not patient tells so",
                 "[gateway]") {
  log->holds_appends = true;
  auto client = connect();
  client.send(post_text("/prod/orders", event_headers("a"), "{}"));
  CHECK(get("/healthz").status == 200);
  CHECK_FALSE(gate->drain(std::chrono::milliseconds{50}));
  gate->stop();
  CHECK(client.is_at_end());
}

TEST_CASE("several I/O threads serve one port", "[gateway]") {
  gateway_fixture node{3};
  std::vector<raw_socket> clients;
  for (int i = 0; i < 9; ++i)
    clients.push_back(node.connect());
  for (auto& client : clients)
    client.send(node.post_text("/prod/orders", node.event_headers("a"), "{}"));
  for (auto& client : clients)
    CHECK(client.read_answer().status == 202);
  CHECK(node.stored() == 9);
}
