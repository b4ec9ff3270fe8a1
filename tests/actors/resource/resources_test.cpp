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

namespace {

using tests::check_refused;
using tests::resources_fixture;
using enum resource_verb;

const std::string orders_key = "channels.messaging.knative.dev/prod/orders";
const std::string audit_key = "subscriptions.messaging.knative.dev/prod/audit";

/// Status and reason of a condition: "True", "False/ChannelNotFound".
std::string condition_of(const json::object& shown, std::string_view type) {
  auto* list = find_path(shown, "status.conditions");
  if (!list)
    return "none";
  for (auto& x : list->get_array()) {
    const auto& c = x.get_object();
    if (string_at(c, "type") != type)
      continue;
    auto reason = std::string{string_at(c, "reason")};
    return std::string{string_at(c, "status")}
           + (reason.empty() ? "" : "/" + reason);
  }
  return "none";
}

/// A Subscription `prod/audit` whose uid the server gives.
json::object audit(std::string_view more = "",
                   std::string_view annotations = "{}",
                   std::string_view subscriber = R"({"uri": "http://sink/"})") {
  auto made = tests::subscription(more, annotations, subscriber);
  made["metadata"].get_object().erase("uid");
  return made;
}

class fixture : public resources_fixture {
public:
  json::object show(const std::string& plural, const std::string& name) {
    auto shown = ask(request(resource_verb::get, plural, name));
    REQUIRE(shown.has_value());
    return *shown;
  }

  std::string ready(const std::string& plural, const std::string& name) {
    return condition_of(show(plural, name), "Ready");
  }

  json::object made(const json::object& body) {
    auto plural
      = string_at(body, "kind") == "Channel" ? "channels" : "subscriptions";
    auto answer = ask(request(apply, plural, "", body));
    REQUIRE(answer.has_value());
    return *answer;
  }

  auto removed(const std::string& plural, const std::string& name) {
    return ask(request(remove, plural, name));
  }
};

} // namespace

TEST_CASE_METHOD(fixture,
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

TEST_CASE_METHOD(fixture,
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

TEST_CASE_METHOD(fixture, "a second create of a name is refused",
                 "[resource][resources]") {
  made(tests::channel());
  check_refused(ask(request(create, "channels", "", tests::channel())),
                ec::already_exists, "");
  CHECK(world->channel_ids_end == 2);
}

TEST_CASE_METHOD(fixture, "applying twice writes once",
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

TEST_CASE_METHOD(fixture, "settings that change reach the running channel",
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

TEST_CASE_METHOD(fixture, "a stale resourceVersion is a conflict",
                 "[resource][resources]") {
  auto first = made(tests::channel());
  auto second = first;
  second["metadata"].get_object()["labels"] = json::object{{"a", "b"}};
  REQUIRE(ask(request(replace, "channels", "orders", second)).has_value());
  check_refused(ask(request(replace, "channels", "orders", second)),
                ec::conflict, "metadata.resourceVersion");
}

TEST_CASE_METHOD(fixture, "a dry run answers and writes nothing",
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

TEST_CASE_METHOD(fixture, "a list holds what its namespace has",
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

TEST_CASE_METHOD(fixture, "a Subscription becomes Ready when it is reported so",
                 "[resource][resources]") {
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

TEST_CASE_METHOD(fixture,
                 "a Subscription before its Channel becomes Ready by "
                 "itself when the Channel appears",
                 "[resource][resources]") {
  auto early = made(audit());
  CHECK(condition_of(early, "ChannelReady") == "False/ChannelNotFound");
  CHECK(condition_of(early, "Ready") == "False/NotResolved");
  CHECK(world->followed.empty());
  made(tests::channel());
  advance(400);
  CHECK(ready("subscriptions", "audit") == "True");
}

TEST_CASE_METHOD(fixture,
                 "deleting a Channel ends it and its Subscriptions' "
                 "places, and a new one begins anew",
                 "[resource][resources]") {
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

TEST_CASE_METHOD(fixture, "deleting a Subscription ends it",
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

TEST_CASE_METHOD(fixture,
                 "a Subscription that never ran since the start leaves "
                 "no cursor behind when it is deleted",
                 "[resource][resources]") {
  made(tests::channel());
  auto uid = std::string{string_at(made(audit()), "metadata.uid")};
  world->supervisor_refusals = {{ec::none}, {ec::overloaded, "busy"}};
  restart();
  REQUIRE(world->followed.empty());
  REQUIRE(removed("subscriptions", "audit").has_value());
  CHECK(world->count("cursor " + uid + " ''") == 1);
}

TEST_CASE_METHOD(fixture,
                 "a reference that can not be resolved holds a "
                 "Subscription until it can",
                 "[resource][resources]") {
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

TEST_CASE_METHOD(fixture, "pause and resume reach the subscription",
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

TEST_CASE_METHOD(fixture, "a pause by 410 becomes a condition",
                 "[resource][resources]") {
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

TEST_CASE_METHOD(fixture,
                 "a restart opens and follows everything and writes "
                 "nothing",
                 "[resource][resources]") {
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

TEST_CASE_METHOD(fixture, "a start that takes long is written to the status",
                 "[resource][resources]") {
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

TEST_CASE_METHOD(fixture,
                 "a Channel whose shard never heard of it is opened "
                 "after a crash",
                 "[resource][resources]") {
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

TEST_CASE_METHOD(fixture,
                 "a removal that a crash cut off is ended at the start",
                 "[resource][resources]") {
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

TEST_CASE_METHOD(fixture, "what failed is tried again by itself",
                 "[resource][resources]") {
  world->supervisor_refusals = {{ec::overloaded, "busy"}};
  CHECK(condition_of(made(tests::channel()), "Ready") == "False/OpenFailed");
  CHECK(condition_of(made(audit()), "ChannelReady") == "False/ChannelNotReady");
  advance(1'000);
  CHECK(ready("channels", "orders") == "True");
  advance(1'000);
  CHECK(ready("subscriptions", "audit") == "True");
}

TEST_CASE_METHOD(fixture, "a write that fails changes nothing",
                 "[resource][resources]") {
  world->refusals = {{ec::no_space, "the disk is full"}};
  check_refused(ask(request(create, "channels", "", tests::channel())),
                ec::no_space, "");
  check_refused(ask(request(get, "channels", "orders")), ec::not_found, "");
  CHECK(world->resources.empty());
  made(tests::channel());
}

TEST_CASE_METHOD(fixture,
                 "after a write of unknown outcome the log is made to "
                 "agree with what is shown",
                 "[resource][resources]") {
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

TEST_CASE_METHOD(fixture,
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

TEST_CASE_METHOD(fixture,
                 "many resources are carried out a bounded number at a "
                 "time",
                 "[resource][resources]") {
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

TEST_CASE_METHOD(fixture,
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
