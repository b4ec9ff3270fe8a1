// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <boost/asio/buffer.hpp>
#include <catch2/catch_test_macros.hpp>

#include "runtime/gateway/framing_guard.hpp"
#include "runtime/gateway/message_parser.hpp"
#include "tests/runtime/gateway/gateway_fixture.hpp"
#include "tests/runtime/gateway/wire_vectors.hpp"

/// What the HTTP door refuses, byte for byte and over a socket: each row of
/// docs/security.md. Requests are what a liar sends to be understood in two
/// ways, so behind each stands another that must never be answered.
using namespace eventd;
using tests::bad_wire;
using tests::gateway_fixture;
using tests::good_wire;
using tests::raw_answer;
using tests::raw_socket;

namespace {

/// Longer requests go in large pieces only.
constexpr size_t split_bytes_max = 1'024;

struct wire_fixture : gateway_fixture {
  /// The next answer but for `100 Continue`.
  static raw_answer final_answer(raw_socket& client) {
    auto out = client.read_answer();
    while (out.status == 100)
      out = client.read_answer();
    return out;
  }

  static void send_split(raw_socket& client, const std::string& bytes) {
    client.send_at_once();
    for (const auto& c : bytes)
      if (!client.send({&c, 1}))
        return;
  }

  void check_refused(raw_socket& client, const bad_wire& x) {
    auto out = client.read_answer();
    CHECK(out.status == x.status);
    CHECK(out.header("connection") == "close");
    CHECK(out.header("content-type") == "application/problem+json");
    CHECK(client.is_at_end());
    CHECK(stored() == 0);
  }

  void refuses(const std::vector<bad_wire>& all) {
    for (const auto& x : all) {
      auto bytes = x.bytes + tests::smuggled_request();
      {
        INFO(x.name);
        auto client = connect();
        client.send(bytes);
        check_refused(client, x);
      }
      if (bytes.size() > split_bytes_max)
        continue;
      INFO(x.name << ", byte by byte");
      auto client = connect();
      send_split(client, bytes);
      check_refused(client, x);
    }
  }

  void check_answers(raw_socket& client, const good_wire& x,
                     size_t stored_before) {
    for (auto status : x.statuses)
      CHECK(final_answer(client).status == status);
    REQUIRE(stored() == stored_before + x.stored);
    if (x.stored == 0)
      return;
    std::lock_guard guard{log->mutex};
    auto last = log->events.back()[0];
    CHECK(last.id() == "own");
    CHECK(last.data() == x.data);
  }

  /// All of `x` is answered, and its connection goes on.
  void takes(const good_wire& x, bool split) {
    auto client = connect();
    auto before = stored();
    if (split)
      send_split(client, x.bytes);
    else
      client.send(x.bytes);
    check_answers(client, x, before);
    client.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.read_answer().body == "ok\n");
  }
};

} // namespace

TEST_CASE_METHOD(wire_fixture,
                 "a transfer coding that is not exactly chunked is refused and "
                 "nothing behind it is answered",
                 "[gateway][wire_guard]") {
  refuses(tests::bad_encodings());
}

TEST_CASE_METHOD(wire_fixture,
                 "a length that is not one number is refused and nothing "
                 "behind it is answered",
                 "[gateway][wire_guard]") {
  refuses(tests::bad_lengths());
}

TEST_CASE_METHOD(wire_fixture,
                 "a request without exactly one valid Host is refused",
                 "[gateway][wire_guard]") {
  refuses(tests::bad_hosts());
}

TEST_CASE_METHOD(wire_fixture,
                 "a request line that is not by the grammar is refused",
                 "[gateway][wire_guard]") {
  refuses(tests::bad_request_lines());
}

TEST_CASE_METHOD(wire_fixture,
                 "a line that two servers end in two places is refused",
                 "[gateway][wire_guard]") {
  refuses(tests::bad_line_ends());
}

