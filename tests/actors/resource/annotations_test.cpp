// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/annotations.hpp"

#include <limits>

#include "tests/actors/resource/manifests.hpp"

namespace eventd::actors {

TEST_CASE("annotations of ours are read by type, those of others are let be",
          "[resource][annotations]") {
  auto given = tests::document(R"({"eventd.dev/a": "text",
    "eventd.dev/n": "7", "eventd.dev/d": "PT1S", "eventd.dev/c": "two",
    "example.com/n": "seven"})");
  std::optional<failure> problem;
  annotation_reader own{given, problem};
  CHECK(own.text("a") == "text");
  CHECK(own.number("n", 1, 7) == 7);
  CHECK(own.duration("d") == 1'000);
  CHECK(own.choice("c", {"one", "two"}) == 1);
  CHECK_FALSE(own.text("absent").has_value());
  own.done();
  CHECK_FALSE(problem.has_value());
}

TEST_CASE("an annotation of ours that is wrong or unknown is refused by name",
          "[resource][annotations]") {
  auto check = [](const char* json, const char* field, const char* words) {
    INFO(json);
    auto given = tests::document(json);
    std::optional<failure> problem;
    annotation_reader own{given, problem};
    own.number("n", 1, 7);
    own.duration("d");
    own.choice("c", {"one", "two"});
    own.done();
    REQUIRE(problem.has_value());
    CHECK(problem->field == field);
    CHECK(problem->detail.find(words) != std::string::npos);
  };
  check(R"({"eventd.dev/n": "0"})", "metadata.annotations[eventd.dev/n]",
        "from 1 to 7");
  check(R"({"eventd.dev/n": "8"})", "metadata.annotations[eventd.dev/n]",
        "from 1 to 7");
  check(R"({"eventd.dev/d": "1s"})", "metadata.annotations[eventd.dev/d]",
        "ISO 8601");
  check(R"({"eventd.dev/c": "three"})", "metadata.annotations[eventd.dev/c]",
        "one of: one, two");
  check(R"({"eventd.dev/x": "y"})", "metadata.annotations[eventd.dev/x]",
        "known are: n d c");
}

TEST_CASE("a number is digits only and fits 64 bits",
          "[resource][annotations]") {
  CHECK(parse_number("0") == 0);
  CHECK(parse_number("18446744073709551615")
        == std::numeric_limits<uint64_t>::max());
  for (auto text :
       {"", "-1", "+1", " 1", "1 ", "0x1", "1e3", "18446744073709551616"}) {
    INFO(text);
    CHECK_FALSE(parse_number(text).has_value());
  }
}

} // namespace eventd::actors
