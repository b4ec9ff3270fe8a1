// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/router.hpp"

#include <vector>

#include <catch2/catch_test_macros.hpp>

using namespace eventd::runtime;

TEST_CASE("requests find their route by method, path and host",
          "[gateway][router]") {
  struct row {
    const char* method;
    const char* target;
    const char* host;
    route_kind kind;
    const char* key;
  };
  const char* kn = "orders-kn-channel.prod.svc.cluster.local";
  const char* old = "orders-channel.prod.svc.cluster.local:80";
  for (const auto& x : std::vector<row>{
         {"POST", "/prod/orders", "x", route_kind::publish, "prod/orders"},
         {"POST", "/prod/orders/", "x", route_kind::publish, "prod/orders"},
         {"POST", "/prod/orders?a=b", "x", route_kind::publish, "prod/orders"},
         {"OPTIONS", "/prod/orders", "x", route_kind::handshake, "prod/orders"},
         {"GET", "/prod/orders", "x", route_kind::wrong_method, "prod/orders"},
         {"PUT", "/prod/orders", "x", route_kind::wrong_method, "prod/orders"},
         {"OPTION", "/prod/orders", "x", route_kind::wrong_method,
          "prod/orders"},
         {",", "/prod/orders", "x", route_kind::wrong_method, "prod/orders"},
         {"HEAD", "/healthz", "x", route_kind::healthz, ""},
         {"HEA", "/healthz", "x", route_kind::wrong_method, ""},
         {"POST", "/", kn, route_kind::publish, "prod/orders"},
         {"POST", "/", old, route_kind::publish, "prod/orders"},
         {"POST", "/?x", "ORDERS-kn-channel.PROD.svc.cluster.local",
          route_kind::publish, "prod/orders"},
         {"OPTIONS", "*", kn, route_kind::handshake, "prod/orders"},
         {"GET", "/", kn, route_kind::wrong_method, "prod/orders"},
         {"POST", "/", "localhost:8080", route_kind::bad_path, ""},
         {"GET", "/", "localhost:8080", route_kind::not_found, ""},
         {"GET", "/prod", "x", route_kind::not_found, ""},
         {"GET", "/healthz", kn, route_kind::healthz, ""},
         {"POST", "/prod", "x", route_kind::bad_path, ""},
         {"POST", "/prod/", "x", route_kind::bad_path, ""},
         {"POST", "//orders", "x", route_kind::bad_path, ""},
         {"POST", "/prod/orders/more", "x", route_kind::bad_path, ""},
         {"POST", "/prod/orders//", "x", route_kind::bad_path, ""},
         {"GET", "/v1/namespaces/prod/channels/orders/events?from=3", "x",
          route_kind::read, "prod/orders"},
         {"POST", "/v1/namespaces/prod/channels/orders/events", "x",
          route_kind::wrong_method, "prod/orders"},
         {"GET", "/v1/namespaces/prod/channels//events", "x",
          route_kind::not_found, ""},
         {"GET", "/v1/namespaces/prod/channels/orders", "x",
          route_kind::not_found, "prod/orders"},
         {"POST", "/v1/namespaces/prod/subscriptions/billing/pause", "x",
          route_kind::subscription_pause, "prod/billing"},
         {"POST", "/v1/namespaces/prod/subscriptions/billing/resume", "x",
          route_kind::subscription_resume, "prod/billing"},
         {"POST", "/v1/namespaces/prod/subscriptions/billing/seek?to=4", "x",
          route_kind::subscription_seek, "prod/billing"},
         {"GET", "/v1/namespaces/prod/subscriptions/billing/seek", "x",
          route_kind::wrong_method, "prod/billing"},
         {"GET", "/v1/cluster", "x", route_kind::cluster, ""},
         {"POST", "/v1/cluster", "x", route_kind::wrong_method, ""},
         {"GET", "/v1/clusters", "x", route_kind::not_found, ""},
         {"POST", "/v1/cluster/nodes", "x", route_kind::cluster, ""},
         {"DELETE", "/v1/cluster/nodes/4", "x", route_kind::cluster, "4"},
         {"POST", "/v1/cluster/nodes/4/replace", "x", route_kind::cluster, "4"},
         {"POST", "/v1/cluster/nodes/4", "x", route_kind::wrong_method, "4"},
         {"DELETE", "/v1/cluster/nodes/4/replace", "x",
          route_kind::wrong_method, "4"},
         {"DELETE", "/v1/cluster/nodes", "x", route_kind::wrong_method, ""},
         {"DELETE", "/v1/cluster/nodes/", "x", route_kind::not_found, ""},
         {"POST", "/v1/cluster/nodes/4/promote", "x", route_kind::not_found,
          "4"},
         {"POST", "/v1/cluster/nodes/4/replace/x", "x", route_kind::not_found,
          "4"},
         {"POST", "/v1/cluster/nodesx", "x", route_kind::not_found, ""},
         {"GET", "/healthz", "x", route_kind::healthz, ""},
         {"HEAD", "/livez", "x", route_kind::livez, ""},
         {"GET", "/readyz", "x", route_kind::readyz, ""},
         {"GET", "/startupz", "x", route_kind::startupz, ""},
         {"GET", "/metrics", "x", route_kind::metrics, ""},
         {"GET", "/version", "x", route_kind::version, ""},
         {"POST", "/metrics", "x", route_kind::wrong_method, ""},
         {"POST", "/healthz/x", "x", route_kind::not_found, ""},
         {"GET", "/apis/messaging.knative.dev/v1/namespaces/prod/channels", "x",
          route_kind::resource, ""},
       }) {
    INFO(x.method << ' ' << x.target << " at " << x.host);
    auto out = route(x.method, x.target, x.host);
    CHECK(out.kind == x.kind);
    CHECK(out.key() == x.key);
  }
}

TEST_CASE("a reserved first segment is never taken for a namespace",
          "[gateway][router]") {
  for (const char* word :
       {"v1", "v2-beta", "v3", "api", "apis", "openapi", "healthz", "livez",
        "readyz", "startupz", "metrics", "version", "console", "nats"}) {
    INFO(word);
    CHECK(is_reserved_segment(word));
    auto kind = route("POST", std::string{"/"} + word + "/orders", "x").kind;
    CHECK(kind != route_kind::publish);
  }
  CHECK_FALSE(is_reserved_segment("prod"));
}

TEST_CASE("a wrong method is told which ones are right", "[gateway][router]") {
  CHECK(route("GET", "/prod/orders", "x").allow == "POST, OPTIONS");
  CHECK(route("DELETE", "/metrics", "x").allow == "GET, HEAD");
  CHECK(route("POST", "/v1/namespaces/a/channels/b/events", "x").allow
        == "GET");
  CHECK(route("GET", "/v1/cluster/nodes/4", "x").allow == "DELETE");
}

TEST_CASE("only the two cluster host forms name a channel",
          "[gateway][router]") {
  CHECK(channel_of_host("a-kn-channel.b.svc.cluster.local") == "b/a");
  CHECK(channel_of_host("a-kn-channel.b.svc.cluster.local:8080") == "b/a");
  CHECK(channel_of_host("a-channel.b.svc.cluster.local") == "b/a");
  for (const char* bad :
       {"", "a.b.svc.cluster.local", "a-kn-channel.b.svc",
        "-kn-channel.b.svc.cluster.local", "a-kn-channel..svc.cluster.local",
        "a-kn-channel.b.c.svc.cluster.local",
        "a-kn-channel.b.svc.cluster.local.evil.org"})
    CHECK_FALSE(channel_of_host(bad).has_value());
}
