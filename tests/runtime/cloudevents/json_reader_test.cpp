// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/json_reader.hpp"

#include <random>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace eventd::runtime::cloudevents;

TEST_CASE("a JSON text that follows the grammar is taken, any other is not",
          "[runtime][cloudevents]") {
  for (const auto* good :
       {"0", "-0", "10", "-1.5e+10", "1E5", "1e400", "true", "false", "null",
        "\"\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00aF\"", "[]", "{}", "[[],{}]",
        " [ 1 , 2 ] ", "{\"a\":1,\"a\":2}", "\"\x7f\"", "\"\\ud800\"",
        "\"0123456789012345678901234567890123456789é\""}) {
    INFO(good);
    CHECK(is_json_text(good, 8));
  }
  for (const auto* bad : {"",
                          " ",
                          "01",
                          "-",
                          "+1",
                          ".5",
                          "1.",
                          "1e",
                          "1e+",
                          "-01",
                          "0x1",
                          "tru",
                          "truex",
                          "TRUE",
                          "nul",
                          "NaN",
                          "\"",
                          "\"\\\"",
                          "\"\\x\"",
                          "\"\\u12g4\"",
                          "\"\\u12",
                          "\"\n\"",
                          "'a'",
                          "[",
                          "]",
                          "[1,]",
                          "[,1]",
                          "[1 2]",
                          "{",
                          "{a:1}",
                          "{\"a\"}",
                          "{\"a\":}",
                          "{\"a\":1,}",
                          "{\"a\" 1}",
                          "{,}",
                          "[1}",
                          "{1:2}",
                          "1 2",
                          "[]]",
                          "//x",
                          "\"\xff\"",
                          "\xef\xbb\xbf[]",
                          "[1,\"0123456789\x01"
                          "23456789\"]"}) {
    INFO(bad);
    CHECK_FALSE(is_json_text(bad, 8));
  }
  CHECK_FALSE(is_json_text(std::string_view{"1\0", 2}, 8));
}

TEST_CASE("containers nest as deep as the limit", "[runtime][cloudevents]") {
  CHECK(is_json_text("[[{\"a\":[]}]]", 4));
  CHECK_FALSE(is_json_text("[[{\"a\":[[]]}]]", 4));
  CHECK_FALSE(is_json_text("[]", 0));
  CHECK(is_json_text("1", 0));
  CHECK(is_json_text("[[],[],[[]],[]]", 3));
}

TEST_CASE("members stand where they stand in the text",
          "[runtime][cloudevents]") {
  json_reader in{R"( { "a" : [1, 2] , "b\n":"x" , "c":-5 } )", 8};
  json_member x;
  REQUIRE(in.open_object());
  REQUIRE(in.next_member(x));
  CHECK(x.name.inside() == "a");
  CHECK(x.value.raw == "[1, 2]");
  CHECK(x.value.kind == json_kind::array);
  REQUIRE(in.next_member(x));
  CHECK(x.name.escaped);
  CHECK(x.value.inside() == "x");
  REQUIRE(in.next_member(x));
  CHECK(x.value.kind == json_kind::integer);
  CHECK_FALSE(in.next_member(x));
  CHECK_FALSE(in.failed());
  CHECK(in.at_end());
}

TEST_CASE("a failure says what and where", "[runtime][cloudevents]") {
  json_reader in{R"({"a":1 "b":2})", 8};
  json_member x;
  REQUIRE(in.open_object());
  REQUIRE(in.next_member(x));
  CHECK_FALSE(in.next_member(x));
  CHECK(in.failed());
  CHECK(std::string{in.problem()} == "lacks a comma or closing bracket");
  CHECK(in.position() == 7);
  CHECK_FALSE(in.next_member(x));
}

TEST_CASE("escapes become characters, half a surrogate pair becomes nothing",
          "[runtime][cloudevents]") {
  auto text = [](std::string_view json) -> std::string {
    arena memory;
    json_reader in{json, 1};
    json_value x;
    REQUIRE(in.read_value(x));
    auto out = text_of(x, memory);
    return out ? std::string{*out} : "(none)";
  };
  CHECK(text(R"("plain")") == "plain");
  CHECK(text(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(text(R"("\u0041\u00e9\u20AC\ud83d\ude00")") == "Aé€😀");
  CHECK(text(R"("\u0000")") == std::string(1, '\0'));
  CHECK(text(R"("\ud800")") == "(none)");
  CHECK(text(R"("\ud800x")") == "(none)");
  CHECK(text(R"("\ud800\n")") == "(none)");
  CHECK(text(R"("\ud800\ud800")") == "(none)");
  CHECK(text(R"("\udc00")") == "(none)");
}

TEST_CASE("the reader takes what another JSON parser takes",
          "[runtime][cloudevents]") {
  const std::string seed
    = R"({"a":[1,-2.5e3,true,null,"x\u0041\\"],"b":{"c":[]},"d":""})";
  const std::string spice = "\"\\{}[],:0-.eE+tfn \x01u1/";
  std::mt19937 dice{7};
  auto roll = [&](size_t n) { return static_cast<size_t>(dice()) % n; };
  size_t n_good = 0;
  for (auto round = 0; round < 50'000; ++round) {
    auto text = seed;
    for (auto edits = roll(4) + 1; edits > 0 && !text.empty(); --edits) {
      auto at = roll(text.size());
      switch (roll(3)) {
      case 0:
        text[at] = spice[roll(spice.size())];
        break;
      case 1:
        text.erase(at, roll(8) + 1);
        break;
      default:
        text.insert(at, 1, spice[roll(spice.size())]);
      }
    }
    // The other parser takes no half pair and no exponent it can not hold.
    if (text.find("\\uD") != std::string::npos
        || text.find("\\ud") != std::string::npos)
      continue;
    boost::system::error_code error;
    boost::json::parse(text, error);
    if (error == boost::json::error::exponent_overflow)
      continue;
    INFO(text);
    auto good = is_json_text(text, 32);
    REQUIRE(good == !error.failed());
    n_good += good ? 1 : 0;
  }
  CHECK(n_good > 1'000);
}
