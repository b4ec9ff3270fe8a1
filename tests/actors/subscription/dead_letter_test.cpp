// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/subscription/dead_letter.hpp"

#include <catch2/catch_test_macros.hpp>

#include "storage/model/limits.hpp"

using namespace eventd;
using namespace eventd::actors;

TEST_CASE("base64 of dead letters follows RFC 4648", "[actors][dead_letter]") {
  CHECK(to_base64("") == "");
  CHECK(to_base64("f") == "Zg==");
  CHECK(to_base64("fo") == "Zm8=");
  CHECK(to_base64("foo") == "Zm9v");
  CHECK(to_base64("foob") == "Zm9vYg==");
  CHECK(to_base64("fooba") == "Zm9vYmE=");
  CHECK(to_base64("foobar") == "Zm9vYmFy");
  CHECK(to_base64("\xff\xfe\xfd") == "//79");
}

TEST_CASE("an answer is quoted with its status and its first bytes",
          "[actors][dead_letter]") {
  delivery_outcome outcome;
  outcome.status = 503;
  outcome.body = std::string(5'000, 'x');
  auto error = make_error_extensions("http://a/", outcome);
  CHECK(error.dest == "http://a/");
  CHECK(error.code == 503);
  CHECK(error.data == to_base64(std::string(768, 'x')));
  CHECK(error.data.size() == 1'024);
}

TEST_CASE("no answer counts as 500 and quotes the dispatcher",
          "[actors][dead_letter]") {
  delivery_outcome outcome;
  outcome.error = "connection refused";
  auto error = make_error_extensions("http://a/", outcome);
  CHECK(error.code == 500);
  CHECK(error.data == to_base64("dispatch error: connection refused"));
}

TEST_CASE("a description names the status or the words, and the URL",
          "[actors][dead_letter]") {
  delivery_outcome outcome;
  CHECK(describe("http://a/", outcome) == "no answer from http://a/");
  outcome.error = "timed out after 30000 ms";
  CHECK(describe("http://a/", outcome)
        == "timed out after 30000 ms from http://a/");
  outcome.status = 400;
  CHECK(describe("http://a/", outcome) == "status 400 from http://a/");
  CHECK(describe(std::string(9'999, 'a'), outcome).size()
        == limits::given_up_reason_bytes_max);
}
