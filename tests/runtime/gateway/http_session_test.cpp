// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/http_session.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/gateway/gateway_fixture.hpp"

using namespace eventd;
using tests::gateway_fixture;
using tests::raw_socket;

TEST_CASE_METHOD(gateway_fixture,
                 "a connection takes one request after the other",
                 "[gateway][http_session]") {
  auto client = connect();
  for (int i = 0; i < 3; ++i) {
    client.send(
      post_text("/prod/orders", event_headers(std::to_string(i)), "{}"));
    auto out = client.read_answer();
    CHECK(out.status == 202);
    CHECK(out.header("eventd-offset") == std::to_string(i));
    CHECK(out.header("connection").empty());
  }
}

TEST_CASE_METHOD(gateway_fixture,
                 "pipelined requests are answered in their order",
                 "[gateway][http_session]") {
  auto client = connect();
  std::string all;
  for (int i = 0; i < 50; ++i)
    all += post_text("/prod/orders", event_headers(std::to_string(i)),
                     std::string(300, ' ') + "{}");
  all += "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
  client.send(all);
  for (int i = 0; i < 50; ++i)
    CHECK(client.read_answer().header("eventd-offset") == std::to_string(i));
  CHECK(client.read_answer().body == "ok\n");
}

TEST_CASE_METHOD(gateway_fixture, "a request may come byte by byte",
                 "[gateway][http_session]") {
  auto client = connect();
  for (auto c : post_text("/prod/orders", event_headers("a"), "{\"x\":1}"))
    client.send({&c, 1});
  CHECK(client.read_answer().status == 202);
}

