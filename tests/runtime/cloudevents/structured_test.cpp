// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/cloudevents/messages.hpp"

using namespace eventd;
using namespace eventd::tests;

TEST_CASE("a structured request becomes an event with typed attributes",
          "[runtime][cloudevents]") {
  auto batch = granted(publish(
    {{"Content-Type", "Application/CloudEvents+JSON; charset=\"UTF-8\""},
     {"ce-id", "ignored"}},
    R"( { "specversion" : "1.0" , "type":"t","i\u0064":"\u0041\/\ud83d\ude00",
        "source":"/s", "n":-2147483648, "zero":-0, "yes":true, "no":false,
        "none":null, "text":"5", "datacontenttype":"application/json",
        "data": {"b" : [1, 2.50, 1e400], "a":"\ud800"} } )"));
  auto event = batch[0];
  CHECK(event.version() == spec_version::v1_0);
  CHECK(event.id() == "A/😀");
  CHECK(value_of(event, "n") == "-2147483648");
  CHECK(event.find("n")->type == attribute_type::integer);
  CHECK(value_of(event, "zero") == "0");
  CHECK(value_of(event, "yes") == "true");
  CHECK(event.find("no")->type == attribute_type::boolean);
  CHECK_FALSE(event.find("none"));
  CHECK(event.find("text")->type == attribute_type::string);
  CHECK(event.kind() == data_kind::json);
  CHECK(event.data() == R"({"b" : [1, 2.50, 1e400], "a":"\ud800"})");
}

TEST_CASE("data is understood by its type", "[runtime][cloudevents]") {
  struct row {
    std::string members;
    data_kind kind;
    std::string data;
  };
  const std::vector<row> rows{
    {"", data_kind::none, ""},
    {R"(,"data":null)", data_kind::json, "null"},
    {R"(,"data":"a\n")", data_kind::json, R"("a\n")"},
    {R"(,"data":123456789012345678901234567890)", data_kind::json,
     "123456789012345678901234567890"},
    {R"(,"data":{"a":1,"a":2})", data_kind::json, R"({"a":1,"a":2})"},
    {R"(,"data":"a\n","datacontenttype":"text/plain")", data_kind::text, "a\n"},
    {R"(,"datacontenttype":"application/xml","data":"<much wow=\"xml\"/>")",
     data_kind::text, "<much wow=\"xml\"/>"},
    {R"(,"data":"","datacontenttype":"text/plain")", data_kind::text, ""},
    {R"(,"data":"{}","datacontenttype":"a/b+JSON; x=y")", data_kind::json,
     R"("{}")"},
    {R"(,"data":[1],"datacontenttype":"text/plain")", data_kind::json, "[1]"},
    {R"(,"data_base64":"AP8=")", data_kind::binary, std::string{"\0\xff", 2}},
    {R"(,"data_base64":"")", data_kind::binary, ""},
    {R"(,"data_base64":"QQ=\u003d","data_base65x":null)", data_kind::binary,
     "A"},
    {R"(,"data_base64":null,"data":1)", data_kind::json, "1"},
  };
  for (const auto& row : rows) {
    INFO(row.members);
    auto batch = granted(publish_json(json_event(row.members)));
    CHECK(batch[0].kind() == row.kind);
    CHECK(batch[0].data() == row.data);
  }
}

