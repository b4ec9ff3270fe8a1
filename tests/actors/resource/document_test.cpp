// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/document.hpp"

#include <string>

#include "storage/model/limits.hpp"
#include "tests/actors/resource/manifests.hpp"

namespace eventd::actors {

namespace {

/// A document that is so many levels deep.
std::string nested(size_t n) {
  return "{\"a\": " + std::string(n - 1, '[') + std::string(n - 1, ']') + "}";
}

} // namespace

TEST_CASE("a strict reader reads members by type and takes null for absent",
          "[resource][document]") {
  auto given
    = tests::document(R"({"s": "x", "n": 7, "o": {"a": "b"}, "gone": null})");
  std::optional<failure> problem;
  strict_reader reader{given, "spec", problem};
  CHECK(reader.string("s") == "x");
  CHECK(reader.integer("n") == 7);
  CHECK(reader.strings("o").at("a") == "b");
  CHECK_FALSE(reader.string("gone").has_value());
  CHECK_FALSE(reader.object("absent").present());
  CHECK_FALSE(reader.has("gone"));
  reader.done();
  CHECK_FALSE(problem.has_value());
}

TEST_CASE("a strict reader names the path of the first thing that is wrong",
          "[resource][document]") {
  struct row {
    const char* json;
    const char* field;
  };
  for (auto& [text, field] :
       {row{R"({"s": 1})", "spec.s"}, row{R"({"n": "1"})", "spec.n"},
        row{R"({"n": 1.5})", "spec.n"},
        row{R"({"n": 18446744073709551615})", "spec.n"},
        row{R"({"o": []})", "spec.o"}, row{R"({"o": {"a": 1}})", "spec.o.a"},
        row{R"({"o": {"a.b/c": 1}})", "spec.o[a.b/c]"},
        row{R"({"x": 1, "y": 2})", "spec.x"}}) {
    INFO(text);
    auto given = tests::document(text);
    std::optional<failure> problem;
    strict_reader reader{given, "spec", problem};
    reader.string("s");
    reader.integer("n");
    reader.strings("o");
    reader.done();
    REQUIRE(problem.has_value());
    CHECK(problem->field == field);
    CHECK(problem->detail.starts_with(field));
  }
}

TEST_CASE("members are found by path", "[resource][document]") {
  auto given = tests::document(R"({"a": {"b": {"s": "x", "n": 3}}, "m": -1})");
  CHECK(string_at(given, "a.b.s") == "x");
  CHECK(number_at(given, "a.b.n") == 3);
  CHECK(number_at(given, "m") == 0);
  CHECK(string_at(given, "a.s.b").empty());
  CHECK(find_path(given, "a.b.s.t") == nullptr);
  CHECK(object_at(given, "a.b").size() == 2);
  CHECK(object_at(given, "m").empty());
}

TEST_CASE("a body must be one JSON object within the depth",
          "[resource][document]") {
  CHECK(parse_document(R"( {"a": 1} )").has_value());
  for (auto text : {"", "[]", "1", "{", "{} {}", "{'a': 1}", "{\"a\": 1,}"}) {
    INFO(text);
    tests::check_refused(parse_document(text), ec::invalid_request, "");
  }
  CHECK(parse_document(nested(limits::json_depth_max)).has_value());
  CHECK(parse_document(nested(limits::json_depth_max + 1)).has_error());
}

TEST_CASE("a document that was packed is the same when it is unpacked",
          "[resource][document]") {
  CHECK_FALSE(packed_document{});
  CHECK(packed_document{json::object{}});
  auto deep = parse_document(nested(limits::json_depth_max));
  REQUIRE(deep.has_value());
  auto odd = parse_document(
    R"({"": "a\u0000\"\n\u00e9", "n": [-1, 18446744073709551615, null],
      "d": [0.5, 1.1e-30, 0.30000000000000004, 7.2057594037927933e16, 4.9e-324,
        1.7976931348623157e308, 1e400, -1e400, 1e-400]})");
  REQUIRE(odd.has_value());
  for (const auto& x : {json::object{}, *deep, *odd, tests::subscription()})
    CHECK(packed_document{x}.unpack() == x);
}

} // namespace eventd::actors
