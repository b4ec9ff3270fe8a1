// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/gateway/gateway_fixture.hpp"

using namespace eventd;
using tests::gateway_fixture;

namespace {

const std::string channels
  = "/apis/messaging.knative.dev/v1/namespaces/prod/channels";
const std::string billing = "/v1/namespaces/prod/subscriptions/billing/";

} // namespace

TEST_CASE_METHOD(gateway_fixture, "a created resource is answered with 201",
                 "[gateway][resource]") {
  std::string manifest
    = R"({"apiVersion":"messaging.knative.dev/v1","kind":"Channel",)"
      R"("metadata":{"name":"orders","namespace":"prod"}})";
  auto out = post(channels, "Content-Type: application/json\r\n", manifest);
  CHECK(out.status == 201);
  CHECK(out.header("content-type") == "application/json");
  CHECK(out.body.find("orders") != std::string::npos);
}

TEST_CASE_METHOD(gateway_fixture,
                 "a resource that is not there or not understood is a problem",
                 "[gateway][resource]") {
  auto none = get(channels + "/orders");
  CHECK(none.status == 404);
  CHECK(none.header("content-type") == "application/problem+json");
  CHECK(post(channels, "Content-Type: application/json\r\n", "{nonsense").status
        == 400);
  CHECK(ask("POST " + channels
            + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
              "Content-Length: 1048577\r\n\r\n")
          .status
        == 413);
}

TEST_CASE_METHOD(gateway_fixture, "a subscription is paused and resumed",
                 "[gateway][resource]") {
  CHECK(post(billing + "pause", "").body
        == "{\"paused\":\"prod billing yes\"}");
  CHECK(post(billing + "resume", "").body
        == "{\"paused\":\"prod billing no\"}");
  CHECK(post(billing + "pause?for=1", "").status == 400);
  CHECK(get(billing + "pause").status == 405);
}

TEST_CASE_METHOD(gateway_fixture,
                 "a subscription seeks to an offset, an end or a time",
                 "[gateway][resource]") {
  store(5);
  CHECK(post(billing + "seek?to=3", "").body == "{\"offset\":3}");
  CHECK(post(billing + "seek?to=earliest", "").body == "{\"offset\":0}");
  CHECK(post(billing + "seek?to=latest", "").body == "{\"offset\":5}");
  CHECK(post(billing + "seek?to=2026-01-02T03:04:05.680Z", "").body
        == "{\"offset\":2}");
  CHECK(post(billing + "seek", "").status == 400);
  CHECK(post("/v1/namespaces/prod/subscriptions/none/seek?to=1", "").status
        == 404);
}
