// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/channel_kind.hpp"

#include <vector>

#include "tests/actors/resource/manifests.hpp"

namespace eventd::actors {

using tests::channel;
using tests::check_refused;

TEST_CASE("a Channel without settings has the documented defaults",
          "[resource][channel]") {
  auto read = read_channel(channel());
  REQUIRE(read.has_value());
  CHECK(read->settings.retention_age_ms == 7 * 24 * 3'600'000LL);
  CHECK(read->settings.retention_bytes == 0);
  CHECK(read->settings.retention_events == 0);
  CHECK(read->settings.dedup_window_ms == 120'000);
  CHECK_FALSE(read->in_memory);
  CHECK_FALSE(read->delivery.any);
}

TEST_CASE("a Channel's annotations become its settings",
          "[resource][channel]") {
  auto read = read_channel(channel("{}", R"({
    "eventd.dev/retention-age": "PT1H", "eventd.dev/retention-bytes": "1000",
    "eventd.dev/retention-events": "5", "eventd.dev/dedup-window": "PT0S",
    "eventd.dev/durability": "memory", "example.com/other": "kept"})"));
  REQUIRE(read.has_value());
  CHECK(read->settings.retention_age_ms == 3'600'000);
  CHECK(read->settings.retention_bytes == 1'000);
  CHECK(read->settings.retention_events == 5);
  CHECK(read->settings.dedup_window_ms == 0);
  CHECK(read->in_memory);
}

TEST_CASE("valid Channels are admitted", "[resource][channel]") {
  for (auto spec : std::vector<const char*>{
         "{}",
         R"({"channelTemplate": {"apiVersion": "messaging.knative.dev/v1",
           "kind": "InMemoryChannel", "spec": {"anything": 1}}})",
         R"({"delivery": {"retry": 0}})",
         R"({"delivery": {"retry": 5, "backoffPolicy": "linear",
           "backoffDelay": "PT0.5S", "timeout": "PT5S", "retryAfterMax": "PT0S",
           "format": "json", "deadLetterSink": {"uri": "http://dead"}}})",
         R"({"subscribers": []})",
       }) {
    INFO(spec);
    CHECK(admit_channel(channel(spec), nullptr).has_value());
  }
}

TEST_CASE("a Channel's wrong field is refused by its path",
          "[resource][channel]") {
  struct row {
    const char* spec;
    const char* field;
  };
  for (auto& [spec, field] : std::vector<row>{
         {"[]", "spec"},
         {R"({"colour": 1})", "spec.colour"},
         {R"({"subscribers": [{"uid": "x"}]})", "spec.subscribers"},
         {R"({"channelTemplate": {}})", "spec.channelTemplate.apiVersion"},
         {R"({"channelTemplate": {"apiVersion": "a/v1"}})",
          "spec.channelTemplate.kind"},
         {R"({"channelTemplate": {"apiVersion": "a/v1", "kind": "K",
            "spec": 1}})",
          "spec.channelTemplate.spec"},
         {R"({"channelTemplate": {"apiVersion": "a/v1", "kind": "K",
            "more": 1}})",
          "spec.channelTemplate.more"},
         {R"({"delivery": {"retry": -1}})", "spec.delivery.retry"},
         {R"({"delivery": {"retry": "3"}})", "spec.delivery.retry"},
         {R"({"delivery": {"retry": 2147483648}})", "spec.delivery.retry"},
         {R"({"delivery": {"backoffPolicy": "none"}})",
          "spec.delivery.backoffPolicy"},
         {R"({"delivery": {"backoffDelay": "1s"}})",
          "spec.delivery.backoffDelay"},
         {R"({"delivery": {"timeout": "PT0S"}})", "spec.delivery.timeout"},
         {R"({"delivery": {"retryAfterMax": "-PT1S"}})",
          "spec.delivery.retryAfterMax"},
         {R"({"delivery": {"format": "JSON"}})", "spec.delivery.format"},
         {R"({"delivery": {"backoffMax": "PT1S"}})",
          "spec.delivery.backoffMax"},
         {R"({"delivery": {"deadLetterSink": {}}})",
          "spec.delivery.deadLetterSink"},
         {R"({"delivery": {"deadLetterSink": {"uri": "/x"}}})",
          "spec.delivery.deadLetterSink.uri"},
       }) {
    INFO(spec);
    check_refused(admit_channel(channel(spec), nullptr), ec::invalid_resource,
                  field);
  }
}

TEST_CASE("a Channel's wrong annotation is refused by its path",
          "[resource][channel]") {
  struct row {
    const char* annotation;
    const char* value;
  };
  for (auto& [name, value] : std::vector<row>{
         {"retention-age", "7d"},
         {"retention-age", ""},
         {"retention-bytes", "1Gi"},
         {"retention-bytes", "-1"},
         {"retention-events", "1.5"},
         {"dedup-window", "P1M"},
         {"durability", "disk"},
         {"filter", "true"},
         {"ordering", "ordered"},
         {"retention_age", "P7D"},
       }) {
    INFO(name << '=' << value);
    auto key = "eventd.dev/" + std::string{name};
    check_refused(
      admit_channel(channel("{}", "{\"" + key + "\": \"" + value + "\"}"),
                    nullptr),
      ec::invalid_resource, "metadata.annotations[" + key + "]");
  }
}

TEST_CASE("a Channel's spec and durability can not change, its settings can",
          "[resource][channel]") {
  auto delivery = channel(R"({"delivery": {"retry": 3}})");
  auto changed
    = admit_channel(channel(R"({"delivery": {"retry": 4}})"), &delivery);
  check_refused(changed, ec::immutable_field, "spec.delivery");
  CHECK(changed.error().detail.find(
          "validation failed: Immutable fields changed (-old +new)")
        != std::string::npos);
  check_refused(admit_channel(channel(), &delivery), ec::immutable_field,
                "spec.delivery");
  auto plain = channel();
  check_refused(admit_channel(channel(R"({"channelTemplate":
                  {"apiVersion": "a/v1", "kind": "K"}})"),
                              &plain),
                ec::immutable_field, "spec.channelTemplate");
  check_refused(
    admit_channel(channel("{}", R"({"eventd.dev/durability": "memory"})"),
                  &plain),
    ec::immutable_field, "metadata.annotations[eventd.dev/durability]");
  CHECK(admit_channel(channel("{}", R"({"eventd.dev/durability": "fsync",
                        "eventd.dev/retention-age": "PT1H"})"),
                      &plain)
          .has_value());
  CHECK(admit_channel(channel(R"({"delivery": {}})"), &plain).has_value());
  CHECK(admit_channel(delivery, &delivery).has_value());
}

} // namespace eventd::actors
