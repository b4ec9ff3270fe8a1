// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/text.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

using namespace eventd::runtime::cloudevents;

TEST_CASE("a clean string has no control and no noncharacter",
          "[runtime][cloudevents]") {
  for (const auto* clean : {"", "plain ~", "é€😀", "\u00a0", "\ufdcf", "\ufdf0",
                            "\ufffd", "\U0010fffd"}) {
    INFO(clean);
    CHECK(is_clean_string(clean));
  }
  for (const auto* bad :
       {"\t", "a\n", "\x1f", "\x7f", "é\u0080", "\u009f", "\ufdd0", "\ufdef",
        "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff"}) {
    INFO(bad);
    CHECK_FALSE(is_clean_string(bad));
  }
  CHECK_FALSE(is_clean_string(std::string_view{"\0", 1}));
}

TEST_CASE("malformed UTF-8 is seen", "[runtime][cloudevents]") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("é€😀"));
  for (const auto* bad : {"\xc0\xa0", "\xe0\x80\x80", "\xed\xa0\x80", "\xff",
                          "\xe2\x82", "\x80", "\xf4\x90\x80\x80"})
    CHECK_FALSE(is_utf8(bad));
}

TEST_CASE("a character has the bytes of UTF-8, what is none has none",
          "[runtime][cloudevents]") {
  CHECK(character_bytes("ab") == 1);
  CHECK(character_bytes("éa") == 2);
  CHECK(character_bytes("€a") == 3);
  CHECK(character_bytes("😀a") == 4);
  for (const auto* bad : {"", "\xc0\xa0", "\xe2\x82", "\xff", "\x80"})
    CHECK(character_bytes(bad) == 0);
}

TEST_CASE("a field value holds no control character",
          "[runtime][cloudevents]") {
  CHECK(is_field_value("a b é"));
  for (const auto* bad : {"\r", "\n", "\t", "\x7f", "a\x01"})
    CHECK_FALSE(is_field_value(bad));
}

TEST_CASE("names compare without regard to case", "[runtime][cloudevents]") {
  CHECK(equals_lowered("Content-TYPE", "content-type"));
  CHECK_FALSE(equals_lowered("content-typ", "content-type"));
  CHECK(starts_with_lowered("CE-id", "ce-"));
  CHECK_FALSE(starts_with_lowered("c", "ce-"));
  CHECK(trimmed(" \ta b\t ") == "a b");
  arena memory;
  CHECK(lowered("aBC-1", memory) == "abc-1");
}

TEST_CASE("an arena's memory stays in its place", "[runtime][cloudevents]") {
  arena memory;
  auto* first = memory.take(1);
  *first = 'x';
  for (auto i = 0; i < 1'000; ++i)
    *memory.take(100) = 'y';
  CHECK(*first == 'x');
  CHECK(memory.take(0) != memory.take(0));
}