TEST_CASE_METHOD(wire_fixture,
                 "a header field that is not by the grammar is refused",
                 "[gateway][wire_guard]") {
  refuses(tests::bad_fields());
}

TEST_CASE_METHOD(wire_fixture,
                 "a chunk that two servers read differently is refused",
                 "[gateway][wire_guard]") {
  refuses(tests::bad_chunks());
}

TEST_CASE_METHOD(wire_fixture,
                 "a chunk extension that is not by the grammar is refused",
                 "[gateway][wire_guard]") {
  refuses(tests::bad_chunk_extensions());
}

TEST_CASE_METHOD(wire_fixture,
                 "a trailer that is not by the grammar or frames is refused",
                 "[gateway][wire_guard]") {
  refuses(tests::bad_trailers());
}

TEST_CASE_METHOD(wire_fixture,
                 "headers, bodies, trailers and chunk extensions have limits",
                 "[gateway][wire_guard]") {
  refuses(tests::too_large());
}

TEST_CASE_METHOD(wire_fixture,
                 "what is right is carried out once, and its connection goes "
                 "on",
                 "[gateway][wire_guard]") {
  for (const auto& all : {tests::good_framings(), tests::good_chunks(),
                          tests::good_headers(), tests::good_connections()})
    for (const auto& x : all) {
      INFO(x.name);
      takes(x, false);
    }
}

TEST_CASE_METHOD(wire_fixture,
                 "what is right may come byte by byte, whatever frames it",
                 "[gateway][wire_guard]") {
  for (const auto& all : {tests::good_framings(), tests::good_chunks()})
    for (const auto& x : all) {
      if (x.bytes.size() > split_bytes_max)
        continue;
      INFO(x.name);
      takes(x, true);
    }
}

TEST_CASE_METHOD(wire_fixture,
                 "the end of a chunked body may come in any pieces",
                 "[gateway][wire_guard]") {
  const std::string end = "0\r\n\r\n";
  size_t sent = 0;
  for (const char* before : {"", "3\r\nabc\r\n"})
    for (size_t first = 1; first < end.size(); ++first)
      for (size_t second = first; second < end.size(); ++second) {
        INFO(before << " cut at " << first << " and " << second);
        auto client = connect();
        client.send_at_once();
        for (const auto& piece :
             {tests::wire_chunked(before + end.substr(0, first)),
              end.substr(first, second - first), end.substr(second)}) {
          client.send(piece);
          settle(); // It is read before the next comes.
        }
        CHECK(client.read_answer().status == 202);
        CHECK(stored() == ++sent);
        client.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
        CHECK(client.read_answer().body == "ok\n");
      }
}

TEST_CASE_METHOD(wire_fixture,
                 "quotes in the data of a chunk are no chunk extension's, "
                 "wherever it is cut",
                 "[gateway][wire_guard]") {
  const std::string body = "7\r\n\"hello\"\r\n0\r\n\r\n";
  for (size_t first = 4; first < 13; ++first)
    for (size_t second = first + 1; second <= first + 4; ++second) {
      INFO("cut at " << first << " and " << second);
      auto client = connect();
      client.send_at_once();
      for (const auto& piece :
           {tests::wire_chunked(body.substr(0, first)),
            body.substr(first, second - first), body.substr(second)}) {
        client.send(piece);
        settle(); // It is read before the next comes.
      }
      CHECK(client.read_answer().status == 202);
    }
}

TEST_CASE_METHOD(wire_fixture,
                 "behind a request that ends the connection nothing is "
                 "answered",
                 "[gateway][wire_guard]") {
  for (const auto& x : tests::last_requests()) {
    INFO(x.name);
    auto client = connect();
    auto before = stored();
    client.send(x.bytes + tests::smuggled_request());
    check_answers(client, x, before);
    CHECK(client.is_at_end());
    CHECK(stored() == before + x.stored);
  }
}

