// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/delivery.hpp"

#include <optional>
#include <string>
#include <vector>

#include "actors/resource/subscription_kind.hpp"
#include "tests/actors/resource/manifests.hpp"

namespace eventd::actors {

using tests::resolved;
using tests::subscription;

TEST_CASE("delivery options are inherited from the Channel as a whole, "
          "its dead letter sink by itself",
          "[resource][delivery]") {
  auto channel = tests::channel(R"({"delivery": {"retry": 7,
    "timeout": "PT1S", "deadLetterSink": {"uri": "http://of-channel"}}})");
  struct row {
    const char* delivery;
    std::optional<uint32_t> retry;
    int64_t timeout_ms;
    const char* sink;
  };
  for (auto& [delivery, retry, timeout_ms, sink] : std::vector<row>{
         {"", 7, 1'000, "http://of-channel"},
         {R"(, "delivery": {})", 7, 1'000, "http://of-channel"},
         {R"(, "delivery": {"retry": 2})", 2, 30'000, "http://of-channel"},
         {R"(, "delivery": {"backoffDelay": "PT1S"})",
          {},
          30'000,
          "http://of-channel"},
         {R"(, "delivery": {"deadLetterSink": {"uri": "http://own"}})",
          {},
          30'000,
          "http://own"},
       }) {
    INFO(delivery);
    auto text = std::string{delivery};
    auto spec = resolved(subscription(text), channel).spec;
    CHECK(spec.delivery.retry == retry);
    CHECK(spec.delivery.timeout_ms == timeout_ms);
    CHECK(spec.dead_letter_uri == sink);
  }
}

} // namespace eventd::actors
