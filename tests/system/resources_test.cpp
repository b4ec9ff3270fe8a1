// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/system/node.hpp"
#include "tests/system/sink.hpp"

namespace eventd::tests {

namespace {

namespace json = boost::json;

constexpr auto channels = R"(# Two channels in one file.
apiVersion: messaging.knative.dev/v1
kind: Channel
metadata:
  name: orders
  annotations:
    eventd.dev/retention-age: P1D
---
apiVersion: messaging.knative.dev/v1
kind: Channel
metadata:
  name: dead
)";

std::string subscription_yaml(const std::string& name, const std::string& uri) {
  return R"(---
apiVersion: messaging.knative.dev/v1
kind: Subscription
metadata:
  name: )"
         + name + R"(
  annotations:
    eventd.dev/start: earliest
spec:
  channel:
    apiVersion: messaging.knative.dev/v1
    kind: Channel
    name: orders
  subscriber:
    uri: )"
         + uri + "\n";
}

size_t times(const std::string& text, const std::string& word) {
  size_t n = 0;
  for (auto at = text.find(word); at != std::string::npos;
       at = text.find(word, at + 1))
    ++n;
  return n;
}

using words = std::vector<std::string>;

/// Each id where it came first: a delivery may be repeated after a restart.
words in_order(const words& ids) {
  words out;
  for (auto& x : ids)
    if (std::find(out.begin(), out.end(), x) == out.end())
      out.push_back(x);
  return out;
}

std::string condition(const json::value& resource, const std::string& type,
                      const std::string& key) {
  for (auto& x : resource.at("status").at("conditions").as_array())
    if (text_at(x, "/type") == type)
      return text_at(x, "/" + key);
  return {};
}

} // namespace

TEST_CASE("apply creates many documents, and the second time changes nothing",
          "[system][resources]") {
  eventd_node node;
  http_sink sink;
  auto all = channels + subscription_yaml("audit", sink.url());
  auto first = eventctl(node, {"-n", "shop", "apply", "-f", "-"}, all);
  INFO(first.out << first.err);
  CHECK(first.code == 0);
  CHECK(times(first.out, " created\n") == 3);
  auto second = eventctl(node, {"-n", "shop", "apply", "-f", "-"}, all);
  CHECK(second.code == 0);
  CHECK(times(second.out, " unchanged\n") == 3);
  auto changed = all;
  changed.replace(changed.find("P1D"), 3, "P2D");
  auto third = eventctl(node, {"-n", "shop", "apply", "-f", "-"}, changed);
  CHECK(third.code == 0);
  CHECK(times(third.out, " configured\n") == 1);
  CHECK(times(third.out, " unchanged\n") == 2);
  auto stored = node.resource("channels", "shop/orders");
  CHECK(text_at(stored, "/metadata/annotations/eventd.dev~1retention-age")
        == "P2D");
  CHECK(text_at(stored, "/metadata/generation") == "2");
}

TEST_CASE("one bad document does not keep the others from being applied",
          "[system][resources]") {
  eventd_node node;
  std::string bad = "---\napiVersion: messaging.knative.dev/v1\nkind: "
                    "Subscription\nmetadata: {name: bad}\nspec: {channel: "
                    "{apiVersion: messaging.knative.dev/v1, kind: Channel, "
                    "name: orders}}\n";
  auto mixed
    = eventctl(node, {"apply", "-f", "-"}, std::string{channels} + bad);
  INFO(mixed.out << mixed.err);
  CHECK(mixed.code == 6);
  CHECK(times(mixed.out, " created\n") == 2);
  CHECK(mixed.err.find("spec.subscriber") != std::string::npos);
  auto typo = eventctl(node, {"apply", "-f", "-"},
                       "apiVersion: messaging.knative.dev/v1\nkind: Channel\n"
                       "metadata:\n  name: x\n  annotations:\n"
                       "    eventd.dev/retention-age: a week\n");
  CHECK(typo.code == 4);
  CHECK(typo.err.find("eventd.dev/retention-age") != std::string::npos);
}

TEST_CASE("get, describe and delete do what they say", "[system][resources]") {
  eventd_node node;
  http_sink sink;
  REQUIRE(eventctl(node, {"apply", "-f", "-"},
                   channels + subscription_yaml("audit", sink.url()))
            .code
          == 0);
  REQUIRE(eventually([&] {
    return condition(node.resource("subscriptions", "default/audit"), "Ready",
                     "status")
           == "True";
  }));
  auto table = eventctl(node, {"get", "channels", "-o", "table"});
  CHECK(table.code == 0);
  CHECK(table.out.starts_with("NAME"));
  CHECK(table.out.find("\norders ") != std::string::npos);
  CHECK(table.out.find("http://orders-kn-channel.default.svc.cluster.local")
        != std::string::npos);
  auto one = eventctl(node, {"get", "sub", "audit", "-o", "json"});
  CHECK(text_at(one.out, "/spec/subscriber/uri") == sink.url());
  auto yaml = eventctl(node, {"get", "sub", "audit", "-o", "yaml"});
  CHECK(yaml.out.find(sink.url()) != std::string::npos);
  auto told = eventctl(node, {"describe", "subscription", "audit"});
  CHECK(told.code == 0);
  CHECK(told.out.find("AddedToChannel") != std::string::npos);
  CHECK(eventctl(node, {"get", "channel", "nothing"}).code == 3);
  auto gone = eventctl(node, {"delete", "-f", "-"}, channels);
  CHECK(gone.code == 0);
  CHECK(times(gone.out, " deleted\n") == 2);
  CHECK(node.send(binary_event("default/orders", "x")).status == 404);
  REQUIRE(eventually([&] {
    return condition(node.resource("subscriptions", "default/audit"), "Ready",
                     "status")
           == "False";
  }));
  CHECK(eventctl(node, {"delete", "sub", "audit"}).code == 0);
  CHECK(eventctl(node, {"delete", "sub", "audit"}).code == 3);
}

