// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/response.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd::runtime;

TEST_CASE("a response is a head, an empty line and its body",
          "[gateway][response]") {
  std::string out;
  begin_response(out, 202, "Sun, 06 Nov 1994 08:49:37 GMT");
  add_header(out, "Eventd-Offset", uint64_t{41});
  end_response(out, "hi", true);
  CHECK(out
        == "HTTP/1.1 202 Accepted\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
           "Eventd-Offset: 41\r\nContent-Length: 2\r\n\r\nhi");
}

TEST_CASE("an answer to HEAD keeps its length and leaves its body out",
          "[gateway][response]") {
  std::string out;
  begin_response(out, 200, "");
  end_response(out, "hello", false, true);
  CHECK(out
        == "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n");
}

TEST_CASE("a value that could become a second line is left out",
          "[gateway][response]") {
  std::string out;
  for (const char* bad : {"a\r\nX: y", "a\nb", "a\rb", "\x01", "\x7f"})
    CHECK_FALSE(add_header(out, "X-A", bad));
  for (const char* bad : {"", "X A", "X:A", "X\r\nA", "X(A)"})
    CHECK_FALSE(add_header(out, bad, "v"));
  CHECK(out.empty());
  CHECK(add_header(out, "X-A", "caf\xc3\xa9\tb"));
  CHECK(out == "X-A: caf\xc3\xa9\tb\r\n");
}

TEST_CASE("a chunk has its size in hex and an empty one is never written",
          "[gateway][response]") {
  std::string out;
  append_chunk(out, std::string(26, 'x'));
  CHECK(out == "1a\r\n" + std::string(26, 'x') + "\r\n");
  append_chunk(out, "");
  CHECK(out.size() == 32);
}
