// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/runtime/gateway/wire_vectors.hpp"

/// Bytes beyond ASCII and control characters stand as three octal digits: "\x"
/// would take the letters that follow for its own.
namespace eventd::tests {

using namespace std::string_literals;

namespace {

const std::string publish_line = "POST /prod/orders HTTP/1.1";
const std::string host = "Host: x\r\n";
const std::string no_body = "Content-Length: 0\r\n";
const std::string chunked = "Transfer-Encoding: chunked\r\n";
const std::string last_chunk = "0\r\n\r\n";
const std::string abc = "3\r\nabc\r\n";

} // namespace

std::vector<bad_wire> bad_encodings() {
  auto with = [](const std::string& fields, const std::string& body) {
    return wire_post(fields, body);
  };
  auto value = [&](const std::string& text) {
    return with("Transfer-Encoding:" + text + "\r\n", abc + last_chunk);
  };
  auto old = [](const std::string& fields) {
    return wire_request("POST /prod/orders HTTP/1.0", host + chunked + fields,
                        abc + last_chunk);
  };
  return {
    {"gzip, then a length",
     with("Transfer-Encoding: gzip\r\nContent-Length: 3\r\n", "abc")},
    {"a length, then gzip",
     with("Content-Length: 3\r\nTransfer-Encoding: gzip\r\n", "abc")},
    {"gzip alone", with("Transfer-Encoding: gzip\r\n", "")},
    {"identity and a length",
     with("Transfer-Encoding: identity\r\nContent-Length: 3\r\n", "abc")},
    {"chunked, identity", value(" chunked, identity")},
    {"xchunked", value(" xchunked")},
    {"gzip, chunked", value(" gzip, chunked")},
    {"chunked, chunked", value(" chunked, chunked")},
    {"chunked in quotes", value(" \"chunked\"")},
    {"chunked with a parameter", value(" chunked;q=1")},
    {"an empty coding before it", value(" ,chunked")},
    {"no coding", value("")},
    {"a vertical tab before it", value(" \013chunked")},
    {"identity and chunked in two fields",
     with("Transfer-Encoding: identity\r\n" + chunked, abc + last_chunk)},
    {"chunked and identity in two fields",
     with(chunked + "Transfer-Encoding: identity\r\n", abc + last_chunk)},
    {"chunked in two fields", with(chunked + chunked, abc + last_chunk)},
    {"chunked in HTTP/1.0", old("")},
    {"chunked in HTTP/1.0, kept alive", old("Connection: keep-alive\r\n")},
    {"folded before it", value("\r\n chunked")},
    {"folded behind it", value(" chunked\r\n\t, identity")},
    {"a space before the colon",
     with("Transfer-Encoding : chunked\r\n", abc + last_chunk)},
    {"a tab before the colon",
     with("Transfer-Encoding\t: chunked\r\n", abc + last_chunk)},
    {"a length, then chunked",
     with("Content-Length: 5\r\n" + chunked, last_chunk)},
    {"chunked, then a length",
     with(chunked + "Content-Length: 5\r\n", last_chunk)},
    {"chunked, then a length of 0", with(chunked + no_body, last_chunk)},
  };
}

std::vector<bad_wire> bad_lengths() {
  auto value = [](const std::string& text) {
    return wire_post("Content-Length:" + text + "\r\n", "abc");
  };
  return {
    {"twice the same", value(" 3\r\nContent-Length: 3")},
    {"a list of the same", value(" 3, 3")},
    {"two that differ", value(" 3\r\nContent-Length: 4")},
    {"a list of two that differ", value(" 3, 4")},
    {"a list of one", value(" 3,")},
    {"a plus", value(" +3")},
    {"a minus", value(" -3")},
    {"hexadecimal", value(" 0x3")},
    {"a letter", value(" a")},
    {"a space between digits", value(" 3 3")},
    {"a parameter", value(" 3;a")},
    {"a fraction", value(" 3.0")},
    {"nothing", value("")},
    {"a digit beyond ASCII", value(" \263")},
    {"3 and 2^64", value(" 18446744073709551619")},
    {"a 1 and 18 zeros", value(" 1000000000000000000")},
    {"folded", value(" 3\r\n 3")},
    {"as much as can be said", value(" 999999999999999999"), 413},
  };
}

std::vector<bad_wire> bad_hosts() {
  auto with = [](const std::string& fields) {
    return wire_request(publish_line, fields + no_body);
  };
  return {
    {"no Host", with("")},
    {"two Hosts", with("Host: x\r\nHost: y\r\n")},
    {"the same Host twice", with("Host: x\r\nhost: x\r\n")},
    {"two Hosts in HTTP/1.0", wire_request("POST /prod/orders HTTP/1.0",
                                           "Host: x\r\nHost: x\r\n" + no_body)},
    {"a list of Hosts", with("Host: x, y\r\n")},
    {"a Host with a user", with("Host: u@x\r\n")},
    {"a Host with a path", with("Host: x/y\r\n")},
    {"a Host in two lines", with("Host: x\r\n y\r\n")},
  };
}

std::vector<bad_wire> bad_request_lines() {
  auto line = [](const std::string& text) {
    return bad_wire{text, wire_request(text, host + no_body)};
  };
  return {
    line("POST\t/prod/orders HTTP/1.1"),
    line("POST /prod/orders\tHTTP/1.1"),
    line("POST  /prod/orders HTTP/1.1"),
    line("POST /prod/orders  HTTP/1.1"),
    line("POST /prod/orders HTTP/1.1 "),
    line(" POST /prod/orders HTTP/1.1"),
    line("POST /prod/orders HTTP/1.2"),
    line("POST /prod/orders HTTP/1.10"),
    line("POST /prod/orders HTTP/01.1"),
    line("POST /prod/orders HTTP/0.9"),
    line("POST /prod/orders HTTP/2.0"),
    line("POST /prod/orders http/1.1"),
    line("POST /prod/orders"),
    line("PRI * HTTP/2.0"),
    line("post /prod/orders HTTP/1.1"),
    line("PO(ST /prod/orders HTTP/1.1"),
    line("CONNECT x:80 HTTP/1.1"),
    line("POST prod/orders HTTP/1.1"),
    line("POST /prod orders HTTP/1.1"),
    line("POST /prod/orders#a HTTP/1.1"),
    line("POST /prod\\orders HTTP/1.1"),
    line("POST /prod/%0 HTTP/1.1"),
    line("POST /prod/\351 HTTP/1.1"),
    line("POST http:///prod/orders HTTP/1.1"),
    line("POST http://u@x/prod/orders HTTP/1.1"),
    line("POST https://x/prod/orders HTTP/1.1"),
    {"NUL in the target",
     wire_request("POST /prod\000/orders HTTP/1.1"s, host + no_body)},
    {"NUL behind the version",
     wire_request("POST /prod/orders HTTP/1.1\000"s, host + no_body)},
    {"an empty line before it", "\r\n" + wire_post(no_body)},
    {"a field before it", "X-A: b\r\n" + wire_post(no_body)},
    {"the beginning of TLS",
     "\026\003\001\002\000\001\000\001\374\003\003\r\n\r\n"s},
    {"another protocol", "EHLO example.org\r\n\r\n"},
  };
}

std::vector<bad_wire> bad_line_ends() {
  return {
    {"LF behind each line",
     "POST /prod/orders HTTP/1.1\nHost: x\nContent-Length: 0\n\n"},
    {"LF behind the request line",
     "POST /prod/orders HTTP/1.1\nHost: x\r\nContent-Length: 0\r\n\r\n"},
    {"LF behind a field", wire_post("X-A: b\n" + chunked, last_chunk)},
    {"LF for the empty line",
     "POST /prod/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\n"},
    {"CR behind the request line",
     "POST /prod/orders HTTP/1.1\rHost: x\r\n\r\n"},
    {"CR behind a field", wire_post("X-A: b\r" + chunked, last_chunk)},
    {"CR and more for the empty line", wire_post("\rX-A: b\r\n")},
    {"a folded field", wire_post("X-A: b\r\n c\r\n" + no_body)},
    {"a folded field, by a tab", wire_post("X-A: b\r\n\tc\r\n" + no_body)},
    {"a folded field, empty at first",
     wire_post("X-A:\r\n " + chunked, last_chunk)},
    {"a folded request line",
     wire_request("POST /prod/orders HTTP/1.1\r\n X-A: b", host + no_body)},
    {"a line without a colon", wire_post("X-A\r\n" + no_body)},
    {"a line that is its colon", wire_post(": b\r\n" + no_body)},
  };
}

std::vector<bad_wire> bad_fields() {
  auto with = [](const std::string& field) {
    return wire_post(field + "\r\n" + no_body);
  };
  return {
    {"NUL in a value", with("X-A: a\000b"s)},
    {"NUL in a name", with("X\000A: b"s)},
    {"a control character in a value", with("X-A: a\001b")},
    {"DEL in a value", with("X-A: a\177b")},
    {"a space in a name", with("X A: b")},
    {"a space before the colon", with("X-A : b")},
    {"a parenthesis in a name", with("X(A): b")},
    {"a byte beyond ASCII in a name", with("X-\351: b")},
    {"another expectation", with("Expect: 200-ok")},
    {"a coding of the content", with("Content-Encoding: gzip"), 415},
  };
}

} // namespace eventd::tests
