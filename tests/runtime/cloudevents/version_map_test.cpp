// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/version_map.hpp"

#include <catch2/catch_test_macros.hpp>

#include "runtime/cloudevents/text.hpp"

using namespace eventd;
using namespace eventd::runtime::cloudevents;

TEST_CASE("each name comes back from its version's name",
          "[runtime][cloudevents]") {
  using enum spec_version;
  for (auto version : {v0_1, v0_2, v0_3, v1_0})
    for (const auto* name :
         {"id", "source", "type", "time", "dataschema", "datacontenttype",
          "eventtypeversion", "subject", "ext", "knativehistory"}) {
      INFO(to_string(version) << " " << name);
      CHECK(from_json_name(version, to_json_name(version, name)) == name);
      arena memory;
      auto header = to_header_name(version, name);
      REQUIRE(starts_with_lowered(header, "ce-"));
      auto rest = lowered(std::string_view{header}.substr(3), memory);
      CHECK(from_header_name(version, rest) == name);
    }
}

TEST_CASE("the names of 2019 are those on its wire", "[runtime][cloudevents]") {
  using enum spec_version;
  CHECK(to_json_name(v0_1, "id") == "eventID");
  CHECK(to_json_name(v0_1, "dataschema") == "schemaURL");
  CHECK(to_json_name(v0_2, "datacontenttype") == "contenttype");
  CHECK(to_json_name(v0_3, "dataschema") == "schemaurl");
  CHECK(to_json_name(v1_0, "dataschema") == "dataschema");
  CHECK(to_header_name(v0_1, "type") == "CE-EventType");
  CHECK(to_header_name(v0_1, "ext") == "CE-X-ext");
  CHECK(to_header_name(v0_1, "knativehistory") == "ce-knativehistory");
  CHECK(to_header_name(v0_2, "ext") == "ce-ext");
  CHECK(version_header(v0_1) == "CE-CloudEventsVersion");
  CHECK(version_header(v0_2) == "ce-specversion");
  CHECK(version_named("0.1") == v0_1);
  CHECK_FALSE(version_named("1"));
  CHECK_FALSE(version_named(""));
}
