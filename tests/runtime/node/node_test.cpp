// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/node/node.hpp"

#include <filesystem>

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using namespace eventd::runtime;

namespace {

config settings_in(const tests::temp_dir& dir) {
  config x;
  x.host = "127.0.0.1";
  x.port = 0;
  x.data_dir = std::string{dir.path()} + "/data";
  x.shards = 2;
  return x;
}

} // namespace

TEST_CASE("a node starts, stops, and starts again on its data",
          "[runtime][node]") {
  tests::temp_dir dir;
  for (int i = 0; i < 3; ++i) {
    auto x = node::start(settings_in(dir), [] { return false; });
    REQUIRE(x.has_value());
    CHECK((*x)->url().starts_with("http://127.0.0.1:"));
    (*x)->stop();
  }
}

TEST_CASE("a second node on the same data is refused, the first goes on",
          "[runtime][node]") {
  tests::temp_dir dir;
  auto first = node::start(settings_in(dir), [] { return false; });
  REQUIRE(first.has_value());
  auto second = node::start(settings_in(dir), [] { return false; });
  REQUIRE(second.has_error());
  CHECK(second.error().code == ec::data_dir_in_use);
}

TEST_CASE("a port in use is refused before the data directory is touched",
          "[runtime][node]") {
  tests::temp_dir dir;
  tests::temp_dir other;
  auto first = node::start(settings_in(dir), [] { return false; });
  REQUIRE(first.has_value());
  auto settings = settings_in(other);
  auto url = (*first)->url();
  settings.port
    = static_cast<uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  auto second = node::start(settings, [] { return false; });
  REQUIRE(second.has_error());
  CHECK(second.error().code == ec::address_in_use);
  CHECK(!std::filesystem::exists(settings.data_dir));
}
