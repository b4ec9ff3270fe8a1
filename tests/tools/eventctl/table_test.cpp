// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/table.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tools/eventctl/description.hpp"

using namespace eventd::eventctl;
namespace json = boost::json;

namespace {

auto channel = json::parse(
  R"({"kind":"Channel","metadata":{"name":"orders","namespace":"shop",)"
  R"("creationTimestamp":"1970-01-01T00:00:00Z"},"spec":{},"status":{"address":)"
  R"({"url":"http://x/"},"conditions":[{"type":"Ready","status":"False",)"
  R"("reason":"NameTaken","message":"another has it",)"
  R"("lastTransitionTime":"1970-01-01T00:00:00Z"}]}})");

auto subscription
  = json::parse(R"({"metadata":{"name":"b"},"status":{"eventd":{"lag":7}}})");

} // namespace

TEST_CASE("a channel's row has Knative's columns", "[eventctl][table]") {
  auto text = to_text(rows_of("Channel", {channel}, false, 90'000), false);
  CHECK(text
        == "NAME     URL         AGE   READY   REASON\n"
           "orders   http://x/   90s   False   NameTaken\n");
}

TEST_CASE("all namespaces show the namespace first", "[eventctl][table]") {
  auto rows = rows_of("Channel", {channel}, true, 0);
  CHECK(rows[0].front() == "NAMESPACE");
  CHECK(rows[1].front() == "shop");
}

TEST_CASE("a subscription's row shows its lag, and Unknown without conditions",
          "[eventctl][table]") {
  auto rows = rows_of("Subscription", {subscription}, false, 0);
  CHECK(rows[0] == table_row{"NAME", "AGE", "LAG", "READY", "REASON"});
  CHECK(rows[1] == table_row{"b", "<unknown>", "7", "Unknown", ""});
}

TEST_CASE("colours do not move columns, and are there only when asked for",
          "[eventctl][table]") {
  std::vector<table_row> rows{{"READY", "REASON"}, {"True", "x"}};
  CHECK(to_text(rows, false) == "READY   REASON\nTrue    x\n");
  CHECK(to_text(rows, true) == "READY   REASON\n\033[32mTrue\033[0m    x\n");
}

TEST_CASE("ages are short", "[eventctl][table]") {
  CHECK(short_age(119'000) == "119s");
  CHECK(short_age(120'000) == "2m");
  CHECK(short_age(3 * 3'600'000) == "3h");
  CHECK(short_age(72 * 3'600'000) == "3d");
  CHECK(short_age(-5) == "0s");
}

TEST_CASE("a description tells conditions with their reasons",
          "[eventctl][description]") {
  auto text = description_of(channel, 5'000, false);
  CHECK(text.find("Name:        orders\n") != text.npos);
  CHECK(text.find("  False   Ready   5s      NameTaken   another has it\n")
        != text.npos);
  CHECK(text.find("Status:\n  address:\n    url:") != text.npos);
  CHECK(text.find("Annotations") == text.npos);
}
