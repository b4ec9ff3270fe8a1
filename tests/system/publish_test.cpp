// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/system/node.hpp"

namespace eventd::tests {

namespace {

namespace json = boost::json;

const std::string events_path = "/v1/namespaces/shop/channels/orders/events";

/// So that a body beyond it is still taken from the socket before the refused
/// connection is closed, and its sender surely reads the answer.
constexpr size_t body_bytes_max = 100'000;

struct shop : eventd_node {
  shop() : eventd_node({"--body-bytes-max", std::to_string(body_bytes_max)}) {
    create_channel("shop/orders");
  }

  tools::http_answer post(const std::string& type, const std::string& body,
                          tools::header_list more = {}) const {
    more.emplace_back("Content-Type", type);
    return send({"POST", "/shop/orders", more, body});
  }

  tools::http_answer read(const std::string& query,
                          const std::string& accept) const {
    return send({"GET", events_path + query, {{"Accept", accept}}, {}});
  }
};

/// A refusal as problem+json, which names `field`.
void check_problem(const tools::http_answer& x, unsigned status,
                   const std::string& field = {}) {
  INFO(x.body);
  CHECK(x.status == status);
  CHECK(x.header("Content-Type").starts_with("application/problem+json"));
  CHECK(text_at(x.body, "/status") == std::to_string(status));
  CHECK_FALSE(text_at(x.body, "/title").empty());
  CHECK_FALSE(text_at(x.body, "/detail").empty());
  CHECK(text_at(x.body, "/field") == field);
}

std::string post_text(const std::string& target, const std::string& host,
                      const std::string& id, const std::string& more = {}) {
  return "POST " + target + " HTTP/1.1\r\nHost: " + host
         + "\r\nce-specversion: 1.0\r\nce-source: /raw\r\nce-type: t\r\nce-id: "
         + id + "\r\nContent-Length: 2\r\n" + more + "\r\n";
}

} // namespace

TEST_CASE_METHOD(shop,
                 "events published in three modes are read back in three forms",
                 "[system][publish]") {
  CHECK(publish("shop/orders", "a", R"({"n": 1.50})") == 0);
  auto structured
    = post("application/cloudevents+json", event_json("b", R"({"n": 2})"));
  CHECK(structured.status == 202);
  CHECK(offset_of(structured) == "1");
  CHECK(structured.header("Eventd-Count") == "1");
  auto batch = post("application/cloudevents-batch+json",
                    "[" + event_json("c") + "," + event_json("d") + "]");
  CHECK(batch.status == 202);
  CHECK(offset_of(batch) == "2");
  CHECK(batch.header("Eventd-Count") == "2");

  auto page = read("?from=earliest", "application/cloudevents-batch+json");
  CHECK(page.status == 200);
  CHECK(page.header("Eventd-Next-Offset") == "4");
  CHECK(page.header("Eventd-Earliest-Offset") == "0");
  CHECK(page.header("Eventd-End-Offset") == "4");
  auto events = json::parse(page.body).as_array();
  REQUIRE(events.size() == 4);
  for (size_t i = 0; i < 4; ++i) {
    CHECK(text_at(events[i], "/id") == std::string(1, "abcd"[i]));
    CHECK(text_at(events[i], "/eventdoffset") == std::to_string(i));
    CHECK_FALSE(text_at(events[i], "/eventdtime").empty());
  }
  // A number is not read and written again: its digits stay.
  CHECK(page.body.find(R"({"n": 1.50})") != std::string::npos);

  auto lines = read("?from=1&to=3", "application/x-ndjson");
  CHECK(lines.status == 200);
  CHECK(std::count(lines.body.begin(), lines.body.end(), '\n') == 2);
  CHECK(lines.body.find(R"("id":"b")") < lines.body.find(R"("id":"c")"));
  CHECK(lines.body.find(R"("id":"d")") == std::string::npos);

  auto epoch = page.header("Eventd-Epoch");
  raw_connection stream{port()};
  stream.send("GET " + events_path
              + "?from=2&limit=2 HTTP/1.1\r\nHost: x\r\nAccept: "
                "text/event-stream\r\n\r\n");
  auto sse = stream.read();
  CHECK(sse.status == 200);
  CHECK(sse.header("Content-Type").starts_with("text/event-stream"));
  CHECK(sse.body.find("id: " + std::string{epoch} + ":3\n")
        != std::string::npos);
}

TEST_CASE_METHOD(shop, "a long poll answers when an event arrives",
                 "[system][publish]") {
  raw_connection reader{port()};
  reader.send("GET " + events_path
              + "?from=latest&wait=30 HTTP/1.1\r\nHost: x\r\n\r\n");
  // Whichever is first, the reader sees it: from=latest was 0 in both cases.
  publish("shop/orders", "late");
  auto late = read("?from=0", "application/cloudevents-batch+json");
  CHECK(json::parse(late.body).as_array().size() == 1);
  publish("shop/orders", "later");
  auto given = reader.read();
  CHECK(given.status == 200);
  CHECK(given.body.find(R"("late)") != std::string::npos);
  auto empty = read("?from=latest", "application/cloudevents-batch+json");
  CHECK(empty.status == 200);
  CHECK(empty.body == "[]");
}

TEST_CASE_METHOD(shop,
                 "an event sent twice is stored once, also over a restart",
                 "[system][publish]") {
  publish("shop/orders", "other");
  auto first = publish("shop/orders", "same");
  auto again = send(binary_event("shop/orders", "same"));
  CHECK(again.status == 202);
  CHECK(offset_of(again) == std::to_string(first));
  CHECK(again.header("Eventd-Count") == "0");
  CHECK(again.header("Eventd-Duplicates") == "1");
  kill();
  start();
  CHECK(publish("shop/orders", "same") == first);
  auto mixed = post("application/cloudevents-batch+json",
                    "[" + event_json("same") + "," + event_json("new") + "]");
  CHECK(offset_of(mixed) == "2");
  CHECK(mixed.header("Eventd-Count") == "1");
  CHECK(mixed.header("Eventd-Duplicates") == "1");
  CHECK(read_all("shop/orders").size() == 3);
}

TEST_CASE_METHOD(shop, "a bad event is refused with the name of what is wrong",
                 "[system][publish]") {
  auto no_type = binary_event("shop/orders", "x");
  std::erase_if(no_type.headers, [](auto& h) { return h.first == "ce-type"; });
  check_problem(send(no_type), 400, "type");
  auto own = binary_event("shop/orders", "x");
  own.headers.emplace_back("ce-eventdoffset", "7");
  check_problem(send(own), 400, "ce-eventdoffset");
  auto time = binary_event("shop/orders", "x");
  time.headers.emplace_back("ce-time", "yesterday");
  check_problem(send(time), 400, "time");
  check_problem(post("application/cloudevents+json", "{"), 400);
  // All or nothing: the good one in front is not stored either.
  check_problem(post("application/cloudevents-batch+json",
                     "[" + event_json("good") + R"(,{"specversion":"1.0"}])"),
                400, "[1].id");
  CHECK(read_all("shop/orders").empty());
}

TEST_CASE_METHOD(shop, "requests beyond the contract are answered as it says",
                 "[system][publish]") {
  check_problem(send(binary_event("shop/nothing", "x")), 404);
  check_problem(get("/v1/namespaces/shop/channels/nothing/events"), 404);
  auto put = send({"PUT", "/shop/orders", {}, "{}"});
  check_problem(put, 405);
  CHECK(put.header("Allow") == "POST, OPTIONS");
  auto beyond = "\"" + std::string(body_bytes_max, 'x') + "\"";
  check_problem(post("application/cloudevents+json", event_json("big", beyond)),
                413);
  check_problem(post("application/cloudevents+avro", "x"), 415, "Content-Type");
  check_problem(post("application/cloudevents+json", event_json("x"),
                     {{"Content-Encoding", "gzip"}}),
                415, "content-encoding");
  check_problem(get(events_path + "?from=1"), 416);
  check_problem(get(events_path + "?from=nonsense"), 400, "from");
  check_problem(get(events_path + "?filter=true"), 400, "filter");
  check_problem(get(events_path + "?epoch=99999"), 410, "epoch");
  CHECK(publish("shop/orders", "after all that") == 0);
}

TEST_CASE("a trimmed offset answers 410 with the earliest that is left",
          "[system][publish]") {
  eventd_node node;
  node.create_channel("shop/few", {{"retention-events", "2"}});
  for (int i = 0; i < 8; ++i)
    node.publish("shop/few", std::to_string(i));
  const std::string path = "/v1/namespaces/shop/channels/few/events?from=";
  REQUIRE(eventually([&] { return node.get(path + "0").status == 410; }));
  auto gone = node.get(path + "0");
  check_problem(gone, 410);
  auto earliest = text_at(gone.body, "/earliest");
  CHECK(std::stoull(earliest) > 0);
  CHECK(gone.header("Eventd-Earliest-Offset") == earliest);
  auto left = node.get(path + earliest).body;
  CHECK(text_at(left, "/0/eventdoffset") == earliest);
  CHECK(json::parse(left).as_array().size() == 8 - std::stoull(earliest));
}

TEST_CASE_METHOD(shop, "a channel is found by either form of its host name",
                 "[system][publish]") {
  raw_connection wire{port()};
  wire.send(post_text("/", "orders-kn-channel.shop.svc.cluster.local", "1")
            + "{}");
  auto now = wire.read();
  CHECK(now.status == 202);
  CHECK(offset_of(now) == "0");
  wire.send(post_text("/", "orders-channel.shop.svc.cluster.local:80", "2")
            + "{}");
  CHECK(offset_of(wire.read()) == "1");
  wire.send(post_text("/", "orders.shop.svc.cluster.local", "3") + "{}");
  check_problem(wire.read(), 400);
}

TEST_CASE_METHOD(shop, "OPTIONS grants the webhook handshake",
                 "[system][publish]") {
  auto granted = send({"OPTIONS",
                       "/shop/orders",
                       {{"WebHook-Request-Origin", "source.example"},
                        {"WebHook-Request-Rate", "120"}},
                       {}});
  CHECK(granted.status == 200);
  CHECK(granted.header("Allow") == "POST, OPTIONS");
  CHECK(granted.header("WebHook-Allowed-Origin") == "source.example");
  CHECK(granted.header("WebHook-Allowed-Rate") == "*");
  CHECK(send({"OPTIONS", "/shop/nothing", {}, {}}).status == 404);
}

TEST_CASE_METHOD(shop, "Expect: 100-continue is answered before the body",
                 "[system][publish]") {
  raw_connection wire{port()};
  wire.send(post_text("/shop/orders", "x", "1", "Expect: 100-continue\r\n"));
  CHECK(wire.read().status == 100);
  wire.send("{}");
  CHECK(wire.read().status == 202);
  // What is refused by its header needs no body.
  wire.send("POST /shop/orders HTTP/1.1\r\nHost: x\r\nContent-Length: "
            "99999999\r\nExpect: 100-continue\r\n\r\n");
  CHECK(wire.read().status == 413);
}

TEST_CASE_METHOD(shop, "eventd answers pipelined requests in their order",
                 "[system][publish]") {
  raw_connection wire{port()};
  std::string all;
  for (int i = 0; i < 50; ++i)
    all += post_text("/shop/orders", "x", std::to_string(i)) + "{}";
  wire.send(all);
  for (int i = 0; i < 50; ++i) {
    auto one = wire.read();
    REQUIRE(one.status == 202);
    CHECK(offset_of(one) == std::to_string(i));
  }
}

} // namespace eventd::tests
