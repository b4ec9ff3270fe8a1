// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/runtime/gateway/wire_vectors.hpp"

/// Bytes beyond ASCII and control characters stand as three octal digits: "\x"
/// would take the letters that follow for its own.
namespace eventd::tests {

using namespace std::string_literals;

namespace {

const std::string host = "Host: x\r\n";
const std::string no_body = "Content-Length: 0\r\n";
const std::string last_chunk = "0\r\n\r\n";
const std::string abc = "3\r\nabc\r\n";

} // namespace

std::vector<bad_wire> bad_chunks() {
  auto body = [](const std::string& text) {
    return bad_wire{text, wire_chunked(text)};
  };
  return {
    body("0x3\r\nabc\r\n0\r\n\r\n"),
    body("+3\r\nabc\r\n0\r\n\r\n"),
    body("-3\r\nabc\r\n0\r\n\r\n"),
    body(" 3\r\nabc\r\n0\r\n\r\n"),
    body("3 \r\nabc\r\n0\r\n\r\n"),
    body("g\r\nabc\r\n0\r\n\r\n"),
    body("3,3\r\nabc\r\n0\r\n\r\n"),
    body("3.\r\nabc\r\n0\r\n\r\n"),
    body("10000000000000003\r\nabc\r\n0\r\n\r\n"),
    body("\r\n3\r\nabc\r\n0\r\n\r\n"),
    body("3\nabc\n0\n\n"),
    body("3\nabc\r\n0\r\n\r\n"),
    body("3\r\r\nabc\r\n0\r\n\r\n"),
    body("3\rabc\r\n0\r\n\r\n"),
    body("3\r\nabc0\r\n\r\n"),
    body("3\r\nabc\n0\r\n\r\n"),
    body("3\r\nabcd\r\n0\r\n\r\n"),
    body("3\r\nab\r\n0\r\n\r\n"),
    body("3\r\nabc\r\n\r\n0\r\n\r\n"),
    body("3\r\nabc\r\n0x\r\n\r\n"),
    body("3\r\nabc\r\n0 \r\n\r\n"),
    body("3\r\nabc\r\n-0\r\n\r\n"),
  };
}

std::vector<bad_wire> bad_chunk_extensions() {
  auto of_first = [](const std::string& text) {
    return bad_wire{text, wire_chunked("3" + text + "\r\nabc\r\n0\r\n\r\n")};
  };
  auto of_last = [](const std::string& text) {
    return bad_wire{text, wire_chunked("3\r\nabc\r\n0" + text + "\r\n\r\n")};
  };
  return {
    of_first(";"),
    of_first(";=a"),
    of_first(";a="),
    of_first(";a b"),
    of_first(";a,b"),
    of_first(" a=b"),
    of_first(";a='b c'"),
    of_first(";a\nb"),
    of_first(";a\rb"),
    of_first(";a=b\nc"),
    of_first(";a=\"b"),
    of_first(";a=\"b\\\""),
    of_first(";a=\"b\"c"),
    of_first(";a=\"b\"\"c\""),
    of_first(";a=\"b\nc\""),
    of_first(";a=\"b\r\nc\""),
    of_first(";a=\"\000\""s),
    of_first(";a=\"\177\""),
    of_first(";a=\"\\\001\""),
    of_last(";"),
    of_last(";a=\"b"),
    of_last(";a=\"\n\""),
    of_last(";a=\"b\"c"),
  };
}

std::vector<bad_wire> bad_trailers() {
  auto with = [](const std::string& text) {
    return bad_wire{text, wire_chunked(abc + "0\r\n" + text + "\r\n")};
  };
  return {
    with("X-A\r\n"),
    with("X-A : b\r\n"),
    with(" X-A: b\r\n"),
    with("X-A: a\nb\r\n"),
    with("X-A: a\rb\r\n"),
    with("X-A: a\000b\r\n"s),
    with("Content-Length: 3\r\n"),
    with("Transfer-Encoding: chunked\r\n"),
    with("Transfer-Encoding: gzip\r\n"),
  };
}

std::vector<bad_wire> too_large() {
  const std::string mib(size_t{1} << 20, 'b');
  const std::string large_chunk = "100000\r\n" + mib + "\r\n";
  const std::string trailers
    = repeated(20'000, "X-A: " + std::string(53, 'y') + "\r\n"); // 1.2 MiB
  return {
    {"a field of 17 KiB",
     wire_post("X-A: " + std::string(17 << 10, 'a') + "\r\n" + no_body), 431},
    {"fields of 18 KiB",
     wire_post(repeated(90, "X-A: " + std::string(200, 'a') + "\r\n")
               + no_body),
     431},
    {"101 fields", wire_post(repeated(95, "X-A: b\r\n") + no_body), 431},
    {"a target of 17 KiB",
     wire_request("POST /prod/orders?" + std::string(17 << 10, 'a')
                    + " HTTP/1.1",
                  host + no_body),
     431},
    {"a body of 2 MiB", wire_post("Content-Length: 2097152\r\n", mib + mib),
     413},
    {"a chunked body of 2 MiB",
     wire_chunked(large_chunk + large_chunk + last_chunk), 413},
    {"a chunk of 2^63 - 1 bytes",
     wire_chunked("7fffffffffffffff\r\n" + mib + "b"), 413},
    {"101 trailers",
     wire_chunked(abc + "0\r\n" + repeated(101, "X-A: b\r\n") + "\r\n")},
    {"trailers of 17 KiB",
     wire_chunked(abc + "0\r\n"
                  + repeated(17, "X-A: " + std::string(1'017, 'b') + "\r\n")
                  + "\r\n")},
    {"20 000 trailers", wire_chunked(abc + "0\r\n" + trailers + "\r\n")},
    {"20 000 trailers of a large body",
     wire_chunked(large_chunk + "0\r\n" + trailers + "\r\n")},
    {"an extension of 1 MiB",
     wire_chunked("3;a=" + mib + "\r\nabc\r\n" + last_chunk)},
    {"an extension of 1 MiB in a large body",
     wire_chunked("ffffd\r\n" + mib.substr(3) + "\r\n3;a=" + mib + "\r\nabc\r\n"
                  + last_chunk)},
    {"an extension of 1 MiB of the last chunk",
     wire_chunked(large_chunk + "0;a=" + mib + "\r\n\r\n")},
    {"extensions of 900 KiB in 900 chunks",
     wire_chunked(repeated(900, "400;a=" + std::string(1'024, 'b') + "\r\n"
                                  + std::string(1'024, 'c') + "\r\n")
                  + last_chunk)},
  };
}

} // namespace eventd::tests
