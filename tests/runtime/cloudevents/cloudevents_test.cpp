// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <random>

#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/cloudevents/messages.hpp"

using namespace eventd;
using namespace eventd::tests;

TEST_CASE("the mode follows the content type", "[runtime][cloudevents]") {
  auto code = [](const std::string& content_type, std::string_view body) {
    auto x = publish(binary_headers({{"Content-Type", content_type}}), body);
    return x ? ec::none : x.error().code;
  };
  CHECK(code("application/cloudevents+json", json_event()) == ec::none);
  CHECK(code("APPLICATION/CloudEvents+Json", json_event()) == ec::none);
  CHECK(code("application/cloudevents-batch+json;charset=utf-8", "[]")
        == ec::none);
  CHECK(code("application/json", "not json") == ec::none);
  CHECK(code("application/cloudevent", "x") == ec::none);
  for (const auto* refused :
       {"application/cloudevents", "application/cloudevents+avro",
        "application/cloudevents+protobuf", "application/cloudevents+xml",
        "application/cloudevents-batch+avro", "application/cloudevents-batch",
        "application/cloudevents+json; charset=utf-16",
        "application/cloudevents+json; charset=iso-8859-1",
        "application/cloudevents+json; charset", "application/cloudevents+jso"})
    CHECK(code(refused, json_event()) == ec::unsupported_media);
}

TEST_CASE("a body with a content coding is refused", "[runtime][cloudevents]") {
  CHECK(
    passes(publish(binary_headers({{"Content-Encoding", "identity"}}), "x")));
  CHECK(
    refusal(publish(binary_headers({{"Content-Encoding", "gzip"}}), "x")).code
    == ec::unsupported_media);
}

TEST_CASE("an answer with an event is a reply, any other is none",
          "[runtime][cloudevents]") {
  auto reply = [](const header_list& headers, std::string_view body) {
    return cloudevents::parse_reply(fields_of(headers), body, test_limits);
  };
  auto type = [](std::string_view x) {
    return header_list{{"Content-Type", std::string{x}}};
  };
  CHECK(reply(binary_headers(), "x").size() == 1);
  CHECK(reply(type(structured_type), json_event()).size() == 1);
  CHECK(reply({}, "").empty());
  CHECK(reply(type("application/json"), "{}").empty());
  CHECK(reply(type("application/json"), json_event()).empty());
  CHECK(reply(type(structured_type), "{}").empty());
  CHECK(reply(type(structured_type), "").empty());
  CHECK(reply(type(batch_type), "[" + json_event() + "]").empty());
  CHECK(reply(type("application/cloudevents+avro"), "x").empty());
  CHECK(reply(binary_headers({{"ce-id", "2"}}), "x").empty());
  CHECK(reply({{"ce-specversion", "1.0"}, {"ce-id", "1"}}, "x").empty());
}

TEST_CASE("names of the server's are dropped from a reply",
          "[runtime][cloudevents]") {
  auto binary = cloudevents::parse_reply(
    fields_of(binary_headers(
      {{"Ce-EventdOffset", "9"}, {"Eventd-Count", "1"}, {"ce-mine", "1"}})),
    "x", test_limits);
  REQUIRE(binary.size() == 1);
  CHECK(value_of(binary[0], "eventdoffset") == "(none)");
  CHECK(value_of(binary[0], "mine") == "1");
  auto structured = cloudevents::parse_reply(
    fields_of({{"Content-Type", std::string{structured_type}}}),
    json_event(R"(,"eventdoffset":"9","mine":1)"), test_limits);
  REQUIRE(structured.size() == 1);
  CHECK(value_of(structured[0], "eventdoffset") == "(none)");
  CHECK(value_of(structured[0], "mine") == "1");
}

