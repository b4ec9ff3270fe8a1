// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/cloudevents/messages.hpp"

using namespace eventd;
using namespace eventd::tests;

TEST_CASE("a binary request becomes an event with its body byte by byte",
          "[runtime][cloudevents]") {
  std::string body{"\0\xff{ \"a\" : 1 }\r\n", 16};
  auto batch
    = granted(publish({{"Ce-Specversion", "1.0"},
                       {"CE-ID", "A-1"},
                       {"ce-source", "https://example.com/x?y#z"},
                       {"ce-type", "com.example"},
                       {"ce-TIME", "2018-04-05T17:31:00.123Z"},
                       {"ce-myext", "5"},
                       {"Content-Type", " application/json; charset=utf-8 "},
                       {"Host", "example.com"}},
                      body));
  REQUIRE(batch.size() == 1);
  auto event = batch[0];
  CHECK(event.version() == spec_version::v1_0);
  CHECK(event.id() == "A-1");
  CHECK(event.source() == "https://example.com/x?y#z");
  CHECK(event.type() == "com.example");
  CHECK(value_of(event, "time") == "2018-04-05T17:31:00.123Z");
  CHECK(value_of(event, "myext") == "5");
  CHECK(event.find("myext")->type == attribute_type::string);
  CHECK(value_of(event, "datacontenttype")
        == "application/json; charset=utf-8");
  CHECK(event.kind() == data_kind::binary);
  CHECK(event.data() == body);
  CHECK(event.attributes().size() == 6);
}

TEST_CASE("a binary request without a body becomes an event without data",
          "[runtime][cloudevents]") {
  auto batch = granted(publish(binary_headers(), ""));
  CHECK(batch[0].kind() == data_kind::none);
  CHECK(value_of(batch[0], "datacontenttype") == "(none)");
}

TEST_CASE("headers of tracing are not attributes, their ce- forms are",
          "[runtime][cloudevents]") {
  auto batch
    = granted(publish(binary_headers({{"traceparent", "00-1-2-01"},
                                      {"tracestate", "a=1"},
                                      {"ce-traceparent", "00-9-8-01"}}),
                      ""));
  CHECK(value_of(batch[0], "traceparent") == "00-9-8-01");
  CHECK(value_of(batch[0], "tracestate") == "(none)");
}

TEST_CASE("a binary request that breaks a rule is refused by the attribute's "
          "name",
          "[runtime][cloudevents]") {
  struct row {
    header_list headers;
    std::string field;
  };
  const std::vector<row> rows{
    {{{"ce-id", "1"}, {"ce-source", "/s"}, {"ce-type", "t"}}, "specversion"},
    {{}, "specversion"},
    {{{"ce-specversion", "1.0"}, {"ce-source", "/s"}, {"ce-type", "t"}}, "id"},
    {{{"ce-specversion", "1.0"}, {"ce-id", "1"}, {"ce-type", "t"}}, "source"},
    {{{"ce-specversion", "1.0"}, {"ce-id", "1"}, {"ce-source", "/s"}}, "type"},
    {{{"ce-specversion", "1.1"}, {"ce-id", "1"}}, "specversion"},
    {{{"ce-specversion", "0.1"}, {"ce-id", "1"}}, "specversion"},
    {{{"CE-CloudEventsVersion", "0.2"}}, "cloudEventsVersion"},
    {{{"CE-CloudEventsVersion", "0.1"}, {"CE-EventID", "1"}}, "source"},
    {{{"CE-CloudEventsVersion", "0.1"}, {"CE-Source", "/s"}}, "eventID"},
    {binary_headers({{"CE-SpecVersion", "1.0"}}), "specversion"},
    {binary_headers({{"ce-ID", "2"}}), "id"},
    {binary_headers({{"ce-a", "2"}, {"Ce-A", "2"}}), "a"},
    {binary_headers({{"content-type", "a/b"}, {"Content-Type", "a/b"}}),
     "Content-Type"},
    {binary_headers({{"ce-datacontenttype", "text/plain"}}), "datacontenttype"},
    {binary_headers({{"ce-data", "x"}}), "data"},
    {binary_headers({{"ce-data_base64", "x"}}), "data_base64"},
    {binary_headers({{"ce-a-b", "x"}}), "a-b"},
    {binary_headers({{"ce-", "x"}}), ""},
    {binary_headers({{"ce-time", "yesterday"}}), "time"},
    {binary_headers({{"ce-subject", ""}}), "subject"},
    {binary_headers({{"ce-dataschema", "relative"}}), "dataschema"},
    {binary_headers({{"Content-Type", "json"}}), "datacontenttype"},
    {binary_headers({{"Content-Type", "a/b; x=\xff"}}), "datacontenttype"},
    {binary_headers({{"ce-a", "%C0%A0"}}), "a"},
    {binary_headers({{"ce-a", "\xff"}}), "a"},
    {binary_headers({{"ce-a", "%ED%A0%80"}}), "a"},
    {binary_headers({{"ce-a", "x%0D%0Ay"}}), "a"},
    {binary_headers({{"ce-a", "x\r\ny: z"}}), "a"},
    {binary_headers({{"ce-a", "%00"}}), "a"},
    {binary_headers({{"ce-a", "%C2%85"}}), "a"},
    {binary_headers({{"ce-a", "%EF%BF%BE"}}), "a"},
    {binary_headers({{"ce-" + std::string(257, 'a'), "x"}}),
     std::string(64, 'a') + "..."},
  };
  for (const auto& row : rows) {
    INFO(row.field << " of " << row.headers.size() << " headers");
    auto x = refusal(publish(row.headers, "body"));
    CHECK(x.code == ec::invalid_event);
    CHECK(x.field == row.field);
  }
}

