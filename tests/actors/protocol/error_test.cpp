// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/protocol/error.hpp"

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/actor_fixture.hpp"
#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::tests;

TEST_CASE("every failure comes back from a CAF error as it was",
          "[actors][error]") {
  for (const auto& row : error_table) {
    if (row.code == ec::none)
      continue;
    failure x{row.code, "what was wrong", "where"};
    x.offset = 0;
    auto y = from_caf(to_caf(x));
    CHECK(y.code == x.code);
    CHECK(y.detail == x.detail);
    CHECK(y.field == x.field);
    CHECK(y.offset == x.offset);
  }
}

TEST_CASE("a failure without words or offset has none when it comes back",
          "[actors][error]") {
  auto y = from_caf(to_caf(failure{ec::no_space}));
  CHECK(y.code == ec::no_space);
  CHECK(y.detail.empty());
  CHECK(y.field.empty());
  CHECK_FALSE(y.offset);
}

TEST_CASE("CAF's own errors become the nearest of ours", "[actors][error]") {
  CHECK(from_caf(caf::make_error(caf::sec::request_timeout)) == ec::timeout);
  CHECK(from_caf(caf::make_error(caf::sec::request_receiver_down))
        == ec::actor_died);
  auto other = from_caf(caf::make_error(caf::sec::runtime_error, "a bug"));
  CHECK(other == ec::internal);
  CHECK_FALSE(other.detail.empty());
  CHECK(from_caf(caf::error{caf::exit_reason::kill}) == ec::internal);
}

TEST_CASE("a result becomes what a handler answers", "[actors][error]") {
  auto good = to_caf(result<int>{7});
  CHECK(good.flag == caf::rt_value);
  auto bad = to_caf(result<int>{failure{ec::conflict, "no"}});
  REQUIRE(bad.flag == caf::rt_error);
  CHECK(from_caf(bad.err) == ec::conflict);
}

TEST_CASE_METHOD(actor_fixture, "our errors are printed with name and words",
                 "[actors][error]") {
  auto text = system.render(to_caf(failure{ec::no_space, "disk is full"}));
  CHECK(text == "no_space: disk is full");
  CHECK(system.render(ec::conflict) == "conflict");
}