TEST_CASE("a structured request that breaks a rule is refused by the "
          "attribute's name",
          "[runtime][cloudevents]") {
  struct row {
    std::string body;
    std::string field;
  };
  const std::vector<row> rows{
    {R"({"id":"1","source":"/s","type":"t"})", "specversion"},
    {R"({"specversion":null,"id":"1","source":"/s","type":"t"})",
     "specversion"},
    {R"({"specversion":1.0,"id":"1","source":"/s","type":"t"})", "specversion"},
    {R"({"specversion":"2.0","id":"1","source":"/s","type":"t"})",
     "specversion"},
    {R"({"specversion":"0.1","id":"1","source":"/s","type":"t"})",
     "specversion"},
    {R"({"specversion":"1.0","source":"/s","type":"t"})", "id"},
    {R"({"specversion":"1.0","id":null,"source":"/s","type":"t"})", "id"},
    {R"({"specversion":"1.0","id":"","source":"/s","type":"t"})", "id"},
    {R"({"specversion":"1.0","id":5,"source":"/s","type":"t"})", "id"},
    {R"({"specversion":"1.0","id":"1","type":"t"})", "source"},
    {R"({"specversion":"1.0","id":"1","source":"a b","type":"t"})", "source"},
    {R"({"specversion":"1.0","id":"1","source":"/s"})", "type"},
    {R"({"specversion":"1.0","id":"1","source":"/s","type":true})", "type"},
    {json_event(R"(,"id":"2")"), "id"},
    {json_event(R"(,"i\u0064":"2")"), "id"},
    {json_event(R"(,"id":null)"), "id"},
    {json_event(R"(,"specversion":"1.0")"), "specversion"},
    {json_event(R"(,"x":1,"x":1)"), "x"},
    {json_event(R"(,"x":null,"x":null)"), "x"},
    {json_event(R"(,"data":1,"data":1)"), "data"},
    {json_event(R"(,"data_base64":"","data_base64":"")"), "data_base64"},
    {json_event(R"(,"data":1,"data_base64":"")"), "data_base64"},
    {json_event(R"(,"data_base64":1)"), "data_base64"},
    {json_event(R"(,"data_base64":"A")"), "data_base64"},
    {json_event(R"(,"data_base64":"AA=A")"), "data_base64"},
    {json_event(R"(,"data_base64":"A===")"), "data_base64"},
    {json_event(R"(,"data_base64":"AAA_")"), "data_base64"},
    {json_event(R"(,"x":1.5)"), "x"},
    {json_event(R"(,"x":1e2)"), "x"},
    {json_event(R"(,"x":2147483648)"), "x"},
    {json_event(R"(,"x":-2147483649)"), "x"},
    {json_event(R"(,"x":99999999999999999999999999)"), "x"},
    {json_event(R"(,"x":{})"), "x"},
    {json_event(R"(,"x":[])"), "x"},
    {json_event(R"(,"extensions":{"a":1})"), "extensions"},
    {json_event(R"(,"x":"\ud800")"), "x"},
    {json_event(R"(,"x":"\udc00\ud800")"), "x"},
    {json_event(R"(,"x":"\ud800\u0041")"), "x"},
    {json_event(R"(,"x":"a\u0000")"), "x"},
    {json_event(R"(,"x":"a\r\nb")"), "x"},
    {json_event(R"(,"x":"\u0085")"), "x"},
    {json_event(R"(,"x":"\ufffe")"), "x"},
    {json_event(R"(,"x":"\ud83f\udfff")"), "x"},
    {json_event(R"(,"Upper":"x")"), "Upper"},
    {json_event(R"(,"a_b":"x")"), "a_b"},
    {json_event(R"(,"":"x")"), ""},
    {json_event(R"(,"é":"x")"), "??"},
    {json_event(R"(,"eventdoffset":"7")"), "eventdoffset"},
    {json_event(R"(,"eventd":7)"), "eventd"},
    {json_event(R"(,"time":"2018-02-30T00:00:00Z")"), "time"},
    {json_event(R"(,"subject":"")"), "subject"},
    {json_event(R"(,"dataschema":"")"), "dataschema"},
    {json_event(R"(,"dataschema":"/x")"), "dataschema"},
    {json_event(R"(,"datacontenttype":"x")"), "datacontenttype"},
    {json_event(R"(,"datacontenttype":7)"), "datacontenttype"},
    {json_event(R"(,"data":"\ud800","datacontenttype":"text/plain")"), "data"},
  };
  for (const auto& row : rows) {
    INFO(row.body);
    auto x = refusal(publish_json(row.body));
    CHECK(x.code == ec::invalid_event);
    CHECK(x.field == row.field);
  }
}

TEST_CASE("a body that is not one JSON object is refused",
          "[runtime][cloudevents]") {
  const auto good = json_event(R"(,"data":{"a":[1,"x\u0041"]})");
  // Every cut of a good event, anything after it, anything before it.
  for (size_t i = 0; i < good.size(); ++i) {
    INFO(i);
    CHECK(refusal(publish_json(good.substr(0, i))).code == ec::invalid_event);
  }
  for (const auto* more : {"x", "{}", ",", "]", "}", "\0"})
    CHECK(refusal(publish_json(good + std::string{more, 1})).code
          == ec::invalid_event);
  CHECK(passes(publish_json(" \t\r\n" + good + " \n")));
  CHECK(publish_json("\xef\xbb\xbf" + good).has_error());
  for (const auto* body : {"[]", "null", "1", "\"x\"", "{}"})
    CHECK(publish_json(body).has_error());
  // Not UTF-8: overlong, a surrogate, cut off; inside data as well.
  for (const auto* bytes : {"\xc0\xa0", "\xed\xa0\x80", "\xe2\x82", "\xff"})
    CHECK(publish_json(json_event(",\"data\":\"" + std::string{bytes} + "\""))
            .has_error());
}

