// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/peer_redis.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::bench;

namespace {

/// What XREAD answers with two events.
const std::string two_events
  = "*1\r\n*2\r\n$5\r\nbench\r\n*2\r\n"
    "*2\r\n$3\r\n1-0\r\n*2\r\n$1\r\ne\r\n$2\r\nab\r\n"
    "*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\ne\r\n$0\r\n\r\n";

const std::string read_on = "*8\r\n$5\r\nXREAD\r\n$5\r\nCOUNT\r\n$4\r\n1000\r\n"
                            "$5\r\nBLOCK\r\n$1\r\n0\r\n$7\r\nSTREAMS\r\n"
                            "$5\r\nbench\r\n";

} // namespace

TEST_CASE("a RESP value is read once it is whole", "[bench][redis]") {
  for (size_t n = 0; n < two_events.size(); ++n) {
    auto part = std::string_view{two_events}.substr(0, n);
    auto early = parse_resp(part);
    REQUIRE(early.has_value());
    CHECK_FALSE(early->has_value());
    CHECK(part.size() == n);
  }
  auto text = two_events + "+next";
  std::string_view input = text;
  auto whole = parse_resp(input);
  REQUIRE(whole.has_value());
  REQUIRE(whole->has_value());
  CHECK((*whole)->items.at(0).items.at(0).text == "bench");
  CHECK(input == "+next");
}

TEST_CASE("a RESP value has its kind, and may be null", "[bench][redis]") {
  std::string_view input = "+OK\r\n:12\r\n$-1\r\n*-1\r\n*0\r\n";
  auto next = [&input] { return parse_resp(input).value().value(); };
  CHECK(next().text == "OK");
  auto number = next();
  CHECK(number.kind == ':');
  CHECK(number.text == "12");
  CHECK(next().null);
  CHECK(next().null);
  auto empty = next();
  CHECK(empty.items.empty());
  CHECK_FALSE(empty.null);
  CHECK(input.empty());
}

TEST_CASE("what is not RESP is refused", "[bench][redis]") {
  for (std::string_view wrong :
       {"HTTP/1.1 400\r\n", "$x\r\n", "$-2\r\n", "*\r\n", "\r\n",
        "$1\r\nabc\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"})
    CHECK(parse_resp(wrong).error() == ec::io_error);
}

TEST_CASE("Redis is asked in arrays of strings", "[bench][redis]") {
  redis_dialect redis{"bench"};
  CHECK(redis.hello() == "*1\r\n$4\r\nPING\r\n");
  CHECK(redis.prepare() == "*2\r\n$3\r\nDEL\r\n$5\r\nbench\r\n");
  std::string out;
  redis.append_publish(out, R"({"a":1})");
  CHECK(out
        == "*5\r\n$4\r\nXADD\r\n$5\r\nbench\r\n$1\r\n*\r\n$1\r\ne\r\n"
           "$7\r\n{\"a\":1}\r\n");
  CHECK(redis.follow() == read_on + "$1\r\n0\r\n");
}

TEST_CASE("answers of Redis are counted by what they answer",
          "[bench][redis]") {
  redis_dialect redis{"bench"};
  auto first = redis.take("+PONG\r\n:0\r\n$3\r\n1-0\r\n$3\r\n1");
  REQUIRE(first.has_value());
  CHECK(first->ready == 2);
  CHECK(first->stored == 1);
  CHECK(first->reply.empty());
  auto second = redis.take("-1\r\n");
  REQUIRE(second.has_value());
  CHECK(second->ready == 0);
  CHECK(second->stored == 1);
  auto refused = redis.take("-ERR full\r\n");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().detail == "redis: ERR full");
}

TEST_CASE("a stream of Redis is read on from its last event",
          "[bench][redis]") {
  redis_dialect redis{"bench"};
  auto news = redis.take(two_events);
  REQUIRE(news.has_value());
  CHECK(news->events == std::vector<std::string_view>{"ab", ""});
  CHECK(news->reply == read_on + "$3\r\n1-1\r\n");
  auto nothing = redis.take("*-1\r\n");
  REQUIRE(nothing.has_value());
  CHECK(nothing->events.empty());
  CHECK(nothing->reply == read_on + "$3\r\n1-1\r\n");
}
