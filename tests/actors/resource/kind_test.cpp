// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/kind.hpp"

#include <string>
#include <vector>

#include "tests/actors/resource/manifests.hpp"

namespace eventd::actors {

using tests::check_refused;

namespace {

const resource_kind& channels() {
  return kind_of(kind_role::channel);
}

} // namespace

TEST_CASE("a kind is found by its URL, and a wrong URL lists the kinds",
          "[resource][kind]") {
  auto found = find_kind("messaging.knative.dev", "v1", "subscriptions");
  REQUIRE(found.has_value());
  CHECK((*found)->name == "Subscription");
  CHECK((*found)->key("prod", "a.b")
        == "subscriptions.messaging.knative.dev/prod/a.b");
  CHECK(kind_of_key("channels.messaging.knative.dev/a/b") == &channels());
  CHECK(kind_of_key("channels.eventing.knative.dev/a/b") == nullptr);
  for (auto plural : {"brokers", "Channel", "channel", ""}) {
    auto missing = find_kind("messaging.knative.dev", "v1", plural);
    check_refused(missing, ec::not_found, "");
    CHECK(missing.error().detail.find("messaging.knative.dev/v1/channels")
          != std::string::npos);
  }
  CHECK(find_kind("messaging.knative.dev", "v1beta1", "channels").has_error());
}

TEST_CASE("a manifest must be of the kind its URL names", "[resource][kind]") {
  auto admitted = [](const char* key, json::value x) {
    auto given = tests::channel();
    if (x.is_null())
      given.erase(key);
    else
      given[key] = std::move(x);
    return admit(channels(), given, nullptr);
  };
  CHECK(admitted("status", json::object{{"any", 1}}).has_value());
  CHECK(admitted("spec", nullptr).has_value());
  check_refused(admitted("apiVersion", nullptr), ec::invalid_resource,
                "apiVersion");
  check_refused(admitted("apiVersion", "messaging.knative.dev/v1beta1"),
                ec::invalid_resource, "apiVersion");
  check_refused(admitted("kind", "Subscription"), ec::invalid_resource, "kind");
  check_refused(admitted("data", 1), ec::invalid_resource, "data");
}

} // namespace eventd::actors
