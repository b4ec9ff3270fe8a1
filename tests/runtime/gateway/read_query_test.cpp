// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/read_query.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::runtime;

TEST_CASE("an empty query reads from the earliest event without waiting",
          "[gateway][read_query]") {
  auto x = parse_read_query("");
  REQUIRE(x.has_value());
  CHECK(x->from == position{position::kind::earliest, 0});
  CHECK_FALSE(x->to.has_value());
  CHECK_FALSE(x->limit.has_value());
  CHECK(x->wait_ms == 0);
  CHECK_FALSE(x->epoch.has_value());
}

TEST_CASE("all parameters of a read are understood", "[gateway][read_query]") {
  auto x = parse_read_query(
    "from=42&to=2026-01-02T03:04:05.678Z&limit=10000&wait=60&epoch=3");
  REQUIRE(x.has_value());
  CHECK(x->from == position{position::kind::offset, 42});
  CHECK(x->to == position{position::kind::time, 1'767'323'045'678});
  CHECK(x->limit == 10'000);
  CHECK(x->wait_ms == 60'000);
  CHECK(x->epoch == 3);
  CHECK(parse_read_query("from=latest")->from.what == position::kind::latest);
  // A plus in a zone may come as it is or encoded.
  CHECK(parse_read_query("from=1970-01-01T01:00:01%2B01:00")->from
        == position{position::kind::time, 1'000});
  CHECK(parse_read_query("from=1970-01-01T01:00:01+01:00")->from
        == position{position::kind::time, 1'000});
}

TEST_CASE("a parameter that can not be used is refused by its name",
          "[gateway][read_query]") {
  struct row {
    const char* query;
    const char* field;
  };
  for (auto [query, field] : std::initializer_list<row>{
         {"filter=a", "filter"},
         {"from=", "from"},
         {"from=-1", "from"},
         {"from=yesterday", "from"},
         {"from=18446744073709551616", "from"},
         {"to=x", "to"},
         {"limit=0", "limit"},
         {"limit=10001", "limit"},
         {"limit=9223372036854775807", "limit"},
         {"limit=1e3", "limit"},
         {"wait=61", "wait"},
         {"wait=-1", "wait"},
         {"epoch=x", "epoch"},
         {"from=1&from=2", "from"},
         {"Limit=1", "Limit"},
         {"from=%zz", "from"},
       }) {
    INFO(query);
    auto x = parse_read_query(query);
    REQUIRE_FALSE(x.has_value());
    CHECK(x.error() == ec::invalid_request);
    CHECK(x.error().field == field);
  }
}

TEST_CASE("a seek takes the parameter to and nothing else",
          "[gateway][read_query]") {
  CHECK(*parse_seek_query("to=5") == position{position::kind::offset, 5});
  CHECK(parse_seek_query("to=earliest")->what == position::kind::earliest);
  CHECK(parse_seek_query("").error().field == "to");
  CHECK(parse_seek_query("to=5&from=1").error().field == "from");
  CHECK(parse_seek_query("to=soon").error().field == "to");
}

TEST_CASE("an event id is an epoch and an offset", "[gateway][read_query]") {
  auto x = parse_event_id("3:41");
  REQUIRE(x.has_value());
  CHECK(x->epoch == 3);
  CHECK(x->offset == 41);
  for (const char* bad : {"", "3", "3:", ":41", "3:x", "3:4:1", "-3:1"})
    CHECK_FALSE(parse_event_id(bad).has_value());
}
