// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/tidy/rules.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd::tidy;

namespace {

constexpr std::string_view layers = "storage: rocksdb boost/system # disk\n"
                                    "actors: storage caf\n"
                                    "actors/filter: simdjson\n";

/// The places found, as "rule path:line" a line.
std::string places(const findings& found) {
  std::string text;
  for (const auto& x : found)
    text += x.rule + ' ' + x.path + ':' + std::to_string(x.line) + '\n';
  return text;
}

std::string repeat(std::string_view line, size_t n) {
  std::string text;
  for (size_t i = 0; i < n; ++i)
    text += line;
  return text;
}

} // namespace

TEST_CASE("a source includes what its layer allows and the standard library",
          "[tools][tidy]") {
  tree files{{"storage/a.hpp", ""},
             {"storage/b.cpp", "#include <vector>\n"
                               "#include <rocksdb/db.h>\n"
                               "#include <boost/system/result.hpp>\n"
                               "#include \"storage/a.hpp\"\n"},
             {"actors/filter/c.cpp", "#include <simdjson.h>\n"
                                     "#include <caf/actor.hpp>\n"
                                     "#include \"storage/a.hpp\"\n"}};
  CHECK(places(check_layers(files, layers)) == "");
}

TEST_CASE("a source may not include upwards, foreign, or what is not there",
          "[tools][tidy]") {
  tree files{{"actors/a.hpp", ""},
             {"actors/d.cpp", "#include <simdjson.h>\n"},
             {"storage/b.cpp", "#include \"actors/a.hpp\"\n"
                               "#include <boost/asio.hpp>\n"
                               "#include \"b.hpp\"\n"
                               "#include <rocksdbx/db.h>\n"
                               "#include <unistd.h>\n"}};
  CHECK(places(check_layers(files, layers))
        == "layer actors/d.cpp:1\n"
           "layer storage/b.cpp:1\n"
           "layer storage/b.cpp:2\n"
           "layer storage/b.cpp:3\n"
           "layer storage/b.cpp:4\n"
           "layer storage/b.cpp:5\n");
}

TEST_CASE("a file, a function and a line may be as large as their caps",
          "[tools][tidy]") {
  auto function = "void f(int x)\n{\n" + repeat("  g({1, 2});\n", 57) + "}\n";
  tree files{
    {"storage/a.cpp", repeat(";\n", 400)},
    {"storage/b.cpp", "namespace x {\nclass y {\n" + function + "};}\n"},
    {"storage/c.cpp", std::string(80, ';') + "\n"},
    {"storage/d.cpp", "// " + repeat("\u00e9", 77) + "\n"}};
  CHECK(places(check_shape(files)) == "");
}

TEST_CASE("a file, a function or a line beyond its cap is found",
          "[tools][tidy]") {
  auto function = "void f(int x)\n{\n" + repeat("  g({1, 2});\n", 58) + "}\n";
  tree files{
    {"storage/a.cpp", repeat(";\n", 401)},
    {"storage/b.cpp", "namespace x {\nclass y {\n" + function + "};}\n"},
    {"storage/c.cpp", "\n" + std::string(81, ';') + "\n"}};
  CHECK(places(check_shape(files))
        == "length storage/a.cpp:0\n"
           "function storage/b.cpp:3\n"
           "width storage/c.cpp:2\n");
}

TEST_CASE("braces in comments, literals and macros open no function",
          "[tools][tidy]") {
  auto noise = std::string{"#define M() { \\\n {\n"}
               + "// f() {\n/* g() { */\nauto s = \"h() {\";\n"
                 "auto c = '{';\nauto n = 1'000;\nauto r = R\"x(k() {\")x\";\n";
  tree files{{"storage/a.cpp", noise + repeat("int x;\n", 100) + "}\n"}};
  CHECK(places(check_shape(files)) == "");
}

