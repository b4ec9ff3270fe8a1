// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/api/api.hpp"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

namespace eventd::runtime {

namespace {

using actors::resource_verb;

constexpr auto base = "/apis/messaging.knative.dev/v1";
const auto channels = std::string{base} + "/namespaces/prod/channels";
const auto orders = channels + "/orders";

failure refused(std::string_view method, std::string_view target,
                std::string_view type = "", std::string_view body = "") {
  auto made = to_resource_request(method, target, type, body);
  REQUIRE(made.has_error());
  return made.error();
}

} // namespace

TEST_CASE("paths of the resource API are told from all others",
          "[gateway][api]") {
  for (auto path : {"/apis", "/apis/", "/apis/x", "/api", "/api/v1"})
    CHECK(is_api_path(path));
  for (auto path : {"/", "/apisx", "/v1/apis", "/default/apis", "apis"})
    CHECK_FALSE(is_api_path(path));
}

TEST_CASE("method and path become the verb and what it is about",
          "[gateway][api]") {
  struct row {
    const char* method;
    std::string target;
    const char* type;
    const char* body;
    resource_verb verb;
    const char* ns;
    const char* name;
  };
  auto all = std::string{base} + "/channels";
  for (auto& x : std::vector<row>{
         {"GET", orders, "", "", resource_verb::get, "prod", "orders"},
         {"GET", orders + "/status", "", "", resource_verb::get, "prod",
          "orders"},
         {"GET", channels, "", "", resource_verb::list, "prod", ""},
         {"GET", channels + "/", "", "", resource_verb::list, "prod", ""},
         {"GET", all, "", "", resource_verb::list, "", ""},
         {"POST", channels, "application/json", "{}", resource_verb::create,
          "prod", ""},
         {"PUT", orders, "application/yaml", "a: 1", resource_verb::replace,
          "prod", "orders"},
         {"PATCH", orders, "application/apply-patch+yaml", "a: 1",
          resource_verb::apply, "prod", "orders"},
         {"DELETE", orders, "", "", resource_verb::remove, "prod", "orders"},
       }) {
    INFO(x.method << ' ' << x.target);
    auto made = to_resource_request(x.method, x.target, x.type, x.body);
    REQUIRE(made.has_value());
    CHECK(made->verb == x.verb);
    CHECK(made->group == "messaging.knative.dev");
    CHECK(made->version == "v1");
    CHECK(made->plural == "channels");
    CHECK(made->namespace_name == x.ns);
    CHECK(made->name == x.name);
    CHECK_FALSE(made->dry_run);
  }
}

TEST_CASE("percent-encoded path segments are decoded", "[gateway][api]") {
  auto made = to_resource_request("GET", channels + "/ord%65rs", "", "");
  REQUIRE(made.has_value());
  CHECK(made->name == "orders");
  CHECK(refused("GET", channels + "/ord%6").code == ec::invalid_request);
  CHECK(refused("GET", channels + "/ord%zz").code == ec::invalid_request);
}

TEST_CASE("a path or kind that does not exist lists what exists",
          "[gateway][api]") {
  for (auto& target : std::vector<std::string>{
         "/apis", "/api/v1/pods", "/apis/messaging.knative.dev/v1",
         std::string{base} + "/namespaces/prod",
         std::string{base} + "/namespaces//channels",
         channels + "/orders/scale", channels + "/orders/status/x",
         channels + "//status", std::string{base} + "/channels/orders",
         "/apis/messaging.knative.dev/v2/channels",
         "/apis/eventing.knative.dev/v1/namespaces/prod/brokers"}) {
    INFO(target);
    auto why = refused("GET", target);
    CHECK(why.code == ec::not_found);
    CHECK(why.detail.find("messaging.knative.dev/v1/channels, "
                          "messaging.knative.dev/v1/subscriptions")
          != std::string::npos);
  }
}

TEST_CASE("a method that is not allowed is told what is", "[gateway][api]") {
  struct row {
    const char* method;
    std::string target;
    const char* allowed;
  };
  for (auto& [method, target, allowed] : std::vector<row>{
         {"DELETE", channels, "GET, POST"},
         {"PUT", channels, "GET, POST"},
         {"POST", orders, "GET, PUT, PATCH, DELETE"},
         {"POST", std::string{base} + "/channels", "GET"},
         {"PUT", orders + "/status", "GET"},
       }) {
    INFO(method << ' ' << target);
    auto why = refused(method, target);
    CHECK(why.code == ec::method_not_allowed);
    CHECK(why.field == allowed);
  }
}

TEST_CASE("the query is read, and what it does not know is refused by name",
          "[gateway][api]") {
  auto dry = to_resource_request("DELETE", orders + "?dryRun=All", "", "");
  REQUIRE(dry.has_value());
  CHECK(dry->dry_run);
  CHECK(to_resource_request(
          "GET", orders + "?fieldManager=me&fieldValidation=Strict", "", "")
          .has_value());
  struct row {
    const char* query;
    const char* field;
  };
  for (auto& [query, field] :
       std::vector<row>{{"?dryRun=Some", "dryRun"},
                        {"?dryRun", "dryRun"},
                        {"?fieldValidation=Warn", "fieldValidation"},
                        {"?dryRun=All&watch=1", "watch"},
                        {"?limit=5", "limit"},
                        {"?filter=x", "filter"}}) {
    INFO(query);
    auto why = refused("GET", orders + query);
    CHECK(why.code == ec::invalid_request);
    CHECK(why.field == field);
  }
}

TEST_CASE("a body is read by its content type and becomes JSON",
          "[gateway][api]") {
  struct row {
    const char* type;
    const char* body;
  };
  for (auto& [type, body] : std::vector<row>{
         {"application/json", R"({"a": "1"})"},
         {"Application/JSON; charset=utf-8", R"({"a": "1"})"},
         {"application/yaml", "a: '1'"},
         {"text/yaml", "a: '1'"},
         {"application/yaml", R"({"a": "1"})"},
         {"", R"({"a": "1"})"},
         {"", "a: '1'"},
       }) {
    INFO(type << ": " << body);
    auto made = to_resource_request("POST", channels, type, body);
    REQUIRE(made.has_value());
    CHECK(made->body == R"({"a":"1"})");
  }
}

TEST_CASE("a body of another type, or not of one document, is refused",
          "[gateway][api]") {
  CHECK(refused("POST", channels, "text/plain", "a: 1").code
        == ec::unsupported_media);
  CHECK(refused("POST", channels, "application/json", "a: 1").code
        == ec::invalid_request);
  for (auto type :
       {"application/merge-patch+json", "application/json-patch+json",
        "application/strategic-merge-patch+json", "application/json", ""}) {
    INFO(type);
    auto why = refused("PATCH", orders, type, "{}");
    CHECK(why.code == ec::unsupported_media);
    CHECK(why.field == "Content-Type");
    CHECK(why.detail.find("application/apply-patch+yaml") != std::string::npos);
  }
  for (auto body : {"", "a: 1\n---\nb: 2\n"}) {
    auto why = refused("POST", channels, "application/yaml", body);
    CHECK(why.code == ec::invalid_request);
    CHECK(why.detail.find("one document") != std::string::npos);
  }
  CHECK(refused("POST", channels, "application/yaml", "a: 1\na: 2").field
        == "2:1");
  CHECK(refused("DELETE", orders, "application/json", "{}").code
        == ec::invalid_request);
}

} // namespace eventd::runtime
