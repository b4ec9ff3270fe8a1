// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/client/cloudevent.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::tools;

namespace {

event_fields with_data(std::string data, std::string type = {}) {
  event_fields x;
  x.id = "1";
  x.source = "/s";
  x.type = "t";
  x.data = std::move(data);
  x.content_type = std::move(type);
  return x;
}

std::string header(const http_request& x, std::string_view name) {
  for (auto& [key, value] : x.headers)
    if (key == name)
      return value;
  return {};
}

} // namespace

TEST_CASE("JSON data stands in the event byte for byte",
          "[tools][cloudevent]") {
  CHECK(json_of(with_data("{\"a\": 1.50}"))
        == R"({"specversion":"1.0","id":"1","source":"/s","type":"t",)"
           R"("datacontenttype":"application/json","data":{"a": 1.50}})");
}

TEST_CASE("other text is a string and other bytes are base64",
          "[tools][cloudevent]") {
  CHECK(json_of(with_data("hi \"you\""))
          .ends_with(R"("datacontenttype":"text/plain","data":"hi \"you\""})"));
  CHECK(
    json_of(with_data("\xff\x01"))
      .ends_with(
        R"("datacontenttype":"application/octet-stream","data_base64":"/wE="})"));
  CHECK(json_of(with_data("not json", "application/json"))
          .ends_with(R"("data_base64":"bm90IGpzb24="})"));
}

TEST_CASE("binary mode carries the bytes of the data unchanged",
          "[tools][cloudevent]") {
  for (std::string data : {"{\"a\": 1.50}", "hi", "\xff\x01"}) {
    auto x = binary_request("/a/b", json_of(with_data(data)));
    REQUIRE(x.has_value());
    CHECK(x->body == data);
    CHECK(header(*x, "ce-id") == "1");
    CHECK(header(*x, "ce-specversion") == "1.0");
  }
}

TEST_CASE("data of a type of CloudEvents goes structured in binary mode too",
          "[tools][cloudevent]") {
  auto text = json_of(with_data("{}", "application/cloudevents+json"));
  auto x = binary_request("/a/b", text);
  REQUIRE(x.has_value());
  CHECK(x->body == text);
  CHECK(header(*x, "Content-Type").starts_with("application/cloudevents+json"));
}

TEST_CASE("an event without an id is refused in binary mode",
          "[tools][cloudevent]") {
  CHECK(binary_request("/a/b", R"({"specversion":"1.0","source":"/s"})").error()
        == ec::invalid_event);
}

TEST_CASE("two random ids differ", "[tools][cloudevent]") {
  CHECK(random_id().size() == 32);
  CHECK(random_id() != random_id());
}
