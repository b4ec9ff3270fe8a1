// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/model/error.hpp"

#include <set>
#include <stdexcept>

#include <catch2/catch_test_macros.hpp>

using namespace eventd;

TEST_CASE("every error has a name of its own", "[storage][error]") {
  std::set<std::string_view> names;
  for (const auto& row : error_table) {
    CHECK(names.insert(row.name).second);
    CHECK(name_of(row.code) == row.name);
  }
}

TEST_CASE("the value of a failure is refused with its detail",
          "[storage][error]") {
  result<int> good{7};
  CHECK(good.value() == 7);
  result<int> bad{failure{ec::no_space, "the disk is full"}};
  try {
    (void)bad.value();
    FAIL("a failure had a value");
  } catch (const std::runtime_error& x) {
    CHECK(std::string{x.what()}.starts_with("no_space: the disk is full"));
  }
}
