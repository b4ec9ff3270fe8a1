// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/client.hpp"

#include <chrono>
#include <future>
#include <memory>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/gateway/client_fixture.hpp"

using namespace eventd;
using namespace eventd::tests;

TEST_CASE_METHOD(client_fixture, "a connection is used again for its target",
                 "[gateway][client]") {
  scripted_server server{{answers({ok, ok, ok})}};
  for (int i = 0; i < 3; ++i) {
    auto out = exchange(server.url());
    REQUIRE(out.has_value());
    CHECK((*out)->status == 200);
    CHECK((*out)->content.body() == "ok");
    CHECK(requests.idle_connections() == 1);
  }
  requests.close();
  CHECK(requests.idle_connections() == 0);
}

TEST_CASE_METHOD(client_fixture,
                 "a kept connection that was closed meanwhile is replaced once",
                 "[gateway][client]") {
  scripted_server server{{
    [](raw_socket& peer) {
      peer.read_request();
      peer.send(ok); // And closes, without a word in the answer.
    },
    answers({ok}),
  }};
  CHECK(exchange(server.url()).has_value());
  auto second = exchange(server.url());
  REQUIRE(second.has_value());
  CHECK((*second)->status == 200);
  requests.close();
}

TEST_CASE_METHOD(client_fixture,
                 "a fresh connection that breaks is not tried again",
                 "[gateway][client]") {
  scripted_server server{{[](raw_socket& peer) {
    peer.read_request();
    peer.reset();
  }}};
  auto out = exchange(server.url());
  REQUIRE_FALSE(out.has_value());
  CHECK(out.error() == ec::unreachable);
}

TEST_CASE_METHOD(client_fixture,
                 "an answer that broke off after its first byte is not asked "
                 "for again",
                 "[gateway][client]") {
  scripted_server server{{[](raw_socket& peer) {
    peer.read_request();
    peer.send(ok);
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Le");
  }}};
  CHECK(exchange(server.url()).has_value());
  CHECK(exchange(server.url()).error() == ec::unreachable);
}

TEST_CASE_METHOD(client_fixture, "a redirect is an answer and not followed",
                 "[gateway][client]") {
  scripted_server server{{answers(
    {"HTTP/1.1 302 Found\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n"})}};
  auto out = exchange(server.url());
  REQUIRE(out.has_value());
  CHECK((*out)->status == 302);
  requests.close();
}

TEST_CASE_METHOD(client_fixture,
                 "a silent server costs the timeout and no more",
                 "[gateway][client]") {
  scripted_server server{{[](raw_socket& peer) {
    peer.read_request();
    peer.is_at_end();
  }}};
  auto out = exchange(server.url(), 100);
  REQUIRE_FALSE(out.has_value());
  CHECK(out.error() == ec::timeout);
}

TEST_CASE_METHOD(client_fixture,
                 "an answer that never ends is cut at the timeout",
                 "[gateway][client]") {
  scripted_server server{{[](raw_socket& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    peer.is_at_end();
  }}};
  CHECK(exchange(server.url(), 100).error() == ec::timeout);
}

