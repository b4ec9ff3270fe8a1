// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/gateway/gateway_fixture.hpp"

using namespace eventd;
using tests::gateway_fixture;

namespace {

const std::string events = "/v1/namespaces/prod/channels/orders/events";
const std::string ndjson = "Accept: application/x-ndjson\r\n";
const std::string sse = "Accept: text/event-stream\r\n";

size_t count(const std::string& body) {
  return boost::json::parse(body).as_array().size();
}

} // namespace

TEST_CASE_METHOD(gateway_fixture,
                 "a page holds the events and tells where the log stands",
                 "[gateway][read]") {
  store(5);
  auto out = get(events + "?from=1&to=4");
  CHECK(out.status == 200);
  CHECK(out.header("content-type") == "application/cloudevents-batch+json");
  auto page = boost::json::parse(out.body).as_array();
  REQUIRE(page.size() == 3);
  CHECK(page[0].at("id") == "e1");
  CHECK(page[0].at("eventdoffset") == "1");
  CHECK(page[0].at("eventdtime") == "2026-01-02T03:04:05.679Z");
  CHECK(out.header("eventd-next-offset") == "4");
  CHECK(out.header("eventd-earliest-offset") == "0");
  CHECK(out.header("eventd-end-offset") == "5");
  CHECK(out.header("eventd-epoch") == "7");
}

