// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/base64.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd::runtime::cloudevents;

TEST_CASE("base64 follows the vectors of RFC 4648", "[runtime][cloudevents]") {
  const std::pair<std::string, std::string> vectors[]
    = {{"", ""},
       {"f", "Zg=="},
       {"fo", "Zm8="},
       {"foo", "Zm9v"},
       {"foob", "Zm9vYg=="},
       {"fooba", "Zm9vYmE="},
       {"foobar", "Zm9vYmFy"},
       {"\xff\xfe\xfd", "//79"}};
  for (const auto& [bytes, text] : vectors) {
    std::string out = "=";
    append_base64(out, bytes);
    CHECK(out == "=" + text);
    arena memory;
    CHECK(decode_base64(text, memory) == bytes);
  }
}

TEST_CASE("what is not base64 is refused", "[runtime][cloudevents]") {
  arena memory;
  for (const auto* text :
       {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zm9v\n",
        "Zm 9v===", "Zm9_", "Zm9-", "Zg==Zg==", "Z=g=", "Zm9\xff"}) {
    INFO(text);
    CHECK_FALSE(decode_base64(text, memory));
  }
}
