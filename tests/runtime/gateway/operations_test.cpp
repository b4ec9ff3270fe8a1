// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/gateway/gateway_fixture.hpp"

using namespace eventd;
using tests::gateway_fixture;

TEST_CASE_METHOD(gateway_fixture,
                 "a node that is not ready says why, and lives all the same",
                 "[gateway][operations]") {
  ready = false;
  auto out = get("/readyz");
  CHECK(out.status == 503);
  CHECK(out.header("retry-after") == "1");
  CHECK(out.body.find("shard 3 has no leader yet") != std::string::npos);
  CHECK(get("/startupz").status == 503);
  CHECK(get("/healthz").status == 200);
  CHECK(get("/livez").status == 200);
}

TEST_CASE_METHOD(gateway_fixture,
                 "a node that was ready once has started for good",
                 "[gateway][operations]") {
  CHECK(get("/readyz").body == "ok\n");
  ready = false;
  CHECK(get("/startupz").status == 200);
  CHECK(get("/readyz").status == 503);
}

TEST_CASE_METHOD(gateway_fixture, "version and metrics are told",
                 "[gateway][operations]") {
  CHECK(get("/version").body == "{\"version\":\"0.1.0\"}");
  CHECK(post("/prod/orders", event_headers("a")).status == 202);
  auto out = get("/metrics");
  CHECK(out.header("content-type")
        == "text/plain; version=0.0.4; charset=utf-8");
  for (const char* line :
       {"eventd_build_info{version=\"0.1.0\"} 1\n",
        "eventd_publish_total{channel=\"prod/orders\",code=\"202\"} 1\n",
        "eventd_subscription_lag_events{subscription=\"prod/billing\","
        "channel=\"prod/orders\"} 7\n",
        "eventd_http_in_flight_bytes 0\n"}) {
    INFO(line);
    CHECK(out.body.find(line) != std::string::npos);
  }
}

TEST_CASE_METHOD(gateway_fixture, "HEAD answers without a body",
                 "[gateway][operations]") {
  auto client = connect();
  client.send("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
              "GET /version HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.read_head().header("content-length") == "3");
  CHECK(client.read_answer().body == "{\"version\":\"0.1.0\"}");
}
