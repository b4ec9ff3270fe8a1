// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/change.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd::eventctl;

TEST_CASE("a first apply created, whatever it answers", "[eventctl][change]") {
  CHECK(change_of("", 200, "{}") == change::created);
  CHECK(change_of("{}", 201, "{}") == change::created);
}

TEST_CASE("what the server writes by itself is no change",
          "[eventctl][change]") {
  CHECK(change_of(R"({"metadata":{"resourceVersion":"1"},"spec":{"a":1}})", 200,
                  R"({"metadata":{"resourceVersion":"2"},"spec":{"a":1},)"
                  R"("status":{"x":1}})")
        == change::unchanged);
}

TEST_CASE("a change of spec or annotations is one", "[eventctl][change]") {
  CHECK(change_of(R"({"spec":{"a":1}})", 200, R"({"spec":{"a":2}})")
        == change::configured);
  CHECK(change_of(R"({"metadata":{"annotations":{"a":"1"}}})", 200,
                  R"({"metadata":{"annotations":{"a":"2"}}})")
        == change::configured);
}
