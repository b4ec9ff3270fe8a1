// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/edit.hpp"

#include <string>

#include <boost/json/serialize.hpp>

#include "tests/actors/resource/manifests.hpp"

namespace eventd::actors {

using tests::check_refused;

namespace {

const resource_kind& channels() {
  return kind_of(kind_role::channel);
}

resource_request asks(resource_verb verb, const json::object& body,
                      std::string name = "orders") {
  resource_request made;
  made.verb = verb;
  made.namespace_name = "prod";
  made.name = verb == resource_verb::create ? "" : std::move(name);
  made.body = json::serialize(body);
  return made;
}

result<edit> edited(resource_verb verb, const json::object& body,
                    const json::object* current, uint64_t version = 7) {
  auto wanted = prepare(asks(verb, body), "uid-1");
  if (!wanted)
    return wanted.error();
  return plan(channels(), verb, *wanted, {current, version}, "uid-1", 1'000);
}

/// What a create of `body` stores, with a status.
json::object stored(const json::object& body = tests::channel()) {
  auto made = edited(resource_verb::create, body, nullptr);
  REQUIRE(made.has_value());
  made->document["status"] = json::object{{"kept", true}};
  return made->document;
}

json::object changed() {
  return tests::channel("{}", R"({"eventd.dev/retention-age": "PT1H"})");
}

} // namespace

TEST_CASE("a create stores the manifest with what the server adds",
          "[resource][edit]") {
  auto made = edited(resource_verb::create, tests::channel(), nullptr);
  REQUIRE(made.has_value());
  CHECK(made->action == edit_action::put);
  CHECK(made->created);
  CHECK(made->document == tests::document(R"({
    "apiVersion": "messaging.knative.dev/v1", "kind": "Channel",
    "metadata": {"name": "orders", "namespace": "prod", "uid": "uid-1",
      "creationTimestamp": "1970-01-01T00:00:01Z", "generation": 1},
    "spec": {}})"));
}

TEST_CASE("a create takes no status, uid or generation from its client",
          "[resource][edit]") {
  auto given = tests::channel();
  given["status"] = json::object{{"forged", true}};
  given["metadata"].get_object()["uid"] = "forged";
  given["metadata"].get_object()["generation"] = 9;
  auto made = edited(resource_verb::create, given, nullptr);
  REQUIRE(made.has_value());
  CHECK_FALSE(made->document.contains("status"));
  CHECK(string_at(made->document, "metadata.uid") == "uid-1");
  CHECK(generation_of(made->document) == 1);
}

TEST_CASE("name and namespace of body and URL must agree", "[resource][edit]") {
  auto bare = tests::channel();
  bare["metadata"] = json::object{{"name", "orders"}};
  auto made = prepare(asks(resource_verb::apply, bare), "");
  REQUIRE(made.has_value());
  CHECK(made->namespace_name == "prod");
  auto other = tests::channel();
  check_refused(prepare(asks(resource_verb::apply, other, "bills"), ""),
                ec::invalid_resource, "metadata.name");
  other["metadata"].get_object()["namespace"] = "dev";
  check_refused(prepare(asks(resource_verb::apply, other), ""),
                ec::invalid_resource, "metadata.namespace");
  check_refused(prepare(asks(resource_verb::apply, {}), ""),
                ec::invalid_resource, "metadata");
  auto generated = tests::channel();
  generated["metadata"] = json::object{{"generateName", "job-"}};
  auto ended = prepare(asks(resource_verb::create, generated), "seed");
  REQUIRE(ended.has_value());
  CHECK(ended->name.starts_with("job-"));
  CHECK(ended->name.size() == 9);
}

TEST_CASE("an apply of what is stored changes nothing", "[resource][edit]") {
  auto old = stored(changed());
  auto again = edited(resource_verb::apply, changed(), &old);
  REQUIRE(again.has_value());
  CHECK(again->action == edit_action::none);
  auto read_back = old;
  read_back["metadata"].get_object()["resourceVersion"] = "7";
  auto same = edited(resource_verb::replace, read_back, &old);
  REQUIRE(same.has_value());
  CHECK(same->action == edit_action::none);
}

TEST_CASE("an update keeps what the server wrote, and counts a generation "
          "only for what has an effect",
          "[resource][edit]") {
  auto old = stored();
  auto effective = edited(resource_verb::apply, changed(), &old);
  REQUIRE(effective.has_value());
  CHECK(effective->action == edit_action::put);
  CHECK_FALSE(effective->created);
  CHECK(generation_of(effective->document) == 2);
  CHECK(string_at(effective->document, "metadata.uid") == "uid-1");
  CHECK(object_at(effective->document, "status") == object_at(old, "status"));
  auto labelled = tests::channel("{}", R"({"example.com/note": "x"})");
  auto decorated = edited(resource_verb::apply, labelled, &old);
  REQUIRE(decorated.has_value());
  CHECK(decorated->action == edit_action::put);
  CHECK(generation_of(decorated->document) == 1);
}

TEST_CASE("a change of what is not there, or not as expected, is refused",
          "[resource][edit]") {
  auto old = stored();
  auto with = [](const char* key, const char* value) {
    auto given = changed();
    given["metadata"].get_object()[key] = value;
    return given;
  };
  check_refused(edited(resource_verb::replace, changed(), nullptr),
                ec::not_found, "");
  check_refused(edited(resource_verb::create, changed(), &old),
                ec::already_exists, "");
  for (auto verb : {resource_verb::replace, resource_verb::apply}) {
    check_refused(edited(verb, with("resourceVersion", "6"), &old),
                  ec::conflict, "metadata.resourceVersion");
    CHECK(edited(verb, with("resourceVersion", "7"), &old).has_value());
    check_refused(edited(verb, with("uid", "other"), &old), ec::conflict,
                  "metadata.uid");
  }
  check_refused(
    edited(resource_verb::create, with("resourceVersion", "1"), nullptr),
    ec::invalid_resource, "metadata.resourceVersion");
  check_refused(
    edited(resource_verb::apply, with("resourceVersion", "1"), nullptr),
    ec::conflict, "metadata.resourceVersion");
  check_refused(edited(resource_verb::apply,
                       tests::channel(R"({"delivery": {"retry": 1}})"), &old),
                ec::immutable_field, "spec.delivery");
}

TEST_CASE("a removal marks the document, and a marked one takes no change",
          "[resource][edit]") {
  auto old = stored();
  auto removed = edited(resource_verb::remove, {}, &old);
  REQUIRE(removed.has_value());
  CHECK(removed->action == edit_action::remove);
  CHECK(is_deleting(removed->document));
  CHECK_FALSE(is_deleting(old));
  auto marked = removed->document;
  check_refused(edited(resource_verb::apply, changed(), &marked), ec::conflict,
                "");
  check_refused(edited(resource_verb::create, changed(), &marked),
                ec::already_exists, "");
  check_refused(edited(resource_verb::remove, {}, nullptr), ec::not_found, "");
}

TEST_CASE("a pause is an annotation that an apply leaves alone",
          "[resource][edit]") {
  const auto& kind = kind_of(kind_role::subscription);
  auto body = tests::subscription();
  auto wanted = prepare(asks(resource_verb::apply, body, "audit"), "u-1");
  REQUIRE(wanted.has_value());
  auto made = plan(kind, resource_verb::apply, *wanted, {}, "u-1", 0);
  REQUIRE(made.has_value());
  auto paused = plan_pause("prod", "audit", true, {&made->document, 1});
  REQUIRE(paused.has_value());
  CHECK(paused->action == edit_action::put);
  CHECK(generation_of(paused->document) == 2);
  auto& annotations = object_at(paused->document, "metadata.annotations");
  CHECK(annotations.at("eventd.dev/paused") == "true");
  stored_document current{&paused->document, 2};
  CHECK(plan_pause("prod", "audit", true, current)->action
        == edit_action::none);
  auto again = plan(kind, resource_verb::apply, *wanted, current, "", 0);
  REQUIRE(again.has_value());
  CHECK(again->action == edit_action::none);
  auto replaced = plan(kind, resource_verb::replace, *wanted, current, "", 0);
  REQUIRE(replaced.has_value());
  CHECK(object_at(replaced->document, "metadata.annotations").empty());
  auto resumed = plan_pause("prod", "audit", false, current);
  REQUIRE(resumed.has_value());
  CHECK(object_at(resumed->document, "metadata.annotations").empty());
  CHECK(generation_of(resumed->document) == 3);
  check_refused(plan_pause("prod", "gone", true, {}), ec::not_found, "");
}

} // namespace eventd::actors
