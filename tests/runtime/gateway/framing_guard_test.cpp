// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/framing_guard.hpp"

#include <string>

#include <boost/asio/buffer.hpp>
#include <catch2/catch_test_macros.hpp>

#include "runtime/gateway/message_parser.hpp"

using namespace eventd;
using namespace eventd::runtime;

namespace {

/// What becomes of a request's header: 0 passes; 1 the parser refuses; else
/// the guard's code. The two together are what a client meets.
struct verdict {
  bool parsed = false;
  ec code = ec::none;
  std::string field;
  framing out;

  bool passes() const { return parsed && code == ec::none; }
};

verdict judge(const std::string& raw, bool folded = false) {
  static message head; // Views in the verdict stay good until the next call.
  message_parser<true> parser{head, 1 << 20};
  boost::system::error_code failed;
  auto used = parser.put(boost::asio::buffer(raw), failed);
  verdict x;
  if (failed || !parser.is_header_done())
    return x;
  x.parsed = true;
  auto out = framing_guard({head.method(), head.target(), head.version(),
                            head.fields(), used, folded});
  if (out) {
    x.out = *out;
  } else {
    x.code = out.error().code;
    x.field = out.error().field;
  }
  return x;
}

std::string post(const std::string& fields) {
  return "POST /a/b HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}

} // namespace

TEST_CASE("a plain request passes the guard with its framing",
          "[gateway][framing_guard]") {
  auto none = judge(post(""));
  REQUIRE(none.passes());
  CHECK(none.out.kind == body_framing::none);
  CHECK_FALSE(none.out.close);
  CHECK(none.out.host == "x");
  CHECK(none.out.target == "/a/b");
  auto length = judge(post("Content-Length: 42\r\n"));
  REQUIRE(length.passes());
  CHECK(length.out.kind == body_framing::length);
  CHECK(length.out.content_length == 42);
  auto chunked = judge(post("Transfer-Encoding: chunked\r\n"));
  REQUIRE(chunked.passes());
  CHECK(chunked.out.kind == body_framing::chunked);
  auto waits = judge(post("Expect: 100-continue\r\nContent-Length: 1\r\n"));
  REQUIRE(waits.passes());
  CHECK(waits.out.expects_continue);
  CHECK(judge(post("Connection: foo, Close\r\n")).out.close);
  CHECK(judge("GET / HTTP/1.0\r\n\r\n").out.close);
  CHECK_FALSE(
    judge("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").out.close);
}

TEST_CASE("the guard refuses every framing that two servers read differently",
          "[gateway][framing_guard]") {
  struct row {
    const char* what;
    std::string raw;
  };
  for (const auto& [what, raw] : std::vector<row>{
         {"gzip then a length",
          post("Transfer-Encoding: gzip\r\nContent-Length: 3\r\n")},
         {"gzip alone", post("Transfer-Encoding: gzip\r\n")},
         {"chunked, identity",
          post("Transfer-Encoding: chunked, identity\r\n")},
         {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n")},
         {"xchunked", post("Transfer-Encoding: xchunked\r\n")},
         {"two encodings", post("Transfer-Encoding: identity\r\n"
                                "Transfer-Encoding: chunked\r\n")},
         {"empty encoding", post("Transfer-Encoding: \r\n")},
         {"1.0 with chunked",
          "POST /a/b HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
         {"equal lengths twice",
          post("Content-Length: 3\r\nContent-Length: 3\r\n")},
         {"a list of lengths", post("Content-Length: 3, 3\r\n")},
         {"differing lengths",
          post("Content-Length: 3\r\nContent-Length: 4\r\n")},
         {"a sign", post("Content-Length: +3\r\n")},
         {"hexadecimal", post("Content-Length: 0x3\r\n")},
         {"overflow", post("Content-Length: 18446744073709551617\r\n")},
         {"length and chunked",
          post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")},
         {"chunked and length",
          post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n")},
         {"no host", "POST /a/b HTTP/1.1\r\n\r\n"},
         {"two hosts", "POST /a/b HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"},
         {"a host with a path", "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n"},
         {"space before the colon", post("Transfer-Encoding : chunked\r\n")},
         {"a control character", post("X-A: a\x01"
                                      "b\r\n")},
         {"an unknown expectation", post("Expect: 200-ok\r\n")},
       }) {
    INFO(what);
    auto x = judge(raw);
    CHECK_FALSE(x.passes());
    if (x.parsed)
      CHECK(x.code == ec::invalid_request);
  }
}

TEST_CASE("the guard refuses a folded field and names a refused one",
          "[gateway][framing_guard]") {
  CHECK(judge(post("X-A: b\r\n"), true).code == ec::invalid_request);
  CHECK(judge(post("X-A: b\r\n"), false).passes());
  CHECK(judge(post("Content-Length: x3\r\n")).passes() == false);
  CHECK(judge(post("Transfer-Encoding: gzip\r\n")).field
        == "transfer-encoding");
}

TEST_CASE("any Content-Encoding is refused as unsupported media",
          "[gateway][framing_guard]") {
  CHECK(judge(post("Content-Encoding: gzip\r\n")).code
        == ec::unsupported_media);
  CHECK(judge(post("content-encoding: identity\r\n")).code
        == ec::unsupported_media);
}

TEST_CASE("a hundred fields pass and one more does not",
          "[gateway][framing_guard]") {
  auto with = [](size_t n) {
    std::string fields;
    for (size_t i = 0; i < n; ++i)
      fields += "X-" + std::to_string(i) + ": y\r\n";
    return judge(post(fields)); // and Host
  };
  CHECK(with(99).passes());
  CHECK(with(100).code == ec::payload_too_large);
  CHECK(with(400).code == ec::payload_too_large);
}

TEST_CASE("a header of more than 16 KiB is refused by parser or guard",
          "[gateway][framing_guard]") {
  CHECK(judge(post("X-A: " + std::string(16'000, 'a') + "\r\n")).passes());
  CHECK_FALSE(
    judge(post("X-A: " + std::string(16'400, 'a') + "\r\n")).passes());
}

TEST_CASE("targets and methods follow the grammar or are refused",
          "[gateway][framing_guard]") {
  auto get = [](const std::string& target) {
    return judge("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
  };
  CHECK(get("/a/b?from=2026-01-01T00:00:00%2B01:00").passes());
  CHECK(judge("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").passes());
  auto absolute = get("http://y.example:80/a?b");
  REQUIRE(absolute.passes());
  CHECK(absolute.out.host == "y.example:80");
  CHECK(absolute.out.target == "/a?b");
  CHECK(get("http://y").out.target == "/");
  for (const char* bad : {"a/b", "/a#b", "/a\\b", "/a%2", "/a%zz", "/a\"b",
                          "http:///x", "http://u@h/", "ftp://x/"})
    CHECK_FALSE(get(bad).passes());
  CHECK_FALSE(judge("get / HTTP/1.1\r\nHost: x\r\n\r\n").passes());
}
