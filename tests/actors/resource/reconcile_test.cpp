// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/reconcile.hpp"

#include <string>

#include "actors/resource/edit.hpp"
#include "tests/actors/resource/manifests.hpp"
#include "tests/actors/resource/resources_fixture.hpp"

namespace eventd::actors {

using tests::audit;
using tests::audit_key;
using tests::check_refused;
using tests::condition_of;
using tests::orders_key;
using tests::resources_fixture;
using enum resource_verb;

TEST_CASE_METHOD(resources_fixture,
                 "a Subscription becomes Ready when it is reported so",
                 "[resource][reconcile]") {
  world->reports_ready = false;
  made(tests::channel());
  auto answer = made(audit());
  CHECK(condition_of(answer, "Ready") == "Unknown/Starting");
  CHECK(world->followed.size() == 1);
  auto& spec = world->followed.begin()->second;
  CHECK(spec.subscriber_uri == "http://sink/");
  CHECK(spec.uid == string_at(answer, "metadata.uid"));
  advance(400);
  CHECK(ready("subscriptions", "audit") == "Unknown/Starting");
  world->reports_ready = true;
  advance(400);
  auto shown = show("subscriptions", "audit");
  CHECK(condition_of(shown, "Ready") == "True");
  CHECK(number_at(shown, "status.eventd.lag") == 42);
  // Created, then Ready: two writes and no more.
  advance(5'000);
  CHECK(world->count("put " + audit_key) == 2);
}

TEST_CASE_METHOD(resources_fixture,
                 "a Subscription before its Channel becomes Ready by "
                 "itself when the Channel appears",
                 "[resource][reconcile]") {
  auto early = made(audit());
  CHECK(condition_of(early, "ChannelReady") == "False/ChannelNotFound");
  CHECK(condition_of(early, "Ready") == "False/NotResolved");
  CHECK(world->followed.empty());
  made(tests::channel());
  advance(400);
  CHECK(ready("subscriptions", "audit") == "True");
}

TEST_CASE_METHOD(resources_fixture,
                 "deleting a Channel ends it and its Subscriptions' "
                 "places, and a new one begins anew",
                 "[resource][reconcile]") {
  made(tests::channel());
  made(audit());
  advance(400);
  world->steps.clear();
  auto answer = removed("channels", "orders");
  REQUIRE(answer.has_value());
  CHECK(string_at(*answer, "status") == "Success");
  CHECK(string_at(*answer, "details.name") == "orders");
  CHECK(world->running.empty());
  CHECK(world->open_in_shard.empty());
  CHECK(world->followed.empty());
  CHECK_FALSE(world->resources.contains(orders_key));
  // The mark first, the document last, so that a crash in between is mended.
  CHECK(world->steps.front() == "put " + orders_key);
  check_refused(ask(request(get, "channels", "orders")), ec::not_found, "");
  CHECK(condition_of(show("subscriptions", "audit"), "ChannelReady")
        == "False/ChannelNotFound");
  made(tests::channel());
  advance(400);
  CHECK(world->running.contains(2));
  CHECK(ready("subscriptions", "audit") == "True");
}

TEST_CASE_METHOD(resources_fixture,
                 "a Subscription that never ran since the start leaves "
                 "no cursor behind when it is deleted",
                 "[resource][reconcile]") {
  made(tests::channel());
  auto uid = std::string{string_at(made(audit()), "metadata.uid")};
  world->supervisor_refusals = {{ec::none}, {ec::overloaded, "busy"}};
  restart();
  REQUIRE(world->followed.empty());
  REQUIRE(removed("subscriptions", "audit").has_value());
  CHECK(world->count("cursor " + uid + " ''") == 1);
}

TEST_CASE_METHOD(resources_fixture,
                 "a reference that can not be resolved holds a "
                 "Subscription until it can",
                 "[resource][reconcile]") {
  made(tests::channel());
  constexpr auto reply = R"(, "reply": {"ref": {"kind": "Channel",
    "apiVersion": "messaging.knative.dev/v1", "name": "answers"}})";
  auto answer = made(audit(reply));
  CHECK(condition_of(answer, "ReferencesResolved") == "False/RefNotFound");
  CHECK(world->followed.empty());
  auto answers = tests::channel();
  answers["metadata"].get_object()["name"] = "answers";
  made(answers);
  advance(400);
  CHECK(ready("subscriptions", "audit") == "True");
  CHECK(world->followed.begin()->second.reply_uri
        == "http://answers-kn-channel.prod.svc.cluster.local");
  // When it goes again the place is kept: paused, not unfollowed.
  REQUIRE(removed("channels", "answers").has_value());
  CHECK(ready("subscriptions", "audit") == "False/RefNotFound");
  CHECK(world->followed.begin()->second.paused);
  CHECK(world->count("unfollow") == 0);
  made(answers);
  advance(400);
  CHECK(ready("subscriptions", "audit") == "True");
  CHECK_FALSE(world->followed.begin()->second.paused);
}

