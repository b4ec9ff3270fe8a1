// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

#include "actors/resource/document.hpp"
#include "actors/resource/subscription_kind.hpp"

/// Manifests for tests.
namespace eventd::tests {

inline boost::json::object document(std::string_view text) {
  return boost::json::parse({text.data(), text.size()}).get_object();
}

/// A Channel `prod/orders` with this spec and these annotations.
inline boost::json::object channel(std::string_view spec = "{}",
                                   std::string_view annotations = "{}") {
  return document(R"({"apiVersion": "messaging.knative.dev/v1",
    "kind": "Channel",
    "metadata": {"name": "orders", "namespace": "prod", "annotations": )"
                  + std::string{annotations} + R"(},
    "spec": )" + std::string{spec}
                  + "}");
}

constexpr auto to_orders = R"({"apiVersion": "messaging.knative.dev/v1",
  "kind": "Channel", "name": "orders"})";

/// A Subscription `prod/audit` of `orders` with more spec fields (each with a
/// comma before it) and these annotations.
inline boost::json::object
subscription(std::string_view more = "", std::string_view annotations = "{}",
             std::string_view subscriber = R"({"uri": "http://sink/"})",
             std::string_view to = to_orders) {
  return document(R"({"apiVersion": "messaging.knative.dev/v1",
    "kind": "Subscription",
    "metadata": {"name": "audit", "namespace": "prod", "uid": "u-1",
      "annotations": )"
                  + std::string{annotations} + R"(},
    "spec": {"channel": )"
                  + std::string{to} + R"(, "subscriber": )"
                  + std::string{subscriber} + std::string{more} + "}}");
}

/// Resolves a Subscription in a namespace where only the channel `orders`
/// exists.
inline actors::resolved_subscription
resolved(const boost::json::object& document,
         const boost::json::object& orders = channel()) {
  auto manifest = actors::read_subscription(document);
  REQUIRE(manifest.has_value());
  const auto& to = manifest->channel;
  auto read = actors::read_channel(orders);
  REQUIRE(read.has_value());
  return actors::resolve(
    *manifest,
    to.is_channel() && to.name == "orders" ? &read->delivery : nullptr,
    [](std::string_view name) { return name == "orders"; });
}

/// Checks that `x` was refused with this code at this path.
template <class T>
void check_refused(const result<T>& x, ec code, std::string_view field) {
  REQUIRE(x.has_error());
  INFO(x.error().detail);
  CHECK(name_of(x.error().code) == name_of(code));
  CHECK(x.error().field == field);
  CHECK_FALSE(x.error().detail.empty());
}

} // namespace eventd::tests
