// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/table.hpp"

#include <memory>
#include <string>
#include <vector>

#include "tests/actors/resource/manifests.hpp"

namespace eventd::actors {

namespace {

const std::string orders = "channels.messaging.knative.dev/prod/orders";
const std::string bills = "channels.messaging.knative.dev/prod/bills";
const std::string audit = "subscriptions.messaging.knative.dev/prod/audit";

/// A Subscription of `orders` that replies to `bills`.
json::object replying() {
  return tests::subscription(R"(, "reply": {"ref": {"kind": "Channel",
    "apiVersion": "messaging.knative.dev/v1", "name": "bills"}})");
}

} // namespace

TEST_CASE("a table knows who refers to a channel, also before it exists",
          "[resource][table]") {
  resource_table table;
  table.put(audit, replying(), 1);
  CHECK(table.dependents(orders) == std::vector{audit});
  CHECK(table.dependents(bills) == std::vector{audit});
  table.put(audit, tests::subscription(), 2);
  CHECK(table.dependents(bills).empty());
  table.clear(audit, 3);
  CHECK(table.dependents(orders).empty());
  CHECK(table.version() == 3);
}

TEST_CASE("a table counts documents, and forgets only what has nothing to do",
          "[resource][table]") {
  resource_table table;
  table.put(orders, tests::channel(), 1);
  table.put(orders, tests::channel(), 2);
  CHECK(table.documents() == 1);
  table.forget_idle(orders);
  CHECK(table.find(orders) != nullptr);
  table.at(orders).usable = true;
  table.at(orders).busy = true;
  table.clear(orders, 3);
  CHECK(table.documents() == 0);
  table.forget_idle(orders);
  REQUIRE(table.find(orders) != nullptr);
  // Another channel of this name begins closed.
  CHECK_FALSE(table.at(orders).usable);
  table.at(orders).busy = false;
  table.forget_idle(orders);
  CHECK(table.find(orders) == nullptr);
}

TEST_CASE("a document that is being deleted is there, but not alive",
          "[resource][table]") {
  resource_table table;
  table.put(orders, tests::channel(), 1);
  CHECK(table.find_live(orders) != nullptr);
  auto marked = tests::channel();
  marked["metadata"].get_object()["deletionTimestamp"] = "now";
  table.put(orders, marked, 2);
  CHECK(table.find(orders) != nullptr);
  CHECK(table.find_live(orders) == nullptr);
  table.put(audit, tests::subscription(), 3);
  CHECK_FALSE(
    facts_of_subscription(table, table.at(audit), tests::subscription())
      .found.channel_exists);
}

TEST_CASE("what is shown has the version and the status of now",
          "[resource][table]") {
  resource_table table;
  table.put(audit, tests::subscription(), 17);
  auto made = shown(table, table.at(audit), 0);
  CHECK(string_at(made, "metadata.resourceVersion") == "17");
  CHECK(find_path(made, "status.eventd") == nullptr);
  subscription_status report;
  report.end = log_offset{5};
  table.at(audit).report = std::make_unique<subscription_status>(report);
  CHECK(number_at(shown(table, table.at(audit), 0), "status.eventd.lag") == 5);
}

TEST_CASE("a channel's actors are told what its document says",
          "[resource][table]") {
  resource_table table;
  auto document
    = tests::channel("{}", R"({"eventd.dev/durability": "memory"})");
  document["status"]
    = tests::document(R"({"eventd": {"id": 3, "epoch": 4, "shard": 5}})");
  table.put(orders, document, 1);
  auto info = info_of(table.at(orders));
  CHECK(info.id == channel_id{3});
  CHECK(info.epoch == incarnation{4});
  CHECK(info.shard == shard_id{5});
  CHECK(info.namespace_name == "prod");
  CHECK(info.name == "orders");
  CHECK(info.in_memory);
}

TEST_CASE("a record knows what the newest document says, and a new channel is "
          "another one",
          "[resource][table]") {
  resource_table table;
  auto numbered = [](const char* own, const char* annotations = "{}") {
    auto made = tests::channel("{}", annotations);
    made["status"] = tests::document(R"({"eventd": )" + std::string{own} + "}");
    return made;
  };
  auto first = numbered(R"({"id": 3, "epoch": 4, "shard": 5})",
                        R"({"eventd.dev/durability": "memory"})");
  first["metadata"].get_object()["deletionTimestamp"] = "now";
  table.put(orders, first, 1);
  CHECK(table.at(orders).deleting);
  // A change that waits keeps the record while its document is gone.
  table.at(orders).busy = true;
  table.clear(orders, 2);
  CHECK_FALSE(table.at(orders).deleting);
  CHECK_FALSE(table.at(orders).document);
  table.put(orders, numbered(R"({"id": 6, "epoch": 7, "shard": 1})"), 3);
  const auto& x = table.at(orders);
  CHECK_FALSE(x.deleting);
  auto info = info_of(x);
  CHECK(info.id == channel_id{6});
  CHECK(info.epoch == incarnation{7});
  CHECK(info.shard == shard_id{1});
  CHECK(info.namespace_name == "prod");
  CHECK(info.name == "orders");
  CHECK_FALSE(info.in_memory);
}

TEST_CASE("a subscription inherits from its channel as the table has it now",
          "[resource][table]") {
  resource_table table;
  auto found = [&] {
    return facts_of_subscription(table, table.at(audit), tests::subscription())
      .found;
  };
  table.put(audit, tests::subscription(), 1);
  CHECK_FALSE(found().channel_exists);
  table.put(orders, tests::channel(R"({"delivery": {"retry": 7,
    "deadLetterSink": {"uri": "http://of-channel"}}})"),
            2);
  CHECK(found().channel_exists);
  CHECK(found().spec.delivery.retry == 7u);
  CHECK(found().spec.dead_letter_uri == "http://of-channel");
  // Its dead letter sink alone.
  table.put(orders, tests::channel(R"({"delivery":
    {"deadLetterSink": {"ref": {"kind": "Channel", "name": "bills",
      "apiVersion": "messaging.knative.dev/v1"}}}})"),
            3);
  CHECK_FALSE(found().ok());
  table.put(bills, tests::channel(), 4);
  CHECK(found().ok());
  CHECK(found().spec.dead_letter_uri
        == "http://bills-kn-channel.prod.svc.cluster.local");
  table.put(orders, tests::channel(), 5);
  CHECK(found().channel_exists);
  CHECK_FALSE(found().spec.delivery.retry.has_value());
  CHECK(found().spec.dead_letter_uri.empty());
}

} // namespace eventd::actors
