// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <cstdio>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/gateway/gateway_fixture.hpp"

/// Each limit of requests and connections (S-11, S-12): what stands at it
/// passes, what is one beyond does not.
using namespace eventd;
using tests::gateway_fixture;
using tests::raw_socket;

namespace {

/// The defaults, and seconds that pass when the test says so.
struct limits_fixture : gateway_fixture {
  limits_fixture() : gateway_fixture(runtime::gateway_limits{}) {}
};

/// A request whose header has exactly so many bytes.
std::string request_of(size_t header_bytes) {
  std::string out = "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ";
  out.append(header_bytes - out.size() - 4, 'a');
  return out + "\r\n\r\n";
}

/// JSON of exactly so many bytes.
std::string json_of(size_t bytes) {
  return '"' + std::string(bytes - 2, 'x') + '"';
}

std::string chunk_of(const std::string& data) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return size + data + "\r\n";
}

std::string chunked_head() {
  return "POST /prod/orders HTTP/1.1\r\nHost: x\r\n"
         + gateway_fixture::event_headers("a")
         + "Transfer-Encoding: chunked\r\n\r\n";
}

/// The event's JSON with data of so many arrays, one in the other.
std::string nested_event(size_t arrays) {
  return R"({"specversion":"1.0","source":"/s","type":"t","id":"i","data":)"
         + std::string(arrays, '[') + std::string(arrays, ']') + '}';
}

std::string batch_of(size_t events) {
  std::string out;
  for (size_t i = 0; i < events; ++i)
    out += (i == 0 ? "[" : ",")
           + std::
             string{R"({"specversion":"1.0","source":"/s","type":"t","id":")"}
           + std::to_string(i) + "\"}";
  return out + ']';
}

constexpr const char* batch_type
  = "Content-Type: application/cloudevents-batch+json\r\n";
constexpr const char* event_type
  = "Content-Type: application/cloudevents+json\r\n";

} // namespace

// -- what a request may be ----------------------------------------------------

