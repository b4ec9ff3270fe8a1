// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/kind.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tools/eventctl/manifests.hpp"

using namespace eventd;
using namespace eventd::eventctl;

TEST_CASE("a kind is found by singular, plural, short name and any case",
          "[eventctl][kind]") {
  for (auto word : {"channel", "channels", "ch", "Channel"})
    CHECK(kind_of_word(word)->plural == "channels");
  for (auto word : {"subscription", "Subscriptions", "sub"})
    CHECK(kind_of_word(word)->name == "Subscription");
  CHECK(kind_of_word("chanel").error() == ec::invalid_config);
}

TEST_CASE("a kind knows its paths", "[eventctl][kind]") {
  auto x = *kind_of_word("ch");
  CHECK(x.path("shop")
        == "/apis/messaging.knative.dev/v1/namespaces/shop/channels");
  CHECK(x.path("") == "/apis/messaging.knative.dev/v1/channels");
  CHECK(x.qualified() == "channel.messaging.knative.dev");
}

TEST_CASE("a kind that is not known gets its path by Kubernetes' rule",
          "[eventctl][kind]") {
  auto x = open_manifest(boost::json::parse(
    R"({"apiVersion":"v1","kind":"EventPolicy","metadata":{"name":"a"}})"));
  REQUIRE(x.has_value());
  CHECK(x->path("default") == "/api/v1/namespaces/default/eventpolicies/a");
}

TEST_CASE("a file of several documents gives them in order",
          "[eventctl][manifest]") {
  auto x = read_manifests("apiVersion: messaging.knative.dev/v1\n"
                          "kind: Channel\nmetadata: {name: a, namespace: n}\n"
                          "---\n---\n"
                          "apiVersion: messaging.knative.dev/v1\n"
                          "kind: Subscription\nmetadata: {name: b}\n",
                          "x.yaml");
  REQUIRE(x.has_value());
  REQUIRE(x->size() == 2);
  CHECK((*x)[0].path("default")
        == "/apis/messaging.knative.dev/v1/namespaces/n/channels/a");
  CHECK((*x)[1].path("default")
        == "/apis/messaging.knative.dev/v1/namespaces/default/subscriptions/b");
  CHECK((*x)[1].qualified() == "subscription.messaging.knative.dev/b");
}

TEST_CASE("a List counts as its items", "[eventctl][manifest]") {
  auto x = read_manifests(
    R"({"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1",)"
    R"("kind":"Secret","metadata":{"name":"s"}}]})",
    "x.json");
  REQUIRE(x.has_value());
  CHECK((*x)[0].name == "s");
}

TEST_CASE("a document without a name is refused by file and number",
          "[eventctl][manifest]") {
  auto x = read_manifests("apiVersion: v1\nkind: Channel\n", "x.yaml");
  REQUIRE_FALSE(x.has_value());
  CHECK(x.error().detail == "x.yaml, document 1: metadata.name is missing");
  CHECK_FALSE(read_manifests("", "x.yaml").has_value());
  CHECK_FALSE(read_manifests("a: [", "x.yaml").has_value());
}
