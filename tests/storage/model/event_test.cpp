// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/model/event.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/print.hpp"
#include "tests/fixtures/test_events.hpp"

using namespace eventd;

namespace {

/// One event's record without its length.
std::string record() {
  std::string out;
  event_writer event{out, spec_version::v0_2, data_kind::text, 5};
  event.attribute({"id", "1", {}, {}});
  event.attribute({"source", "/s", {}, {}});
  event.attribute({"type", "t", {}, {}});
  event.attribute({"flag", "true", attribute_type::boolean, {}});
  event.attribute({"subject", "a b", {}, "a%20b"});
  event.data("text");
  return out.substr(sizeof(uint32_t));
}

} // namespace

TEST_CASE("an event comes back with all it was written with",
          "[storage][event]") {
  auto bytes = record();
  auto event = event_view::parse(bytes);
  REQUIRE(event);
  CHECK(event->version() == spec_version::v0_2);
  CHECK(event->kind() == data_kind::text);
  CHECK(event->id() == "1");
  CHECK(event->source() == "/s");
  CHECK(event->type() == "t");
  CHECK(event->data() == "text");
  auto all = event->attributes();
  REQUIRE(all.size() == 5);
  CHECK(all[3].name == "flag");
  CHECK(all[3].type == attribute_type::boolean);
  CHECK(all[3].raw_header.empty());
  CHECK(event->find("subject")->raw_header == "a%20b");
  CHECK_FALSE(event->find("absent"));
}

TEST_CASE("an event cut anywhere, or with bytes behind it, is refused",
          "[storage][event]") {
  auto bytes = record();
  for (size_t n = 0; n < bytes.size(); ++n)
    CHECK_FALSE(event_view::parse(std::string_view{bytes}.substr(0, n)));
  CHECK_FALSE(event_view::parse(bytes + "x"));
}

TEST_CASE("an event without id, source and type at its head is refused",
          "[storage][event]") {
  std::string out;
  event_writer event{out, spec_version::v1_0, data_kind::none, 3};
  event.attribute({"source", "/s", {}, {}});
  event.attribute({"id", "1", {}, {}});
  event.attribute({"type", "t", {}, {}});
  event.data("");
  auto parsed = event_view::parse(out.substr(sizeof(uint32_t)));
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error() == ec::corrupt_record);
}

TEST_CASE("a count that its bytes can not hold reserves nothing and is refused",
          "[storage][event]") {
  std::string records;
  tests::add_event(records, "1");
  auto bytes = std::make_shared<const std::string>(records);
  CHECK(event_batch::open(bytes, 0, 1));
  CHECK_FALSE(event_batch::open(bytes, 0, 0));
  CHECK_FALSE(event_batch::open(bytes, 0, 2));
  CHECK_FALSE(event_batch::open(bytes, 0, ~uint32_t{0}));
  CHECK_FALSE(event_batch::open(bytes, bytes->size() + 1, 0));
}

TEST_CASE("a slice of a batch keeps its offsets and shares its bytes",
          "[storage][event]") {
  std::string records;
  for (auto* id : {"1", "2", "3"})
    tests::add_event(records, id);
  auto batch = tests::open_events(records, 3);
  batch.first_offset = log_offset{10};
  batch.stored_at = log_time{99};
  auto part = batch.slice(1, 3);
  REQUIRE(part.size() == 2);
  CHECK(part.first_offset == log_offset{11});
  CHECK(part.end_offset() == batch.end_offset());
  CHECK(part.stored_at == log_time{99});
  CHECK(part[0].id() == "2");
  CHECK(part[0].record().data() == batch[1].record().data());
  CHECK(batch.slice(0, 3).records() == batch.records());
  CHECK(batch.slice(2, 2).empty());
  CHECK(batch.slice(2, 2).records().empty());
}