TEST_CASE("a macro call without a semicolon makes no namespace a function",
          "[tools][tidy]") {
  auto text
    = "ALLOW(a::b)\n\nnamespace x {\n" + repeat("int y;\n", 100) + "}\n";
  CHECK(places(check_shape({{"storage/a.hpp", text}})) == "");
}

TEST_CASE("each source begins with its licence", "[tools][tidy]") {
  tree files{{"storage/a.cpp", "// Copyright 2026 The eventd authors.\n"
                               "// SPDX-License-Identifier: Apache-2.0\n"},
             {"storage/b.cpp", "#pragma once\n"}};
  CHECK(places(check_licence(files)) == "licence storage/b.cpp:1\n");
}

TEST_CASE("each source stands in the nearest CMakeLists.txt", "[tools][tidy]") {
  tree files{{"storage/CMakeLists.txt", "add_library(s a/x.cpp a/z.cpp)"},
             {"storage/a/x.cpp", ""},
             {"storage/x.cpp", ""},
             {"storage/a/z.cp", ""},
             {"actors/y.cpp", ""}};
  CHECK(places(check_listed(files))
        == "listed actors/y.cpp:0\nlisted storage/x.cpp:0\n");
}

TEST_CASE("each noun has its test, a header alone needs none",
          "[tools][tidy]") {
  tree files{{"storage/a.hpp", ""}, {"storage/a.cpp", ""},
             {"storage/b.hpp", ""}, {"storage/b.cpp", ""},
             {"storage/c.hpp", ""}, {"tests/storage/a_test.cpp", ""},
             {"tools/d/e.hpp", ""}, {"tools/d/e.cpp", ""}};
  CHECK(places(check_tests(files)) == "test storage/b.hpp:0\n");
}

TEST_CASE("relative links lead to files and folders that are there",
          "[tools][tidy]") {
  tree files{{"README.md", "[a](docs/a.md#part) [b](docs) [c](http://x/y)\n"
                           "[d](#part) `[e](gone.md)`\n"
                           "```\n[f](gone.md)\n```\n"
                           "see [g](gone.md)\n"},
             {"docs/a.md", "[up](../README.md) [down](b.md)\n"}};
  CHECK(places(check_links(files)) == "link README.md:6\nlink docs/a.md:1\n");
}

TEST_CASE("an example in a text is what its file says", "[tools][tidy]") {
  tree files{{"a.cpp", "int a();\nint b();\nint c();\n"},
             {"good.md", "<!-- example: a.cpp -->\n```cpp\nint b();\n```\n"},
             {"old.md", "<!-- example: a.cpp -->\n```cpp\nint B();\n```\n"},
             {"gone.md", "<!-- example: b.cpp -->\n```\nint b();\n```\n"}};
  CHECK(places(check_examples(files))
        == "example gone.md:1\nexample old.md:1\n");
}

TEST_CASE("a task without an issue number and a home folder are found",
          "[tools][tidy]") {
  tree files{{"a.txt", "TO"
                       "DO #12: later\nTO"
                       "DO: later\n"},
             {"b.txt", "x /ho"
                       "me/me/src\ny /my/ho"
                       "me/a\n"}};
  CHECK(places(check_words(files)) == "todo a.txt:2\nhome b.txt:1\n");
}

TEST_CASE("an exception silences one finding and must be needed",
          "[tools][tidy]") {
  tree files{{"storage/a.cpp", "// Copyright 2026 The eventd authors.\n"
                               "// SPDX-License-Identifier: Apache-2.0\n"},
             {"storage/CMakeLists.txt", ""}};
  CHECK(places(check_all(files, layers, "listed storage/a.cpp: a sample\n"))
        == "");
  CHECK(places(check_all(files, layers, "listed storage/a.cpp:\n"))
        == "exception tools/tidy/exceptions.txt:1\nlisted storage/a.cpp:0\n");
  CHECK(places(check_all(files, layers,
                         "# why\nlisted storage/a.cpp: a sample\n"
                         "width storage/a.cpp: a table\n"))
        == "exception tools/tidy/exceptions.txt:3\n");
}
