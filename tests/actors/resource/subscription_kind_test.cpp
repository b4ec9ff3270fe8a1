// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/subscription_kind.hpp"

#include <string>
#include <vector>

#include "tests/actors/resource/manifests.hpp"

namespace eventd::actors {

using tests::check_refused;
using tests::resolved;
using tests::subscription;

namespace {

json::object with_subscriber(const char* subscriber) {
  return subscription("", "{}", subscriber);
}

} // namespace

TEST_CASE("a Subscription's annotations become its spec",
          "[resource][subscription]") {
  auto plain = read_subscription(subscription());
  REQUIRE(plain.has_value());
  CHECK(plain->spec.uid == "u-1");
  CHECK(plain->spec.namespace_name == "prod");
  CHECK(plain->spec.name == "audit");
  CHECK(plain->spec.channel == "orders");
  CHECK(plain->spec.start == start_kind::latest);
  CHECK(plain->spec.ordering == delivery_ordering::unordered);
  CHECK(plain->spec.max_in_flight == 32);
  CHECK(plain->spec.rate == 0);
  CHECK_FALSE(plain->spec.paused);
  auto read = read_subscription(subscription(
    "", R"({"eventd.dev/start": "17", "eventd.dev/ordering": "by-key",
            "eventd.dev/max-in-flight": "4", "eventd.dev/rate": "100",
            "eventd.dev/paused": "true"})"));
  REQUIRE(read.has_value());
  CHECK(read->spec.start == start_kind::offset);
  CHECK(read->spec.start_value == 17);
  CHECK(read->spec.ordering == delivery_ordering::by_key);
  CHECK(read->spec.max_in_flight == 4);
  CHECK(read->spec.rate == 100);
  CHECK(read->spec.paused);
}

TEST_CASE("a Subscription starts at latest, earliest, an offset or a time",
          "[resource][subscription]") {
  struct row {
    const char* text;
    start_kind kind;
    int64_t value;
  };
  for (auto& [text, kind, value] : std::vector<row>{
         {"latest", start_kind::latest, 0},
         {"earliest", start_kind::earliest, 0},
         {"0", start_kind::offset, 0},
         {"1970-01-01T00:00:02Z", start_kind::time, 2'000},
       }) {
    auto read = read_subscription(subscription(
      "", std::string{R"({"eventd.dev/start": ")"} + text + "\"}"));
    REQUIRE(read.has_value());
    CHECK(read->spec.start == kind);
    CHECK(read->spec.start_value == value);
  }
}

TEST_CASE("a Subscription's wrong annotation is refused by its path",
          "[resource][subscription]") {
  struct row {
    const char* name;
    const char* value;
  };
  for (auto& [name, value] : std::vector<row>{
         {"start", "yesterday"},
         {"start", "-1"},
         {"start", "9223372036854775808"},
         {"ordering", "by_key"},
         {"max-in-flight", "0"},
         {"max-in-flight", "1025"},
         {"rate", "10/s"},
         {"rate", "4294967296"},
         {"paused", "yes"},
         {"filter", "type = 'x'"},
         {"retention-age", "P7D"},
         {"durability", "fsync"},
       }) {
    INFO(name << '=' << value);
    auto key = "eventd.dev/" + std::string{name};
    check_refused(read_subscription(
                    subscription("", "{\"" + key + "\": \"" + value + "\"}")),
                  ec::invalid_resource, "metadata.annotations[" + key + "]");
  }
}

TEST_CASE("a Subscription's wrong field is refused by its path",
          "[resource][subscription]") {
  const auto channel = std::string{R"("channel": )"} + tests::to_orders;
  const auto ok = channel + R"(, "subscriber": {"uri": "http://sink"})";
  auto check = [](const std::string& spec, const char* field) {
    INFO(spec);
    auto given = tests::document(
      R"({"metadata": {"name": "a", "namespace": "prod"}, "spec": {)" + spec
      + "}}");
    check_refused(read_subscription(given), ec::invalid_resource, field);
  };
  check(R"("subscriber": {"uri": "http://sink"})", "spec.channel");
  check(R"("channel": "orders", "subscriber": {"uri": "http://sink"})",
        "spec.channel");
  check(R"("channel": {"kind": "Channel", "name": "orders"})",
        "spec.channel.apiVersion");
  check(R"("channel": {"apiVersion": "a", "name": "orders"})",
        "spec.channel.kind");
  check(R"("channel": {"apiVersion": "a", "kind": "K"})", "spec.channel.name");
  check(R"("channel": {"apiVersion": "a", "kind": "K", "name": "x",
          "namespace": "dev"})",
        "spec.channel.namespace");
  check(R"("channel": {"apiVersion": "a", "kind": "K", "name": "x",
          "uid": "1"})",
        "spec.channel.uid");
  check(channel, "spec.subscriber");
  check(ok + R"(, "reply": {})", "spec.reply");
  check(ok + R"(, "filter": {})", "spec.filter");
  check(ok + R"(, "delivery": {"retries": 3})", "spec.delivery.retries");
  check(ok + R"(, "delivery": {"deadLetterSink": {"ref": {"kind": "K"}}})",
        "spec.delivery.deadLetterSink.ref.apiVersion");
  for (auto uri :
       {"", "sink", "/sink", "//sink/x", "http:", "http:///x", "ftp://sink",
        "http://a b/", "http://u:p@sink/", "http://sink/#x", "http://%20/",
        "http://a%0d%0ab/", "http://a%00:80/x", "http://a%7Fb"})
    check(channel + R"(, "subscriber": {"uri": ")" + uri + "\"}",
          *uri ? "spec.subscriber.uri" : "spec.subscriber");
  check(ok + R"(, "reply": {"uri": "http://a%0Ab/"})", "spec.reply.uri");
  check(ok + R"(, "delivery": {"deadLetterSink": {"uri": "http://a%20b/"}})",
        "spec.delivery.deadLetterSink.uri");
  for (auto uri : {"http://sink", "//sink/x", "/x#y"})
    check(channel + R"(, "subscriber": {"ref": )" + tests::to_orders
            + R"(, "uri": ")" + uri + "\"}",
          "spec.subscriber.uri");
}

