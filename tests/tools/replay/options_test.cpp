// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/replay/options.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::replay;

namespace {

raw_options good() {
  raw_options x;
  x.server = "http://127.0.0.1:1";
  x.channel = "default/orders";
  x.output = "-";
  return x;
}

} // namespace

TEST_CASE("a replay without positions reads all", "[replay][options]") {
  auto x = check(good());
  REQUIRE(x.has_value());
  CHECK(x->from == "earliest");
  CHECK(x->to.empty());
}

TEST_CASE("exactly one target must be given", "[replay][options]") {
  auto none = good();
  none.output.clear();
  CHECK(check(none).error() == ec::invalid_config);
  auto two = good();
  two.sink = "http://127.0.0.1:9000";
  CHECK(check(two).error() == ec::invalid_config);
}

TEST_CASE("a channel is not replayed into itself", "[replay][options]") {
  auto x = good();
  x.output.clear();
  x.into = "default/orders";
  CHECK(check(x).error() == ec::invalid_config);
  x.into = "default/copy";
  CHECK(check(x).has_value());
}

TEST_CASE("the flag --from takes a resume token apart", "[replay][options]") {
  auto x = good();
  x.from = "3:120";
  CHECK(check(x)->epoch == "3");
  CHECK(check(x)->from == "120");
  x.from = "2026-01-31T12:00:00Z";
  CHECK(check(x)->epoch.empty());
  x.from = "yesterday";
  CHECK(check(x).error() == ec::invalid_config);
}

TEST_CASE("files and a server exclude each other", "[replay][options]") {
  auto x = good();
  x.data_dir = "/tmp";
  CHECK(check(x).error() == ec::invalid_config);
  x.server.clear();
  CHECK(check(x).has_value());
  x.output.clear();
  x.into = "default/copy";
  CHECK(check(x).error() == ec::invalid_config);
}
