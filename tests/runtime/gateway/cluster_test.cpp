// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <string>

#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/gateway/gateway_fixture.hpp"

using namespace eventd;
using tests::gateway_fixture;

namespace {

const std::string nodes = "/v1/cluster/nodes";
const std::string json = "Content-Type: application/json\r\n";

struct lone_fixture : gateway_fixture {
  lone_fixture() : gateway_fixture(1, limits::body_bytes_default, false) {}
};

std::string delete_text(const std::string& target) {
  return "DELETE " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

} // namespace

TEST_CASE_METHOD(gateway_fixture, "the cluster is told as its actor tells it",
                 "[gateway][cluster]") {
  auto out = get("/v1/cluster");
  CHECK(out.status == 200);
  CHECK(out.header("content-type") == "application/json");
  CHECK(out.body == "{\"self\":1}");
  CHECK(get("/v1/cluster?node=1").status == 400);
  CHECK(post("/v1/cluster", "").status == 405);
}

TEST_CASE_METHOD(gateway_fixture, "nodes are added, replaced and removed",
                 "[gateway][cluster]") {
  auto added = post(nodes, json, R"({"id":4,"address":"[0::1]:7004"})");
  CHECK(added.status == 200);
  CHECK(added.header("content-type") == "application/json");
  CHECK(added.body == R"({"did":"add 4 [::1]:7004"})");
  auto most = post(nodes, json, R"({"address":"node-4:1","id":65535})");
  CHECK(most.body == R"({"did":"add 65535 node-4:1"})");
  auto replaced = post(nodes + "/4/replace", "");
  CHECK(replaced.status == 200);
  CHECK(replaced.body == R"({"did":"replace 4 "})");
  auto removed = ask(delete_text(nodes + "/4"));
  CHECK(removed.status == 200);
  CHECK(removed.body == R"({"did":"remove 4 "})");
}

TEST_CASE_METHOD(gateway_fixture,
                 "a change that the cluster refuses is a problem",
                 "[gateway][cluster]") {
  auto out = ask(delete_text(nodes + "/9"));
  CHECK(out.status == 409);
  CHECK(out.header("content-type") == "application/problem+json");
  CHECK(out.body.find("node 9 is not in the cluster") != std::string::npos);
  CHECK(post(nodes + "/9/replace", "").status == 409);
}

TEST_CASE_METHOD(gateway_fixture, "a node's id is 1 to 65535",
                 "[gateway][cluster]") {
  for (const char* id : {"0", "65536", "-1", "four", "04", "%34"}) {
    INFO(id);
    auto out = ask(delete_text(nodes + "/" + id));
    CHECK(out.status == 400);
    CHECK(out.body.find("\"field\":\"id\"") != std::string::npos);
    CHECK(post(nodes + "/" + id + "/replace", "").status == 400);
  }
  CHECK(ask(delete_text(nodes + "/4?force")).status == 400);
}

TEST_CASE_METHOD(gateway_fixture, "a body that names no node is refused",
                 "[gateway][cluster]") {
  for (const char* body : {
         "",
         "{",
         "[]",
         "{}",
         R"({"address":"127.0.0.1:7004"})",
         R"({"id":4})",
         R"({"id":"4","address":"127.0.0.1:7004"})",
         R"({"id":4.5,"address":"127.0.0.1:7004"})",
         R"({"id":-4,"address":"127.0.0.1:7004"})",
         R"({"id":0,"address":"127.0.0.1:7004"})",
         R"({"id":65536,"address":"127.0.0.1:7004"})",
         R"({"id":18446744073709551615,"address":"127.0.0.1:7004"})",
         R"({"id":4,"address":7004})",
         R"({"id":4,"address":"127.0.0.1"})",
         R"({"id":4,"address":"127.0.0.1:0"})",
         R"({"id":4,"address":"0.0.0.0:7004"})",
         R"({"id":4,"id":5,"address":"127.0.0.1:7004"})",
         R"({"id":4,"address":"127.0.0.1:7004","role":"voter"})",
       }) {
    INFO(body);
    auto out = post(nodes, json, body);
    CHECK(out.status == 400);
    CHECK(out.header("content-type") == "application/problem+json");
  }
  auto large = post(nodes, json, std::string(4'097, ' '));
  CHECK(large.status == 413);
}

TEST_CASE_METHOD(lone_fixture, "a node without a cluster says so",
                 "[gateway][cluster]") {
  auto out = get("/v1/cluster");
  CHECK(out.status == 404);
  CHECK(out.body.find("not part of a cluster") != std::string::npos);
  CHECK(ask(delete_text(nodes + "/4")).status == 404);
}
