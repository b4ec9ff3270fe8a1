// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/outgoing.hpp"

#include <boost/asio/buffer.hpp>
#include <catch2/catch_test_macros.hpp>

#include "runtime/gateway/framing_guard.hpp"
#include "tests/runtime/gateway/gateway_fixture.hpp"

using namespace eventd;
using namespace eventd::runtime;
using tests::make_event;

namespace {

constexpr const char* trace
  = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

struct sent {
  message content;
  std::string header(std::string_view name) const {
    return std::string{find_field(content.fields(), name)};
  }
};

std::unique_ptr<sent> send(const actors::delivery_request& request) {
  auto url = parse_http_url(request.target);
  REQUIRE(url.has_value());
  auto text = build_delivery(request, *url);
  auto out = std::make_unique<sent>();
  message_parser<true> parser{out->content, 1 << 20};
  parser.eager(true);
  boost::system::error_code failed;
  parser.put(boost::asio::buffer(text), failed);
  REQUIRE_FALSE(failed);
  REQUIRE(parser.is_done());
  return out;
}

actors::delivery_request request_for(event_batch event) {
  actors::delivery_request x;
  x.namespace_name = "prod";
  x.target = "http://sink:8081/in?a=b";
  x.event = std::move(event);
  return x;
}

/// As a publisher sends it, with these headers beside its attributes.
event_batch published(std::vector<cloudevents::field> headers) {
  headers.insert(headers.end(), {{"ce-specversion", "1.0"},
                                 {"ce-id", "e1"},
                                 {"ce-source", "/s"},
                                 {"ce-type", "t"}});
  auto parsed = cloudevents::parse_request(headers, "{}", {10, 10});
  REQUIRE(parsed.has_value());
  return *parsed;
}

client_answer answer_of(const std::string& text) {
  static byte_budget all{limits::answers_bytes_max};
  client_answer x{all, all};
  message_parser<false> parser{x.content, limits::answer_bytes_max};
  parser.eager(true);
  boost::system::error_code failed;
  parser.put(boost::asio::buffer(text), failed);
  x.status = x.content.status();
  return x;
}

} // namespace

TEST_CASE("a subscriber is asked for a reply and told the namespace",
          "[gateway][outgoing]") {
  auto out = send(request_for(make_event("e1")));
  CHECK(out->content.method() == "POST");
  CHECK(out->content.target() == "/in?a=b");
  CHECK(out->header("host") == "sink:8081");
  CHECK(out->header("prefer") == "reply");
  CHECK(out->header("kn-namespace") == "prod");
  CHECK(out->header("ce-id") == "e1");
  CHECK(out->header("ce-specversion") == "1.0");
  CHECK(out->header("content-type") == "application/json");
  CHECK(out->content.body() == "{\"a\":1}");
  CHECK(out->header("traceparent").empty());
}

