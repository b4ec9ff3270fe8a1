// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/json_writer.hpp"

#include <catch2/catch_test_macros.hpp>

#include "runtime/cloudevents/json_reader.hpp"

using namespace eventd::runtime::cloudevents;

TEST_CASE("each text comes back from its JSON string",
          "[runtime][cloudevents]") {
  std::string all_ascii;
  for (auto c = 0; c < 128; ++c)
    all_ascii.push_back(static_cast<char>(c));
  for (const auto& text : {std::string{}, all_ascii, std::string{"é€😀"}}) {
    std::string out;
    append_json_string(out, text);
    REQUIRE(is_json_text(out, 1));
    arena memory;
    json_reader in{out, 1};
    json_value x;
    REQUIRE(in.read_value(x));
    CHECK(text_of(x, memory) == text);
  }
}

TEST_CASE("each character is found at each place of a text",
          "[runtime][cloudevents]") {
  for (size_t place = 0; place < 17; ++place) {
    for (auto c = 0; c < 128; ++c) {
      std::string text(17, 'x');
      text[place] = static_cast<char>(c);
      std::string out;
      append_json_string(out, text);
      arena memory;
      json_reader in{out, 1};
      json_value x;
      REQUIRE(in.read_value(x));
      CHECK(text_of(x, memory) == text);
      auto escaped = c < 0x20 || c == '"' || c == '\\';
      CHECK((out.size() > text.size() + 2) == escaped);
    }
    std::string text(17, 'x');
    text[place] = '\xff';
    std::string out;
    append_json_string(out, text);
    CHECK(out.find("\xef\xbf\xbd") == place + 1);
  }
}

TEST_CASE("bytes that are not UTF-8 become the replacement character",
          "[runtime][cloudevents]") {
  std::string out;
  append_json_string(out, "a\xff\"é\xe2\x82");
  CHECK(out == "\"a\xef\xbf\xbd\\\"é\xef\xbf\xbd\xef\xbf\xbd\"");
  CHECK(is_json_text(out, 1));
}

TEST_CASE("an object has commas between its members",
          "[runtime][cloudevents]") {
  std::string out = "x";
  json_object_writer object{out};
  object.string("a\n", "b\"");
  object.raw("c", "[1]");
  object.base64("d", "f");
  object.close();
  CHECK(out == R"(x{"a\n":"b\"","c":[1],"d":"Zg=="})");
}

TEST_CASE("names and values of any length and kind make the same object",
          "[runtime][cloudevents]") {
  for (std::string name : {"", "n", "a longer name", "n\"", "n\xc3\xa9"})
    for (size_t size : {0, 1, 7, 8, 9, 1'023, 1'024, 1'025, 3'000})
      for (std::string last : {"", "x", "\"", "\n", "\xff"}) {
        auto value = std::string(size, 'v') + last;
        std::string out;
        json_object_writer object{out};
        object.string(name, value);
        object.string("second", value);
        object.close();
        std::string wanted = "{";
        append_json_string(wanted, name);
        wanted += ':';
        append_json_string(wanted, value);
        wanted += ",\"second\":";
        append_json_string(wanted, value);
        wanted += '}';
        REQUIRE(out == wanted);
      }
}
