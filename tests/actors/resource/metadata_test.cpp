// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/metadata.hpp"

#include <optional>
#include <string>
#include <vector>

#include "actors/resource/kind.hpp"
#include "tests/actors/resource/manifests.hpp"

namespace eventd::actors {

using tests::check_refused;

namespace {

const resource_kind& channels() {
  return kind_of(kind_role::channel);
}

/// A Channel with this metadata.
json::object with_metadata(const std::string& metadata) {
  auto made = tests::channel();
  made["metadata"] = tests::document(metadata);
  return made;
}

} // namespace

TEST_CASE("metadata that Kubernetes takes is taken", "[resource][metadata]") {
  for (auto more : std::vector<const char*>{
         "",
         R"(, "labels": {"app": "x", "example.com/part": "a_b.c-1", "e": ""})",
         R"(, "annotations": {"example.com/any": "ß {} anything"})",
         R"(, "uid": "u", "resourceVersion": "7", "generation": 3,
             "creationTimestamp": "x", "managedFields": [], "selfLink": "y")",
         R"(, "finalizers": [], "ownerReferences": null)",
       }) {
    INFO(more);
    auto text = R"({"name": "orders", "namespace": "prod")" + std::string{more};
    CHECK(admit(channels(), with_metadata(text + "}"), nullptr).has_value());
  }
}

TEST_CASE("wrong metadata is refused by its path", "[resource][metadata]") {
  struct row {
    const char* metadata;
    const char* field;
  };
  const auto long_name = std::string(64, 'a');
  auto check = [](const std::string& metadata, const char* field) {
    INFO(metadata);
    check_refused(admit(channels(), with_metadata(metadata), nullptr),
                  ec::invalid_resource, field);
  };
  for (auto& name : std::vector<std::string>{"", "Orders", "-a", "a-", "a_b",
                                             "a.b", "a/b", "ä", long_name})
    check(R"({"namespace": "prod", "name": ")" + name + "\"}", "metadata.name");
  check(R"({"namespace": "prod"})", "metadata.name");
  for (auto& ns : std::vector<std::string>{
         "", "Prod", "a.b", "v1", "v2-beta", "v3", "api", "apis", "openapi",
         "healthz", "livez", "readyz", "startupz", "metrics", "version",
         "console", "nats", long_name})
    check(R"({"name": "a", "namespace": ")" + ns + "\"}", "metadata.namespace");
  for (auto& [more, field] : std::vector<row>{
         {R"("labels": {"a": 1})", "metadata.labels.a"},
         {R"("labels": {"a b": "x"})", "metadata.labels"},
         {R"("labels": {"a": "x y"})", "metadata.labels"},
         {R"("annotations": {"eventd.dev/retention-bytes": 5})",
          "metadata.annotations[eventd.dev/retention-bytes]"},
         {R"("annotations": {"": "x"})", "metadata.annotations"},
         {R"("annotations": [])", "metadata.annotations"},
         {R"("finalizers": ["x"])", "metadata.finalizers"},
         {R"("ownerReferences": [{}])", "metadata.ownerReferences"},
         {R"("owner": "me")", "metadata.owner"},
       })
    check(R"({"name": "a", "namespace": "prod", )" + std::string{more} + "}",
          field);
  auto large = std::string(size_t{256} << 10, 'x');
  check(R"({"name": "a", "namespace": "prod", "annotations": {"big": ")" + large
          + "\"}}",
        "metadata.annotations");
}

TEST_CASE("names of Subscriptions may have dots, names of Channels may not",
          "[resource][metadata]") {
  auto given = tests::subscription();
  given["metadata"].get_object()["name"] = "audit.orders";
  CHECK(admit(kind_of(kind_role::subscription), given, nullptr).has_value());
  for (auto name : {".a", "a.", "a..b", "a.-b"}) {
    given["metadata"].get_object()["name"] = name;
    check_refused(admit(kind_of(kind_role::subscription), given, nullptr),
                  ec::invalid_resource, "metadata.name");
  }
}

TEST_CASE("the hash that places channels never changes",
          "[resource][metadata]") {
  CHECK(stable_hash("") == 0xcbf29ce484222325u);
  CHECK(stable_hash("a") == 0xaf63dc4c8601ec8cu);
  CHECK(stable_hash("foobar") == 0x85944171f73967e8u);
}

TEST_CASE("a generated name follows from its seed and is a name",
          "[resource][metadata]") {
  auto made = generated_name("job-", "seed");
  CHECK(made.size() == 9);
  CHECK(made.starts_with("job-"));
  CHECK(is_label(made));
  CHECK(made == generated_name("job-", "seed"));
  CHECK(made != generated_name("job-", "other"));
}

} // namespace eventd::actors