TEST_CASE("a name of 256 characters passes, and 100 attributes do",
          "[runtime][cloudevents]") {
  CHECK(passes(
    publish(binary_headers({{"ce-" + std::string(256, 'a'), "x"}}), "")));
  auto headers = binary_headers();
  for (auto i = 0; i < 97; ++i)
    headers.emplace_back("ce-x" + std::to_string(i), "v");
  CHECK(passes(publish(headers, "")));
  headers.emplace_back("ce-onemore", "v");
  CHECK(refusal(publish(headers, "")).field == "onemore");
}

TEST_CASE("a publisher that sets a name of the server's is refused",
          "[runtime][cloudevents]") {
  for (const auto* name : {"ce-eventdoffset", "CE-EventdTime", "Eventd-Offset",
                           "eventd", "CE-X-EVENTDx", "ce-eventd"}) {
    INFO(name);
    auto x = refusal(publish(binary_headers({{name, "1"}}), ""));
    CHECK(x.code == ec::invalid_event);
    CHECK(x.field == name);
    CHECK(refusal(publish({{"Content-Type", std::string{structured_type}},
                           {name, "1"}},
                          json_event()))
            .field
          == name);
  }
  CHECK(
    passes(publish(binary_headers({{"ce-event", "1"}, {"event", "1"}}), "")));
}

TEST_CASE("a header value that is not canonical leaves as it came",
          "[runtime][cloudevents]") {
  struct row {
    std::string raw;
    std::string value;
    bool keeps_raw;
  };
  const std::vector<row> rows{
    {"plain", "plain", false},
    {"Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀", false},
    {"Euro%20%e2%82%ac", "Euro €", true},
    {"a b", "a b", true},
    {"\"a b\"", "a b", true},
    {R"("a \"b\" \\ c")", R"(a "b" \ c)", true},
    {"\"half", "\"half", true},
    {"\"a\" b\"", "\"a\" b\"", true},
    {"100%", "100%", true},
    {"%zz%4", "%zz%4", true},
    {"%41", "A", true},
    {"%2541", "%41", false},
    {"é", "é", true},
    {"\"\"", "", true},
    {"a%22b", "a\"b", false},
  };
  for (const auto& row : rows) {
    INFO(row.raw);
    auto batch = granted(publish(binary_headers({{"ce-ext", row.raw}}), ""));
    auto x = *batch[0].find("ext");
    CHECK(x.value == row.value);
    CHECK(x.raw_header == (row.keeps_raw ? row.raw : ""));
    CHECK(header_of(cloudevents::to_binary(batch[0]), "ce-ext") == row.raw);
  }
}

TEST_CASE("a source whose escapes are its own keeps them",
          "[runtime][cloudevents]") {
  auto batch = granted(publish({{"ce-specversion", "1.0"},
                                {"ce-id", "1"},
                                {"ce-source", "/a%20b"},
                                {"ce-type", "t"},
                                {"ce-dataschema", "http://x/%C3%A9"}},
                               ""));
  CHECK(batch[0].source() == "/a%20b");
  CHECK(value_of(batch[0], "dataschema") == "http://x/%C3%A9");
  CHECK(header_of(cloudevents::to_binary(batch[0]), "ce-source") == "/a%20b");
  CHECK(refusal(publish({{"ce-specversion", "1.0"},
                         {"ce-id", "1"},
                         {"ce-source", "/a b"},
                         {"ce-type", "t"}},
                        ""))
          .field
        == "source");
}

