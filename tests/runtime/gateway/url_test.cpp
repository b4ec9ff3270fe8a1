// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/url.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::runtime;

TEST_CASE("a URL is taken apart for the connection and the request line",
          "[gateway][url]") {
  auto x = parse_http_url("http://sink.prod:8081/in%20box?a=b&c");
  REQUIRE(x.has_value());
  CHECK(x->host == "sink.prod");
  CHECK(x->port == 8081);
  CHECK(x->authority == "sink.prod:8081");
  CHECK(x->target == "/in%20box?a=b&c");
  CHECK(x->key() == "sink.prod:8081");
  CHECK(parse_http_url("http://sink")->target == "/");
  CHECK(parse_http_url("http://sink")->port == 80);
  CHECK(parse_http_url("http://sink?q")->target == "/?q");
  CHECK(parse_http_url("HTTP://[::1]:8080/")->host == "::1");
  CHECK(parse_http_url("http://[::1]:8080/")->authority == "[::1]:8080");
}

TEST_CASE("a URL that can not be called is refused", "[gateway][url]") {
  for (const char* bad :
       {"", "sink", "/path", "http:///x", "https://sink/", "ftp://sink/",
        "http://user:pw@sink/", "http://sink/#part", "http://sink:0/",
        "http://sink:99999/", "http://si nk/", "http://sink/a b",
        "http://sink/\r\nX: y", "http://sink\r\nX: y/", "http://a%0d%0ab/",
        "http://a%00b/", "http://%20/", "http://a%7fb/"}) {
    INFO(bad);
    auto x = parse_http_url(bad);
    REQUIRE_FALSE(x.has_value());
    CHECK(x.error() == ec::invalid_request);
  }
}
