// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/yaml_text.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

#include "runtime/gateway/api/yaml.hpp"

using namespace eventd::eventctl;
namespace json = boost::json;

TEST_CASE("YAML is block style and quotes what would change its type",
          "[eventctl][yaml]") {
  auto x = json::parse(
    R"({"a":"x","b":["1","true","no",1,true,null],"c":{},"d":[]})");
  CHECK(to_yaml(x)
        == "a: x\nb:\n  - \"1\"\n  - \"true\"\n  - \"no\"\n  - 1\n"
           "  - true\n  - null\nc: {}\nd: []\n");
}

TEST_CASE("what is written as YAML is read back the same", "[eventctl][yaml]") {
  auto x = json::parse(
    R"({"a":"PT2M","b":"","c":" x","d":"a: b","e":"-1","f":"~","g":"0x1f",)"
    R"("h":"line\nfeed","i":{"j":[{"k":-1.5}]},"l":"2026-01-31","m":"[x"})");
  auto back = eventd::runtime::parse_manifests(to_yaml(x));
  REQUIRE(back.has_value());
  CHECK(back->at(0) == x);
}

TEST_CASE("JSON is indented by two", "[eventctl][yaml]") {
  CHECK(to_pretty_json(json::parse(R"({"a":[1,{}],"b":{"c":"d"}})"))
        == "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": \"d\"\n"
           "  }\n}\n");
}
