// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/node/file_limit.hpp"

#include <string>

#include <sys/resource.h>

#include <catch2/catch_test_macros.hpp>

#include "storage/model/limits.hpp"

using namespace eventd;
using namespace eventd::runtime;

TEST_CASE("the soft limit of open files is raised to the hard one",
          "[runtime][file_limit]") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  auto low = before;
  low.rlim_cur = before.rlim_max / 2;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
  CHECK(raise_file_limit() == before.rlim_max);
  rlimit after{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &after) == 0);
  CHECK(after.rlim_cur == before.rlim_max);
  CHECK(after.rlim_max == before.rlim_max);
  CHECK(raise_file_limit() == before.rlim_max); // It is as high as it goes.
  ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST_CASE("three quarters of the files are for connections, up to a bound",
          "[runtime][file_limit]") {
  CHECK(*connections_for(20'000, 0) == 15'000);
  CHECK(*connections_for(1'024, 0) == 768);
  CHECK(*connections_for(512, 0) == 256);
  CHECK(*connections_for(257, 0) == 1);
  CHECK(connections_for(256, 0).has_error());
  CHECK(connections_for(0, 0).has_error());
  CHECK(*connections_for(1'048'576, 0) == limits::connections_max);
}

TEST_CASE("connections that are asked for leave files for all else, or are "
          "refused by their flag",
          "[runtime][file_limit]") {
  CHECK(*connections_for(20'000, 5) == 5);
  CHECK(*connections_for(20'000, 20'000 - 256) == 20'000 - 256);
  CHECK(*connections_for(1'048'576, 500'000) == 500'000);
  for (uint64_t files : {20'000, 100}) {
    auto beyond = connections_for(files, 20'000 - 255);
    REQUIRE_FALSE(beyond.has_value());
    CHECK(beyond.error() == ec::invalid_config);
    CHECK(beyond.error().detail.find("--connections-max: 19745")
          != std::string::npos);
    CHECK(beyond.error().field == "connections-max");
  }
}

TEST_CASE("deliveries take half of the other files, idle connections to "
          "subscribers a quarter",
          "[runtime][file_limit]") {
  CHECK(deliveries_for(1'024, 768, 1) == 128);
  CHECK(deliveries_for(1'024, 768, 4) == 32);
  CHECK(deliveries_for(256, 256, 1) == 1);
  CHECK(deliveries_for(1'048'576, 16'384, 1) == limits::deliveries_max);
  CHECK(idle_connections_for(1'024, 768, 1) == 64);
  CHECK(idle_connections_for(1'024, 768, 4) == 16);
  CHECK(idle_connections_for(256, 256, 1) == 0);
  CHECK(idle_connections_for(1'048'576, 16'384, 1)
        == limits::idle_connections_max);
}