TEST_CASE_METHOD(wire_fixture,
                 "a refused request is answered after those before it",
                 "[gateway][wire_guard]") {
  auto good = tests::wire_post("Content-Length: 3\r\n", "abc");
  auto client = connect();
  client.send(good + tests::wire_chunked("3\r\nabc\r\n0\r\n\r\n")
              + tests::wire_post("Transfer-Encoding: gzip\r\n") + good);
  CHECK(client.read_answer().status == 202);
  CHECK(client.read_answer().status == 202);
  CHECK(client.read_answer().status == 400);
  CHECK(client.is_at_end());
  CHECK(stored() == 2);
}

TEST_CASE_METHOD(wire_fixture,
                 "a request whose end never comes is not carried out",
                 "[gateway][wire_guard]") {
  for (const auto& bytes : {
         std::string{"POST /prod/orders HTTP/1.1\r\nHost: x\r\n"},
         tests::wire_post("Content-Length: 4\r\n", "abc"),
         tests::wire_chunked("3\r\nabc"),
         tests::wire_chunked("3\r\nabc\r\n"),
         tests::wire_chunked("3\r\nabc\r\n0\r\n"),
         tests::wire_chunked("3\r\nabc\r\n0\r\nX-A: b\r\n"),
       }) {
    INFO(bytes);
    auto client = connect();
    client.send(bytes);
    client.end_sending();
    CHECK(client.is_at_end());
    CHECK(stored() == 0);
  }
}

TEST_CASE_METHOD(wire_fixture,
                 "what trails a chunked body never gets into its header",
                 "[gateway][wire_guard]") {
  auto client = connect();
  client.send(tests::wire_chunked("3\r\nabc\r\n0\r\n"
                                  "Authorization: Bearer x\r\nHost: y\r\n"
                                  "ce-id: evil\r\nce-subject: evil\r\n"
                                  "Content-Type: text/evil\r\n"
                                  "Content-Encoding: gzip\r\n"
                                  "X-Request-Id: evil\r\nExpect: evil\r\n"
                                  "Connection: close\r\n\r\n")
              + "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.read_answer().status == 202);
  CHECK(client.read_answer().body == "ok\n"); // It was not closed either.
  REQUIRE(stored() == 1);
  auto event = log->events[0][0];
  CHECK(event.id() == "own");
  CHECK(event.attributes().size() == 3);
  CHECK(event.headers().empty());
}

TEST_CASE_METHOD(wire_fixture,
                 "a Host that trails a body leads to no channel, nor away from "
                 "one",
                 "[gateway][wire_guard]") {
  const std::string channel
    = "Host: orders-kn-channel.prod.svc.cluster.local\r\n";
  auto at = [](const std::string& host, const std::string& trailer) {
    return tests::wire_request("POST / HTTP/1.1",
                               host + "Transfer-Encoding: chunked\r\n",
                               "3\r\nabc\r\n0\r\n" + trailer + "\r\n");
  };
  CHECK(ask(at("Host: x\r\n", channel)).status == 400);
  CHECK(stored() == 0);
  CHECK(ask(at(channel, "Host: x\r\n")).status == 202);
  CHECK(stored() == 1);
}

TEST_CASE("trailers are not among the fields that a handler sees",
          "[gateway][wire_guard]") {
  runtime::message content;
  runtime::message_parser<true> parser{content, 100};
  parser.eager(true);
  auto text = tests::wire_chunked("3\r\nabc\r\n0\r\nAuthorization: x\r\n"
                                  "Host: y\r\n\r\n");
  boost::system::error_code failed;
  parser.put(boost::asio::buffer(text), failed);
  REQUIRE_FALSE(failed);
  REQUIRE(parser.is_done());
  CHECK(content.fields().size() == 6);
  CHECK(runtime::find_field(content.fields(), "host") == "x");
  CHECK(runtime::find_field(content.fields(), "authorization").empty());
  CHECK(content.body() == "abc");
}
