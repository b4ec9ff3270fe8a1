// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/event_text.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/gateway/gateway_fixture.hpp"

using namespace eventd;
using namespace eventd::runtime;

namespace {

event_batch stored(uint64_t offset, const std::string& data = "{\"a\":1}") {
  auto x = tests::make_event("e" + std::to_string(offset), data);
  x.first_offset = log_offset{offset};
  x.stored_at = log_time{1'767'323'045'678};
  return x;
}

} // namespace

TEST_CASE("a page is one JSON array whose events carry offset and time",
          "[gateway][event_text]") {
  std::string out = "[";
  append_events(out, read_format::batch, stored(41), incarnation{3});
  append_events(out, read_format::batch, stored(42), incarnation{3});
  out += ']';
  auto parsed = boost::json::parse(out);
  REQUIRE(parsed.as_array().size() == 2);
  auto& second = parsed.as_array()[1].as_object();
  CHECK(second["id"] == "e42");
  CHECK(second["eventdoffset"] == "42");
  CHECK(second["eventdtime"] == "2026-01-02T03:04:05.678Z");
}

TEST_CASE("a server-sent event has its epoch and offset as id",
          "[gateway][event_text]") {
  std::string out;
  append_events(out, read_format::sse, stored(41), incarnation{3});
  CHECK(out.starts_with("id: 3:41\ndata: {"));
  CHECK(out.ends_with("}\n\n"));
}

TEST_CASE("line ends inside JSON data do not break a line or an event",
          "[gateway][event_text]") {
  auto pretty = stored(1, "{\r\n  \"a\": \"x\\ny\"\n}");
  std::string lines;
  append_events(lines, read_format::ndjson, pretty, incarnation{1});
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 1);
  CHECK(boost::json::parse(lines).at("data").at("a") == "x\ny");
  std::string events;
  append_events(events, read_format::sse, pretty, incarnation{1});
  CHECK(std::count(events.begin(), events.end(), '\n') == 3);
  CHECK(events.find('\r') == std::string::npos);
}

TEST_CASE("a stream's end for a reason is an event of its own",
          "[gateway][event_text]") {
  std::string out;
  append_stream_error(out, {ec::offset_trimmed, "gone", uint64_t{7}}, 410);
  CHECK(out.starts_with("event: error\ndata: {\"type\":"));
  CHECK(out.ends_with("}\n\n"));
  std::string beat;
  append_heartbeat(beat);
  CHECK(beat == ":\n\n");
}

TEST_CASE("Accept chooses the form by its quality", "[gateway][event_text]") {
  struct row {
    const char* accept;
    read_format format;
  };
  for (auto [accept, format] : std::initializer_list<row>{
         {"", read_format::batch},
         {"*/*", read_format::batch},
         {"application/json", read_format::batch},
         {"application/cloudevents-batch+json", read_format::batch},
         {"application/x-ndjson", read_format::ndjson},
         {"Text/Event-Stream", read_format::sse},
         {"text/html, text/event-stream;q=0.5", read_format::sse},
         {"application/json;q=0.4, application/x-ndjson;q=0.9",
          read_format::ndjson},
         {"text/event-stream, */*;q=0.1", read_format::sse},
       }) {
    INFO(accept);
    CHECK(*negotiate_read(accept) == format);
  }
  CHECK_FALSE(negotiate_read("text/html").has_value());
  CHECK_FALSE(negotiate_read("text/event-stream;q=0").has_value());
}
