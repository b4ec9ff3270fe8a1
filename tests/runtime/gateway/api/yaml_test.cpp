// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/api/yaml.hpp"

#include <string>
#include <vector>

#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>

#include "storage/model/limits.hpp"

namespace eventd::runtime {

namespace {

/// All documents of `text` as JSON, one a line.
std::string parsed(std::string_view text,
                   manifest_format format = manifest_format::guess) {
  auto all = parse_manifests(text, format);
  if (!all)
    return "refused: " + all.error().detail;
  std::string out;
  for (auto& x : *all)
    out += boost::json::serialize(x) + '\n';
  return out;
}

failure refused(std::string_view text,
                manifest_format format = manifest_format::guess) {
  auto all = parse_manifests(text, format);
  REQUIRE(all.has_error());
  return all.error();
}

std::string repeat(const std::string& x, size_t n) {
  std::string out;
  for (size_t i = 0; i < n; ++i)
    out += x;
  return out;
}

} // namespace

TEST_CASE("a YAML text with several documents becomes several JSON values",
          "[gateway][yaml]") {
  CHECK(parsed("a: 1\n---\n# nothing here\n---\nb: [x, y]\n...\n")
        == "{\"a\":1}\n{\"b\":[\"x\",\"y\"]}\n");
  CHECK(parsed("").empty());
  CHECK(parsed("---\n---\n").empty());
}

TEST_CASE("a plain scalar has the type that YAML's core schema gives it",
          "[gateway][yaml]") {
  struct row {
    const char* yaml;
    const char* json;
  };
  for (auto& [yaml, json] : std::vector<row>{
         {"12", "12"},
         {"-12", "-12"},
         {"+12", "12"},
         {"012", "12"},
         {"0o17", "15"},
         {"0xff", "255"},
         {"9223372036854775807", "9223372036854775807"},
         {"18446744073709551615", "18446744073709551615"},
         {"-9223372036854775808", "-9223372036854775808"},
         {"1.5", "1.5E0"},
         {".5", "5E-1"},
         {"1e3", "1E3"},
         {"true", "true"},
         {"False", "false"},
         {"~", "null"},
         {"null", "null"},
         {"", "null"},
         {"yes", "\"yes\""},
         {"on", "\"on\""},
         {"PT1H", "\"PT1H\""},
         {"1.2.3", "\"1.2.3\""},
         {"2026-11-22", "\"2026-11-22\""},
         {"'12'", "\"12\""},
         {"\"true\"", "\"true\""},
         {"\"\"", "\"\""},
         {"!!str 12", "\"12\""},
         {"!!int '12'", "12"},
         {"|\n  two\n  lines\n", "\"two\\nlines\\n\""},
       }) {
    INFO(yaml);
    CHECK(parsed(std::string{"k: "} + yaml)
          == std::string{"{\"k\":"} + json + "}\n");
  }
}

TEST_CASE("a YAML text that can mean two things is refused with its place",
          "[gateway][yaml]") {
  struct row {
    const char* yaml;
    const char* field;
    const char* words;
  };
  for (auto& [yaml, field, words] : std::vector<row>{
         {"a: 1\nb: 2\na: 3\n", "3:1", "'a' stands here twice"},
         {"x: {a: 1, a: 2}", "1:11", "'a' stands here twice"},
         {"a: &x {b: 1}\nc:\n  <<: *x\n", "3:3", "merge keys"},
         {"a: .inf", "1:4", "no value in JSON"},
         {"a: 1e999", "1:4", "no value in JSON"},
         {"a: !!int twelve", "1:4", "no value in JSON"},
         {"a: !secret x", "1:4", "no value in JSON"},
         {"a: !secret {b: 1}", "1:4", "not of the core schema"},
         {"? [a, b]\n: 1", "1:3", "a key must be a string"},
         {"a: [1, 2", "1:1", ""},
         {"a: *missing", "1:4", ""},
         {"a: &x [*x]", "1:8", "inside of what it names"},
         {"a: b: c", "1:5", ""},
       }) {
    INFO(yaml);
    auto why = refused(yaml);
    CHECK(why.code == ec::invalid_request);
    CHECK(why.field == field);
    CHECK(why.detail.starts_with("line "));
    INFO(why.detail);
    CHECK(why.detail.find(words) != std::string::npos);
  }
}

TEST_CASE("an alias is expanded, up to the bounds", "[gateway][yaml]") {
  CHECK(parsed("a: &x {b: [1]}\nc: *x\nd: *x")
        == "{\"a\":{\"b\":[1]},\"c\":{\"b\":[1]},\"d\":{\"b\":[1]}}\n");
  auto aliases
    = [](size_t n) { return "a: &x 1\nb: [" + repeat("*x, ", n) + "]"; };
  CHECK(parsed(aliases(limits::yaml_aliases_max)).starts_with("{\"a\":1,"));
  CHECK(refused(aliases(limits::yaml_aliases_max + 1)).detail.find("aliases")
        != std::string::npos);
}

TEST_CASE("aliases of aliases can not grow beyond the bound of values",
          "[gateway][yaml]") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    auto before = "*a" + std::to_string(i - 1);
    bomb += 'a' + std::to_string(i) + ": &a" + std::to_string(i) + " ["
            + repeat(before + ", ", 9) + "]\n";
  }
  CHECK(refused(bomb).detail.find("values") != std::string::npos);
}

