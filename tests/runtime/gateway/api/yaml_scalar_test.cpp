// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/api/yaml_scalar.hpp"

#include <catch2/catch_test_macros.hpp>

namespace eventd::runtime {

using boost::json::value;

TEST_CASE("a quoted scalar is a string, a plain one is what it looks like",
          "[gateway][yaml]") {
  CHECK(yaml_scalar("!", "12") == value("12"));
  CHECK(yaml_scalar("?", "12") == value(12));
  CHECK(yaml_scalar("", "12") == value(12));
  CHECK(yaml_scalar("?", "true") == value(true));
  CHECK(yaml_scalar("?", "tRue") == value("tRue"));
  CHECK(yaml_scalar("?", "0x") == value("0x"));
  CHECK(yaml_scalar("?", "-") == value("-"));
  CHECK(yaml_scalar("?", "1.") == value(1.0));
  CHECK(yaml_scalar("?", "18446744073709551616")
        == value(18446744073709551616.0));
}

TEST_CASE("a tag decides, if the text fits it", "[gateway][yaml]") {
  CHECK(yaml_scalar("tag:yaml.org,2002:str", "12") == value("12"));
  CHECK(yaml_scalar("tag:yaml.org,2002:int", "12") == value(12));
  CHECK(yaml_scalar("tag:yaml.org,2002:float", "12") == value(12.0));
  CHECK(yaml_scalar("tag:yaml.org,2002:bool", "true") == value(true));
  CHECK(yaml_scalar("tag:yaml.org,2002:null", "") == value(nullptr));
  CHECK_FALSE(yaml_scalar("tag:yaml.org,2002:int", "1.5").has_value());
  CHECK_FALSE(yaml_scalar("tag:yaml.org,2002:bool", "yes").has_value());
  CHECK_FALSE(yaml_scalar("tag:yaml.org,2002:binary", "AA==").has_value());
  CHECK_FALSE(yaml_scalar("!secret", "x").has_value());
}

TEST_CASE("a number that JSON does not have is none", "[gateway][yaml]") {
  for (auto text : {".inf", "-.Inf", ".NaN", "1e999"}) {
    INFO(text);
    CHECK_FALSE(yaml_scalar("?", text).has_value());
  }
}

} // namespace eventd::runtime
