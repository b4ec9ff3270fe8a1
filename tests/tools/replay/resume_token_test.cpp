// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/replay/resume_token.hpp"

#include <filesystem>

#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::replay;

namespace {

resume_token some_token() {
  return {"http://h", "a/b", "3", 120, "500", "file:x", 4'096, {120, 4'096, 1}};
}

} // namespace

TEST_CASE("a token is read back as it was written", "[replay][resume]") {
  auto x = token_from_json(to_json(some_token()));
  REQUIRE(x.has_value());
  CHECK(*x == some_token());
}

TEST_CASE("a token that is damaged or newer is refused", "[replay][resume]") {
  CHECK(token_from_json("").error() == ec::invalid_config);
  CHECK(token_from_json(R"({"version":2})").error() == ec::invalid_config);
  CHECK(token_from_json(R"({"version":1,"next":-1})").error()
        == ec::invalid_config);
}

TEST_CASE("a token of another target is refused", "[replay][resume]") {
  options now;
  now.server = "http://h";
  now.channel = {"a", "b"};
  now.output = "x";
  CHECK(check_matches(some_token(), now).has_value());
  now.output = "y";
  CHECK(check_matches(some_token(), now).error() == ec::invalid_config);
  now.output = "x";
  now.channel.name = "c";
  CHECK(check_matches(some_token(), now).error() == ec::invalid_config);
}

TEST_CASE("a token on disk is replaced whole, and its absence is no error",
          "[replay][resume]") {
  auto path = (std::filesystem::temp_directory_path()
               / ("eventd-token-" + std::to_string(getpid())))
                .string();
  std::filesystem::remove(path);
  CHECK(load_token(path)->has_value() == false);
  REQUIRE(save_token(path, some_token()).has_value());
  CHECK(**load_token(path) == some_token());
  CHECK_FALSE(std::filesystem::exists(path + ".new"));
  std::filesystem::remove(path);
  CHECK(save_token("/nowhere/x", some_token()).error() == ec::io_error);
}