TEST_CASE(
  "what anchors and aliases copy is bounded in bytes, not only in values",
  "[gateway][yaml]") {
  const std::string text(5'000, 'x');
  auto aliases = [&](size_t n) {
    return "a: &x " + text + "\nb: [" + repeat("*x, ", n) + "]";
  };
  CHECK(parsed(aliases(800)).starts_with("{"));
  auto many = refused(aliases(900));
  CHECK(many.code == ec::invalid_request);
  CHECK(many.detail.starts_with("line 2, column "));
  CHECK(many.detail.find("copy more than 4194304 bytes") != std::string::npos);
  // Keys count as well, and what an anchor keeps.
  auto keys = [](size_t n) {
    std::string members;
    for (auto c : {'a', 'b', 'c', 'd', 'e'})
      members += std::string(990, c) + ": 1, ";
    return "a: &x {" + members + "}\nb: [" + repeat("*x, ", n) + "]";
  };
  CHECK(parsed(keys(800)).starts_with("{"));
  CHECK(refused(keys(900)).field.starts_with("2:"));
  auto anchors = [](size_t n) {
    return repeat("&x [", n) + std::string(80'000, 'x') + repeat("]", n);
  };
  CHECK(parsed(anchors(40)).starts_with("["));
  CHECK(refused(anchors(60)).field.starts_with("1:"));
}

TEST_CASE("a YAML text that is not UTF-8 is refused with its place",
          "[gateway][yaml]") {
  using namespace std::string_literals;
  CHECK(parsed("\xEF\xBB\xBF" // The mark of the order of bytes.
               "a: \"\xC3\xA9\"\n")
        == "{\"a\":\"\xC3\xA9\"}\n");
  struct row {
    std::string yaml;
    const char* field;
    const char* words;
  };
  for (const auto& [yaml, field, words] : std::vector<row>{
         {"a: \xFF", "1:4", "not UTF-8"},
         {"a: 1\nb: \"\xC3\xA9 \xC0\xA0\"", "2:8", "not UTF-8"},
         {"a: \xED\xA0\x80", "1:4", "not UTF-8"},
         {"\xE2\x82", "1:1", "not UTF-8"},
         {"# \xF4\x90\x80\x80\na: 1", "1:3", "not UTF-8"},
         {"\xFF\xFE"
          "a\0:\0 \0"s,
          "1:1", "not UTF-8"},
         {"a\0:\0 \0"
          "1\0"s,
          "1:2", "control character"},
         {"a: 1\n\x04\nb: 2", "2:1", "control character"},
       }) {
    INFO(yaml);
    auto why = refused(yaml, manifest_format::yaml);
    CHECK(why.code == ec::invalid_request);
    CHECK(why.field == field);
    CHECK(why.detail.find(words) != std::string::npos);
  }
}

TEST_CASE("nesting is bounded, in YAML, by aliases and in JSON",
          "[gateway][yaml]") {
  auto n = limits::json_depth_max;
  auto nested
    = [](size_t levels) { return repeat("[", levels) + repeat("]", levels); };
  auto yaml = manifest_format::yaml;
  CHECK(parsed(nested(n), yaml) == nested(n) + "\n");
  CHECK(refused(nested(n + 1), yaml).detail.find("deeper")
        != std::string::npos);
  CHECK(refused(repeat("[", 100'000), yaml).code == ec::invalid_request);
  auto aliased = [&](size_t levels) {
    return "a: &x " + nested(n / 2) + "\nb: " + repeat("[", levels) + "*x"
           + repeat("]", levels);
  };
  CHECK(parsed(aliased(n / 2 - 1)).starts_with("{"));
  CHECK(refused(aliased(n / 2)).detail.find("deeper") != std::string::npos);
  CHECK(parsed(nested(n)) == nested(n) + "\n");
  CHECK(refused(nested(n + 1)).code == ec::invalid_request);
}

TEST_CASE("a text is JSON if it begins with a brace, and read strictly then",
          "[gateway][yaml]") {
  CHECK(parsed(" {\"a\": [1, \"\\ud83d\\ude00\"]}\n")
        == "{\"a\":[1,\"\xF0\x9F\x98\x80\"]}\n");
  auto twice = refused("{\"a\": 1,\n \"a\": 2}");
  CHECK(twice.field == "2:4");
  CHECK(twice.detail.find("'a' stands here twice") != std::string::npos);
  CHECK(refused("{\"a\": {\"b\": 1}, \"c\": {\"d\": 1, \"d\": 2}}")
          .detail.find("'d' stands here twice")
        != std::string::npos);
  CHECK(parsed("{\"a\": {\"b\": 1}, \"c\": {\"b\": 1}}").starts_with("{"));
  CHECK(refused("{\"a\": 1} x").field == "1:10");
  CHECK(refused("{\"a\": ").code == ec::invalid_request);
  CHECK(refused("{a: 1}").code == ec::invalid_request);
  CHECK(parsed("{a: 1}", manifest_format::yaml) == "{\"a\":1}\n");
}

TEST_CASE("a text beyond the limit is too large, one at it is not",
          "[gateway][yaml]") {
  auto text = [](size_t bytes) { return "#" + std::string(bytes - 1, 'x'); };
  CHECK(parse_manifests(text(limits::manifest_bytes_max)).has_value());
  CHECK(refused(text(limits::manifest_bytes_max + 1)).code
        == ec::payload_too_large);
}

} // namespace eventd::runtime
