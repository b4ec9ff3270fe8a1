// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/media_type.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd::runtime::cloudevents;

TEST_CASE("a media type is taken apart", "[runtime][cloudevents]") {
  auto x = parse_media_type("Text/Plain ; a=b; Charset=\"UTF-8\";");
  REQUIRE(x);
  CHECK(x->type == "Text");
  CHECK(x->subtype == "Plain");
  CHECK(x->charset == "UTF-8");
  for (const auto* good : {"a/b", "a/b;", "a/b;;x=y", "a/b; x=\"q\\\"\"",
                           "application/vnd.a+b", "a/b;x=y;z=w"})
    CHECK(parse_media_type(good));
  for (const auto* bad :
       {"", "a", "a/", "/b", "a/b c", "a/b; x", "a/b; x=", "a/b; =y",
        "a/b; x=\"", "a /b", "a/b\n", "a/b; x=\xff", " a/b", "a/b; x=\"\\\""}) {
    INFO(bad);
    CHECK_FALSE(parse_media_type(bad));
  }
}

TEST_CASE("a type that stands for a mode is told by its beginning",
          "[runtime][cloudevents]") {
  for (const auto* x :
       {"application/cloudevents+json", "Application/CloudEvents",
        "application/cloudevents-batch+json; charset=utf-8"})
    CHECK(names_mode(x));
  for (const auto* x : {"", "application/cloudevent", "application/json",
                        "text/cloudevents+json"})
    CHECK_FALSE(names_mode(x));
}

TEST_CASE("JSON and text are told by the media type",
          "[runtime][cloudevents]") {
  auto json = [](const char* x) { return is_json(*parse_media_type(x)); };
  auto text = [](const char* x) { return is_text(*parse_media_type(x)); };
  for (const auto* x : {"application/json", "text/JSON", "a/b+json",
                        "application/json; charset=utf-8"})
    CHECK(json(x));
  for (const auto* x : {"application/jsonx", "application/+json", "json/xml",
                        "application/json-seq"})
    CHECK_FALSE(json(x));
  for (const auto* x :
       {"text/plain", "application/xml", "image/svg+XML",
        "text/plain; charset=UTF-8", "text/x; charset=us-ascii"})
    CHECK(text(x));
  for (const auto* x : {"text/plain; charset=iso-8859-1", "image/png",
                        "application/octet-stream"})
    CHECK_FALSE(text(x));
}