TEST_CASE("a binary event goes out as it came in, in each version",
          "[runtime][cloudevents]") {
  const std::vector<header_list> requests{
    {{"ce-specversion", "1.0"},
     {"ce-id", "1"},
     {"ce-source", "/s"},
     {"ce-type", "t"},
     {"ce-subject", "a%20b"},
     {"Content-Type", "image/png"}},
    {{"ce-specversion", "0.3"},
     {"ce-id", "1"},
     {"ce-source", "/s"},
     {"ce-type", "t"},
     {"ce-schemaurl", "/relative"},
     {"ce-datacontentencoding", "8bit"},
     {"Content-Type", "text/plain"}},
    {{"ce-specversion", "\"0.2\""},
     {"ce-id", "\"1\""},
     {"ce-source", "/s"},
     {"ce-type", "\"t\""},
     {"ce-schemaurl", "http://x/y"},
     {"ce-my-ext", "{\"a\": 1}"},
     {"Content-Type", "application/xml"}},
    {{"CE-CloudEventsVersion", "0.1"},
     {"CE-EventID", "1"},
     {"CE-Source", "/apis/v1/namespaces/default/pods/x"},
     {"CE-EventType", "dev.knative.k8s.event"},
     {"CE-EventTypeVersion", "1"},
     {"CE-EventTime", "2018-11-20T12:00:00.123456789Z"},
     {"CE-SchemaURL", "http://x/y"},
     {"CE-X-From", "\"\\u0041 b\""},
     {"CE-X-n", "5"},
     {"CE-X-s", "\"5\""},
     {"ce-knativehistory", "a; b"},
     {"Content-Type", "application/json"}},
  };
  for (const auto& headers : requests) {
    INFO(headers[0].second);
    auto batch = granted(publish(headers, "<body>"));
    auto out = cloudevents::to_binary(batch[0]);
    CHECK(out.body == "<body>");
    CHECK(out.headers.size() == headers.size());
    for (const auto& [name, value] : headers)
      if (name != "ce-specversion")
        CHECK(header_of(out, name) == value);
    // Again, so that what eventd writes is what eventd reads.
    auto again = granted(publish(out.headers, out.body));
    CHECK(again[0].record() == batch[0].record());
  }
}

TEST_CASE("the version's header leaves in its own version without quotes",
          "[runtime][cloudevents]") {
  auto batch = granted(publish({{"CE-CloudEventsVersion", "\"0.1\""},
                                {"CE-EventID", "1"},
                                {"CE-Source", "/s"},
                                {"CE-EventType", "t"}},
                               ""));
  CHECK(batch[0].version() == spec_version::v0_1);
  auto out = cloudevents::to_binary(batch[0]);
  CHECK(header_of(out, "CE-CloudEventsVersion") == "0.1");
  CHECK(header_of(out, "ce-specversion") == "(none)");
}

TEST_CASE("headers of 2019 have the names and types of today inside",
          "[runtime][cloudevents]") {
  auto batch = granted(publish({{"CE-CloudEventsVersion", "0.1"},
                                {"CE-EventID", "\"abc\""},
                                {"CE-Source", "/s"},
                                {"CE-EventType", "t"},
                                {"CE-EventTypeVersion", "v2"},
                                {"CE-EventTime", "2018-11-20T12:00:00Z"},
                                {"CE-SchemaURL", "http://x/y"},
                                {"CE-X-Number", "-7"},
                                {"CE-X-Flag", "true"},
                                {"CE-X-Text", "\"7\""},
                                {"CE-X-Big", "9999999999"}},
                               ""));
  auto event = batch[0];
  CHECK(event.id() == "abc");
  CHECK(value_of(event, "eventtypeversion") == "v2");
  CHECK(value_of(event, "time") == "2018-11-20T12:00:00Z");
  CHECK(value_of(event, "dataschema") == "http://x/y");
  CHECK(event.find("number")->type == attribute_type::integer);
  CHECK(event.find("flag")->type == attribute_type::boolean);
  CHECK(event.find("text")->type == attribute_type::string);
  CHECK(value_of(event, "text") == "7");
  CHECK(event.find("big")->type == attribute_type::string);
}

TEST_CASE("a header of ours never holds a control character",
          "[runtime][cloudevents]") {
  auto batch = granted(publish(binary_headers(), "x"));
  auto out = cloudevents::to_binary(
    batch[0], {{"knativeerrordest", "http://x/\r\nEvil: 1"},
               {"datacontenttype", "a/b\r\nEvil: 1"},
               {"id", "\x7f\x01"}});
  for (const auto& [name, value] : out.headers)
    for (auto c : value)
      CHECK((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
  CHECK(header_of(out, "ce-knativeerrordest") == "http://x/%0D%0AEvil:%201");
  CHECK(header_of(out, "ce-id") == "%7F%01");
  CHECK(header_of(out, "content-type") == "(none)");
}

TEST_CASE("an extra attribute takes the place of its namesake",
          "[runtime][cloudevents]") {
  auto batch = granted(publish(binary_headers({{"ce-a", "\"old\""}}), "x"));
  auto out = cloudevents::to_binary(batch[0], {{"a", "new"}, {"b", "2"}});
  CHECK(header_of(out, "ce-a") == "new");
  CHECK(header_of(out, "ce-b") == "2");
  CHECK(std::count_if(out.headers.begin(), out.headers.end(),
                      [](const auto& x) { return x.first == "ce-a"; })
        == 1);
}
