// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/connection_counter.hpp"

#include <string>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::runtime;

namespace {

boost::asio::ip::address at(const std::string& text) {
  return boost::asio::ip::make_address(text);
}

} // namespace

TEST_CASE("loopback in each of its forms is exempt, and nothing else is",
          "[gateway][connection_counter]") {
  for (const char* text : {"127.0.0.1", "127.255.255.254", "::1",
                           "::ffff:127.0.0.1", "::ffff:127.9.8.7"}) {
    INFO(text);
    CHECK(is_exempt(at(text)));
  }
  for (const char* text :
       {"126.255.255.255", "128.0.0.1", "192.0.2.1", "10.0.0.1", "0.0.0.0",
        "169.254.1.1", "::", "::2", "2001:db8::1", "fe80::1", "fd00::1",
        "::ffff:192.0.2.1", "::127.0.0.1"}) {
    INFO(text);
    CHECK_FALSE(is_exempt(at(text)));
  }
}

TEST_CASE("an address has as many connections as it may and not one more",
          "[gateway][connection_counter]") {
  connection_counter counter{1'000, 3};
  std::vector<connection_ticket> held;
  for (int i = 0; i < 3; ++i)
    held.push_back(std::move(*counter.enter(at("192.0.2.1"))));
  auto beyond = counter.enter(at("192.0.2.1"));
  REQUIRE_FALSE(beyond.has_value());
  CHECK(beyond.error() == ec::overloaded);
  CHECK(beyond.error().detail.find("192.0.2.1 has 3") != std::string::npos);
  CHECK(counter.refused_for_address() == 1);
  CHECK(counter.refused_for_all() == 0);
  CHECK(counter.enter(at("192.0.2.2")).has_value()); // Another's is its own.
  held.pop_back();
  CHECK(counter.enter(at("192.0.2.1")).has_value()); // And ended at once.
  held.push_back(std::move(*counter.enter(at("192.0.2.1"))));
  CHECK(counter.enter(at("192.0.2.1")).has_error());
}

TEST_CASE("an IPv4 address is the same when it is mapped into IPv6",
          "[gateway][connection_counter]") {
  connection_counter counter{1'000, 1};
  auto held = counter.enter(at("::ffff:192.0.2.1"));
  REQUIRE(held.has_value());
  CHECK(counter.enter(at("192.0.2.1")).has_error());
  CHECK(counter.enter(at("::ffff:192.0.2.1")).has_error());
}

TEST_CASE("IPv6 addresses of one /64 are counted as one",
          "[gateway][connection_counter]") {
  connection_counter counter{1'000, 2};
  auto first = counter.enter(at("2001:db8::1"));
  auto second = counter.enter(at("2001:db8::ffff:2"));
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK(counter.enter(at("2001:db8::3")).has_error());
  CHECK(counter.enter(at("2001:db8:0:1::1")).has_value());
  CHECK(is_exempt(at("::1")));
}

TEST_CASE("loopback is bound by the count of all only",
          "[gateway][connection_counter]") {
  connection_counter counter{10, 1};
  std::vector<connection_ticket> held;
  for (int i = 0; i < 10; ++i)
    held.push_back(
      std::move(*counter.enter(at(i % 2 == 0 ? "127.0.0.1" : "::1"))));
  for (const char* text : {"127.0.0.1", "192.0.2.1"}) {
    auto beyond = counter.enter(at(text));
    REQUIRE_FALSE(beyond.has_value());
    CHECK(beyond.error().detail.find("the node has 10") != std::string::npos);
  }
  CHECK(counter.refused_for_all() == 2);
  CHECK(counter.refused_for_address() == 0);
  held.pop_back();
  CHECK(counter.enter(at("192.0.2.1")).has_value());
}

TEST_CASE("a ticket that moves is counted once",
          "[gateway][connection_counter]") {
  connection_counter counter{1, 1};
  {
    auto first = std::move(*counter.enter(at("192.0.2.1")));
    auto second = std::move(first);
    CHECK(counter.enter(at("192.0.2.1")).has_error());
    connection_ticket third;
    third = std::move(second);
    CHECK(counter.enter(at("192.0.2.1")).has_error());
  }
  CHECK(counter.enter(at("192.0.2.1")).has_value());
}

TEST_CASE("connections that come and end on many threads are all counted",
          "[gateway][connection_counter]") {
  connection_counter counter{4, 4};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&counter, i] {
      auto own = at("192.0.2." + std::to_string(i));
      for (int n = 0; n < 2'000; ++n)
        (void)counter.enter(own);
    });
  for (auto& x : threads)
    x.join();
  std::vector<connection_ticket> held;
  for (int i = 0; i < 4; ++i)
    held.push_back(std::move(*counter.enter(at("192.0.2.9"))));
  CHECK(counter.enter(at("127.0.0.1")).has_error());
}
