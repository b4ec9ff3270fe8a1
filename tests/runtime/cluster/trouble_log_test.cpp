// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/trouble_log.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::runtime;

TEST_CASE("a trouble is told once a minute for each address and kind",
          "[runtime][trouble_log]") {
  trouble_log x;
  CHECK(x.is_due(trouble::tls, "a", 0));
  CHECK(!x.is_due(trouble::tls, "a", 59'999));
  CHECK(x.is_due(trouble::bytes, "a", 59'999));
  CHECK(x.is_due(trouble::tls, "b", 59'999));
  CHECK(x.is_due(trouble::tls, "a", 60'000));
  CHECK(!x.is_due(trouble::tls, "a", 60'001));
}

TEST_CASE("no more addresses are remembered than the bound",
          "[runtime][trouble_log]") {
  trouble_log x;
  for (size_t i = 0; i < limits::troubles_max; ++i)
    CHECK(x.is_due(trouble::lost, std::to_string(i), 0));
  CHECK(!x.is_due(trouble::lost, "one more", 59'999));
  CHECK(x.is_due(trouble::lost, "one more", 60'000));
}