TEST_CASE("an event survives every way through both modes",
          "[runtime][cloudevents]") {
  struct row {
    std::string content_type;
    std::string body;
  };
  const std::string octets{"\0\x01\xfe\xff", 4};
  const std::vector<row> rows{
    {"application/json", R"({"a" : [1, 2.50, "é\u00e9\/"],  "a":null})"},
    {"application/json", "123456789012345678901234567890.5e+4000"},
    {"application/json", "not json"},
    {"application/json", octets},
    {"application/json; charset=utf-16", octets},
    {"application/vnd.x+json", "\"text\""},
    {"text/json; charset=us-ascii", "hello"},
    {"text/json; charset=us-ascii", "{}"},
    {"text/plain", "line\r\n\"two\" \\ \x01 \x7f é 😀"},
    {"text/plain; charset=iso-8859-1", "caf\xe9"},
    {"text/plain", "caf\xe9"},
    {"application/xml", "<a b=\"c\">é</a>"},
    {"image/svg+xml", "<svg/>"},
    {"application/octet-stream", octets},
    {"", octets},
    {"", "plain"},
    {"application/json", ""},
  };
  for (const auto* version : {"1.0", "0.3"})
    for (const auto& row : rows) {
      INFO(version << " " << row.content_type << " " << row.body);
      header_list headers{{"ce-specversion", version},
                          {"ce-id", "1"},
                          {"ce-source", "/s"},
                          {"ce-type", "t"},
                          {"ce-subject", "é \"x\" 100%"}};
      if (!row.content_type.empty())
        headers.emplace_back("Content-Type", row.content_type);
      auto first = granted(publish(headers, row.body));
      auto structured = cloudevents::to_structured(first[0]);
      auto second = granted(publish(structured.headers, structured.body));
      CHECK(second[0].version() == first[0].version());
      CHECK(value_of(second[0], "subject") == "é \"x\" 100%");
      auto binary = cloudevents::to_binary(second[0]);
      CHECK(binary.body == row.body);
      CHECK(header_of(binary, "Content-Type")
            == (row.content_type.empty() ? "(none)" : row.content_type));
      auto third = granted(publish(binary.headers, binary.body));
      CHECK(third[0].data() == first[0].data());
      CHECK(cloudevents::to_structured(third[0]).body == structured.body);
      auto batched = granted(publish_batch("[" + shown(first[0]) + "]"));
      CHECK(batched[0].version() == spec_version::v1_0);
      CHECK(cloudevents::to_binary(batched[0]).body == row.body);
    }
}

TEST_CASE("a JSON event keeps its data through both modes",
          "[runtime][cloudevents]") {
  for (const auto* members :
       {R"(,"data":{"b" :1,  "a":[1e999,-0.0]})", R"(,"data":null)",
        R"(,"data":"I'm just a string")",
        R"(,"datacontenttype":"text/plain","data":"a\tb\u0000")",
        R"(,"datacontenttype":"image/png","data_base64":"AP8=")",
        R"(,"data_base64":"AP8=")", ""}) {
    INFO(members);
    auto first = granted(publish_json(json_event(members)));
    auto structured = cloudevents::to_structured(first[0]);
    auto again = granted(publish_json(structured.body));
    CHECK(again[0].record() == first[0].record());
    auto binary = cloudevents::to_binary(first[0]);
    CHECK(binary.body == first[0].data());
    auto from_binary = granted(publish(binary.headers, binary.body));
    CHECK(from_binary[0].data() == first[0].data());
    CHECK(header_of(binary, "Content-Type")
          == (first[0].kind() == data_kind::json
                ? "application/json"
                : value_of(first[0], "datacontenttype")));
  }
}

TEST_CASE("damaged requests are granted or refused, and what is granted can "
          "be written and read again",
          "[runtime][cloudevents]") {
  const auto event = json_event(
    R"(,"time":"2018-04-05T17:31:00Z","n":5,"s":"\ud83d\ude00é%20\"",)"
    R"("data":{"a":[1,-2.5e3,true,null,"x\u0041"],"b":{}})");
  std::mt19937 dice{20260101};
  auto roll = [&](size_t n) { return static_cast<size_t>(dice()) % n; };
  const std::string spice = "\"\\{}[],:0-.eE\x00\x1f\x7f\x80\xc0\xed\xff u\n";
  size_t n_granted = 0;
  for (auto round = 0; round < 20'000; ++round) {
    auto body = event;
    for (auto edits = roll(3) + 1; edits > 0; --edits) {
      auto at = roll(body.size());
      switch (roll(3)) {
      case 0:
        body[at] = spice[roll(spice.size())];
        break;
      case 1:
        body.erase(at, roll(4) + 1);
        break;
      default:
        body.insert(at, 1, spice[roll(spice.size())]);
      }
    }
    INFO(body);
    auto first = publish_json(body);
    if (!first)
      continue;
    ++n_granted;
    auto structured = cloudevents::to_structured((*first)[0]);
    auto second = granted(publish_json(structured.body));
    CHECK(second[0].record() == (*first)[0].record());
    auto binary = cloudevents::to_binary((*first)[0]);
    auto third = granted(publish(binary.headers, binary.body));
    CHECK(third[0].data() == (*first)[0].data());
    CHECK(third[0].id() == (*first)[0].id());
  }
  CHECK(n_granted > 100);
  CHECK(n_granted < 19'000);
}
