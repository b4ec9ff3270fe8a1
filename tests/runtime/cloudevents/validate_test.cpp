// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/validate.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

#include "runtime/cloudevents/number.hpp"

using namespace eventd;
using namespace eventd::runtime::cloudevents;

TEST_CASE("timestamps follow RFC 3339", "[runtime][cloudevents]") {
  for (const auto* good :
       {"2018-04-05T17:31:00Z", "2018-04-05t17:31:00z",
        "2018-04-05T17:31:00.123456789+05:30", "2020-02-29T00:00:00-23:59",
        "1990-12-31T23:59:60Z", "0000-01-01T00:00:00Z", "2000-02-29T00:00:00Z"})
    CHECK(is_timestamp(good));
  for (const auto* bad :
       {"", "2018-04-05", "2018-04-05T17:31Z", "2018-04-05T17:31:00",
        "2018-04-05 17:31:00Z", "2018-13-05T17:31:00Z", "2018-00-05T17:31:00Z",
        "2018-04-31T17:31:00Z", "2019-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "2018-04-05T24:00:00Z", "2018-04-05T17:60:00Z", "2018-04-05T17:31:61Z",
        "2018-04-05T17:31:00.Z", "2018-04-05T17:31:00+0530",
        "2018-04-05T17:31:00+24:00", "2018-04-05T17:31:00Zx",
        "18-04-05T17:31:00Z", "+018-04-05T17:31:00Z"}) {
    INFO(bad);
    CHECK_FALSE(is_timestamp(bad));
  }
}

TEST_CASE("URI references follow RFC 3986", "[runtime][cloudevents]") {
  for (const auto* good :
       {"/", "a", "//host/x", "https://a.b:1/c?d#e", "urn:uuid:6e8bc430",
        "mailto:x@y", "#f", "?q", "./a:b", "/a:b", "http://[::1]/", "%41",
        "1-555-123-4567", "/a?b:c"}) {
    INFO(good);
    CHECK(is_uri_reference(good));
  }
  for (const auto* bad :
       {"", "a b", "%", "%4", "%zz", "a#b#c", "1:b", ":a", "é", "a\\b", "<a>",
        "a\"", "{x}", "a|b", "a^b", "`"}) {
    INFO(bad);
    CHECK_FALSE(is_uri_reference(bad));
  }
  CHECK(is_absolute_uri("http://x"));
  CHECK(is_absolute_uri("urn:x"));
  CHECK_FALSE(is_absolute_uri("/x"));
  CHECK_FALSE(is_absolute_uri("x?a:b"));
}

TEST_CASE("names of attributes are short words of letters and digits",
          "[runtime][cloudevents]") {
  using enum spec_version;
  for (const auto* good : {"a", "0", "abc123", "datax", "specversionx"})
    CHECK(name_problem(v1_0, good) == nullptr);
  for (const auto* bad : {"", "A", "a-b", "a_b", "a.b", "é", "data",
                          "specversion", "data_base64"}) {
    INFO(bad);
    CHECK(name_problem(v1_0, bad) != nullptr);
    CHECK(name_problem(v0_3, bad) != nullptr);
  }
  CHECK(name_problem(v0_2, "a-b_c") == nullptr);
  CHECK(name_problem(v0_1, "data_base64") != nullptr);
  CHECK(name_problem(v0_1, "a b") != nullptr);
  CHECK(name_problem(v1_0, std::string(256, 'a')) == nullptr);
  CHECK(name_problem(v1_0, std::string(257, 'a')) != nullptr);
}

TEST_CASE("CloudEvents names some attributes and the server others",
          "[runtime][cloudevents]") {
  for (const auto* name : {"id", "source", "type", "time", "subject",
                           "dataschema", "datacontenttype"})
    CHECK(is_named(name));
  for (const auto* name : {"", "ids", "data", "extension", "datacontent-type"})
    CHECK_FALSE(is_named(name));
  for (const auto* name : {"eventd", "eventdoffset", "event-d", "_eventdx"})
    CHECK(is_reserved(name));
  for (const auto* name : {"", "event", "eventx", "xeventd", "even-t"})
    CHECK_FALSE(is_reserved(name));
}

TEST_CASE("values have the types that the specification gives",
          "[runtime][cloudevents]") {
  using enum spec_version;
  auto good = [](spec_version version, const char* name, const char* value,
                 attribute_type type = attribute_type::string) {
    return value_problem(version, {name, value, type, {}}) == nullptr;
  };
  CHECK(good(v1_0, "id", "x"));
  CHECK_FALSE(good(v1_0, "id", ""));
  CHECK_FALSE(good(v1_0, "id", "5", attribute_type::integer));
  CHECK(good(v1_0, "ext", "5", attribute_type::integer));
  CHECK(good(v1_0, "ext", ""));
  CHECK_FALSE(good(v1_0, "ext", "\n"));
  CHECK_FALSE(good(v1_0, "subject", ""));
  CHECK_FALSE(good(v0_3, "source", "a b"));
  CHECK(good(v0_2, "source", "a b"));
  CHECK_FALSE(good(v0_2, "source", ""));
  CHECK(good(v0_3, "dataschema", "/x"));
  CHECK_FALSE(good(v1_0, "dataschema", "/x"));
  CHECK_FALSE(good(v0_3, "dataschema", "a b"));
  CHECK_FALSE(good(v0_1, "dataschema", ""));
  CHECK_FALSE(good(v0_1, "time", "x"));
  CHECK(good(v1_0, "datacontenttype", "a/b"));
  CHECK_FALSE(good(v1_0, "datacontenttype", "a"));
}

TEST_CASE("an integer fits 32 bits and is canonical",
          "[runtime][cloudevents]") {
  for (const auto* x : {"0", "1", "-1", "2147483647", "-2147483648"})
    CHECK(is_int32(x));
  for (const auto* x : {"", "-", "-0", "00", "01", "+1", "1.0", "1e1", " 1",
                        "2147483648", "-2147483649", "99999999999999999999"})
    CHECK_FALSE(is_int32(x));
}