TEST_CASE("resources, cursors and events survive SIGKILL",
          "[system][resources]") {
  eventd_node node;
  http_sink sink;
  REQUIRE(eventctl(node, {"apply", "-f", "-"},
                   channels + subscription_yaml("audit", sink.url()))
            .code
          == 0);
  node.publish("default/orders", "1");
  REQUIRE(sink.wait_count(1));
  auto identity = [&](const std::string& plural, const std::string& name) {
    auto x = node.resource(plural, name);
    return text_at(x, "/metadata/uid") + " "
           + text_at(x, "/metadata/generation") + " " + text_at(x, "/spec")
           + " " + text_at(x, "/metadata/creationTimestamp");
  };
  auto channel = identity("channels", "default/orders");
  auto follower = identity("subscriptions", "default/audit");
  REQUIRE(
    eventually([&] { return node.figure("default/audit", "offset") == 1; }));
  CHECK(node.stop() == 0);
  node.start();
  node.kill();
  node.start();
  CHECK(identity("channels", "default/orders") == channel);
  CHECK(identity("subscriptions", "default/audit") == follower);
  node.publish("default/orders", "2");
  REQUIRE(eventually([&] { return sink.has("2"); }));
  CHECK(in_order(sink.ids()) == words{"1", "2"});
}

TEST_CASE("a deleted channel that is made anew begins empty, with a new epoch",
          "[system][resources]") {
  eventd_node node;
  node.create_channel("default/orders");
  node.publish("default/orders", "old");
  const std::string path = "/v1/namespaces/default/channels/orders/events";
  auto old_epoch = std::string{node.get(path).header("Eventd-Epoch")};
  CHECK(eventctl(node, {"delete", "channel", "orders"}).code == 0);
  REQUIRE(eventually([&] { return node.get(path).status == 404; }));
  node.create_channel("default/orders");
  auto now = node.get(path);
  CHECK(now.body == "[]");
  CHECK(now.header("Eventd-Epoch") != old_epoch);
  CHECK(node.get(path + "?epoch=" + old_epoch).status == 410);
  CHECK(node.publish("default/orders", "old") == 0);
}

TEST_CASE("a subscriber that can not be resolved leaves the Subscription not "
          "ready, with the reason",
          "[system][resources]") {
  eventd_node node;
  auto text = subscription_yaml("odd", "x");
  text.replace(text.find("uri: x"), 6,
               "ref: {apiVersion: v1, kind: Service, name: web}");
  REQUIRE(eventctl(node, {"apply", "-f", "-"}, channels + text).code == 0);
  auto odd = [&] { return node.resource("subscriptions", "default/odd"); };
  REQUIRE(
    eventually([&] { return condition(odd(), "Ready", "status") == "False"; }));
  CHECK_FALSE(condition(odd(), "Ready", "reason").empty());
  CHECK(condition(odd(), "ReferencesResolved", "message").find("subscriber")
        != std::string::npos);
}

TEST_CASE("a subscription is paused, goes on, and is sent back",
          "[system][resources]") {
  eventd_node node;
  http_sink sink;
  http_sink witness;
  node.create_channel("shop/orders");
  node.create_subscription({"audit",
                            "shop/orders",
                            sink.url(),
                            {},
                            {{"start", "earliest"}, {"ordering", "ordered"}}});
  node.create_subscription(
    {"witness", "shop/orders", witness.url(), {}, {{"start", "earliest"}}});
  node.publish("shop/orders", "0");
  REQUIRE(sink.wait_count(1));
  auto verb = [&](std::vector<std::string> args) {
    args.insert(args.begin(), {"-n", "shop", "subscription"});
    auto x = eventctl(node, args);
    INFO(x.err);
    CHECK(x.code == 0);
  };
  verb({"pause", "audit"});
  for (auto* id : {"1", "2"})
    node.publish("shop/orders", id);
  REQUIRE(witness.wait_count(3));
  auto is_paused = [&] {
    auto x = node.resource("subscriptions", "shop/audit");
    return text_at(x, "/status/eventd/paused") == "true"
           && condition(x, "Delivering", "status") == "False";
  };
  CHECK(eventually(is_paused));
  CHECK(sink.count() == 1);
  // It stays paused over a restart.
  node.kill();
  node.start();
  node.publish("shop/orders", "3");
  REQUIRE(eventually([&] { return witness.has("3"); }));
  CHECK(sink.count() == 1);
  verb({"resume", "audit"});
  REQUIRE(eventually([&] { return sink.has("3"); }));
  CHECK(in_order(sink.ids()) == words{"0", "1", "2", "3"});
  auto n = sink.count();
  verb({"seek", "audit", "--to", "2"});
  REQUIRE(sink.wait_count(n + 2));
  auto ids = sink.ids();
  CHECK(words(ids.end() - 2, ids.end()) == words{"2", "3"});
  verb({"seek", "audit", "--to", "earliest"});
  CHECK(sink.wait_count(n + 6));
  CHECK(eventctl(node, {"-n", "shop", "subscription", "pause", "none"}).code
        == 3);
}

} // namespace eventd::tests
