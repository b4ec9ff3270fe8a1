// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/destination.hpp"

#include <optional>
#include <string>
#include <vector>

#include "actors/resource/subscription_kind.hpp"
#include "tests/actors/resource/manifests.hpp"

namespace eventd::actors {

using tests::resolved;
using tests::subscription;

namespace {

constexpr auto orders_url = "http://orders-kn-channel.prod.svc.cluster.local";

json::object with_subscriber(const char* subscriber) {
  return subscription("", "{}", subscriber);
}

} // namespace

TEST_CASE("a destination resolves to where events go",
          "[resource][destination]") {
  const auto ref = std::string{R"({"ref": )"} + tests::to_orders;
  auto check = [](const std::string& subscriber, const std::string& uri) {
    auto found = resolved(with_subscriber(subscriber.c_str()));
    CHECK(found.ok());
    CHECK(found.spec.subscriber_uri == uri);
  };
  check(R"({"uri": "http://sink:8080/a?b=c"})", "http://sink:8080/a?b=c");
  // Escapes may stand for what a host or path can hold.
  check(R"({"uri": "http://%73ink/a%20b"})", "http://%73ink/a%20b");
  check(ref + "}", orders_url);
  check(ref + R"(, "uri": "/"})", std::string{orders_url} + "/");
}

TEST_CASE("a host name holds no space and no control character",
          "[resource][destination]") {
  for (auto good : {"sink", "sink.prod", "127.0.0.1", "::1", "b\xC3\xBC"})
    CHECK(is_host_name(good));
  for (auto bad : {" ", "a b", "a\r\nb", "\t", "a\x7F"})
    CHECK_FALSE(is_host_name(bad));
  CHECK_FALSE(is_host_name(std::string_view{"a\0b", 3}));
}

TEST_CASE("a destination that can not be reached says why",
          "[resource][destination]") {
  struct row {
    const char* subscriber;
    const char* reason;
    const char* words;
  };
  for (auto& [subscriber, reason, words] : std::vector<row>{
         {R"({"uri": "https://sink"})", "TLSNotSupported",
          "TLS not supported yet"},
         {R"({"uri": "http://sink", "audience": "me"})", "OIDCNotSupported",
          "audience"},
         {R"({"ref": {"apiVersion": "serving.knative.dev/v1",
             "kind": "Service", "name": "shop"}})",
          "RefNotSupported", "serving.knative.dev/v1 Service prod/shop"},
         {R"({"ref": {"apiVersion": "messaging.knative.dev/v1",
             "kind": "Channel", "name": "gone"}})",
          "RefNotFound", "prod/gone does not exist"},
         {R"({"ref": {"apiVersion": "messaging.knative.dev/v1",
             "kind": "Channel", "name": "orders"}, "uri": "audit"})",
          "BadURI", "a Channel takes events at / only"},
       }) {
    INFO(subscriber);
    auto found = resolved(with_subscriber(subscriber));
    CHECK_FALSE(found.ok());
    CHECK(found.subscriber.reason == reason);
    CHECK(found.subscriber.message.find(words) != std::string::npos);
    CHECK(found.spec.subscriber_uri.empty());
  }
}

} // namespace eventd::actors