TEST_CASE("a Subscription's channel and start can not change",
          "[resource][subscription]") {
  auto stored = subscription();
  CHECK(admit_subscription(subscription(), &stored).has_value());
  CHECK(
    admit_subscription(with_subscriber(R"({"uri": "http://other"})"), &stored)
      .has_value());
  CHECK(admit_subscription(
          subscription("", R"({"eventd.dev/start": "latest"})"), &stored)
          .has_value());
  check_refused(admit_subscription(
                  subscription("", "{}", R"({"uri": "http://sink/"})",
                               R"({"apiVersion": "messaging.knative.dev/v1",
                       "kind": "Channel", "name": "bills"})"),
                  &stored),
                ec::immutable_field, "spec.channel");
  check_refused(
    admit_subscription(subscription("", R"({"eventd.dev/start": "earliest"})"),
                       &stored),
    ec::immutable_field, "metadata.annotations[eventd.dev/start]");
}

TEST_CASE("a Subscription of another kind of channel is not known to us",
          "[resource][subscription]") {
  auto given = subscription("", "{}", R"({"uri": "http://sink/"})",
                            R"({"apiVersion": "messaging.knative.dev/v1beta1",
                                "kind": "KafkaChannel", "name": "orders"})");
  auto found = resolved(given);
  CHECK_FALSE(found.channel_known);
  CHECK_FALSE(found.channel_exists);
  CHECK_FALSE(found.ok());
  CHECK(resolved(subscription()).ok());
}

TEST_CASE("two specs are the same only if every field is",
          "[resource][subscription]") {
  subscription_spec x;
  auto differs = [&](auto change) {
    auto y = x;
    change(y);
    CHECK_FALSE(same(x, y));
  };
  CHECK(same(x, x));
  differs([](auto& y) { y.uid = "u"; });
  differs([](auto& y) { y.channel = "c"; });
  differs([](auto& y) { y.subscriber_uri = "s"; });
  differs([](auto& y) { y.reply_uri = "r"; });
  differs([](auto& y) { y.dead_letter_uri = "d"; });
  differs([](auto& y) { y.delivery.retry = 1; });
  differs([](auto& y) { y.delivery.format = delivery_format::binary; });
  differs([](auto& y) { y.start_value = 1; });
  differs([](auto& y) { y.rate = 1; });
  differs([](auto& y) { y.paused = true; });
}

} // namespace eventd::actors
