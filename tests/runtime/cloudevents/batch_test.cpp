// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/cloudevents/messages.hpp"

using namespace eventd;
using namespace eventd::tests;

namespace {

std::string batch_of(const std::vector<std::string>& events) {
  std::string json = "[";
  for (const auto& x : events)
    json += (json.size() > 1 ? "," : "") + x;
  return json + "]";
}

} // namespace

TEST_CASE("a batch becomes its events in order", "[runtime][cloudevents]") {
  auto batch = granted(
    publish_batch(" [ " + json_event(R"(,"n":1,"data":{"a" :1})") + " ,\n"
                  + json_event(R"(,"n":2,"data_base64":"AA==")") + " ] "));
  REQUIRE(batch.size() == 2);
  CHECK(value_of(batch[0], "n") == "1");
  CHECK(batch[0].data() == "{\"a\" :1}");
  CHECK(value_of(batch[1], "n") == "2");
  CHECK(batch[1].kind() == data_kind::binary);
}

TEST_CASE("an empty batch is valid", "[runtime][cloudevents]") {
  CHECK(granted(publish_batch("[]")).empty());
  CHECK(granted(publish_batch(" [ ] ")).empty());
}

TEST_CASE("one bad event refuses the batch, and is named",
          "[runtime][cloudevents]") {
  struct row {
    std::string body;
    std::string field;
  };
  const std::vector<row> rows{
    {batch_of({json_event(), json_event(R"(,"id":null)")}), "[1].id"},
    {batch_of({json_event(R"(,"x":1.5)"), json_event()}), "[0].x"},
    {batch_of({json_event(), json_event(), R"({"specversion":"1.0"})"}),
     "[2].id"},
    {batch_of({json_event(), R"({"specversion":"0.3","id":"1","source":"/s",)"
                             R"("type":"t"})"}),
     "[1].specversion"},
    {batch_of({json_event(), "7"}), "[1]"},
    {batch_of({json_event(), "[]"}), "[1]"},
    {batch_of({json_event(), json_event(R"(,"eventdx":"1")")}), "[1].eventdx"},
  };
  for (const auto& row : rows) {
    INFO(row.body);
    auto x = refusal(publish_batch(row.body));
    CHECK(x.code == ec::invalid_event);
    CHECK(x.field == row.field);
  }
}

TEST_CASE("a batch that is not an array is refused", "[runtime][cloudevents]") {
  for (const auto& body : std::vector<std::string>{
         json_event(), "", "[", "[]]", "[,]", "[" + json_event() + ",]",
         "[" + json_event(), "[] x", "\xff"})
    CHECK(refusal(publish_batch(body)).code == ec::invalid_event);
}

TEST_CASE("a batch is as long as the limit and not longer",
          "[runtime][cloudevents]") {
  std::vector<std::string> events(1'000, json_event());
  CHECK(granted(publish_batch(batch_of(events))).size() == 1'000);
  events.push_back(json_event());
  CHECK(refusal(publish_batch(batch_of(events))).code == ec::payload_too_large);
  CHECK(passes(publish_batch("[" + json_event() + "]", {1, 64})));
  CHECK(publish_batch("[" + json_event() + "," + json_event() + "]", {1, 64})
          .has_error());
}

TEST_CASE("an event is as deep in a batch as alone", "[runtime][cloudevents]") {
  for (size_t depth_max : {1, 4, 64, 512}) {
    INFO(depth_max);
    auto taken = [&](std::string_view type, const std::string& body) {
      return passes(
        publish({{"content-type", std::string{type}}}, body, {10, depth_max}));
    };
    auto nested = [](size_t depth) { // The event is the outermost.
      if (depth == 1)
        return json_event();
      return json_event(",\"data\":" + std::string(depth - 1, '[')
                        + std::string(depth - 1, ']'));
    };
    for (auto depth : {depth_max, depth_max + 1}) {
      CHECK(taken(structured_type, nested(depth)) == (depth == depth_max));
      CHECK(taken(batch_type, batch_of({nested(depth), nested(1)}))
            == (depth == depth_max));
    }
  }
}

TEST_CASE("what is shown of the deepest event is taken again",
          "[runtime][cloudevents]") {
  auto batch = granted(publish_json(
    json_event(",\"data\":" + std::string(63, '[') + std::string(63, ']'))));
  CHECK(passes(publish_batch(batch_of({shown(batch[0])}))));
  auto out = cloudevents::to_structured(batch[0]);
  CHECK(passes(publish(out.headers, out.body)));
}

TEST_CASE("a batch of an older version passes", "[runtime][cloudevents]") {
  auto batch = granted(publish_batch(
    R"([{"specversion":"0.3","id":"1","source":"/s","type":"t"},)"
    R"({"specversion":"0.3","id":"2","source":"/s","type":"t"}])"));
  CHECK(batch[1].version() == spec_version::v0_3);
  CHECK(batch[1].id() == "2");
}
