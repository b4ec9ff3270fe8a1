// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/measurement.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace eventd::bench;

TEST_CASE("a measurement tells rates per second and CPU per million",
          "[bench][measurement]") {
  measurement x;
  x.name = "publish";
  x.parameters = {{"size", 256}};
  x.events = 20'000;
  x.seconds = 2;
  x.latency.record(1'500'000);
  x.server_begin = process_sample{1.0, 1};
  x.server_end = process_sample{2.0, 4'096};
  auto out = boost::json::parse(to_json_line(x));
  CHECK(out.at("bench") == "publish");
  CHECK(out.at("size") == 256);
  CHECK(to_json_line(x).find(R"("events_per_s":10000,)") != std::string::npos);
  CHECK(out.at("cpu_s_per_million") == 50);
  CHECK(out.at("rss_bytes") == 4'096);
  CHECK(out.at("p50_ms").as_double() >= 1.5);
}

TEST_CASE("a measurement tells how many were refused, and how quickly",
          "[bench][measurement]") {
  measurement x;
  CHECK_FALSE(
    boost::json::parse(to_json_line(x)).as_object().contains("refusals"));
  for (int i = 0; i < 3; ++i)
    x.refusals.record(2'000'000);
  auto out = boost::json::parse(to_json_line(x));
  CHECK(out.at("refusals") == 3);
  CHECK(out.at("refusals_p50_ms").as_double() >= 2);
  CHECK(out.at("refusals_p99_ms").as_double() < 2.1);
}

TEST_CASE("a measurement without a pid or a request says nothing of them",
          "[bench][measurement]") {
  auto out = boost::json::parse(to_json_line({})).as_object();
  CHECK_FALSE(out.contains("cpu_s"));
  CHECK_FALSE(out.contains("p50_ms"));
  CHECK_FALSE(out.contains("events_per_s"));
}
