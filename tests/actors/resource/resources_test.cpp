// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/resources.hpp"

#include <string>
#include <vector>

#include "actors/resource/edit.hpp"
#include "storage/model/limits.hpp"
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
                 "a created Channel is in the log, open and Ready when it is "
                 "answered",
                 "[resource][resources]") {
  auto answer = ask(request(create, "channels", "", tests::channel()));
  REQUIRE(answer.has_value());
  CHECK(condition_of(*answer, "Ready") == "True");
  CHECK(string_at(*answer, "metadata.uid") == "uid-1");
  CHECK(string_at(*answer, "status.address.url")
        == "http://orders-kn-channel.prod.svc.cluster.local");
  CHECK(number_at(*answer, "status.observedGeneration") == 1);
  CHECK(number_at(*answer, "status.eventd.id") == 1);
  auto shard = number_at(*answer, "status.eventd.shard");
  CHECK(world->steps
        == std::vector<std::string>{"put " + orders_key,
                                    "open 1 in " + std::to_string(shard),
                                    "run prod/orders", "put " + orders_key});
  CHECK(world->channel_ids_end == 2);
  CHECK(world->running.at(1).epoch == incarnation{1});
  auto& stored = world->resources.at(orders_key);
  CHECK(string_at(*answer, "metadata.resourceVersion")
        == std::to_string(stored.index.value));
  // Figures are shown and not stored.
  CHECK(number_at(show("channels", "orders"), "status.eventd.endOffset") == 42);
  CHECK(stored.document.find("endOffset") == std::string::npos);
  CHECK(stored.document.find("resourceVersion") == std::string::npos);
}

TEST_CASE_METHOD(resources_fixture,
                 "a Channel that breaks a rule is refused and nothing "
                 "is written",
                 "[resource][resources]") {
  check_refused(
    ask(request(create, "channels", "", tests::channel(R"({"colour": 1})"))),
    ec::invalid_resource, "spec.colour");
  check_refused(ask(request(get, "channels", "orders")), ec::not_found, "");
  check_refused(ask(request(get, "brokers", "orders")), ec::not_found, "");
  CHECK(world->steps.empty());
}

TEST_CASE_METHOD(resources_fixture, "a second create of a name is refused",
                 "[resource][resources]") {
  made(tests::channel());
  check_refused(ask(request(create, "channels", "", tests::channel())),
                ec::already_exists, "");
  CHECK(world->channel_ids_end == 2);
}

