// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <catch2/catch_test_macros.hpp>

#include "runtime/cloudevents/json_reader.hpp"
#include "tests/runtime/cloudevents/messages.hpp"

using namespace eventd;
using namespace eventd::tests;

TEST_CASE("a read shows an event as 1.0 with the server's attributes",
          "[runtime][cloudevents]") {
  auto batch = granted(publish_json(json_event(R"(,"n":5,"b":true,"s":"5")")));
  std::string out = "[";
  cloudevents::append_json(out, batch[0],
                           {{"eventdoffset", "7"}, {"s", "new\""}});
  CHECK(out
        == R"([{"specversion":"1.0","id":"1","source":"/s","type":"t",)"
           R"("n":5,"b":true,"s":"new\"","eventdoffset":"7"})");
}

TEST_CASE("a read shows older versions as 1.0", "[runtime][cloudevents]") {
  auto v0_1 = granted(publish({{"CE-CloudEventsVersion", "0.1"},
                               {"CE-EventID", "1"},
                               {"CE-Source", "/s"},
                               {"CE-EventType", "t"},
                               {"CE-SchemaURL", "http://x"},
                               {"CE-X-My-Ext", "5"},
                               {"CE-X-i_d", "hidden"},
                               {"CE-X-a-b", "hidden"},
                               {"CE-X-ab", "shown"},
                               {"CE-X-d-ata", "hidden"},
                               {"Content-Type", "text/plain"}},
                              "hi"));
  CHECK(shown(v0_1[0])
        == R"({"specversion":"1.0","id":"1","source":"/s","type":"t",)"
           R"("dataschema":"http://x","myext":5,"ab":"shown",)"
           R"("datacontenttype":"text/plain","data":"hi"})");
  CHECK(passes(publish_json(shown(v0_1[0]))));
}

TEST_CASE("a read does not show a name that would be another attribute's",
          "[runtime][cloudevents]") {
  auto batch = granted(publish({{"ce-specversion", "0.2"},
                                {"ce-id", "1"},
                                {"ce-source", "/s"},
                                {"ce-type", "t"},
                                {"ce-datacontent-type", "hidden"},
                                {"ce-data_schema", "hidden"},
                                {"ce-ti-me", "hidden"},
                                {"ce-my-ext", "shown"}},
                               ""));
  CHECK(shown(batch[0])
        == R"({"specversion":"1.0","id":"1","source":"/s","type":"t",)"
           R"("myext":"shown"})");
  auto out = cloudevents::to_binary(batch[0]);
  CHECK(header_of(out, "ce-datacontent-type") == "hidden");
  for (const char* name : {"ce-event-dfoo", "ce-event_doffset"})
    CHECK(refusal(publish({{"ce-specversion", "0.2"},
                           {"ce-id", "1"},
                           {"ce-source", "/s"},
                           {"ce-type", "t"},
                           {name, "1"}},
                          ""))
            .code
          == ec::invalid_event);
}

TEST_CASE("a name like the server's that was stored earlier is not shown",
          "[runtime][cloudevents]") {
  std::string bytes;
  event_writer writer{bytes, spec_version::v0_2, data_kind::none, 4};
  for (const auto* name : {"id", "source", "type", "event-dfoo"})
    writer.attribute({name, "x", attribute_type::string, {}});
  writer.data({});
  auto event = event_view::parse(std::string_view{bytes}.substr(4));
  REQUIRE(event.has_value());
  CHECK(shown(*event)
        == R"({"specversion":"1.0","id":"x","source":"x","type":"x"})");
}

TEST_CASE("octets become JSON, text or base64 by their type",
          "[runtime][cloudevents]") {
  struct row {
    std::string content_type;
    std::string body;
    std::string member;
  };
  const std::string deep = std::string(62, '[') + std::string(62, ']');
  const std::vector<row> rows{
    {"application/json", "{\"a\" :1}", R"("data":{"a" :1})"},
    {"application/json", "{\"a\":", R"("data_base64":"eyJhIjo=")"},
    {"application/json", "1 2", R"("data_base64":"MSAy")"},
    {"application/json", deep, "\"data\":" + deep},
    {"application/json; charset=utf-16", "1", R"("data_base64":"MQ==")"},
    {"text/plain", "a\nb", R"("data":"a\nb")"},
    {"text/plain", "\xff", R"("data_base64":"/w==")"},
    {"image/png", "a", R"("data_base64":"YQ==")"},
    {"", "{}", R"("data_base64":"e30=")"},
  };
  for (const auto& row : rows) {
    INFO(row.content_type << " " << row.body);
    auto headers = binary_headers();
    if (!row.content_type.empty())
      headers.emplace_back("Content-Type", row.content_type);
    auto batch = granted(publish(headers, row.body));
    auto json = shown(batch[0]);
    CHECK(json.ends_with("," + row.member + "}"));
    CHECK(granted(publish_batch("[" + json + "]")).size() == 1);
  }
  auto too_deep = granted(publish(
    binary_headers({{"Content-Type", "application/json"}}), "[" + deep + "]"));
  CHECK(shown(too_deep[0]).find("data_base64") != std::string::npos);
}

TEST_CASE("the JSON of an event is valid whatever a server's attribute holds",
          "[runtime][cloudevents]") {
  auto batch = granted(publish(binary_headers(), "x"));
  auto json = shown(batch[0], {{"knativeerrordata", "\xff\"\n\\"}});
  CHECK(runtime::cloudevents::is_json_text(json, 64));
}

TEST_CASE("structured mode says so and keeps the version",
          "[runtime][cloudevents]") {
  auto batch = granted(publish({{"ce-specversion", "0.2"},
                                {"ce-id", "1"},
                                {"ce-source", "/s"},
                                {"ce-type", "t"},
                                {"Content-Type", "image/png"}},
                               "a"));
  auto out = cloudevents::to_structured(batch[0], {{"x", "y"}});
  CHECK(header_of(out, "Content-Type") == structured_type);
  CHECK(out.body
        == R"({"specversion":"0.2","id":"1","source":"/s","type":"t",)"
           R"("contenttype":"image/png","x":"y","data":"YQ=="})");
}
