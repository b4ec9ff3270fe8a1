// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/draft.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::runtime::cloudevents;

namespace {

attribute_view text(std::string_view name, std::string_view value) {
  return {name, value, attribute_type::string, {}};
}

} // namespace

TEST_CASE("a draft is written with id, source and type in front",
          "[runtime][cloudevents]") {
  draft event{origin::publisher};
  event.begin(spec_version::v0_3);
  for (const auto& x : {text("ext", "1"), text("type", "t"), text("id", "i"),
                        text("source", "/s")})
    REQUIRE(event.add(x, x.name).has_value());
  event.set_data(data_kind::text, "hello");
  std::string out;
  REQUIRE(event.write(out).has_value());
  auto read = event_view::parse(std::string_view{out}.substr(4));
  REQUIRE(read.has_value());
  CHECK(read->version() == spec_version::v0_3);
  CHECK(read->id() == "i");
  CHECK(read->attributes()[3].name == "ext");
  CHECK(read->data() == "hello");
}

TEST_CASE("a draft forgets the event before", "[runtime][cloudevents]") {
  draft event{origin::publisher};
  event.begin(spec_version::v1_0);
  REQUIRE(event.add(text("id", "i"), "id").has_value());
  REQUIRE(event.add(text("ext", "i"), "ext").has_value());
  event.begin(spec_version::v1_0);
  CHECK(event.find("ext") == nullptr);
  std::string out;
  CHECK(event.write(out).error().field == "id");
  CHECK(out.empty());
}

TEST_CASE("the server's names are refused or dropped by who sends them",
          "[runtime][cloudevents]") {
  draft published{origin::publisher};
  published.begin(spec_version::v1_0);
  CHECK(published.add(text("eventdx", "1"), "EventdX").error().field
        == "EventdX");
  draft reply{origin::reply};
  reply.begin(spec_version::v1_0);
  CHECK(reply.add(text("eventdx", "1"), "eventdx").has_value());
  CHECK(reply.find("eventdx") == nullptr);
}

TEST_CASE("a name that reads would show as the server's is the server's",
          "[runtime][cloudevents]") {
  draft published{origin::publisher};
  published.begin(spec_version::v0_2);
  for (const char* name : {"event-dfoo", "e_v-e_n-t_d", "-eventd", "eventd-"}) {
    INFO(name);
    auto added = published.add(text(name, "1"), name);
    REQUIRE(added.has_error());
    CHECK(added.error().field == name);
    CHECK(added.error().detail.find("'eventd'") != std::string::npos);
  }
  for (const char* name : {"event-foo", "my-eventd", "event-"})
    CHECK(published.add(text(name, "1"), name).has_value());
  draft reply{origin::reply};
  reply.begin(spec_version::v0_1);
  CHECK(reply.add(text("event-dfoo", "1"), "event-dfoo").has_value());
  CHECK(reply.find("event-dfoo") == nullptr);
}

TEST_CASE("a failure shows no control character of a name",
          "[runtime][cloudevents]") {
  auto x = attribute_failure("a\r\xff", "is bad");
  CHECK(x.detail == "attribute 'a?\?' is bad");
  CHECK(x.field == "a??");
  CHECK(attribute_failure(std::string(100, 'a'), "x").field.size() == 67);
}
