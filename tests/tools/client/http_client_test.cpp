// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/client/http_client.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tests/tools/fake_server.hpp"
#include "tools/client/event_stream.hpp"

using namespace eventd;
using namespace eventd::tools;
using tests::fake_server;

TEST_CASE("a client sends two requests on one connection", "[tools][client]") {
  // The fake serves one connection at a time: a second one would wait.
  fake_server server{[](auto&) {
    return fake_server::reply{
      fake_server::answer(200, "hello", "X-Kind: a\r\n")};
  }};
  http_client client{server.address()};
  for (int i = 0; i < 2; ++i) {
    auto answer = client.send({"POST", "/x", {{"A", "b"}}, "body"});
    REQUIRE(answer.has_value());
    CHECK(answer->body == "hello");
    CHECK(answer->header("x-kind") == "a");
  }
  CHECK(server.seen() == std::vector<std::string>{"POST /x", "POST /x"});
}

TEST_CASE("a client opens a kept connection again that the server closed",
          "[tools][client]") {
  fake_server server{[](auto&) {
    return fake_server::reply{fake_server::answer(200, ""), true};
  }};
  http_client client{server.address()};
  CHECK(client.send({}).has_value());
  CHECK(client.send({}).has_value());
}

TEST_CASE("a refusal is a failure with the problem's code", "[tools][client]") {
  fake_server server{[](auto&) {
    return fake_server::reply{fake_server::answer(
      404, R"({"type":"/errors/not_found","detail":"no channel a/b"})")};
  }};
  http_client client{server.address()};
  auto answer = client.call({});
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error() == ec::not_found);
  CHECK(answer.error().detail == "no channel a/b");
}

TEST_CASE("no server at the address is unreachable", "[tools][client]") {
  auto nobody = [] {
    fake_server gone{[](auto&) { return fake_server::reply{}; }};
    return gone.address();
  }();
  http_client client{nobody};
  CHECK(client.send({}).error() == ec::unreachable);
}

TEST_CASE("a server that does not answer is a timeout", "[tools][client]") {
  fake_server server{[](auto&) { return fake_server::reply{}; }};
  client_options how;
  how.answer_timeout = std::chrono::milliseconds{50};
  http_client client{server.address(), how};
  CHECK(client.send({}).error() == ec::timeout);
}

TEST_CASE("an interruption ends a call that waits", "[tools][client]") {
  std::atomic<bool> stop = false;
  fake_server server{[&stop](auto&) {
    stop = true;
    return fake_server::reply{};
  }};
  client_options how;
  how.stop = &stop;
  http_client client{server.address(), how};
  CHECK(client.send({}).error() == ec::shutting_down);
}

TEST_CASE("a header value with a line feed is not sent", "[tools][client]") {
  http_client client{*parse_url("127.0.0.1:1")};
  auto answer = client.send({"GET", "/", {{"A", "x\r\nB: y"}}, {}});
  CHECK(answer.error() == ec::invalid_request);
}

TEST_CASE("a stream gives whole lines however the chunks are cut",
          "[tools][event_stream]") {
  fake_server server{[](auto&) {
    return fake_server::reply{
      fake_server::chunked_head("Eventd-Epoch: 3\r\nEventd-End-Offset: 9\r\n"
                                "Eventd-Earliest-Offset: 2\r\n")
      + fake_server::chunk("{\"a\"") + fake_server::chunk(":1}\n{\"b\":")
      + fake_server::chunk("2}\n") + "0\r\n\r\n"};
  }};
  event_stream stream{http_client{server.address()}};
  event_range range;
  range.from = "5";
  range.epoch = "3";
  auto begun = stream.open({"default", "orders"}, range);
  REQUIRE(begun.has_value());
  CHECK(begun->epoch == "3");
  CHECK(begun->earliest == 2);
  CHECK(begun->end == 9);
  std::string all;
  for (auto lines = stream.next(); lines && !lines->empty();
       lines = stream.next()) {
    CHECK(lines->back() == '\n');
    all += *lines;
  }
  CHECK(all == "{\"a\":1}\n{\"b\":2}\n");
  CHECK(server.seen().front()
        == "GET /v1/namespaces/default/channels/orders/events?from=5&epoch=3");
}

TEST_CASE("a stream that breaks inside a line gives the lines before it",
          "[tools][event_stream]") {
  fake_server server{[](auto&) {
    return fake_server::reply{fake_server::chunked_head()
                                + fake_server::chunk("{\"a\":1}\n{\"b\":"),
                              true};
  }};
  event_stream stream{http_client{server.address()}};
  REQUIRE(stream.open({"default", "orders"}, {}).has_value());
  CHECK(*stream.next() == "{\"a\":1}\n");
  CHECK(stream.next().error() == ec::unreachable);
}

TEST_CASE("a stream gives a line while the server holds the next back",
          "[tools][event_stream]") {
  fake_server server{[](auto&) {
    return fake_server::reply{fake_server::chunked_head()
                              + fake_server::chunk("{\"a\":1}\n")};
  }};
  client_options how;
  how.answer_timeout = std::chrono::milliseconds{200};
  event_stream stream{http_client{server.address(), how}};
  REQUIRE(stream.open({"default", "orders"}, {}).has_value());
  CHECK(*stream.next() == "{\"a\":1}\n");
  CHECK(stream.next().error() == ec::timeout);
}
