// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/problem.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

#include "runtime/gateway/status.hpp"

using namespace eventd;
using namespace eventd::runtime;

TEST_CASE("a problem names its type, status, detail, field and offset",
          "[gateway][problem]") {
  CHECK(problem_json({ec::offset_trimmed, "gone", uint64_t{7}}, 410)
        == R"({"type":"/errors/offset_trimmed","title":"offset trimmed",)"
           R"("status":410,"detail":"gone","offset":"7","earliest":"7"})");
  CHECK(problem_json({ec::invalid_event, "missing", "id"}, 400)
        == R"({"type":"/errors/invalid_event","title":"invalid event",)"
           R"("status":400,"detail":"missing","field":"id"})");
}

TEST_CASE("any bytes in a problem still make valid JSON",
          "[gateway][problem]") {
  std::string nasty
    = "a\"b\\c\n\x01\x7f\xff\xc3\xa9\xed\xa0\x80\xf0\x9f\x98\x80"
      "\xc2\x9b[2J\xe2\x82";
  auto text = problem_json({ec::invalid_event, nasty, nasty}, 400);
  boost::system::error_code failed;
  auto parsed = boost::json::parse(text, failed);
  REQUIRE_FALSE(failed);
  std::string detail{parsed.at("detail").as_string()};
  CHECK(detail.find("\xc3\xa9") != std::string::npos);
  CHECK(detail.find("\xf0\x9f\x98\x80") != std::string::npos);
  CHECK(text.find('\n') == std::string::npos);
  CHECK(text.find('\x01') == std::string::npos);
  CHECK(text.find("\xc2\x9b") == std::string::npos);
}

TEST_CASE("every code has a status and what may be repeated says when",
          "[gateway][problem]") {
  for (const auto& row : error_table) {
    INFO(row.name);
    auto status = http_status(row.code);
    CHECK(reason_phrase(status) != "Unknown");
    if (row.code != ec::none)
      CHECK(status >= 400);
    // A 4xx that is not 429 tells a publisher that repeating is of no use.
    if (row.retryable)
      CHECK((status == 429 || status >= 500));
  }
  CHECK(retry_after_s(429) > 0);
  CHECK(retry_after_s(503) > 0);
  CHECK(retry_after_s(400) == 0);
}