TEST_CASE_METHOD(resources_fixture, "a pause by 410 becomes a condition",
                 "[resource][reconcile]") {
  made(tests::channel());
  auto uid = std::string{string_at(made(audit()), "metadata.uid")};
  advance(400);
  subscription_status gone;
  gone.uid = uid;
  gone.namespace_name = "prod";
  gone.name = "audit";
  gone.ready = gone.paused = true;
  gone.paused_reason = "Gone";
  world->reports = {gone};
  advance(1'000);
  CHECK(ready("subscriptions", "audit") == "False/Gone");
  CHECK(world->resources.at(audit_key).document.find("Gone")
        != std::string::npos);
}

TEST_CASE_METHOD(resources_fixture,
                 "a restart opens and follows everything and writes "
                 "nothing",
                 "[resource][reconcile]") {
  made(tests::channel());
  made(audit());
  advance(400);
  auto before = show("subscriptions", "audit");
  auto index = world->index;
  restart();
  CHECK(world->running.size() == 1);
  CHECK(world->followed.size() == 1);
  CHECK(ready("subscriptions", "audit") == "Unknown/Starting");
  advance(5'000);
  CHECK(ready("subscriptions", "audit") == "True");
  CHECK(world->index == index);
  auto after = show("subscriptions", "audit");
  CHECK(object_at(after, "metadata") == object_at(before, "metadata"));
  CHECK(*find_path(after, "status.conditions")
        == *find_path(before, "status.conditions"));
  auto bills = tests::channel();
  bills["metadata"].get_object()["name"] = "bills";
  CHECK(number_at(made(bills), "status.eventd.id") == 2);
}

TEST_CASE_METHOD(resources_fixture,
                 "a start that takes long is written to the status",
                 "[resource][reconcile]") {
  made(tests::channel());
  made(audit());
  advance(400);
  world->reports_ready = false;
  restart();
  advance(1'000);
  CHECK(world->count("put") == 0);
  advance(3'000);
  CHECK(world->count("put " + audit_key) == 1);
  CHECK(ready("subscriptions", "audit") == "Unknown/Starting");
}

TEST_CASE_METHOD(resources_fixture,
                 "a Channel whose shard never heard of it is opened "
                 "after a crash",
                 "[resource][reconcile]") {
  world->refusals = {{ec::none}, {ec::no_space, "the disk is full"}};
  auto answer = made(tests::channel());
  CHECK(condition_of(answer, "Ready") == "False/OpenFailed");
  REQUIRE(world->open_in_shard.empty());
  restart();
  CHECK(world->open_in_shard.size() == 1);
  CHECK(ready("channels", "orders") == "True");
  // Once it is known to be open, it is not proposed again.
  restart();
  CHECK(world->count("open") == 0);
}

TEST_CASE_METHOD(resources_fixture,
                 "a removal that a crash cut off is ended at the start",
                 "[resource][reconcile]") {
  made(tests::channel());
  made(audit());
  advance(400);
  SECTION("before the shard closed it") {
    world->refusals = {{ec::none}, {ec::no_space, "full"}};
    auto answer = removed("channels", "orders");
    REQUIRE(answer.has_value());
    CHECK(is_deleting(*answer));
  }
  SECTION("after the shard closed it") {
    world->refusals = {{ec::none}, {ec::none}, {ec::no_space, "full"}};
    REQUIRE(removed("channels", "orders").has_value());
  }
  REQUIRE(world->resources.contains(orders_key));
  restart();
  CHECK_FALSE(world->resources.contains(orders_key));
  CHECK(world->open_in_shard.empty());
  CHECK(world->running.empty());
  CHECK(world->followed.empty());
  CHECK(condition_of(show("subscriptions", "audit"), "ChannelReady")
        == "False/ChannelNotFound");
}

TEST_CASE_METHOD(resources_fixture, "what failed is tried again by itself",
                 "[resource][reconcile]") {
  world->supervisor_refusals = {{ec::overloaded, "busy"}};
  CHECK(condition_of(made(tests::channel()), "Ready") == "False/OpenFailed");
  CHECK(condition_of(made(audit()), "ChannelReady") == "False/ChannelNotReady");
  advance(1'000);
  CHECK(ready("channels", "orders") == "True");
  advance(1'000);
  CHECK(ready("subscriptions", "audit") == "True");
}

TEST_CASE_METHOD(resources_fixture,
                 "after a write of unknown outcome the log is made to "
                 "agree with what is shown",
                 "[resource][reconcile]") {
  world->store_refused = true;
  SECTION("a create") {
    world->refusals = {{ec::timeout, "late"}};
    check_refused(ask(request(create, "channels", "", tests::channel())),
                  ec::timeout, "");
    REQUIRE(world->resources.contains(orders_key));
    advance(1'000);
    CHECK_FALSE(world->resources.contains(orders_key));
  }
  SECTION("an update") {
    made(tests::channel());
    world->refusals = {{ec::timeout, "late"}};
    auto changed = tests::channel("{}", R"({"example.com/a": "x"})");
    check_refused(ask(request(apply, "channels", "orders", changed)),
                  ec::timeout, "");
    CHECK(world->resources.at(orders_key).document.find("example.com")
          != std::string::npos);
    advance(1'000);
    CHECK(world->resources.at(orders_key).document.find("example.com")
          == std::string::npos);
  }
}

TEST_CASE_METHOD(resources_fixture,
                 "many resources are carried out a bounded number at a "
                 "time",
                 "[resource][reconcile]") {
  for (int i = 0; i < 300; ++i) {
    auto body = audit();
    body["metadata"].get_object()["name"] = "audit-" + std::to_string(i);
    made(body);
  }
  made(tests::channel());
  advance(400);
  CHECK(world->followed.size() == 300);
  restart();
  CHECK(world->followed.size() == 300);
}

} // namespace eventd::actors
