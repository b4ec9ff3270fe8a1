// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/wire.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/cloudevents/messages.hpp"

using namespace eventd;
using namespace eventd::tests;

TEST_CASE("extra attributes replace their namesakes, the others follow",
          "[runtime][cloudevents]") {
  auto batch = granted(publish_json(json_event(R"(,"a":1,"b":"2")")));
  const cloudevents::extra_attributes extra{{"c", "3"}, {"a", "x"}};
  auto xs = cloudevents::merged_attributes(batch[0], extra);
  REQUIRE(xs.size() == 6);
  CHECK(xs[3].name == "a");
  CHECK(xs[3].value == "x");
  CHECK(xs[3].type == attribute_type::string);
  CHECK(xs[4].value == "2");
  CHECK(xs[5].name == "c");
}

TEST_CASE("the form of data follows its kind, and its type where octets",
          "[runtime][cloudevents]") {
  using cloudevents::data_form;
  auto form = [](std::string_view members, std::string_view type) {
    auto batch = granted(publish_json(json_event(members)));
    return cloudevents::form_of(batch[0], type);
  };
  CHECK(form("", "application/json") == data_form::none);
  CHECK(form(R"(,"data":1)", "") == data_form::json);
  CHECK(form(R"(,"data":"x","datacontenttype":"a/b")", "a/b")
        == data_form::text);
  CHECK(form(R"(,"data_base64":"e30=")", "") == data_form::base64);
  CHECK(form(R"(,"data_base64":"e30=")", "application/json")
        == data_form::json);
  CHECK(form(R"(,"data_base64":"e30=")", "text/plain") == data_form::text);
  CHECK(form(R"(,"data_base64":"e30=")", "image/png") == data_form::base64);
  CHECK(form(R"(,"data_base64":"e30=")", "text/x; charset=us-ascii")
        == data_form::text);
  // A string of a JSON type would be read as a JSON value, whatever its
  // charset.
  for (const char* type : {"text/json; charset=us-ascii",
                           "application/json; charset=us-ascii", "text/a+json"})
    CHECK(form(R"(,"data_base64":"aGVsbG8=")", type) == data_form::base64);
}