TEST_CASE_METHOD(gateway_fixture, "limit, from and to choose the events",
                 "[gateway][read]") {
  store(1'500);
  CHECK(count(get(events).body) == 1'000);
  CHECK(get(events).header("eventd-next-offset") == "1000");
  CHECK(count(get(events + "?limit=1200").body) == 1'200);
  CHECK(count(get(events + "?from=1490").body) == 10);
  CHECK(count(get(events + "?from=latest").body) == 0);
  CHECK(count(get(events + "?from=5&to=5").body) == 0);
  CHECK(count(get(events + "?from=5&to=2").body) == 0);
  // Event n was stored n milliseconds after event 0.
  CHECK(count(get(events + "?from=2026-01-02T03:04:07.168Z").body) == 10);
  CHECK(count(get(events + "?to=2026-01-02T03:04:05.688Z").body) == 10);
}

TEST_CASE_METHOD(gateway_fixture,
                 "an offset that is gone, not yet there or of another epoch is "
                 "refused",
                 "[gateway][read]") {
  log->earliest = 100;
  store(5);
  auto trimmed = get(events + "?from=99");
  CHECK(trimmed.status == 410);
  CHECK(trimmed.header("eventd-earliest-offset") == "100");
  CHECK(boost::json::parse(trimmed.body).at("earliest") == "100");
  CHECK(get(events + "?from=105").status == 200);
  auto beyond = get(events + "?from=106");
  CHECK(beyond.status == 416);
  CHECK(boost::json::parse(beyond.body).at("offset") == "105");
  CHECK(get(events + "?from=100&epoch=7").status == 200);
  auto other = get(events + "?from=100&epoch=6");
  CHECK(other.status == 410);
  CHECK(other.header("eventd-epoch") == "7");
  CHECK(get(events).status == 200); // earliest is never trimmed
}

TEST_CASE_METHOD(gateway_fixture,
                 "an offset that retention takes during the read is refused "
                 "with the new edge",
                 "[gateway][read]") {
  store(5);
  {
    std::lock_guard guard{log->mutex};
    log->read_refusal = failure{ec::offset_trimmed, "gone", uint64_t{3}};
  }
  auto trimmed = get(events + "?from=1");
  CHECK(trimmed.status == 410);
  CHECK(boost::json::parse(trimmed.body).at("earliest") == "3");
  CHECK(trimmed.header("eventd-earliest-offset") == "3");
}

TEST_CASE_METHOD(gateway_fixture, "what a read can not mean is refused",
                 "[gateway][read]") {
  auto filter = get(events + "?filter=a");
  CHECK(filter.status == 400);
  CHECK(boost::json::parse(filter.body).at("field") == "filter");
  CHECK(get(events, "Accept: text/html\r\n").status == 406);
  CHECK(get(events, sse + "Last-Event-ID: nonsense\r\n").status == 400);
  auto last = get(events, sse + "Last-Event-ID: 7:18446744073709551615\r\n");
  CHECK(last.status == 400);
  CHECK(get("/v1/namespaces/prod/channels/none/events").status == 404);
  log->read_refusal = failure{ec::corrupt_record, "event 3", uint64_t{3}};
  store(5);
  CHECK(get(events).status == 500);
}

TEST_CASE_METHOD(gateway_fixture, "lines go on to the end of the log",
                 "[gateway][read]") {
  store(2'500);
  auto out = get(events, ndjson);
  CHECK(out.status == 200);
  CHECK(out.complete);
  CHECK(std::count(out.body.begin(), out.body.end(), '\n') == 2'500);
  CHECK(out.header("eventd-next-offset") == "2500");
  auto some = get(events + "?limit=3", ndjson);
  CHECK(std::count(some.body.begin(), some.body.end(), '\n') == 3);
  CHECK(some.header("eventd-next-offset") == "3");
}

TEST_CASE_METHOD(gateway_fixture,
                 "more lines than fit in memory are streamed with a trailer",
                 "[gateway][read]") {
  store(60'000); // More text than one page holds.
  auto out = get(events, ndjson);
  CHECK(out.header("transfer-encoding") == "chunked");
  CHECK(std::count(out.body.begin(), out.body.end(), '\n') == 60'000);
  CHECK(out.trailer == "Eventd-Next-Offset: 60000\r\n");
}

TEST_CASE_METHOD(gateway_fixture, "a long poll is woken by the next event",
                 "[gateway][read]") {
  auto page = std::async(std::launch::async,
                         [this] { return get(events + "?wait=60"); });
  log->waiting.get_future().get();
  post("/prod/orders", event_headers("a"));
  auto out = page.get();
  CHECK(out.status == 200);
  CHECK(count(out.body) == 1);
  CHECK(out.header("eventd-next-offset") == "1");
}

TEST_CASE_METHOD(gateway_fixture, "a drain ends a long poll with an empty page",
                 "[gateway][read]") {
  auto page = std::async(std::launch::async,
                         [this] { return get(events + "?wait=60"); });
  log->waiting.get_future().get();
  CHECK(gate->drain(std::chrono::seconds{5}));
  auto out = page.get();
  CHECK(out.status == 200);
  CHECK(out.body == "[]");
}

TEST_CASE_METHOD(gateway_fixture,
                 "server-sent events follow the log and resume by their id",
                 "[gateway][read]") {
  store(2);
  auto client = connect();
  client.send("GET " + events + " HTTP/1.1\r\nHost: x\r\n" + sse
              + "Last-Event-ID: 7:0\r\n\r\n");
  auto head = client.read_head();
  CHECK(head.status == 200);
  CHECK(head.header("content-type") == "text/event-stream");
  CHECK(client.read_chunk().starts_with("id: 7:1\ndata: {"));
  log->waiting.get_future().get();
  post("/prod/orders", event_headers("a"));
  CHECK(client.read_chunk().starts_with("id: 7:2\ndata: {"));
  // A drain ends the stream properly; the client comes back by its id.
  CHECK(gate->drain(std::chrono::seconds{5}));
  CHECK(client.read_chunk().empty());
}

TEST_CASE_METHOD(gateway_fixture,
                 "server-sent events of another epoch or trimmed are refused",
                 "[gateway][read]") {
  log->earliest = 100;
  store(2);
  CHECK(get(events, sse + "Last-Event-ID: 6:100\r\n").status == 410);
  CHECK(get(events, sse + "Last-Event-ID: 7:10\r\n").status == 410);
}

TEST_CASE_METHOD(gateway_fixture,
                 "an error in the middle of a stream is told or cuts it",
                 "[gateway][read]") {
  store(1);
  auto client = connect();
  client.send("GET " + events + " HTTP/1.1\r\nHost: x\r\n" + sse + "\r\n");
  client.read_head();
  client.read_chunk();
  log->waiting.get_future().get();
  {
    std::lock_guard guard{log->mutex};
    log->read_refusal = failure{ec::offset_trimmed, "gone", uint64_t{9}};
  }
  post("/prod/orders", event_headers("a"));
  CHECK(client.read_chunk().starts_with("event: error\ndata: {\"type\":"
                                        "\"/errors/offset_trimmed\""));
}

TEST_CASE_METHOD(gateway_fixture, "a reader of HTTP/1.0 gets no chunks",
                 "[gateway][read]") {
  store(20'000);
  auto client = connect();
  client.send("GET " + events + " HTTP/1.0\r\n" + ndjson + "\r\n");
  auto head = client.read_head();
  CHECK(head.header("transfer-encoding").empty());
  auto text = client.read_until("\"eventdoffset\":\"19999\"");
  CHECK(std::count(text.begin(), text.end(), '\n') == 19'999);
}

TEST_CASE_METHOD(gateway_fixture,
                 "a reader that stops reading blocks only itself",
                 "[gateway][read]") {
  store(50'000);
  auto client = connect();
  client.send("GET " + events + " HTTP/1.1\r\nHost: x\r\n" + ndjson + "\r\n");
  client.read_head();
  CHECK(get("/healthz").status == 200);
  CHECK(post("/prod/orders", event_headers("a")).status == 202);
}
