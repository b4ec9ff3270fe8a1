// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/acceptor.hpp"

#include <chrono>

#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/cluster/link_node.hpp"

using namespace eventd;
using namespace eventd::runtime;
using namespace eventd::tests;

TEST_CASE("what is not our protocol is cut off and told once",
          "[runtime][acceptor]") {
  link_node b{2};
  {
    auto half = encode_frame(frame_hello, encode(hello_of(1)));
    auto peer = raw_socket::connect(b->port());
    peer.send(half.substr(0, half.size() / 2));
    peer.close();
    REQUIRE(b.warns("ended inside a frame"));
  }
  const std::vector<std::string> attacks{
    std::string(64, '\xff'),
    std::string("\xff\xff\xff\xff\0\0\0\0\x8", 9),
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    encode_frame(0, "a message before the hello"),
    encode_frame(frame_hello, "no hello at all"),
  };
  for (const auto& bytes : attacks) {
    INFO(bytes);
    auto peer = raw_socket::connect(b->port());
    peer.send(bytes);
    read_frame(peer); // A refusal, where a whole hello came.
    CHECK(peer.is_at_end());
  }
  link_node a{1};
  a.dial(2, b->port());
  REQUIRE(a.connects());
  REQUIRE(a.send(2, "hello"));
  CHECK(b.eventually([](const auto& x) { return x.received.size() == 1; }));
  // One line of broken frames, one of a refused hello.
  CHECK(b.told().warnings.size() == 2);
}

TEST_CASE("a node of another cluster is refused with the reason",
          "[runtime][acceptor]") {
  link_node b{2};
  auto peer = raw_socket::connect(b->port());
  auto stranger = hello_of(1);
  stranger.cluster_id = "d";
  auto answer = greet(peer, stranger);
  REQUIRE(answer);
  CHECK(!answer->accepted);
  CHECK(answer->refusal == "it is of cluster d");
  CHECK(peer.is_at_end());
  CHECK(b.is_refused(1, "it is of cluster d"));
}

TEST_CASE("a broken frame after the hello ends the connection",
          "[runtime][acceptor]") {
  link_node b{2};
  auto peer = raw_socket::connect(b->port());
  auto answer = greet(peer, hello_of(1));
  REQUIRE(answer);
  REQUIRE(answer->accepted);
  CHECK(answer->accepted->node == 2);
  auto bad = encode_frame(0, "message");
  bad.back() = '?';
  peer.send(encode_frame(0, "good") + bad);
  CHECK(peer.is_at_end());
  CHECK(b.warns("checksum"));
  auto told = b.told();
  REQUIRE(told.received.size() == 1);
  CHECK(told.received[0].second == "good");
}

TEST_CASE("a ping is answered, also inside a message", "[runtime][acceptor]") {
  link_node b{2};
  auto peer = raw_socket::connect(b->port());
  REQUIRE(greet(peer, hello_of(1)));
  auto pong = encode_frame(frame_pong);
  peer.send(encode_frame(frame_ping));
  CHECK(peer.read_exactly(pong.size()) == pong);
  peer.send(encode_frame(frame_more, "be") + encode_frame(frame_ping));
  CHECK(peer.read_exactly(pong.size()) == pong);
  peer.send(encode_frame(0, "gin"));
  CHECK(b.eventually([](const auto& x) {
    return x.received.size() == 1 && x.received[0].second == "begin";
  }));
}

TEST_CASE("a second connection of a node replaces the first",
          "[runtime][acceptor]") {
  link_node b{2};
  auto first = raw_socket::connect(b->port());
  REQUIRE(greet(first, hello_of(1)));
  auto second = raw_socket::connect(b->port());
  REQUIRE(greet(second, hello_of(1)));
  CHECK(first.is_at_end());
  second.send(encode_frame(0, "x"));
  CHECK(b.eventually([](const auto& x) { return x.received.size() == 1; }));
  CHECK(b.told().heard == std::vector<uint64_t>{1, 1});
  CHECK(b.told().unheard.empty());
}

TEST_CASE("a node is told of as heard until its last connection ends",
          "[runtime][acceptor]") {
  link_node b{2};
  {
    auto stranger = raw_socket::connect(b->port());
    auto peer = raw_socket::connect(b->port());
    REQUIRE(greet(peer, hello_of(1)));
    // Told when the answer is on its way.
    CHECK(b.eventually(
      [](const auto& x) { return x.heard == std::vector<uint64_t>{1}; }));
    CHECK(b.told().unheard.empty());
  }
  CHECK(b.eventually([](const auto& x) { return !x.unheard.empty(); }));
  CHECK(b.told().unheard == std::vector<uint64_t>{1});
}

TEST_CASE("a node that falls silent is cut off after three timeouts",
          "[runtime][acceptor]") {
  link_node b{2, [](transport_options& x) { x.timeout_ms = 100; }};
  auto peer = raw_socket::connect(b->port());
  REQUIRE(greet(peer, hello_of(1)));
  auto begin = std::chrono::steady_clock::now();
  CHECK(peer.is_at_end());
  auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took > std::chrono::milliseconds{200});
  CHECK(b.warns("fell silent"));
}

TEST_CASE("strangers beyond the bound are turned away, nodes are not after",
          "[runtime][acceptor]") {
  link_node b{2};
  {
    std::vector<raw_socket> strangers;
    for (size_t i = 0; i < limits::link_strangers_max; ++i)
      strangers.push_back(raw_socket::connect(b->port()));
    auto one_more = raw_socket::connect(b->port());
    CHECK(one_more.is_at_end());
    CHECK(b.warns("too many have not said hello"));
  }
  link_node a{1};
  a.dial(2, b->port());
  CHECK(a.connects());
}

TEST_CASE("who says no hello is cut off after its time",
          "[runtime][acceptor]") {
  link_node b{2};
  auto peer = raw_socket::connect(b->port());
  auto begin = std::chrono::steady_clock::now();
  CHECK(peer.is_at_end());
  auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took > std::chrono::milliseconds{limits::link_hello_ms_max - 500});
}
