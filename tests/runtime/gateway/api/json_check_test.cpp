// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/api/json_check.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

#include "storage/model/limits.hpp"

namespace eventd::runtime {

TEST_CASE("JSON with a key twice in one object is refused with its place, "
          "in two objects it is not",
          "[gateway][json]") {
  CHECK(
    parse_json(R"({"a": {"b": 1}, "c": [{"b": 1}, {"b": 2}]})").has_value());
  auto twice = parse_json("{\"a\": 1,\n \"a\": 2}");
  REQUIRE(twice.has_error());
  CHECK(twice.error().code == ec::invalid_request);
  CHECK(twice.error().field == "2:4");
  // Escapes do not hide it.
  CHECK(parse_json(R"({"a": 1, "\u0061": 2})").has_error());
}

TEST_CASE("what is not one JSON value is refused with its place",
          "[gateway][json]") {
  CHECK(parse_json(" 1 ").has_value());
  for (auto text : {"", "{", "[1,]", "1 2", "{'a': 1}", "nul", "\"\xFF\""}) {
    INFO(text);
    auto read = parse_json(text);
    REQUIRE(read.has_error());
    CHECK(read.error().detail.starts_with("line 1, column "));
  }
}

TEST_CASE("a place in a text is told by line and byte", "[gateway][json]") {
  auto place = [](size_t position) {
    return failure_at("ab\n\ncd", position, "bad").field;
  };
  CHECK(place(0) == "1:1");
  CHECK(place(2) == "1:3");
  CHECK(place(3) == "2:1");
  CHECK(place(5) == "3:2");
  CHECK(failure_at("ab", 1, "bad").detail == "line 1, column 2: bad");
}

TEST_CASE("a number of a JSON text is the one that is nearest to it",
          "[gateway][json]") {
  CHECK(*parse_json("1.1e-30") == 1.1e-30);
  CHECK(*parse_json("0.30000000000000004") == 0.30000000000000004);
  CHECK(*parse_json("1.7976931348623157e308") == 1.7976931348623157e308);
}

TEST_CASE("a JSON text with too many values is refused", "[gateway][json]") {
  auto list = [](size_t n) {
    std::string out = "[0";
    for (size_t i = 1; i < n; ++i)
      out += ",0";
    return out + "]";
  };
  CHECK(parse_json(list(limits::manifest_values_max - 1)).has_value());
  CHECK(parse_json(list(limits::manifest_values_max)).has_error());
}

} // namespace eventd::runtime
