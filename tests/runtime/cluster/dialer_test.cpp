// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/dialer.hpp"

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/cluster/link_node.hpp"

using namespace eventd;
using namespace eventd::runtime;
using namespace eventd::tests;

TEST_CASE("a peer is dialed ever more slowly, up to a second",
          "[runtime][dialer]") {
  redial_pause x{7};
  for (int longest_ms : {4, 8, 16, 32, 64, 128, 256, 512, 1'000, 1'000}) {
    auto ms = x.next().count();
    CHECK(ms >= longest_ms / 2);
    CHECK(ms <= longest_ms);
  }
  x.reset();
  CHECK(x.next().count() <= 4);
}

TEST_CASE("after a quick handshake the next two have less time",
          "[runtime][dialer]") {
  using namespace std::chrono_literals;
  handshake_patience x{1'000ms};
  CHECK(x.next() == 1'000ms);
  x.came_about(1ms);
  CHECK(x.next() == 20ms);
  CHECK(x.next() == 20ms);
  CHECK(x.next() == 1'000ms);
  // A network whose answers take long is given as long.
  x.came_about(200ms);
  CHECK(x.next() == 800ms);
  x.came_about(400ms);
  CHECK(x.next() == 1'000ms);
}

TEST_CASE("a peer whose answer is lost is dialed again at once",
          "[runtime][dialer]") {
  using namespace std::chrono_literals;
  std::promise<void> done;
  auto silent = [](raw_socket& peer) {
    read_frame(peer);
    while (peer.receive()) {
    }
  };
  auto begin = std::chrono::steady_clock::now();
  scripted_server lossy{
    {[](raw_socket& peer) { welcome(peer, hello_of(2)); }, silent, silent,
     [&](raw_socket& peer) {
       welcome(peer, hello_of(2));
       done.get_future().wait_for(std::chrono::seconds{wait_s});
     }}};
  link_node a{1, [](transport_options& x) { x.timeout_ms = 10'000; }};
  a.dial(2, lossy.port());
  CHECK(a.eventually([](const auto& x) { return x.connected.size() == 2; }));
  // Long before the timeout of a single attempt.
  CHECK(std::chrono::steady_clock::now() - begin < 8s);
  done.set_value();
}

TEST_CASE("a peer that welcomes its dialer and hangs up is dialed ever more "
          "slowly",
          "[runtime][dialer]") {
  using namespace std::chrono_literals;
  constexpr size_t times = 9; // And handshakes that took too long.
  auto moody = [](raw_socket& peer) { welcome(peer, hello_of(2)); };
  scripted_server peer{
    std::vector<std::function<void(raw_socket&)>>(4 * times, moody)};
  link_node a{1};
  auto begin = std::chrono::steady_clock::now();
  a.dial(2, peer.port());
  CHECK(
    a.eventually([](const auto& x) { return x.connected.size() >= times; }));
  // Half of 4, 8, ... 512 ms at least.
  CHECK(std::chrono::steady_clock::now() - begin > 500ms);
}

TEST_CASE("a peer that restarts is connected again", "[runtime][dialer]") {
  link_node a{1};
  auto b = std::make_unique<link_node>(2);
  auto port = (*b)->port();
  a.dial(2, port);
  REQUIRE(a.connects());
  b.reset();
  REQUIRE(
    a.eventually([](const auto& x) { return x.disconnected.size() == 1; }));
  CHECK(!a.send(2, "lost"));
  b = std::make_unique<link_node>(
    2, [port](transport_options& x) { x.port = port; });
  REQUIRE(a.eventually([](const auto& x) { return x.connected.size() == 2; }));
  CHECK(a.send(2, "found"));
  CHECK(b->eventually([](const auto& x) {
    return x.received.size() == 1 && x.received[0].second == "found";
  }));
}

TEST_CASE("a peer that starts later is connected then", "[runtime][dialer]") {
  uint16_t port = 0;
  {
    link_node free{2};
    port = free->port();
  }
  link_node a{1};
  a.dial(2, port);
  REQUIRE(a.warns("can not be used"));
  link_node b{2, [port](transport_options& x) { x.port = port; }};
  CHECK(a.connects());
}

TEST_CASE("a peer that stops answering is noticed after the timeout",
          "[runtime][dialer]") {
  constexpr int64_t timeout_ms = 400;
  std::promise<void> done;
  scripted_server mute{{[&](raw_socket& peer) {
    welcome(peer, hello_of(2));
    done.get_future().wait_for(std::chrono::seconds{wait_s});
  }}};
  link_node a{1, [](transport_options& x) {
                x.timeout_ms = timeout_ms;
                x.heartbeat_ms = 50;
              }};
  a.dial(2, mute.port());
  REQUIRE(a.connects());
  auto begin = std::chrono::steady_clock::now();
  REQUIRE(
    a.eventually([](const auto& x) { return x.disconnected.size() == 1; }));
  auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took > std::chrono::milliseconds{timeout_ms - 200});
  CHECK(took < std::chrono::milliseconds{timeout_ms + 2'000});
  CHECK(a.warns("has not answered for 400 ms"));
  done.set_value();
}

TEST_CASE("a peer that answers only pongs is kept", "[runtime][dialer]") {
  std::promise<void> done;
  scripted_server polite{{[&](raw_socket& peer) {
    welcome(peer, hello_of(2));
    auto ping = encode_frame(frame_ping);
    for (int i = 0; i < 15; ++i)
      if (peer.read_exactly(ping.size()) == ping)
        peer.send(encode_frame(frame_pong));
    done.set_value();
    peer.receive();
  }}};
  link_node a{1, [](transport_options& x) {
                x.timeout_ms = 1'000;
                x.heartbeat_ms = 100;
              }};
  a.dial(2, polite.port());
  REQUIRE(a.connects());
  // 15 heartbeats are longer than the timeout.
  done.get_future().wait();
  CHECK(a.told().disconnected.empty());
  CHECK(a.send(2, "x"));
}

TEST_CASE("a server that never answers the hello is given up",
          "[runtime][dialer]") {
  std::promise<void> done;
  scripted_server mute{{[&](raw_socket&) {
    done.get_future().wait_for(std::chrono::seconds{wait_s});
  }}};
  link_node a{1, [](transport_options& x) { x.timeout_ms = 200; }};
  a.dial(2, mute.port());
  CHECK(a.warns("no answer to the hello"));
  CHECK(a.told().connected.empty());
  done.set_value();
}

TEST_CASE("a server that is no eventd is given up", "[runtime][dialer]") {
  scripted_server web{{[](raw_socket& peer) {
    read_frame(peer); // A close with unread bytes would take ours along.
    peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    while (peer.receive()) {
    }
  }}};
  link_node a{1};
  a.dial(2, web.port());
  CHECK(a.warns("not our protocol"));
  CHECK(a.told().connected.empty());
}

TEST_CASE("a peer that sends messages to its dialer is cut off",
          "[runtime][dialer]") {
  scripted_server rude{{[](raw_socket& peer) {
    welcome(peer, hello_of(2));
    read_frame(peer); // The first ping: the hello's answer was taken.
    peer.send(encode_frame(0, "x"));
    while (peer.receive()) {
    }
  }}};
  link_node a{1};
  a.dial(2, rude.port());
  CHECK(a.warns("where only pongs may come"));
  CHECK(a.eventually([](const auto& x) { return x.disconnected.size() == 1; }));
}

TEST_CASE("another node at a peer's address is refused", "[runtime][dialer]") {
  link_node a{1};
  link_node b{2};
  a.dial(3, b->port());
  CHECK(a.is_refused(3, "the node there is 2"));
  CHECK(a.told().connected.empty());
}

TEST_CASE("nodes of two clusters refuse each other, and both are told",
          "[runtime][dialer]") {
  auto stranger = hello_of(2);
  stranger.cluster_id = "d";
  link_node a{1};
  link_node b{stranger};
  a.dial(2, b->port());
  CHECK(b.is_refused(1, "it is of cluster c"));
  CHECK(a.is_refused(2, "it refused this node: it is of cluster c"));
  CHECK(a.warns("it refused this node"));
  CHECK(a.told().connected.empty());
}

TEST_CASE("a peer that admits us is refused where we do not admit it",
          "[runtime][dialer]") {
  link_node b{2, [](transport_options& x) {
                x.on.admit
                  = [](const hello&, uint32_t) -> result<void> { return {}; };
              }};
  auto stranger = hello_of(1);
  stranger.cluster_id = "d";
  link_node a{stranger};
  a.dial(2, b->port());
  CHECK(a.is_refused(2, "it is of cluster c"));
  CHECK(a.told().connected.empty());
}
