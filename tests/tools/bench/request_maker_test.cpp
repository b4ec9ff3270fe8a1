// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/request_maker.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::bench;

namespace {

request_maker maker(content_mode mode) {
  return request_maker{
    {*tools::parse_url("http://h:1"), "/default/bench", mode, 256, "p-"}};
}

std::string body_of(const std::string& text) {
  return text.substr(text.find("\r\n\r\n") + 4);
}

} // namespace

TEST_CASE("a structured event has the size that was asked for",
          "[bench][maker]") {
  std::string text;
  maker(content_mode::structured).make(text, 7, 1, {});
  auto body = body_of(text);
  CHECK(body.size() == 256);
  auto event = boost::json::parse(body);
  CHECK(event.at("id") == "p-000000000007");
  CHECK(text.find("Content-Length: 256\r\n") != text.npos);
}

TEST_CASE("a batch numbers its events on", "[bench][maker]") {
  std::string text;
  maker(content_mode::batch).make(text, 10, 3, 99);
  auto events = boost::json::parse(body_of(text)).as_array();
  REQUIRE(events.size() == 3);
  CHECK(events[2].at("id") == "p-000000000012");
  CHECK(events[2].at("benchsent") == "99");
}

TEST_CASE("binary mode has attributes in headers and the same data",
          "[bench][maker]") {
  std::string binary;
  std::string structured;
  maker(content_mode::binary).make(binary, 1, 1, 5);
  maker(content_mode::structured).make(structured, 1, 1, {});
  CHECK(binary.find("ce-id: p-000000000001\r\n") != binary.npos);
  CHECK(binary.find("ce-benchsent: 5\r\n") != binary.npos);
  CHECK(boost::json::parse(body_of(binary))
        == boost::json::parse(body_of(structured)).at("data"));
}

TEST_CASE("channels take turns", "[bench][maker]") {
  maker_options how{*tools::parse_url("http://h:1"), "/default/bench",
                    content_mode::batch, 256, "p-"};
  how.channels = 3;
  request_maker events{how};
  std::string text;
  uint64_t first = 0;
  for (auto path : {"bench-0 ", "bench-1 ", "bench-2 ", "bench-0 "}) {
    events.make(text, first, 10, {});
    CHECK(text.starts_with(std::string{"POST /default/"} + path));
    first += 10;
  }
}

TEST_CASE("modes have three names", "[bench][maker]") {
  CHECK(*parse_mode("batch") == content_mode::batch);
  CHECK(parse_mode("stream").error() == ec::invalid_config);
}
