// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/header_codec.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::runtime::cloudevents;

TEST_CASE("a value is encoded as the binding says", "[runtime][cloudevents]") {
  auto encoded = [](std::string_view x) {
    std::string out;
    append_encoded(out, x);
    return out;
  };
  CHECK(encoded("Euro € 😀") == "Euro%20%E2%82%AC%20%F0%9F%98%80");
  CHECK(encoded("~!#'\"%") == "~!#'%22%25");
  CHECK(encoded("\r\n\x7f") == "%0D%0A%7F");
}

TEST_CASE("each value comes back from its header", "[runtime][cloudevents]") {
  for (const auto* value : {"plain", "a b", "100%", "%41", "\"q\"", "é\\", ""})
    for (auto version : {spec_version::v0_1, spec_version::v0_2,
                         spec_version::v0_3, spec_version::v1_0}) {
      attribute_view x{"ext", value, attribute_type::string, {}};
      auto header = header_value(x, version);
      arena memory;
      attribute_view back;
      back.name = "ext";
      REQUIRE(decode_header(header, version, memory, back));
      CHECK(back.value == value);
      CHECK(back.raw_header.empty());
    }
}

TEST_CASE("one round of decoding is done, after unquoting",
          "[runtime][cloudevents]") {
  auto decoded = [](std::string_view raw, spec_version version) {
    arena memory;
    attribute_view x;
    x.name = "ext";
    return decode_header(raw, version, memory, x) ? std::string{x.value}
                                                  : std::string{"(refused)"};
  };
  using enum spec_version;
  CHECK(decoded("\"a%20b\"", v1_0) == "a b");
  CHECK(decoded("%22a%22", v1_0) == "\"a\"");
  CHECK(decoded("%2525", v1_0) == "%25");
  CHECK(decoded(R"("\n")", v1_0) == "n");
  CHECK(decoded(R"("\n")", v0_2) == "\n");
  CHECK(decoded(R"("\u00e9%20")", v0_1) == "é ");
  CHECK(decoded(R"("\q")", v0_2) == "q");
  CHECK(decoded("\"\\\"", v1_0) == "\"\\\"");
  CHECK(decoded("\"", v1_0) == "\"");
  CHECK(decoded("%C0%A0", v1_0) == "(refused)");
  CHECK(decoded("%c3%a9", v1_0) == "é");
  CHECK(decoded("%F4%90%80%80", v1_0) == "(refused)");
}

TEST_CASE("a raw header with a control character is encoded instead",
          "[runtime][cloudevents]") {
  attribute_view x{"ext", "a\nb", attribute_type::string, "a\nb"};
  CHECK(header_value(x, spec_version::v1_0) == "a%0Ab");
  x.value = "a b";
  x.raw_header = "\"a b\"";
  CHECK(header_value(x, spec_version::v1_0) == "\"a b\"");
}
