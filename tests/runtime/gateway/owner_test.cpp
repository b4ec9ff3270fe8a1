// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/owner.hpp"

#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::runtime;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// Asks until an owner is found, and counts how often.
struct owner_fixture {
  /// Answers with what `attempt` makes of the number of the try, from 1 on.
  template <class Attempt>
  result<int> find(Attempt attempt) {
    std::optional<result<int>> out;
    net::io_context context{1};
    net::co_spawn(
      context,
      [&]() -> task<> {
        out = co_await find_owner<int>([&]() -> task<result<int>> {
          ++tries;
          co_return attempt(tries);
        });
      },
      net::detached);
    auto begin = steady_clock::now();
    context.run();
    took = steady_clock::now() - begin;
    REQUIRE(out);
    return *out;
  }

  int tries = 0;
  steady_clock::duration took{};
};

} // namespace

TEST_CASE_METHOD(owner_fixture, "an owner that answers is asked once",
                 "[gateway][owner]") {
  auto x = find([](int) -> result<int> { return 7; });
  REQUIRE(x);
  CHECK(*x == 7);
  CHECK(tries == 1);
}

TEST_CASE_METHOD(owner_fixture,
                 "an owner that moves or is started again is asked again",
                 "[gateway][owner]") {
  for (auto code : {ec::not_leader, ec::actor_died}) {
    tries = 0;
    auto x = find([code](int n) -> result<int> {
      if (n < 4)
        return failure{code, "not here"};
      return n;
    });
    REQUIRE(x);
    CHECK(*x == 4);
    CHECK(tries == 4);
    // It left some time between the tries.
    CHECK(took >= milliseconds(3 * limits::owner_retry_ms));
  }
}

TEST_CASE_METHOD(owner_fixture,
                 "an owner that moves and then refuses is heard at once",
                 "[gateway][owner]") {
  auto x = find([](int n) -> result<int> {
    if (n == 1)
      return failure{ec::not_leader};
    return failure{ec::no_space, "full"};
  });
  REQUIRE_FALSE(x);
  CHECK(x.error() == ec::no_space);
  CHECK(x.error().detail == "full");
  CHECK(tries == 2);
}

TEST_CASE_METHOD(owner_fixture,
                 "no other failure is repeated: it may have been carried out",
                 "[gateway][owner]") {
  for (const auto& row : error_table) {
    if (row.code == ec::not_leader || row.code == ec::actor_died)
      continue;
    INFO(row.name);
    tries = 0;
    auto x = find([&](int) -> result<int> { return failure{row.code, "no"}; });
    REQUIRE_FALSE(x);
    CHECK(x.error().code == row.code);
    CHECK(tries == 1);
  }
}

TEST_CASE_METHOD(owner_fixture,
                 "an owner that is never found is given up in time",
                 "[gateway][owner]") {
  auto x = find([](int n) -> result<int> {
    return failure{ec::not_leader, "try " + std::to_string(n)};
  });
  REQUIRE_FALSE(x);
  CHECK(x.error() == ec::not_leader);
  CHECK(x.error().detail == "try " + std::to_string(tries));
  CHECK(tries > 1);
  CHECK(tries <= limits::owner_patience_ms / limits::owner_retry_ms + 1);
  CHECK(took >= milliseconds(limits::owner_patience_ms));
  CHECK(took < milliseconds(2 * limits::owner_patience_ms));
}
