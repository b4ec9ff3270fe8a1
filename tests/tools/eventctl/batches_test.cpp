// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/batches.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd::eventctl;

TEST_CASE("lines are joined, and empty ones left out but counted",
          "[eventctl][batches]") {
  auto x = batches_of("{\"a\":1}\n\n  \n{\"b\":2}\r\n{\"c\":3}");
  REQUIRE(x.size() == 1);
  CHECK(x[0].joined == "{\"a\":1},{\"b\":2}\r,{\"c\":3}");
  CHECK(x[0].first_line == 1);
  CHECK(x[0].last_line == 5);
  CHECK(batches_of("").empty());
}

TEST_CASE("a batch ends at its bound of events and of bytes",
          "[eventctl][batches]") {
  std::string many;
  for (int i = 0; i < 501; ++i)
    many += "{}\n";
  CHECK(batches_of(many).size() == 2);
  CHECK(batches_of(many)[1].first_line == 501);
  std::string large(600'000, 'x');
  CHECK(batches_of(large + "\n" + large).size() == 2);
}
