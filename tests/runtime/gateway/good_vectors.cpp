// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/runtime/gateway/wire_vectors.hpp"

#include "storage/model/limits.hpp"

namespace eventd::tests {

namespace {

const std::string publish_line = "POST /prod/orders HTTP/1.1";
const std::string host = "Host: x\r\n";
const std::string chunked = "Transfer-Encoding: chunked\r\n";
const std::string last_chunk = "0\r\n\r\n";
const std::string abc = "3\r\nabc\r\n";

} // namespace

std::vector<good_wire> good_framings() {
  const std::string largest(limits::body_bytes_default, 'b');
  return {
    {"no body", wire_post(""), {202}, 1, ""},
    {"a length", wire_post("Content-Length: 3\r\n", "abc")},
    {"a length without a space", wire_post("Content-Length:3\r\n", "abc")},
    {"a length with zeros", wire_post("Content-Length: 0003\r\n", "abc")},
    {"chunked", wire_chunked(abc + last_chunk)},
    {"chunked, in capitals",
     wire_post("TRANSFER-ENCODING: CHUNKED\r\n", abc + last_chunk)},
    {"chunked, in small letters",
     wire_post("transfer-encoding: chunked\r\n", abc + last_chunk)},
    {"chunked, spaces around",
     wire_post("Transfer-Encoding:\t chunked \t\r\n", abc + last_chunk)},
    {"100-continue, its body along",
     wire_post("Expect: 100-continue\r\nContent-Length: 3\r\n", "abc")},
    {"100-continue and chunked, its body along",
     wire_post("Expect: 100-continue\r\n" + chunked, abc + last_chunk)},
    {"a body of 1 MiB",
     wire_post("Content-Length: 1048576\r\n", largest),
     {202},
     1,
     largest},
  };
}

std::vector<good_wire> good_chunks() {
  return {
    {"one", wire_chunked("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n")},
    {"none", wire_chunked(last_chunk), {202}, 1, ""},
    {"sizes in both letters",
     wire_chunked("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"),
     {202},
     1,
     "01234567890123456789"},
    {"sizes with zeros", wire_chunked(std::string(20, '0') + abc
                                      + std::string(20, '0') + last_chunk)},
    {"an extension", wire_chunked("3;a\r\nabc\r\n0;b\r\n\r\n")},
    {"extensions", wire_chunked("3;a=b;c\r\nabc\r\n0;d=e\r\n\r\n")},
    {"an extension, spaces around",
     wire_chunked("3 ; a = b\r\nabc\r\n0\r\n\r\n")},
    {"an extension in quotes",
     wire_chunked("3;a=\"b c\\\"\\\\;\td\351\"\r\nabc\r\n0;e=\"\"\r\n\r\n")},
    {"an extension of 8 KB",
     wire_chunked("3;a=" + std::string(8'000, 'b') + "\r\nabc\r\n0\r\n\r\n")},
    {"100 trailers",
     wire_chunked(abc + "0\r\n" + repeated(100, "X-A: \"b\r\n") + "\r\n")},
    {"a folded trailer", wire_chunked(abc + "0\r\nX-A: b\r\n c\r\n\r\n")},
  };
}

std::vector<good_wire> good_headers() {
  auto line = [](const std::string& text) {
    return good_wire{text,
                     wire_request(text, host + "Content-Length: 3\r\n", "abc")};
  };
  auto with = [](const std::string& fields) {
    return wire_post(fields + "Content-Length: 3\r\n", "abc");
  };
  auto at = [](const std::string& field) {
    return wire_request(publish_line, field + "\r\nContent-Length: 3\r\n",
                        "abc");
  };
  return {
    line("POST http://y.example:80/prod/orders HTTP/1.1"),
    line("POST HTTP://y/prod/orders HTTP/1.1"),
    line("POST /prod/orders? HTTP/1.1"),
    {"an empty Host", at("Host:")},
    {"a Host with a port", at("Host: [::1]:80")},
    {"9 KiB", with("X-A: " + std::string(9 << 10, 'a') + "\r\n")},
    {"100 fields", with(repeated(94, "X-A: b\r\n"))},
    {"values that are empty or beyond ASCII", with("X-A:\r\nX-B: \351\tb\r\n")},
    {"an offer of HTTP/2", with("Connection: Upgrade, HTTP2-Settings\r\n"
                                "Upgrade: h2c\r\nHTTP2-Settings: AAMAAA\r\n")},
    {"HTTP/1.0, kept alive, without Host",
     wire_request("POST /prod/orders HTTP/1.0",
                  "Connection: keep-alive\r\nContent-Length: 3\r\n", "abc")},
  };
}

std::vector<good_wire> good_connections() {
  const std::string small = wire_post("Content-Length: 3\r\n", "abc");
  const std::string to_nobody = "POST /prod/none HTTP/1.1\r\nHost: x\r\n";
  return {
    {"three, pipelined",
     small + wire_chunked(abc + last_chunk) + small,
     {202, 202, 202},
     3},
    {"a refused one after two", // The door's own refusals end it; others not.
     small + small + to_nobody + "Content-Length: 3\r\n\r\nabc" + small,
     {202, 202, 404, 202},
     3},
    {"a body that was not asked for",
     "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" + small,
     {200, 202},
     1},
  };
}

std::vector<good_wire> last_requests() {
  const std::string body = "\r\n" + abc + last_chunk;
  return {
    {"a chunked body that nobody reads",
     "POST /prod/none HTTP/1.1\r\nHost: x\r\n" + chunked + body,
     {404},
     0},
    {"a chunked body that was not asked for",
     "GET /healthz HTTP/1.1\r\nHost: x\r\n" + chunked + body,
     {200},
     0},
    {"Connection: close",
     wire_post("Connection: close\r\nContent-Length: 3\r\n", "abc")},
    {"HTTP/1.0", wire_request("POST /prod/orders HTTP/1.0",
                              "Content-Length: 3\r\n", "abc")},
    {"an empty line behind the body",
     wire_post("Content-Length: 3\r\n", "abc\r\n"),
     {202, 400}},
  };
}

} // namespace eventd::tests