TEST_CASE_METHOD(resources_fixture, "applying twice writes once",
                 "[resource][resources]") {
  auto first = made(tests::channel());
  made(audit());
  advance(1'000);
  auto written = world->steps.size();
  auto again = made(tests::channel());
  made(audit());
  CHECK(world->steps.size() == written);
  CHECK(string_at(again, "metadata.resourceVersion")
        == string_at(first, "metadata.resourceVersion"));
}

TEST_CASE_METHOD(resources_fixture,
                 "settings that change reach the running channel",
                 "[resource][resources]") {
  made(tests::channel());
  auto changed
    = made(tests::channel("{}", R"({"eventd.dev/retention-age": "PT1H"})"));
  CHECK(world->last_settings.retention_age_ms == 3'600'000);
  CHECK(number_at(changed, "metadata.generation") == 2);
  CHECK(number_at(changed, "status.observedGeneration") == 2);
  CHECK(world->count("open ") == 1);
  CHECK(world->count("run ") == 2);
}

TEST_CASE_METHOD(resources_fixture, "a stale resourceVersion is a conflict",
                 "[resource][resources]") {
  auto first = made(tests::channel());
  auto second = first;
  second["metadata"].get_object()["labels"] = json::object{{"a", "b"}};
  REQUIRE(ask(request(replace, "channels", "orders", second)).has_value());
  check_refused(ask(request(replace, "channels", "orders", second)),
                ec::conflict, "metadata.resourceVersion");
}

TEST_CASE_METHOD(resources_fixture, "a dry run answers and writes nothing",
                 "[resource][resources]") {
  auto dry = request(create, "channels", "", tests::channel());
  dry.dry_run = true;
  auto answer = ask(dry);
  REQUIRE(answer.has_value());
  CHECK(string_at(*answer, "metadata.name") == "orders");
  CHECK(world->steps.empty());
  made(tests::channel());
  auto gone = request(remove, "channels", "orders");
  gone.dry_run = true;
  CHECK(string_at(*ask(gone), "status") == "Success");
  CHECK(ready("channels", "orders") == "True");
}

TEST_CASE_METHOD(resources_fixture, "a list holds what its namespace has",
                 "[resource][resources]") {
  made(tests::channel());
  auto other = tests::channel();
  other["metadata"] = json::object{{"name", "orders"}, {"namespace", "prod2"}};
  auto there = request(create, "channels", "", other);
  there.namespace_name = "prod2";
  REQUIRE(ask(there).has_value());
  auto one = ask(request(list, "channels"));
  REQUIRE(one.has_value());
  CHECK(string_at(*one, "kind") == "ChannelList");
  CHECK(one->at("items").get_array().size() == 1);
  CHECK(string_at(*one, "metadata.resourceVersion")
        == std::to_string(world->index));
  auto everywhere = request(list, "channels");
  everywhere.namespace_name.clear();
  CHECK(ask(everywhere)->at("items").get_array().size() == 2);
  CHECK(ask(request(list, "subscriptions"))->at("items").get_array().empty());
}

TEST_CASE_METHOD(resources_fixture,
                 "a node that leads no more answers no read from what it has",
                 "[resource][resources]") {
  made(tests::channel());
  world->leads = false;
  check_refused(ask(request(get, "channels", "orders")), ec::not_leader, "");
  check_refused(ask(request(list, "channels")), ec::not_leader, "");
  world->leads = true;
  CHECK(ask(request(get, "channels", "orders")).has_value());
}

TEST_CASE_METHOD(resources_fixture, "deleting a Subscription ends it",
                 "[resource][resources]") {
  made(tests::channel());
  made(audit());
  REQUIRE(removed("subscriptions", "audit").has_value());
  CHECK(world->followed.empty());
  CHECK_FALSE(world->resources.contains(audit_key));
  check_refused(removed("subscriptions", "audit"), ec::not_found, "");
  made(audit());
  CHECK(world->followed.contains("uid-" + std::to_string(uids)));
}

TEST_CASE_METHOD(resources_fixture, "pause and resume reach the subscription",
                 "[resource][resources]") {
  made(tests::channel());
  made(audit());
  advance(400);
  REQUIRE(pause("audit", true).has_value());
  CHECK(world->followed.begin()->second.paused);
  CHECK(condition_of(show("subscriptions", "audit"), "Delivering")
        == "False/Requested");
  CHECK(ready("subscriptions", "audit") == "True");
  // A manifest that says nothing of it does not resume.
  made(audit());
  CHECK(world->followed.begin()->second.paused);
  REQUIRE(pause("audit", false).has_value());
  CHECK_FALSE(world->followed.begin()->second.paused);
  // Resuming what only the subscription paused is told to it, too.
  auto follows = world->count("follow");
  REQUIRE(pause("audit", false).has_value());
  CHECK(world->count("follow") == follows + 1);
  check_refused(pause("gone", true), ec::not_found, "");
}

TEST_CASE_METHOD(resources_fixture, "a write that fails changes nothing",
                 "[resource][resources]") {
  world->refusals = {{ec::no_space, "the disk is full"}};
  check_refused(ask(request(create, "channels", "", tests::channel())),
                ec::no_space, "");
  check_refused(ask(request(get, "channels", "orders")), ec::not_found, "");
  CHECK(world->resources.empty());
  made(tests::channel());
}

TEST_CASE_METHOD(resources_fixture,
                 "calls of one resource wait for each other, up to a "
                 "bound",
                 "[resource][resources]") {
  auto send = [&](const json::object& body) {
    self->send(resources, atom::resource_v,
               request(apply, "channels", "", body));
  };
  // The first is on its way, the bound waits, two are too many.
  auto changed = [](size_t i) {
    return tests::channel("{}",
                          "{\"example.com/n\": \"" + std::to_string(i) + "\"}");
  };
  for (size_t i = 0; i < limits::resource_queue_max + 3; ++i)
    send(changed(i));
  run();
  auto shown = show("channels", "orders");
  auto& annotations = object_at(shown, "metadata.annotations");
  CHECK(annotations.at("example.com/n")
        == json::value(std::to_string(limits::resource_queue_max)));
  CHECK(world->channel_ids_end == 2);
}

TEST_CASE_METHOD(resources_fixture,
                 "a stored document that is not one stops the actor "
                 "with its name",
                 "[resource][resources]") {
  auto ends_with = [&](const char* key, const char* text) {
    world->resources[key] = {key, text, raft_index{1}};
    stop();
    start();
    std::string why;
    self
      ->request(resources, caf::infinite, atom::resource_v,
                request(list, "channels"))
      .receive([](const resource_response&) { FAIL("it must have ended"); },
               [&](const caf::error&) { why = "down"; });
    world->resources.clear();
    return why;
  };
  CHECK(ends_with(orders_key.c_str(), "{\"half\":") == "down");
  CHECK(ends_with("brokers.eventing.knative.dev/a/b", "{}") == "down");
}

} // namespace eventd::actors
