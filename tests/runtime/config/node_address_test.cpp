// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/config/node_address.hpp"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::runtime;

TEST_CASE("addresses of nodes are read, and written in one form",
          "[runtime][config]") {
  struct row {
    const char* text;
    const char* host;
    const char* shown;
    bool is_ip;
    bool is_loopback;
  };
  for (const auto& x : std::vector<row>{
         {"127.0.0.1:7001", "127.0.0.1", "127.0.0.1:7001", true, true},
         {"127.9.0.1:1", "127.9.0.1", "127.9.0.1:1", true, true},
         {"localhost:7001", "127.0.0.1", "127.0.0.1:7001", true, true},
         {"[::1]:65535", "::1", "[::1]:65535", true, true},
         {"[0:0::0:1]:80", "::1", "[::1]:80", true, true},
         {"10.0.0.7:80", "10.0.0.7", "10.0.0.7:80", true, false},
         {"[2001:DB8::1]:80", "2001:db8::1", "[2001:db8::1]:80", true, false},
         {"Node-1.eventd.svc:80", "node-1.eventd.svc", "node-1.eventd.svc:80",
          false, false},
         {"eventd_1:80", "eventd_1", "eventd_1:80", false, false}}) {
    INFO(x.text);
    auto read = parse_node_address(x.text);
    REQUIRE(read.has_value());
    CHECK(read->host == x.host);
    CHECK(read->text() == x.shown);
    CHECK(read->is_ip() == x.is_ip);
    CHECK(read->is_loopback() == x.is_loopback);
    CHECK_FALSE(read->is_wildcard());
    auto again = parse_node_address(read->text());
    REQUIRE(again.has_value());
    CHECK(*again == *read);
  }
  CHECK(parse_node_address("0.0.0.0:1")->is_wildcard());
  CHECK(parse_node_address("[::]:1")->is_wildcard());
}

TEST_CASE("what is no address of a node is refused with its text",
          "[runtime][config]") {
  for (const std::string text : {"",
                                 ":",
                                 "7001",
                                 ":7001",
                                 "127.0.0.1",
                                 "127.0.0.1:",
                                 "127.0.0.1:0",
                                 "127.0.0.1:65536",
                                 "127.0.0.1:x",
                                 "127.0.0.1:-1",
                                 "127.0.0.1: 1",
                                 "::1:7001",
                                 "[::1]",
                                 "[]:7001",
                                 "[127.0.0.1]:7001",
                                 "[::1:7001",
                                 "[localhost]:1",
                                 "127.0.0.256:1",
                                 "1.2.3:1",
                                 "12:1",
                                 "a..b:1",
                                 "-a:1",
                                 ".a:1",
                                 "a b:1",
                                 "http://a:1",
                                 "a/b:1"}) {
    INFO(text);
    auto read = parse_node_address(text);
    REQUIRE(read.has_error());
    CHECK(read.error().code == ec::invalid_config);
    CHECK(read.error().detail.starts_with('\'' + text + '\''));
  }
  CHECK(parse_node_address(std::string(253, 'a') + ":1").has_value());
  CHECK(parse_node_address(std::string(254, 'a') + ":1").has_error());
}

TEST_CASE("a node's id is 1 to 65535 in plain digits", "[runtime][config]") {
  CHECK(*parse_node_id("1") == 1);
  CHECK(*parse_node_id("65535") == 65'535);
  for (const auto* text : {"", "0", "01", "-1", "+1", " 1", "1 ", "0x1", "1.0",
                           "65536", "18446744073709551617", "one"}) {
    INFO(text);
    CHECK(parse_node_id(text).has_error());
  }
}