TEST_CASE_METHOD(
  client_fixture,
  "a huge answer counts without its body and its connection ends",
  "[gateway][client]") {
  auto huge = [](std::string head, std::string piece) {
    return [head, piece](raw_socket& peer) {
      peer.read_request();
      peer.send(head);
      for (int i = 0; i < 100'000 && peer.send(piece); ++i) {
      }
    };
  };
  SECTION("with a length") {
    scripted_server server{
      {huge("HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n",
            std::string(65'536, 'x'))}};
    auto out = exchange(server.url());
    REQUIRE(out.has_value());
    CHECK((*out)->status == 200);
    CHECK((*out)->body_dropped);
    CHECK((*out)->content.body().empty());
    CHECK(requests.idle_connections() == 0);
  }
  SECTION("chunked without end") {
    scripted_server server{
      {huge("HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n",
            "10000\r\n" + std::string(65'536, 'x') + "\r\n")}};
    auto out = exchange(server.url());
    REQUIRE(out.has_value());
    CHECK((*out)->status == 503);
    CHECK((*out)->body_dropped);
  }
  SECTION("with trailers without end") {
    scripted_server server{
      {huge("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            "X-Trailer: " + std::string(4'000, 'x') + "\r\n")}};
    auto out = exchange(server.url());
    REQUIRE(out.has_value());
    CHECK((*out)->body_dropped);
  }
}

TEST_CASE_METHOD(client_fixture,
                 "a chunk's extension of more than 16 KiB is not waited for",
                 "[gateway][client]") {
  scripted_server server{{[](raw_socket& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x="
              + std::string(20'000, 'y'));
    peer.is_at_end();
  }}};
  auto out = exchange(server.url(), 60'000);
  REQUIRE(out.has_value());
  CHECK((*out)->status == 200);
  CHECK((*out)->body_dropped);
  CHECK(requests.idle_connections() == 0);
}

TEST_CASE_METHOD(client_fixture,
                 "bodies of answers share a budget, and give it back",
                 "[gateway][client]") {
  byte_budget small{100'000};
  client by{context, small};
  auto part = [](size_t bytes) {
    return "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
           + std::string(bytes, 'x');
  };
  auto fits = small.bytes_max() + limits::socket_read_bytes;
  scripted_server server{
    {answers({part(fits)}), answers({part(fits + 1)}), answers({part(fits)}),
     answers({"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
              + std::string(5'000, 'x')})}};
  CHECK(exchange(server.url(), 300, by).error() == ec::timeout);
  CHECK(small.used() == 0);
  auto beyond = exchange(server.url(), 60'000, by);
  REQUIRE_FALSE(beyond.has_value());
  CHECK(beyond.error() == ec::overloaded);
  CHECK(small.used() == 0);
  CHECK(own.used() == 0);
  // The target's own bound.
  REQUIRE(own.take(own.bytes_max()));
  CHECK(exchange(server.url(), 60'000, by).error() == ec::overloaded);
  CHECK(small.used() == 0);
  // A small answer is read whatever is held.
  REQUIRE(small.take(small.bytes_max()));
  CHECK(exchange(server.url(), 60'000, by).has_value());
  by.close();
}

TEST_CASE_METHOD(client_fixture, "a header of more than 16 KiB is refused",
                 "[gateway][client]") {
  scripted_server server{
    {answers({"HTTP/1.1 200 OK\r\nX-Long: " + std::string(20'000, 'x')
              + "\r\nContent-Length: 0\r\n\r\n"})}};
  CHECK(exchange(server.url()).error() == ec::unreachable);
}

TEST_CASE_METHOD(client_fixture,
                 "a header of many small fields is refused before its end",
                 "[gateway][client]") {
  scripted_server server{{[](raw_socket& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 90; ++i)
      peer.send("X-A: " + std::string(200, 'a') + "\r\n");
    peer.is_at_end();
  }}};
  CHECK(exchange(server.url()).error() == ec::unreachable);
}

TEST_CASE_METHOD(client_fixture,
                 "an answer nobody asked for ends a kept connection",
                 "[gateway][client]") {
  std::promise<void> poisoned;
  scripted_server server{{
    [&](raw_socket& peer) {
      peer.read_request();
      peer.send(ok);
      peer.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
      poisoned.set_value();
      peer.is_at_end();
    },
    answers({ok}),
  }};
  CHECK((*exchange(server.url()))->status == 200);
  poisoned.get_future().get();
  auto second = exchange(server.url());
  REQUIRE(second.has_value());
  CHECK((*second)->status == 200);
  requests.close();
}

TEST_CASE_METHOD(client_fixture,
                 "a connection is kept only after plain chunked framing",
                 "[gateway][client]") {
  auto kept = [&](const std::string& fields) {
    scripted_server server{
      {answers({"HTTP/1.1 200 OK\r\n" + fields + "\r\n2\r\nok\r\n0\r\n\r\n"})}};
    auto out = exchange(server.url());
    auto n = requests.idle_connections();
    for (uint64_t i = 0; i <= limits::idle_connection_s; ++i)
      requests.sweep();
    return n;
  };
  CHECK(kept("Transfer-Encoding: chunked\r\n") == 1);
  CHECK(kept("Transfer-Encoding: gzip, chunked\r\n") == 0);
  CHECK(kept("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n") == 0);
}

TEST_CASE_METHOD(client_fixture, "what does not speak HTTP is unreachable",
                 "[gateway][client]") {
  scripted_server server{{answers({"220 mail.example ESMTP\r\n\r\n"})}};
  CHECK(exchange(server.url()).error() == ec::unreachable);
}

TEST_CASE_METHOD(client_fixture,
                 "interim answers are passed over and chunks put together",
                 "[gateway][client]") {
  scripted_server server{
    {answers({"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
              "HTTP/1.1 100 Continue\r\n\r\n"
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
              "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"})}};
  auto out = exchange(server.url());
  REQUIRE(out.has_value());
  CHECK((*out)->status == 200);
  CHECK((*out)->content.body() == "abcde");
  requests.close();
}

TEST_CASE_METHOD(client_fixture,
                 "the end of a chunked answer may come in any pieces",
                 "[gateway][client]") {
  const std::string head
    = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string end = "0\r\n\r\n";
  for (const char* before : {"", "3\r\nabc\r\n"})
    for (size_t first = 1; first < end.size(); ++first)
      for (size_t second = first; second < end.size(); ++second) {
        INFO(before << " cut at " << first << " and " << second);
        scripted_server server{{[&](raw_socket& peer) {
          peer.read_request();
          peer.send_at_once();
          peer.send(head + before + end.substr(0, first));
          settle();
          peer.send(end.substr(first, second - first));
          settle();
          peer.send(end.substr(second));
          peer.is_at_end();
        }}};
        auto out = exchange(server.url());
        REQUIRE(out.has_value());
        CHECK((*out)->content.body() == (*before ? "abc" : ""));
        CHECK(requests.idle_connections() == 1);
        for (uint64_t i = 0; i <= limits::idle_connection_s; ++i)
          requests.sweep();
      }
}

TEST_CASE_METHOD(client_fixture,
                 "an answer without a length ends with its connection",
                 "[gateway][client]") {
  scripted_server server{{[](raw_socket& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\n\r\nall of it");
  }}};
  auto out = exchange(server.url());
  REQUIRE(out.has_value());
  CHECK((*out)->content.body() == "all of it");
  CHECK(requests.idle_connections() == 0);
}

TEST_CASE_METHOD(client_fixture, "Connection: close is obeyed",
                 "[gateway][client]") {
  auto last = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
  scripted_server server{{answers({last}), answers({last})}};
  CHECK((*exchange(server.url()))->status == 204);
  CHECK(requests.idle_connections() == 0);
  CHECK((*exchange(server.url()))->status == 204);
}

TEST_CASE_METHOD(client_fixture, "names are looked up, and may be wrong",
                 "[gateway][client]") {
  scripted_server server{{answers({ok})}};
  auto url = "http://localhost:" + std::to_string(server.port()) + "/";
  CHECK(exchange(url).has_value());
  CHECK(exchange("http://no-such-host.invalid/").error() == ec::unreachable);
  requests.close();
}

TEST_CASE_METHOD(client_fixture, "a refused connection is unreachable",
                 "[gateway][client]") {
  uint16_t port = 0;
  {
    scripted_server gone{{}};
    port = gone.port();
  }
  auto out = exchange("http://127.0.0.1:" + std::to_string(port) + "/");
  REQUIRE_FALSE(out.has_value());
  CHECK(out.error() == ec::unreachable);
}

TEST_CASE_METHOD(client_fixture, "an idle connection is closed after its time",
                 "[gateway][client]") {
  scripted_server server{{answers({ok})}};
  CHECK(exchange(server.url()).has_value());
  for (uint64_t i = 0; i < limits::idle_connection_s; ++i)
    requests.sweep();
  CHECK(requests.idle_connections() == 1);
  requests.sweep();
  CHECK(requests.idle_connections() == 0);
}