TEST_CASE_METHOD(limits_fixture,
                 "a header of 16 384 bytes passes and one more byte gets a 431",
                 "[gateway][limits]") {
  auto at_once = [&](size_t bytes) { return ask(request_of(bytes)).status; };
  auto in_pieces = [&](size_t bytes) {
    auto client = connect();
    auto text = request_of(bytes);
    for (size_t at = 0; at < text.size(); at += 1'000) {
      client.send(std::string_view{text}.substr(at, 1'000));
      settle();
    }
    return client.read_answer().status;
  };
  CHECK(at_once(16'384) == 200);
  CHECK(at_once(16'385) == 431);
  CHECK(in_pieces(16'384) == 200);
  CHECK(in_pieces(16'385) == 431);
}

TEST_CASE_METHOD(limits_fixture,
                 "a hundred header fields are served and one more gets a 431",
                 "[gateway][limits]") {
  auto with = [&](size_t n) {
    std::string fields;
    for (size_t i = 1; i < n; ++i) // and Host
      fields += "X-" + std::to_string(i) + ": y\r\n";
    return get("/healthz", fields);
  };
  CHECK(with(100).status == 200);
  auto beyond = with(101);
  CHECK(beyond.status == 431);
  CHECK(beyond.body.find("more than 100 header fields") != std::string::npos);
}

TEST_CASE_METHOD(limits_fixture,
                 "a body of 1 MiB is stored and one more byte gets a 413",
                 "[gateway][limits]") {
  constexpr size_t mib = size_t{1} << 20;
  CHECK(post("/prod/orders", event_headers("a"), json_of(mib)).status == 202);
  CHECK(post("/prod/orders", event_headers("b"), json_of(mib + 1)).status
        == 413);
  auto chunked = [&](size_t bytes) {
    auto client = connect();
    client.send(chunked_head());
    auto text = json_of(bytes);
    for (size_t at = 0; at < bytes; at += 65'536)
      client.send(chunk_of(text.substr(at, 65'536)));
    client.send("0\r\n\r\n");
    return client.read_answer().status;
  };
  CHECK(chunked(mib) == 202);
  CHECK(chunked(mib + 1) == 413);
  CHECK(stored() == 2);
}

TEST_CASE_METHOD(limits_fixture,
                 "a batch of a thousand is stored and one event more gets a "
                 "413",
                 "[gateway][limits]") {
  auto most = post("/prod/orders", batch_type, batch_of(1'000));
  CHECK(most.status == 202);
  CHECK(most.header("eventd-count") == "1000");
  CHECK(post("/prod/orders", batch_type, batch_of(1'001)).status == 413);
  CHECK(stored() == 1'000);
}

TEST_CASE_METHOD(
  limits_fixture,
  "an event of JSON 64 deep is stored and one deeper gets a 400, "
  "alone and in a batch",
  "[gateway][limits]") {
  auto depth = [&](size_t n) { // The event is the outermost.
    return post("/prod/orders", event_type, nested_event(n - 1)).status;
  };
  CHECK(depth(64) == 202);
  CHECK(depth(65) == 400);
  auto in_batch = [&](size_t n) {
    return post("/prod/orders", batch_type, '[' + nested_event(n - 1) + ']')
      .status;
  };
  CHECK(in_batch(64) == 202);
  CHECK(in_batch(65) == 400);
  CHECK(stored() == 2);
}

TEST_CASE("limits of requests are those that the gateway was told",
          "[gateway][limits]") {
  runtime::gateway_limits bounds;
  bounds.header = {1'024, 10};
  bounds.body_bytes_max = 500;
  bounds.batch_events_max = 3;
  bounds.json_depth_max = 4;
  gateway_fixture node{bounds};
  CHECK(node.ask(request_of(1'024)).status == 200);
  CHECK(node.ask(request_of(1'025)).status == 431);
  std::string fields;
  for (int i = 0; i < 9; ++i)
    fields += "X: y\r\n";
  CHECK(node.get("/healthz", fields).status == 200);
  CHECK(node.get("/healthz", fields + "X: y\r\n").status == 431);
  auto body = [&](size_t bytes) {
    return node.post("/prod/orders", node.event_headers("a"), json_of(bytes))
      .status;
  };
  CHECK(body(500) == 202);
  CHECK(body(501) == 413);
  auto batch = [&](size_t n) {
    return node.post("/prod/orders", batch_type, batch_of(n)).status;
  };
  CHECK(batch(3) == 202);
  CHECK(batch(4) == 413);
  auto depth = [&](size_t n) {
    return node.post("/prod/orders", event_type, nested_event(n - 1)).status;
  };
  CHECK(depth(4) == 202);
  CHECK(depth(5) == 400);
}

TEST_CASE_METHOD(limits_fixture,
                 "a compressed body is refused with 415 wherever it goes",
                 "[gateway][limits]") {
  const std::string resource
    = "/apis/messaging.knative.dev/v1/namespaces/prod/channels";
  for (std::string coding : {"gzip", "zstd", "br", "deflate", "gzip, gzip"})
    for (const auto& target : {std::string{"/prod/orders"}, resource}) {
      INFO(coding << " to " << target);
      auto out = post(
        target, "Content-Encoding: " + coding + "\r\n" + event_headers("a"),
        "\x1f\x8b");
      CHECK(out.status == 415);
      CHECK(out.header("connection") == "close");
    }
  CHECK(stored() == 0);
}

// -- how long they may take ---------------------------------------------------

TEST_CASE_METHOD(limits_fixture,
                 "a header may take nearly ten seconds, and is cut at ten",
                 "[gateway][limits]") {
  auto late = connect();
  auto in_time = connect();
  for (auto* client : {&late, &in_time})
    client->send("GET /healthz HTTP/1.1\r\n");
  settle();
  for (int s = 1; s < 10; ++s) {
    pass_seconds(1);
    late.send("X-A: y\r\n"); // Little by little gives no more time.
    settle();
  }
  in_time.send("Host: x\r\n\r\n");
  CHECK(in_time.read_answer().status == 200);
  CHECK(late.is_silent());
  pass_seconds(1);
  CHECK(late.is_at_end());
  CHECK(in_time.is_silent());
}

TEST_CASE_METHOD(limits_fixture,
                 "a second header on a connection has ten seconds of its own",
                 "[gateway][limits]") {
  auto client = connect();
  client.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /he");
  CHECK(client.read_answer().status == 200);
  settle();
  pass_seconds(9);
  CHECK(client.is_silent());
  pass_seconds(1);
  CHECK(client.is_at_end());
}

TEST_CASE_METHOD(limits_fixture,
                 "a connection may be idle for 75 seconds, and is then closed",
                 "[gateway][limits]") {
  auto fresh = connect();
  auto used = connect();
  used.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(used.read_answer().status == 200);
  settle();
  pass_seconds(75); // The first had begun.
  CHECK(fresh.is_silent());
  CHECK(used.is_silent());
  pass_seconds(1);
  CHECK(fresh.is_at_end());
  CHECK(used.is_at_end());
}

TEST_CASE("limits of time are those that the gateway was told",
          "[gateway][limits]") {
  runtime::gateway_limits bounds;
  bounds.header_timeout_s = 2;
  bounds.idle_timeout_s = 4;
  gateway_fixture node{bounds};
  auto slow = node.connect();
  auto idle = node.connect();
  slow.send("GET /");
  node.settle();
  node.pass_seconds(1);
  CHECK(slow.is_silent());
  node.pass_seconds(1);
  CHECK(slow.is_at_end());
  node.pass_seconds(2);
  CHECK(idle.is_silent());
  node.pass_seconds(1);
  CHECK(idle.is_at_end());
}

// -- how quickly a body has to come -------------------------------------------

namespace {

/// Sends pieces of a body, one in each second after the one it begins in.
/// Others are served meanwhile.
/// @returns whether it may go on behind the last one's second
bool may_go_on(gateway_fixture& node, const std::string& head,
               const std::vector<std::string>& pieces) {
  auto client = node.connect();
  client.send(head);
  node.settle();
  auto goes_on = [&] {
    node.pass_seconds(1);
    node.settle(); // Who is cut leaves a turn later.
    return client.is_silent();
  };
  for (const auto& piece : pieces) {
    if (!goes_on())
      return false;
    client.send(piece);
    node.settle();
  }
  return goes_on();
}

std::string known_length_head() {
  return "POST /prod/orders HTTP/1.1\r\nHost: x\r\n"
         + gateway_fixture::event_headers("a")
         + "Content-Length: 1000000\r\n\r\n";
}

using pieces = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(limits_fixture,
                 "a body of 1 KiB a second goes on, and one byte less in ten "
                 "seconds is cut",
                 "[gateway][limits]") {
  std::string kib(1'024, 'x');
  CHECK(may_go_on(*this, known_length_head(), pieces(25, kib)));
  pieces less(9, kib);
  less.push_back(kib.substr(1));
  CHECK_FALSE(may_go_on(*this, known_length_head(), less));
  CHECK(stored() == 0);
}

TEST_CASE_METHOD(limits_fixture,
                 "a chunked body has to come as quickly, with its framing",
                 "[gateway][limits]") {
  auto kib = chunk_of(std::string(1'017, 'x'));
  REQUIRE(kib.size() == 1'024);
  CHECK(may_go_on(*this, chunked_head(), pieces(25, kib)));
  pieces less(9, kib);
  less.push_back(chunk_of(std::string(1'016, 'x')));
  CHECK_FALSE(may_go_on(*this, chunked_head(), less));
  CHECK(stored() == 0);
}

TEST_CASE_METHOD(limits_fixture,
                 "a burst buys a body no more than its own ten seconds",
                 "[gateway][limits]") {
  pieces quiet(11);
  quiet[0] = std::string(10'240, 'x');
  CHECK_FALSE(may_go_on(*this, known_length_head(), quiet));
  CHECK(may_go_on(*this, known_length_head(), pieces(9)));
  CHECK_FALSE(may_go_on(*this, known_length_head(), pieces(10)));
}

TEST_CASE("a body's least pace is the one that the gateway was told",
          "[gateway][limits]") {
  runtime::gateway_limits bounds;
  bounds.body_bytes_per_s_min = 10;
  gateway_fixture node{bounds};
  CHECK(may_go_on(node, known_length_head(), pieces(20, "0123456789")));
  CHECK_FALSE(may_go_on(node, known_length_head(), pieces(10, "012345678")));
}