TEST_CASE_METHOD(gateway_fixture, "Connection: close and HTTP/1.0 end it",
                 "[gateway][http_session]") {
  auto client = connect();
  client.send("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(client.read_answer().header("connection") == "close");
  CHECK(client.is_at_end());
  auto old = connect();
  old.send("GET /healthz HTTP/1.0\r\n\r\n");
  CHECK(old.read_answer().status == 200);
  CHECK(old.is_at_end());
}

TEST_CASE_METHOD(gateway_fixture,
                 "a refused header is answered and its connection closed",
                 "[gateway][http_session]") {
  auto client = connect();
  client.send("POST /prod/orders HTTP/1.1\r\nHost: x\r\n"
              "Transfer-Encoding: gzip\r\n\r\n"
              "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  auto out = client.read_answer();
  CHECK(out.status == 400);
  CHECK(out.header("content-type") == "application/problem+json");
  CHECK(out.body.find("transfer-encoding") != std::string::npos);
  CHECK(client.is_at_end()); // The second is not served.
}

TEST_CASE_METHOD(gateway_fixture, "what is not HTTP gets a 400",
                 "[gateway][http_session]") {
  auto client = connect();
  client.send("EHLO example.org\r\n\r\n");
  CHECK(client.read_answer().status == 400);
  CHECK(client.is_at_end());
}

TEST_CASE_METHOD(gateway_fixture, "a folded header field is refused",
                 "[gateway][http_session]") {
  auto folded = get("/healthz", "X-A: b\r\n c\r\n");
  CHECK(folded.status == 400);
  CHECK(get("/healthz", "X-A: b\r\n").status == 200);
}

TEST_CASE_METHOD(gateway_fixture, "a header beyond 16 KiB gets a 431",
                 "[gateway][http_session]") {
  CHECK(get("/healthz", "X-A: " + std::string(16'100, 'a') + "\r\n").status
        == 200);
  CHECK(get("/healthz", "X-A: " + std::string(17'000, 'a') + "\r\n").status
        == 431);
}

TEST_CASE_METHOD(gateway_fixture,
                 "a header of many small fields gets its 431 before its end",
                 "[gateway][http_session]") {
  auto client = connect();
  client.send("GET /healthz HTTP/1.1\r\nHost: x\r\n");
  for (int i = 0; i < 90; ++i)
    client.send("X-A: " + std::string(200, 'a') + "\r\n");
  auto out = client.read_answer(); // The header's end was never sent.
  CHECK(out.status == 431);
  CHECK(out.header("connection") == "close");
}

TEST_CASE_METHOD(gateway_fixture, "a large body may come in many pieces",
                 "[gateway][http_session]") {
  auto client = connect();
  std::string body = "\"" + std::string(499'998, 'b') + "\"";
  auto text = post_text("/prod/orders", event_headers("a"), body);
  for (size_t at = 0; at < text.size(); at += 7'001)
    client.send(std::string_view{text}.substr(at, 7'001));
  CHECK(client.read_answer().status == 202);
  REQUIRE(stored() == 1);
  CHECK(log->events[0][0].data() == body);
  client.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.read_answer().status == 200);
}

TEST_CASE_METHOD(gateway_fixture,
                 "a body beyond the limit is refused before it is read",
                 "[gateway][http_session]") {
  auto client = connect();
  client.send("POST /prod/orders HTTP/1.1\r\nHost: x\r\n" + event_headers("a")
              + "Content-Length: 1048577\r\n\r\n");
  auto out = client.read_answer();
  CHECK(out.status == 413);
  CHECK(out.header("connection") == "close");
  CHECK(client.is_at_end());
  CHECK(stored() == 0);
}

TEST_CASE_METHOD(gateway_fixture,
                 "100 Continue comes only for a body that may come",
                 "[gateway][http_session]") {
  auto waiting = [](const std::string& target, const std::string& length) {
    return "POST " + target + " HTTP/1.1\r\nHost: x\r\n" + event_headers("a")
           + "Expect: 100-continue\r\nContent-Length: " + length + "\r\n\r\n";
  };
  auto client = connect();
  client.send(waiting("/prod/orders", "2"));
  CHECK(client.read_head().status == 100);
  client.send("{}");
  CHECK(client.read_answer().status == 202);
  auto large = connect();
  large.send(waiting("/prod/orders", "1048577"));
  CHECK(large.read_answer().status == 413);
  auto unknown = connect();
  unknown.send(waiting("/prod/none", "2"));
  CHECK(unknown.read_answer().status == 404);
  CHECK(unknown.is_at_end());
}

TEST_CASE_METHOD(gateway_fixture, "a chunked body is put together",
                 "[gateway][http_session]") {
  auto client = connect();
  client.send("POST /prod/orders HTTP/1.1\r\nHost: x\r\n" + event_headers("a")
              + "Transfer-Encoding: chunked\r\n\r\n"
                "4\r\n{\"x\"\r\n3\r\n:1}\r\n0\r\n"
                "Content-Encoding: gzip\r\nHost: y\r\n\r\n"
              + "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.read_answer().status == 202);
  CHECK(log->events[0][0].data() == "{\"x\":1}");
  CHECK(client.read_answer().body == "ok\n"); // The next is found behind it.
}

TEST_CASE_METHOD(gateway_fixture,
                 "a chunked body has the same limit, and so has its framing",
                 "[gateway][http_session]") {
  std::string head = "POST /prod/orders HTTP/1.1\r\nHost: x\r\n"
                     + event_headers("a")
                     + "Transfer-Encoding: chunked\r\n\r\n";
  auto large = connect();
  large.send(head);
  std::string chunk = "10000\r\n" + std::string(65'536, ' ') + "\r\n";
  for (int i = 0; i < 17; ++i)
    large.send(chunk);
  CHECK(large.read_answer().status == 413);
  auto framed = connect();
  framed.send(head + "1;x=" + std::string(100'000, 'y') + "\r\n");
  CHECK(framed.read_answer().status == 400);
  auto trailers = connect();
  trailers.send(head + "2\r\n{}\r\n0\r\n");
  for (int i = 0; i < 100; ++i)
    trailers.send("X-T: " + std::string(1'000, 'y') + "\r\n");
  CHECK(trailers.read_answer().status == 400);
  CHECK(stored() == 0);
}

TEST_CASE_METHOD(gateway_fixture,
                 "a refused request's small body is passed over",
                 "[gateway][http_session]") {
  auto client = connect();
  client.send(post_text("/prod/none", event_headers("a"), "{}")
              + post_text("/prod/orders", event_headers("b"), "{}"));
  CHECK(client.read_answer().status == 404);
  CHECK(client.read_answer().status == 202);
}

TEST_CASE_METHOD(gateway_fixture, "a client that leaves costs nothing",
                 "[gateway][http_session]") {
  {
    auto client = connect();
    client.send("POST /prod/orders HTTP/1.1\r\nHost: x\r\n" + event_headers("a")
                + "Content-Length: 100\r\n\r\nhalf");
    client.reset();
  }
  CHECK(get("/healthz").status == 200);
  CHECK(gate->drain(std::chrono::seconds{5})); // No connection is left.
  CHECK(stored() == 0);
}
