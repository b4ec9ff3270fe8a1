// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// Each file of this folder that ends in .txt is a test.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tests/scenario/runner.hpp"

using namespace eventd::tests;

namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in{file};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

class scenario_file : public Catch::ITestInvoker {
public:
  explicit scenario_file(fs::path file) : file_(std::move(file)) {}

  void invoke() const override {
    auto expected = text_of(file_);
    auto actual = play_scenario(expected);
    if (std::getenv("EVENTD_REWRITE") != nullptr) {
      std::ofstream{file_} << actual;
      return;
    }
    INFO(file_.string() << "; EVENTD_REWRITE=1 takes what is said now");
    if (auto lines = difference(expected, actual); !lines.empty())
      FAIL(lines);
    SUCCEED();
  }

private:
  fs::path file_;
};

/// Registers them before main runs, so that each is a test of its own.
struct scenarios {
  scenarios() {
    std::vector<fs::path> files;
    for (const auto& x : fs::directory_iterator{EVENTD_SCENARIO_DIR})
      if (x.path().extension() == ".txt")
        files.push_back(x.path());
    std::sort(files.begin(), files.end());
    for (const auto& x : files) {
      auto name = "scenario " + x.stem().string();
      Catch::AutoReg{Catch::Detail::make_unique<scenario_file>(x),
                     Catch::SourceLineInfo{__FILE__, __LINE__}, "",
                     Catch::NameAndTags{name, "[scenario]"}};
    }
  }
} registered;

} // namespace

TEST_CASE("a scenario that says something else shows the lines that differ",
          "[scenario]") {
  CHECK(difference("a\nb\nc\nd\ne\n", "a\nb\nc\nd\ne\n").empty());
  CHECK(difference("1\n2\n3\nold\n5\n6\n7\n", "1\n2\n3\nnew\n5\n6\n7\n")
        == " 2\n 3\n-old\n+new\n 5\n 6\n");
  CHECK(difference("a\n", "a\nb\n") == " a\n+b\n");
  CHECK(difference("a\nb\n", "b\n") == "-a\n b\n");
}

TEST_CASE("a scenario keeps its comments and gets what is said", "[scenario]") {
  auto played = play_scenario("# A story.\nnodes 1\nappend orders a b\n----\n"
                              "something old\n\nread orders\n----\n");
  CHECK(played
        == "# A story.\nnodes 1\nappend orders a b\n----\n"
           "n1 elected in term 1\nn1 leads orders at term 1, end_offset 0\n"
           "a b: offset 0 to 1\n\nread orders\n----\nn1: 0=a 1=b\n");
}

TEST_CASE("a line of a scenario that means nothing is said to be so",
          "[scenario]") {
  CHECK(play_scenario("append orders a\n----\n")
        == "append orders a\n----\n`nodes N` comes first\n");
  CHECK(play_scenario("nodes 1\nhello\ncrash n9\ntick soon\nread\n")
        == "nodes 1\nhello\ncrash n9\ntick soon\nread\n----\n"
           "n1 elected in term 1\nn1 leads orders at term 1, end_offset 0\n"
           "there is no command hello\nn9 is not a node\n"
           "soon is not a number\nusage: read orders [at NODE]\n");
}
