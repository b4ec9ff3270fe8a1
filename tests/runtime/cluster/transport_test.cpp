// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/transport.hpp"

#include <chrono>
#include <future>
#include <map>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/print.hpp"
#include "tests/runtime/cluster/link_node.hpp"

using namespace eventd;
using namespace eventd::runtime;
using namespace eventd::tests;

TEST_CASE("messages of 1 B, 1 MiB and 30 MiB arrive whole and in order",
          "[runtime][transport]") {
  link_node a{1};
  link_node b{2};
  a.dial(2, b->port());
  REQUIRE(a.connects());
  std::vector<std::string> sent{"x", std::string(size_t{1} << 20, 'y'),
                                std::string(size_t{30} << 20, 'z'), "", "last"};
  for (size_t i = 0; i < sent[2].size(); i += 997)
    sent[2][i] = static_cast<char>(i);
  for (const auto& text : sent)
    REQUIRE(a.send(2, text));
  REQUIRE(b.eventually(
    [&](const auto& x) { return x.received.size() == sent.size(); }));
  auto told = b.told();
  for (size_t i = 0; i < sent.size(); ++i) {
    CHECK(told.received[i].first == 1);
    CHECK((told.received[i].second == sent[i]));
  }
  CHECK(a.told().disconnected.empty());
}

TEST_CASE("messages of several threads arrive, each thread's in order",
          "[runtime][transport]") {
  constexpr int threads = 4;
  constexpr int each = 1'000;
  link_node a{1};
  link_node b{2};
  a.dial(2, b->port());
  REQUIRE(a.connects());
  std::vector<std::thread> senders;
  for (int t = 0; t < threads; ++t)
    senders.emplace_back([&a, t] {
      for (int i = 0; i < each; ++i)
        a.send(2,
               std::string(1, static_cast<char>('a' + t)) + std::to_string(i));
    });
  for (auto& x : senders)
    x.join();
  REQUIRE(b.eventually(
    [](const auto& x) { return x.received.size() == threads * each; }));
  std::map<char, int> next;
  for (const auto& [node, text] : b.told().received)
    CHECK(text.substr(1) == std::to_string(next[text[0]]++));
}

TEST_CASE("a queue at its bound refuses, and is empty once the peer is lost",
          "[runtime][transport]") {
  constexpr size_t bound = size_t{4} << 20;
  std::promise<void> done;
  scripted_server deaf{{[&](raw_socket& peer) {
    welcome(peer, hello_of(2));
    done.get_future().wait_for(std::chrono::seconds{wait_s});
  }}};
  link_node a{1, [](transport_options& x) {
                x.queue_bytes_max = bound;
                x.timeout_ms = 500;
              }};
  CHECK(!a.send(2, "nobody is there"));
  a.dial(2, deaf.port());
  REQUIRE(a.connects());
  auto message = std::make_shared<const std::string>(size_t{1} << 20, 'x');
  bool refused = false;
  for (int i = 0; i < 10'000 && !refused; ++i) {
    refused = !a->send(2, message);
    CHECK(a->queued_bytes(2) <= bound);
  }
  CHECK(refused);
  CHECK(a.eventually([](const auto& x) { return !x.disconnected.empty(); }));
  CHECK(a->queued_bytes(2) == 0);
  CHECK(!a.send(2, "x"));
  CHECK(a.warns("has not answered for 500 ms"));
  done.set_value();
}

TEST_CASE("a port in use is an error that names it", "[runtime][transport]") {
  link_node a{1};
  transport_options same;
  same.host = "127.0.0.1";
  same.port = a->port();
  same.node = 2;
  same.on = {[] { return hello_of(2); },
             [](const hello&, uint32_t) -> result<void> { return {}; },
             [](uint64_t, const hello&, uint32_t) {},
             [](uint64_t) {},
             [](uint64_t) {},
             [](uint64_t) {},
             [](uint64_t, const hello&, std::string) {},
             [](uint64_t, const std::string&) {},
             [](const std::string&) {}};
  auto out = cluster_transport::start(same);
  REQUIRE(!out);
  CHECK(out.error() == ec::address_in_use);
  CHECK(out.error().detail.find(std::to_string(a->port()))
        != std::string::npos);
}

TEST_CASE("a peer that is no longer one is disconnected",
          "[runtime][transport]") {
  link_node a{1};
  link_node b{2};
  a.dial(2, b->port());
  REQUIRE(a.connects());
  a->set_peers({});
  CHECK(!a.send(2, "x"));
  CHECK(a.eventually(
    [](const auto& x) { return x.disconnected == std::vector<uint64_t>{2}; }));
}

TEST_CASE("setting the same peers again leaves their connections alone",
          "[runtime][transport]") {
  link_node a{1};
  link_node b{2};
  a.dial(2, b->port());
  REQUIRE(a.connects());
  a.dial(2, b->port());
  REQUIRE(a.send(2, "still here"));
  CHECK(b.eventually([](const auto& x) { return x.received.size() == 1; }));
  CHECK(a.told().disconnected.empty());
}

TEST_CASE("a node that dials itself under another id is refused",
          "[runtime][transport]") {
  link_node a{1};
  a.dial(2, a->port());
  CHECK(a.is_refused(2, "node 1 is the node that was dialed"));
  CHECK(a.told().connected.empty());
}

TEST_CASE("a newer node speaks the older one's version",
          "[runtime][transport]") {
  auto newer = hello_of(2);
  newer.version_max = protocol_version_max + 1;
  link_node a{1};
  link_node b{newer};
  a.dial(2, b->port());
  b.dial(1, a->port());
  REQUIRE(a.connects());
  REQUIRE(b.connects());
  CHECK(a.told().connected[0].second == protocol_version_max);
  CHECK(b.told().connected[0].second == protocol_version_max);
}

TEST_CASE("nodes without a common version refuse each other and say so",
          "[runtime][transport]") {
  auto newer = hello_of(2);
  newer.version_min = newer.version_max = protocol_version_max + 1;
  link_node a{1};
  link_node b{newer};
  a.dial(2, b->port());
  CHECK(a.is_refused(2, "speaks protocol versions"));
  CHECK(b.is_refused(1, "speaks protocol versions"));
  CHECK(a.told().connected.empty());
}

TEST_CASE("a transport stops with connections open and attempts under way",
          "[runtime][transport]") {
  link_node b{2};
  for (int i = 0; i < 20; ++i) {
    link_node a{1};
    a->set_peers({{2, "127.0.0.1", b->port()}, {3, "127.0.0.1", 1}});
    if (i % 2 == 0)
      REQUIRE(a.connects());
    a->stop();
    a->stop();
    CHECK(!a.send(2, "x"));
  }
}
