// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/client/event_text.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::tools;

namespace {

std::string unmarked(std::string_view line) {
  std::string out;
  REQUIRE(append_unmarked(out, line).has_value());
  return out;
}

} // namespace

TEST_CASE("marks before the data are cut and read", "[tools][event_text]") {
  std::string out;
  auto marks = append_unmarked(
    out, R"({"id":"1","eventdoffset":"42","eventdtime":"2026-01-31T12:00:00Z",)"
         R"("data":{"a": 1.50 }})");
  REQUIRE(marks.has_value());
  CHECK(marks->offset == 42);
  CHECK(marks->time == "2026-01-31T12:00:00Z");
  CHECK(out == R"({"id":"1","data":{"a": 1.50 }})");
}

TEST_CASE("marks at the end, at the front and between spaces are cut",
          "[tools][event_text]") {
  CHECK(unmarked(R"({"id":"1","data":{"a":[1]},"eventdoffset":"4"})")
        == R"({"id":"1","data":{"a":[1]}})");
  CHECK(unmarked(R"({"eventdoffset":"4","id":"1"})") == R"({"id":"1"})");
  CHECK(unmarked(R"({ "id" : "1" , "eventdoffset" : "4" })")
        == R"({"id":"1"})");
  CHECK(unmarked(R"({"eventdoffset":"4"})") == "{}");
}

TEST_CASE("what only looks like a mark stays", "[tools][event_text]") {
  auto inside = R"({"id":"1","data":{"x":1,"eventdoffset":"9"}})";
  CHECK(unmarked(inside) == inside);
  auto text = R"({"id":"1","subject":",\"eventdoffset\":\"9\"","a":"b"})";
  CHECK(unmarked(text) == text);
  auto array = R"({"id":"1","data":[{"x":1,"eventdoffset":"9"}],"z":"1"})";
  CHECK(unmarked(array) == array);
  std::string out;
  CHECK_FALSE(append_unmarked(out, inside)->offset);
}

TEST_CASE("a real mark is found behind one in the data",
          "[tools][event_text]") {
  std::string out;
  auto marks = append_unmarked(
    out, R"({"data":{"x":1,"eventdoffset":"9"},"id":"1","eventdoffset":"10"})");
  REQUIRE(marks.has_value());
  CHECK(marks->offset == 10);
  CHECK(out == R"({"data":{"x":1,"eventdoffset":"9"},"id":"1"})");
}

TEST_CASE("members keep the text of their values", "[tools][event_text]") {
  auto x = members_of(R"( {"a": "x\"}", "b":[1,{"c":"]"}] ,"d":-1e3} )");
  REQUIRE(x.has_value());
  REQUIRE(x->size() == 3);
  CHECK((*x)[0].value == R"("x\"}")");
  CHECK((*x)[1].value == R"([1,{"c":"]"}])");
  CHECK((*x)[2].value == "-1e3");
}

TEST_CASE("a line that is not one object is refused", "[tools][event_text]") {
  for (auto wrong : {"", "1", "[]", "{", R"({"a")", R"({"a":1)", R"({"a":"x)",
                     R"({"a":1}{)", R"({"a":[1})"}) {
    std::string out = "kept";
    CHECK(append_unmarked(out, wrong).error() == ec::invalid_event);
    CHECK(out == "kept");
  }
}

TEST_CASE("times are read with fraction and zone", "[tools][event_text]") {
  CHECK(parse_time_ms("1970-01-01T00:00:01Z") == 1'000);
  CHECK(parse_time_ms("1970-01-01T01:00:00.25+01:00") == 250);
  CHECK(parse_time_ms("2026-02-29T00:00:00Z") == std::nullopt);
  CHECK(parse_time_ms("2026-01-31") == std::nullopt);
  CHECK(parse_time_ms("2026-01-31T12:00:00") == std::nullopt);
}
