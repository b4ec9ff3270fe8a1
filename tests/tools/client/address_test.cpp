// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/client/address.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::tools;

TEST_CASE("a URL without a scheme is taken for http", "[tools][client]") {
  auto x = parse_url("127.0.0.1:8080");
  REQUIRE(x.has_value());
  CHECK(x->host == "127.0.0.1");
  CHECK(x->port == "8080");
  CHECK(x->authority == "127.0.0.1:8080");
  CHECK(x->target == "/");
}

TEST_CASE("a URL keeps its path and query and has port 80 by default",
          "[tools][client]") {
  auto x = parse_url("http://example.org/in/box?a=b");
  REQUIRE(x.has_value());
  CHECK(x->port == "80");
  CHECK(x->target == "/in/box?a=b");
  auto six = parse_url("http://[::1]:9000");
  REQUIRE(six.has_value());
  CHECK(six->host == "::1");
  CHECK(six->authority == "[::1]:9000");
}

TEST_CASE("an https URL and a text that is no URL are refused",
          "[tools][client]") {
  CHECK(parse_url("https://example.org").error() == ec::invalid_config);
  CHECK(parse_url("http://").error() == ec::invalid_config);
  CHECK(parse_url("a b").error() == ec::invalid_config);
}

TEST_CASE("a channel is named by namespace and name only", "[tools][client]") {
  auto x = parse_channel("shop/orders");
  REQUIRE(x.has_value());
  CHECK(x->events_path() == "/v1/namespaces/shop/channels/orders/events");
  CHECK(x->publish_path() == "/shop/orders");
  for (auto wrong : {"orders", "shop/", "/orders", "shop/Orders", "a/b/c", ""})
    CHECK(parse_channel(wrong).error() == ec::invalid_config);
}

TEST_CASE("a time in a query is percent-encoded", "[tools][client]") {
  CHECK(percent_encoded("2026-01-31T12:00:00+01:00")
        == "2026-01-31T12%3A00%3A00%2B01%3A00");
}
