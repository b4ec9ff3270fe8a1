// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/client/problem.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tools/client/exit_code.hpp"

using namespace eventd;
using namespace eventd::tools;

TEST_CASE("a problem's type decides before its status", "[tools][problem]") {
  auto x = failure_of(
    410, R"({"type":"/errors/epoch_mismatch","detail":"the epoch is 3"})");
  CHECK(x.code == ec::epoch_mismatch);
  CHECK(one_line(x) == "the epoch is 3 (epoch_mismatch)");
}

TEST_CASE("a problem names its field and earliest offset", "[tools][problem]") {
  auto x
    = failure_of(410, R"({"type":"/errors/offset_trimmed","detail":"gone",)"
                      R"("field":"from","earliest":"120"})");
  CHECK(x.offset == 120);
  CHECK(one_line(x) == "from: gone (offset_trimmed)");
}

TEST_CASE("an answer that is no problem is told by status and text",
          "[tools][problem]") {
  CHECK(failure_of(404, "").code == ec::not_found);
  CHECK(failure_of(418, "tea\npot").code == ec::invalid_request);
  CHECK(one_line(failure_of(418, "tea\npot"))
        == "the server answered 418: tea pot (invalid_request)");
  CHECK(failure_of(500, "{}").code == ec::unreachable);
}

TEST_CASE("exit codes tell refusal, absence and silence apart",
          "[tools][problem]") {
  CHECK(exit_code_of(ec::not_found) == exit_code::not_found);
  CHECK(exit_code_of(ec::invalid_event) == exit_code::refused);
  CHECK(exit_code_of(ec::unreachable) == exit_code::unreachable);
  CHECK(exit_code_of(ec::invalid_config) == exit_code::usage);
  CHECK(exit_code_of(ec::io_error) == exit_code::error);
}