TEST_CASE("an event too large for a header goes structured unless told binary",
          "[gateway][outgoing]") {
  auto type_of = [](actors::delivery_request request) {
    return send(request)->header("content-type");
  };
  const std::string structured = "application/cloudevents+json";
  auto with_note = [](size_t n) {
    return request_for(make_event("e1", "{}", {{"note", std::string(n, 'n')}}));
  };
  CHECK(type_of(with_note(7'000)) == "application/json");
  CHECK(type_of(with_note(8'192)).starts_with(structured));
  auto binary = with_note(8'192);
  binary.format = actors::delivery_format::binary;
  CHECK(type_of(binary) == "application/json");
  std::vector<std::pair<std::string, std::string>> many;
  for (int i = 0; i < 91; ++i)
    many.emplace_back("x" + std::to_string(i), "v");
  CHECK(
    type_of(request_for(make_event("e1", "{}", many))).starts_with(structured));
}

TEST_CASE("only the reply leg carries headers on, and only those of the list",
          "[gateway][outgoing]") {
  auto request = request_for(make_event("e1"));
  request.headers = {{"X-Request-Id", "r1"},        {"Knative-Foo", "k"},
                     {"x-b3-traceid", "b3"},        {"Retry-After", "3"},
                     {"Authorization", "no"},       {"ce-id", "evil"},
                     {"X-B3-Bad", "a\r\nX-Evil: 1"}};
  request.leg = actors::delivery_leg::reply;
  auto out = send(request);
  CHECK(out->header("x-request-id") == "r1");
  CHECK(out->header("knative-foo") == "k");
  CHECK(out->header("x-b3-traceid") == "b3");
  CHECK(out->header("retry-after") == "3");
  CHECK(out->header("authorization").empty());
  CHECK(out->header("x-evil").empty());
  CHECK(out->header("ce-id") == "e1");
  CHECK(out->header("prefer").empty());
  request.leg = actors::delivery_leg::subscriber;
  CHECK(send(request)->header("x-request-id").empty());
}

TEST_CASE("a dead letter says where and why it failed, other legs do not",
          "[gateway][outgoing]") {
  auto request = request_for(make_event("e1"));
  request.error = actors::error_extensions{"http://sub/", 503, "b29wcw=="};
  CHECK(send(request)->header("ce-knativeerrorcode").empty());
  request.leg = actors::delivery_leg::dead_letter;
  auto out = send(request);
  CHECK(out->header("ce-knativeerrordest") == "http://sub/");
  CHECK(out->header("ce-knativeerrorcode") == "503");
  CHECK(out->header("ce-knativeerrordata") == "b29wcw==");
  CHECK(out->header("prefer").empty());
  request.error = actors::error_extensions{"http://sub/\r\nX: y", 500, ""};
  auto unsafe = send(request);
  CHECK(unsafe->header("ce-knativeerrordest").empty());
  CHECK(unsafe->header("ce-knativeerrordata").empty());
  CHECK(unsafe->header("ce-knativeerrorcode") == "500");
}

TEST_CASE("an event's trace goes on in the header of HTTP",
          "[gateway][outgoing]") {
  auto out = send(request_for(
    make_event("e1", "{}", {{"traceparent", trace}, {"tracestate", "a=b"}})));
  CHECK(out->header("traceparent") == trace);
  CHECK(out->header("ce-traceparent") == trace);
  CHECK(out->header("tracestate") == "a=b");
  auto bad
    = send(request_for(make_event("e1", "{}", {{"traceparent", "junk"}})));
  CHECK(bad->header("traceparent").empty());
  CHECK(bad->header("ce-traceparent") == "junk");
}

TEST_CASE("the structured form is sent where it is asked for",
          "[gateway][outgoing]") {
  auto request = request_for(make_event("e1"));
  request.format = actors::delivery_format::structured;
  auto out = send(request);
  CHECK(
    out->header("content-type").starts_with("application/cloudevents+json"));
  CHECK(out->header("ce-id").empty());
  CHECK(out->content.body().find("\"data\":{\"a\":1}") != std::string::npos);
}

TEST_CASE("an event whose data has a type of CloudEvents goes structured",
          "[gateway][outgoing]") {
  for (const char* type : {"application/cloudevents+json",
                           "Application/CloudEvents-Batch+JSON; charset=utf-8"})
    for (auto format : {actors::delivery_format::unchanged,
                        actors::delivery_format::binary}) {
      const std::string text
        = R"({"specversion":"1.0","id":"e1","source":"/s","type":"t",)"
          R"("datacontenttype":")"
          + std::string{type}
          + R"(","data":{"specversion":"1.0","id":"inner"}})";
      std::vector<cloudevents::field> headers{
        {"Content-Type", "application/cloudevents+json"}};
      auto request
        = request_for(*cloudevents::parse_request(headers, text, {10, 10}));
      request.format = format;
      auto out = send(request);
      CHECK(out->header("content-type") == "application/cloudevents+json");
      CHECK(out->header("ce-id").empty());
      auto heard = cloudevents::parse_request(out->content.fields(),
                                              out->content.body(), {10, 10});
      REQUIRE(heard.has_value());
      CHECK((*heard)[0].id() == "e1");
    }
}

TEST_CASE("Retry-After counts for 429 and 503 only", "[gateway][outgoing]") {
  auto wait = [](const char* status) {
    auto answer = answer_of("HTTP/1.1 " + std::string{status}
                            + " X\r\nRetry-After: 5\r\n"
                              "Content-Length: 0\r\n\r\n");
    return outcome_of(answer, 0).retry_after_ms;
  };
  CHECK(wait("429") == 5'000);
  CHECK(wait("503") == 5'000);
  CHECK_FALSE(wait("500").has_value());
  CHECK_FALSE(wait("200").has_value());
}

TEST_CASE("a reply is taken from a 200 and never from a 202",
          "[gateway][outgoing]") {
  auto answer = [](const char* status) {
    auto x = answer_of("HTTP/1.1 " + std::string{status}
                       + " X\r\nce-specversion: 1.0\r\nce-id: r1\r\n"
                         "ce-source: /sub\r\nce-type: t\r\n"
                         "X-Request-Id: q\r\nServer: s\r\n"
                         "Content-Length: 2\r\n\r\n{}");
    return outcome_of(x, 0);
  };
  auto ok = answer("200");
  REQUIRE(ok.reply.size() == 1);
  CHECK(ok.reply[0].id() == "r1");
  CHECK(ok.headers == actors::header_list{{"X-Request-Id", "q"}});
  CHECK(ok.error.empty());
  CHECK(answer("202").reply.empty());
  CHECK(answer("500").reply.empty());
  CHECK(answer("500").error == "HTTP status 500");
  auto plain = answer_of("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nokay");
  CHECK(outcome_of(plain, 0).reply.empty());
}

TEST_CASE("of an answer's body only what a dead letter quotes is kept",
          "[gateway][outgoing]") {
  auto answer = answer_of("HTTP/1.1 500 X\r\nContent-Length: 2000\r\n\r\n"
                          + std::string(2'000, 'x'));
  CHECK(outcome_of(answer, 0).body
        == std::string(limits::error_data_bytes_max, 'x'));
}

TEST_CASE("a dead letter for a channel here is stored with its reason",
          "[gateway][outgoing]") {
  auto request = request_for(
    make_event("e1", "{}", {{"knativeerrorcode", "404"}, {"other", "x"}}));
  auto same = event_to_store(request);
  REQUIRE(same.has_value());
  CHECK((*same)[0].find("knativeerrorcode")->value == "404");
  request.leg = actors::delivery_leg::dead_letter;
  request.error = actors::error_extensions{"http://sub/", 503, ""};
  auto batch = event_to_store(request);
  REQUIRE(batch.has_value());
  REQUIRE(batch->size() == 1);
  auto event = (*batch)[0];
  CHECK(event.find("knativeerrorcode")->value == "503");
  CHECK(event.find("knativeerrordest")->value == "http://sub/");
  CHECK(event.find("other")->value == "x");
  CHECK(event.id() == "e1");
  CHECK(event.data() == "{}");
}

TEST_CASE("a publisher's headers go on with its event, exactly those of the "
          "list",
          "[gateway][outgoing]") {
  auto event = published({{"X-Request-Id", "r1"},
                          {"Knative-Foo", "k"},
                          {"X-B3-TraceId", "b3"},
                          {"Retry-After", "3"},
                          {"traceparent", trace},
                          {"tracestate", "a=b"},
                          {"Authorization", "no"},
                          {"X-Other", "no"}});
  CHECK(event[0].attributes().size() == 3);
  for (auto leg :
       {actors::delivery_leg::subscriber, actors::delivery_leg::dead_letter}) {
    auto request = request_for(event);
    request.leg = leg;
    auto out = send(request);
    CHECK(out->header("x-request-id") == "r1");
    CHECK(out->header("knative-foo") == "k");
    CHECK(out->header("x-b3-traceid") == "b3");
    CHECK(out->header("retry-after") == "3");
    CHECK(out->header("traceparent") == trace);
    CHECK(out->header("tracestate") == "a=b");
    CHECK(out->header("authorization").empty());
    CHECK(out->header("x-other").empty());
    CHECK(out->header("ce-traceparent").empty());
    auto stored = event_to_store(request);
    REQUIRE(stored.has_value());
    auto next = send(request_for(*stored));
    CHECK(next->header("x-request-id") == "r1");
    CHECK(next->header("traceparent") == trace);
  }
}

TEST_CASE("the trace of the request goes before that of the event",
          "[gateway][outgoing]") {
  std::string older = trace;
  older.back() = '0';
  auto out = send(request_for(
    published({{"traceparent", trace}, {"ce-traceparent", older}})));
  CHECK(out->header("traceparent") == trace);
  CHECK(out->header("ce-traceparent") == older);
  auto bad = send(request_for(
    published({{"traceparent", "junk"}, {"ce-traceparent", older}})));
  CHECK(bad->header("traceparent") == older);
}

TEST_CASE("an event that goes round through channels is stopped",
          "[gateway][outgoing]") {
  auto request = request_for(make_event("e1"));
  uint32_t hops = 0;
  auto go_on = [&] {
    auto stored = event_to_store(request);
    if (!stored)
      return stored.error().code;
    ++hops;
    CHECK(send(request_for(*stored))->header("eventd-hops").empty());
    request.event = *stored;
    return ec::none;
  };
  while (go_on() == ec::none)
    REQUIRE(hops <= limits::hops_max);
  CHECK(hops == limits::hops_max);
  CHECK(go_on() == ec::loop_detected);
  // What is stopped is a dead letter, and that goes on for as long again.
  request.leg = actors::delivery_leg::dead_letter;
  request.error = actors::error_extensions{"http://sub/", 400, ""};
  CHECK(go_on() == ec::none);
  request.leg = actors::delivery_leg::subscriber;
  while (go_on() == ec::none)
    REQUIRE(hops <= 2 * limits::hops_max);
  CHECK(hops == 2 * limits::hops_max);
}
