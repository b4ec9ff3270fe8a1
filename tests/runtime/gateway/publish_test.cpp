// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/gateway/gateway_fixture.hpp"

using namespace eventd;
using tests::gateway_fixture;

TEST_CASE_METHOD(gateway_fixture,
                 "a stored event is answered with its offset and count",
                 "[gateway][publish]") {
  auto out = post("/prod/orders", event_headers("a"), "{\"x\":1}");
  CHECK(out.status == 202);
  CHECK(out.header("eventd-offset") == "0");
  CHECK(out.header("eventd-count") == "1");
  CHECK(out.header("eventd-duplicates").empty());
  CHECK(out.header("date") == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(out.body.empty());
  REQUIRE(stored() == 1);
  CHECK(log->events[0][0].id() == "a");
  CHECK(log->events[0][0].data() == "{\"x\":1}");
}

TEST_CASE_METHOD(gateway_fixture, "duplicates are told", "[gateway][publish]") {
  log->duplicates = 2;
  CHECK(post("/prod/orders", event_headers("a")).header("eventd-duplicates")
        == "2");
}

TEST_CASE_METHOD(gateway_fixture, "both host forms lead to the channel",
                 "[gateway][publish]") {
  for (const char* host : {"orders-kn-channel.prod.svc.cluster.local",
                           "orders-channel.prod.svc.cluster.local:8080"}) {
    auto out = ask("POST / HTTP/1.1\r\nHost: " + std::string{host} + "\r\n"
                   + event_headers("a") + "Content-Length: 2\r\n\r\n{}");
    CHECK(out.status == 202);
  }
  CHECK(stored() == 2);
}

TEST_CASE_METHOD(gateway_fixture,
                 "a batch is stored as one and an empty one "
                 "stores nothing",
                 "[gateway][publish]") {
  std::string type = "Content-Type: application/cloudevents-batch+json\r\n";
  auto event = [](const char* id) {
    return std::string{
             R"({"specversion":"1.0","source":"/s","type":"t","id":")"}
           + id + "\"}";
  };
  auto out
    = post("/prod/orders", type, "[" + event("a") + "," + event("b") + "]");
  CHECK(out.status == 202);
  CHECK(out.header("eventd-count") == "2");
  auto empty = post("/prod/orders", type, "[]");
  CHECK(empty.status == 202);
  CHECK(empty.header("eventd-count") == "0");
  CHECK(stored() == 2);
  auto bad = post("/prod/orders", type, "[" + event("c") + ",{}]");
  CHECK(bad.status == 400);
  CHECK(stored() == 2);
}

TEST_CASE_METHOD(gateway_fixture,
                 "what can not be stored is refused with its reason",
                 "[gateway][publish]") {
  auto out = post("/prod/orders", "ce-specversion: 1.0\r\nce-source: /s\r\n"
                                  "ce-type: t\r\n");
  CHECK(out.status == 400);
  CHECK(out.body.find("\"type\":\"/errors/invalid_event\"")
        != std::string::npos);
  CHECK(post("/prod/none", event_headers("a")).status == 404);
  CHECK(
    post("/prod/orders", "Content-Type: application/cloudevents+xml\r\n").status
    == 415);
  CHECK(post("/prod/orders", "Content-Encoding: gzip\r\n" + event_headers("a"))
          .status
        == 415);
  CHECK(stored() == 0);
}

TEST_CASE_METHOD(gateway_fixture,
                 "a channel's failure has its status, and says when to repeat",
                 "[gateway][publish]") {
  struct row {
    ec code;
    int status;
    bool repeat;
  };
  for (auto [code, status, repeat] :
       std::initializer_list<row>{{ec::overloaded, 429, true},
                                  {ec::not_leader, 503, true},
                                  {ec::timeout, 503, true},
                                  {ec::no_space, 507, false},
                                  {ec::corrupt_record, 500, false}}) {
    {
      std::lock_guard guard{log->mutex};
      log->refusal = failure{code, "for the test"};
    }
    auto out = post("/prod/orders", event_headers("a"));
    CHECK(out.status == status);
    CHECK(out.header("retry-after").empty() != repeat);
    CHECK(out.body.find("for the test") != std::string::npos);
  }
}

TEST_CASE_METHOD(gateway_fixture,
                 "a channel that is on its way to the table is found",
                 "[gateway][publish]") {
  CHECK(post("/prod/fresh", event_headers("a")).status == 202);
}

TEST_CASE_METHOD(gateway_fixture, "a channel whose actor died answers 503",
                 "[gateway][publish]") {
  CHECK(post("/prod/orders", event_headers("a")).status == 202);
  caf::scoped_actor self{system};
  self->send_exit(orders, caf::exit_reason::kill);
  self->wait_for(orders);
  auto out = post("/prod/orders", event_headers("b"));
  CHECK(out.status == 503);
  CHECK(out.header("retry-after") == "1");
}

TEST_CASE_METHOD(gateway_fixture, "OPTIONS grants who asks",
                 "[gateway][publish]") {
  auto ask_options
    = [this](const std::string& target, const std::string& headers) {
        return ask("OPTIONS " + target + " HTTP/1.1\r\nHost: x\r\n" + headers
                   + "\r\n");
      };
  auto granted = ask_options("/prod/orders",
                             "WebHook-Request-Origin: eventemitter.example\r\n"
                             "WebHook-Request-Rate: 120\r\n");
  CHECK(granted.status == 200);
  CHECK(granted.header("allow") == "POST, OPTIONS");
  CHECK(granted.header("webhook-allowed-origin") == "eventemitter.example");
  CHECK(granted.header("webhook-allowed-rate") == "*");
  auto plain = ask_options("/prod/orders", "");
  CHECK(plain.status == 200);
  CHECK(plain.header("webhook-allowed-origin").empty());
  CHECK(ask_options("/prod/none", "").status == 404);
}

TEST_CASE_METHOD(gateway_fixture, "other methods on a channel get a 405",
                 "[gateway][publish]") {
  auto out = get("/prod/orders");
  CHECK(out.status == 405);
  CHECK(out.header("allow") == "POST, OPTIONS");
}

TEST_CASE("a body limit can be set higher than the default",
          "[gateway][publish]") {
  gateway_fixture node{1, size_t{4} << 20};
  std::string body = "\"" + std::string(size_t{3} << 20, 'x') + "\"";
  CHECK(node.post("/prod/orders", node.event_headers("a"), body).status == 202);
  REQUIRE(node.stored() == 1);
  CHECK(node.log->events[0][0].data() == body);
}