TEST_CASE("data is as deep as the limit and not deeper",
          "[runtime][cloudevents]") {
  auto nested = [](size_t depth) {
    return json_event(",\"data\":" + std::string(depth, '[')
                      + std::string(depth, ']'));
  };
  CHECK(passes(publish_json(nested(63))));
  CHECK(refusal(publish_json(nested(64))).detail.find("deep")
        != std::string::npos);
  CHECK(publish_json(json_event(",\"data\":" + std::string(1'000'000, '[')))
          .has_error());
  std::string objects;
  for (auto i = 0; i < 100'000; ++i)
    objects += "{\"a\":";
  CHECK(publish_json(json_event(",\"data\":" + objects)).has_error());
}

TEST_CASE("an event of a hundred thousand members is refused early",
          "[runtime][cloudevents]") {
  std::string members;
  for (auto i = 0; i < 100'000; ++i)
    members += ",\"x" + std::to_string(i) + "\":null";
  CHECK(refusal(publish_json(json_event(members))).code == ec::invalid_event);
}

TEST_CASE("JSON of 2019 has the names of today inside and leaves as it came",
          "[runtime][cloudevents]") {
  const std::string body
    = R"({"cloudEventsVersion":"0.1","eventID":"1","source":"not a uri",)"
      R"("eventType":"t","eventTypeVersion":"v2",)"
      R"("eventTime":"2018-11-20T12:00:00Z","contentType":"application/json",)"
      R"("schemaURL":"x","extensions":{"n":5,"flag":true,"s":"5"},)"
      R"("data":{"a": 1}})";
  auto batch = granted(publish_json(body));
  auto event = batch[0];
  CHECK(event.version() == spec_version::v0_1);
  CHECK(event.type() == "t");
  CHECK(value_of(event, "datacontenttype") == "application/json");
  CHECK(value_of(event, "dataschema") == "x");
  CHECK(event.find("n")->type == attribute_type::integer);
  auto out = cloudevents::to_structured(event);
  CHECK(out.body.find(R"("eventTypeVersion":"v2")") != std::string::npos);
  CHECK(out.body.find(R"("extensions":{"n":5,"flag":true,"s":"5"})")
        != std::string::npos);
  auto again = granted(publish_json(out.body));
  CHECK(value_of(again[0], "n") == "5");
  CHECK(again[0].data() == event.data());
  auto binary = cloudevents::to_binary(event);
  CHECK(header_of(binary, "CE-EventID") == "1");
  CHECK(header_of(binary, "CE-X-n") == "5");
  CHECK(header_of(binary, "CE-X-s") == "\"5\"");
  CHECK(header_of(binary, "Content-Type") == "application/json");
  auto from_binary = granted(publish(binary.headers, binary.body));
  CHECK(from_binary[0].find("s")->type == attribute_type::string);
  CHECK(from_binary[0].find("n")->type == attribute_type::integer);
}

TEST_CASE("extensions of 0.1 that break a rule are refused by their name",
          "[runtime][cloudevents]") {
  auto event = [](std::string_view extensions) {
    return R"({"cloudEventsVersion":"0.1","eventID":"1","source":"/s",)"
           R"("eventType":"t","extensions":)"
           + std::string{extensions} + "}";
  };
  CHECK(passes(publish_json(event("null"))));
  CHECK(passes(publish_json(event(R"({"A-b_c":"x","n":null})"))));
  CHECK(refusal(publish_json(event("[]"))).field == "extensions");
  CHECK(refusal(publish_json(event(R"({"a":{}})"))).field == "extensions.a");
  CHECK(refusal(publish_json(event(R"({"a":1,"A":1})"))).field
        == "extensions.A");
  CHECK(refusal(publish_json(event(R"({"a":null,"a":null})"))).field
        == "extensions.a");
  CHECK(refusal(publish_json(event(R"({"EventdX":1})"))).field
        == "extensions.EventdX");
  CHECK(refusal(publish_json(event(R"({"data":1})"))).field
        == "extensions.data");
}

TEST_CASE("events of 0.2 and 0.3 leave in their version's names",
          "[runtime][cloudevents]") {
  auto v0_2 = granted(publish_json(
    R"({"specversion":"0.2","id":"1","source":"/s","type":"t",)"
    R"("schemaurl":"http://x/","contenttype":"text/plain","data":"hi"})"));
  CHECK(v0_2[0].version() == spec_version::v0_2);
  CHECK(v0_2[0].kind() == data_kind::text);
  CHECK(
    cloudevents::to_structured(v0_2[0]).body
    == R"({"specversion":"0.2","id":"1","source":"/s","type":"t",)"
       R"("schemaurl":"http://x/","contenttype":"text/plain","data":"hi"})");
  auto v0_3 = granted(publish_json(
    R"({"specversion":"0.3","id":"1","source":"/s","type":"t",)"
    R"("schemaurl":"relative","datacontenttype":"text/plain","data":"hi"})"));
  CHECK(v0_3[0].version() == spec_version::v0_3);
  CHECK(cloudevents::to_structured(v0_3[0]).body
        == R"({"specversion":"0.3","id":"1","source":"/s","type":"t",)"
           R"("schemaurl":"relative","datacontenttype":"text/plain",)"
           R"("data":"hi"})");
  CHECK(refusal(publish_json(R"({"specversion":"0.3","id":"1","source":"/s",)"
                             R"("type":"t","data_base64":"AA=="})"))
          .field
        == "data_base64");
}

TEST_CASE("names of 0.2 in mixed case mean the same and leave in lower case",
          "[runtime][cloudevents]") {
  const std::string event
    = R"({"specversion":"0.2","id":"1","source":"/s","type":"t",)";
  auto batch = granted(publish_json(
    event + R"("schemaURL":"http://x/","contentType":"text/plain"})"));
  CHECK(value_of(batch[0], "dataschema") == "http://x/");
  CHECK(value_of(batch[0], "datacontenttype") == "text/plain");
  CHECK(cloudevents::to_structured(batch[0]).body
        == event + R"("schemaurl":"http://x/","contenttype":"text/plain"})");
  CHECK(refusal(publish_json(event + R"("contentType":7})")).field
        == "contentType");
  CHECK(refusal(publish_json(event + R"("schemaURL":""})")).field
        == "schemaURL");
  CHECK(
    refusal(publish_json(event + R"("contenttype":"a/b","contentType":"a/b"})"))
      .field
    == "contentType");
}

TEST_CASE("base64 of 0.3 is decoded, and leaves as base64",
          "[runtime][cloudevents]") {
  auto batch = granted(
    publish_json(R"({"specversion":"0.3","id":"1","source":"/s","type":"t",)"
                 R"("data":"e30=","datacontentencoding":"BASE64",)"
                 R"("datacontenttype":"application/json"})"));
  auto event = batch[0];
  CHECK(event.kind() == data_kind::binary);
  CHECK(event.data() == "{}");
  CHECK(cloudevents::to_structured(event).body
        == R"({"specversion":"0.3","id":"1","source":"/s","type":"t",)"
           R"("datacontenttype":"application/json",)"
           R"("datacontentencoding":"base64","data":"e30="})");
  auto binary = cloudevents::to_binary(event);
  CHECK(binary.body == "{}");
  CHECK(header_of(binary, "ce-datacontentencoding") == "(none)");
  CHECK(shown(event)
        == R"({"specversion":"1.0","id":"1","source":"/s","type":"t",)"
           R"("datacontenttype":"application/json","data":{}})");
  CHECK(refusal(publish_json(
                  R"({"specversion":"0.3","id":"1","source":"/s","type":"t",)"
                  R"("data":"e3","datacontentencoding":"base64"})"))
          .field
        == "data");
}

TEST_CASE("a body of 0.3 that is base64 text stays text",
          "[runtime][cloudevents]") {
  auto batch = granted(publish({{"ce-specversion", "0.3"},
                                {"ce-id", "1"},
                                {"ce-source", "/s"},
                                {"ce-type", "t"},
                                {"ce-datacontentencoding", "base64"}},
                               "AP8="));
  auto out = cloudevents::to_binary(batch[0]);
  CHECK(out.body == "AP8=");
  CHECK(header_of(out, "ce-datacontentencoding") == "base64");
  CHECK(cloudevents::to_structured(batch[0]).body
        == R"({"specversion":"0.3","id":"1","source":"/s","type":"t",)"
           R"("datacontentencoding":"base64","data":"AP8="})");
  CHECK(shown(batch[0])
        == R"({"specversion":"1.0","id":"1","source":"/s","type":"t",)"
           R"("data_base64":"AP8="})");
}
