// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include "runtime/gateway/outgoing.hpp"
#include "runtime/gateway/response.hpp"
#include "tests/runtime/gateway/gateway_fixture.hpp"

/// What is sent to others begins with the lines that eventd meant, and no
/// more: whatever stands in an event, a subscriber's URI or its answer.
using namespace eventd;
using namespace eventd::runtime;
using tests::gateway_fixture;
using tests::raw_socket;
using tests::scripted_server;

namespace {

/// Values that would become a second line, end the header, or cut it.
std::vector<std::string> evil_texts() {
  std::vector<std::string> out{"a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rX-Evil: 1",
                               "\r\n\r\nPOST / HTTP/1.1", "a\r\n X-Evil: 1"};
  for (int c = 0; c < 0x20; ++c)
    if (c != '\t') // It may stand in a field's value.
      out.push_back(std::string{"a"} + static_cast<char>(c) + "b");
  out.push_back("a\177b");
  return out;
}

/// Whether a request begins with well-formed lines, the last of them the one
/// that eventd writes last, and none of them evil.
bool is_clean(std::string_view request) {
  auto end = request.find("\r\n\r\n");
  if (end == std::string_view::npos)
    return false;
  auto rest = request.substr(0, end + 2);
  std::string_view line;
  for (bool is_first = true; !rest.empty();) {
    line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    if (!is_safe_value(line) || line.starts_with("X-Evil"))
      return false;
    if (std::exchange(is_first, false)) {
      if (!line.starts_with("POST /") || !line.ends_with(" HTTP/1.1")
          || std::count(line.begin(), line.end(), ' ') != 2)
        return false;
    } else if (auto colon = line.find(": ");
               colon == std::string_view::npos
               || !is_token(line.substr(0, colon))) {
      return false;
    }
  }
  return line.starts_with("Content-Length: ");
}

/// An event whose attribute `name` is `value`, as no publisher can make it.
event_batch event_with(const std::string& name, const std::string& value,
                       attribute_type type = attribute_type::string,
                       const std::string& raw = {}) {
  std::vector<attribute_view> attributes{{"id", "e1", {}, {}},
                                         {"source", "/test", {}, {}},
                                         {"type", "test.made", {}, {}}};
  auto same = std::find_if(attributes.begin(), attributes.end(),
                           [&](const auto& x) { return x.name == name; });
  if (same != attributes.end())
    same->value = value;
  else
    attributes.push_back({name, value, type, raw});
  auto bytes = std::make_shared<std::string>();
  event_writer writer{*bytes, spec_version::v1_0, data_kind::text,
                      attributes.size()};
  for (const auto& x : attributes)
    writer.attribute(x);
  writer.data("abc");
  return *event_batch::open(std::move(bytes), 0, 1);
}

actors::delivery_request request_with(event_batch event) {
  actors::delivery_request x;
  x.namespace_name = "prod";
  x.target = "http://sink:8081/in";
  x.event = std::move(event);
  return x;
}

std::string text_of(const actors::delivery_request& request) {
  return build_delivery(request, *parse_http_url(request.target));
}

struct sink_fixture : gateway_fixture {
  actors::delivery_outcome deliver(const std::string& target,
                                   event_batch event) {
    auto request = request_with(std::move(event));
    request.target = target;
    request.timeout_ms = 5'000;
    caf::scoped_actor self{system};
    actors::delivery_outcome out;
    self
      ->request(gate->dispatcher(), caf::infinite, actors::atom::deliver_v,
                request)
      .receive([&](actors::delivery_outcome x) { out = std::move(x); },
               [&](const caf::error&) { FAIL("no outcome"); });
    return out;
  }
};

} // namespace

TEST_CASE("no attribute of an event becomes a line of a delivery's header",
          "[gateway][header_injection]") {
  for (const auto& evil : evil_texts()) {
    INFO(evil);
    for (const char* name :
         {"id", "source", "type", "subject", "datacontenttype", "mine",
          "traceparent", "tracestate", "partitionkey"}) {
      INFO(name);
      auto request = request_with(event_with(name, evil));
      CHECK(is_clean(text_of(request)));
      request.format = actors::delivery_format::binary;
      CHECK(is_clean(text_of(request)));
      request.format = actors::delivery_format::structured;
      CHECK(is_clean(text_of(request)));
    }
    CHECK(is_clean(text_of(request_with(event_with(evil, "v")))));
    CHECK(is_clean(text_of(
      request_with(event_with("mine", "v", attribute_type::string, evil)))));
  }
}

TEST_CASE("no header that goes on becomes two", "[gateway][header_injection]") {
  for (const auto& evil : evil_texts()) {
    INFO(evil);
    for (const char* name :
         {"x-request-id", "knative-a", "traceparent", "tracestate"}) {
      INFO(name);
      CHECK(is_clean(
        text_of(request_with(event_with(name, evil, attribute_type::header)))));
    }
    auto named = "knative-" + evil;
    CHECK(is_clean(
      text_of(request_with(event_with(named, "v", attribute_type::header)))));
    auto reply = request_with(event_with("mine", "v"));
    reply.leg = actors::delivery_leg::reply;
    reply.headers = {{"X-Request-Id", evil}, {named, "v"}};
    CHECK(is_clean(text_of(reply)));
  }
}

TEST_CASE("neither a namespace nor what a dead letter tells becomes a line",
          "[gateway][header_injection]") {
  for (const auto& evil : evil_texts()) {
    INFO(evil);
    auto request = request_with(event_with("mine", "v"));
    request.namespace_name = evil;
    CHECK(is_clean(text_of(request)));
    request.leg = actors::delivery_leg::dead_letter;
    request.error = actors::error_extensions{evil, 500, evil};
    CHECK(is_clean(text_of(request)));
  }
}

TEST_CASE("a URL that holds a space or a control character is not called",
          "[gateway][header_injection]") {
  for (int c = 0; c <= 0x7f; ++c) {
    if (c > 0x20 && c != 0x7f)
      continue;
    std::string evil(1, static_cast<char>(c));
    INFO("character " << c);
    CHECK_FALSE(parse_http_url("http://sink/a" + evil + "b").has_value());
    CHECK_FALSE(parse_http_url("http://sink/?a=" + evil + "b").has_value());
    CHECK_FALSE(parse_http_url("http://si" + evil + "nk/").has_value());
    CHECK_FALSE(parse_http_url("http://sink:80" + evil + "/").has_value());
    CHECK_FALSE(parse_http_url("http://[::1" + evil + "]/").has_value());
    CHECK_FALSE(parse_http_url("http:" + evil + "//sink/").has_value());
    CHECK_FALSE(parse_http_url("http://sink/" + evil).has_value());
    CHECK_FALSE(parse_http_url(evil + "http://sink/").has_value());
  }
  for (const char* host : {"a%0d%0aX-Evil:1", "a%0D%0A", "a%00b", "a%20b"})
    CHECK_FALSE(
      parse_http_url("http://" + std::string{host} + "/").has_value());
}

TEST_CASE("an escaped line end in a subscriber's path or query stays escaped",
          "[gateway][header_injection]") {
  auto request = request_with(event_with("mine", "v"));
  request.target = "http://sink:8081/a%0D%0AX-Evil:1?b=%0d%0aX-Evil:1";
  auto text = text_of(request);
  CHECK(text.starts_with("POST /a%0D%0AX-Evil:1?b=%0d%0aX-Evil:1 HTTP/1.1\r\n"
                         "Host: sink:8081\r\n"));
  CHECK(is_clean(text));
}

TEST_CASE_METHOD(gateway_fixture,
                 "an event with a control character in an attribute is refused "
                 "in each mode",
                 "[gateway][header_injection]") {
  const std::string structured = "Content-Type: application/cloudevents+json";
  const std::string batch = "Content-Type: application/cloudevents-batch+json";
  for (const char* evil : {"a%0D%0AX-Evil:%201", "a%0A", "a%0d", "%00",
                           "\"a%0D%0A\"", "a%7F", "a%C2%85"}) {
    INFO(evil);
    CHECK(
      post("/prod/orders", event_headers("a") + "ce-subject: " + evil + "\r\n")
        .status
      == 400);
  }
  for (const char* evil : {"a\\r\\nX-Evil: 1", "\\u000a", "\\u0000", "\\u007f"})
    for (const char* name :
         {"id", "source", "type", "subject", "mine", "datacontenttype"}) {
      INFO(name << " " << evil);
      std::string text = R"({"specversion":"1.0")";
      for (const char* needed : {"id", "source", "type"})
        if (std::string_view{needed} != name)
          text += ",\"" + std::string{needed} + "\":\"/a\"";
      text += ",\"" + std::string{name} + "\":\"" + evil + "\"}";
      CHECK(post("/prod/orders", structured + "\r\n", text).status == 400);
      CHECK(post("/prod/orders", batch + "\r\n", '[' + text + ']').status
            == 400);
    }
  CHECK(stored() == 0);
}

TEST_CASE_METHOD(gateway_fixture,
                 "what an answer repeats of its request stays one line",
                 "[gateway][header_injection]") {
  auto ask_origin = [&](const std::string& origin) {
    return ask("OPTIONS /prod/orders HTTP/1.1\r\nHost: x\r\n"
               "WebHook-Request-Origin: "
               + origin + "\r\n\r\n");
  };
  auto good = ask_origin("a%0D%0AX-Evil: 1");
  CHECK(good.status == 200);
  CHECK(good.header("webhook-allowed-origin") == "a%0D%0AX-Evil: 1");
  CHECK(good.header("x-evil").empty());
  for (const char* evil : {"a\rX-Evil: 1", "a\nX-Evil: 1", "a\r\n X-Evil: 1",
                           "a\001b", "a\177b"}) {
    auto out = ask_origin(evil);
    CHECK(out.status == 400);
    CHECK(out.header("webhook-allowed-origin").empty());
  }
  // A path that is told in words, in JSON.
  auto lost = get("/prod/a%0D%0AX-Evil:1");
  CHECK(lost.status == 405);
  CHECK(lost.header("x-evil").empty());
}

TEST_CASE_METHOD(sink_fixture,
                 "on the wire a delivery has the lines that eventd meant",
                 "[gateway][header_injection]") {
  for (const char* name : {"subject", "datacontenttype", "traceparent"}) {
    INFO(name);
    std::promise<std::string> came;
    scripted_server sink{{[&](raw_socket& peer) {
      came.set_value(peer.read_request());
      peer.send("HTTP/1.1 204 X\r\n\r\n");
    }}};
    auto out
      = deliver(sink.url("/in?a=%0D%0A"),
                event_with(name, "a\r\nX-Evil: 1\r\n\r\nPOST / HTTP/1.1"));
    CHECK(out.status == 204);
    auto text = came.get_future().get();
    CHECK(text.starts_with("POST /in?a=%0D%0A HTTP/1.1\r\n"));
    CHECK(text.ends_with("\r\n\r\nabc"));
    CHECK(is_clean(text));
  }
}

TEST_CASE_METHOD(sink_fixture,
                 "a header of a subscriber's answer goes on as one line or not "
                 "at all",
                 "[gateway][header_injection]") {
  auto answered = [&](const std::string& fields) {
    scripted_server sink{{[&](raw_socket& peer) {
      peer.read_request();
      peer.send("HTTP/1.1 200 OK\r\n" + fields + "\r\n");
    }}};
    return deliver(sink.url(), event_with("mine", "v"));
  };
  auto folded = answered("X-Request-Id: a\r\n X-Evil: 1\r\n"
                         "Content-Length: 0\r\n");
  CHECK(folded.headers == actors::header_list{{"X-Request-Id", "a X-Evil: 1"}});
  auto reply = request_with(event_with("mine", "v"));
  reply.leg = actors::delivery_leg::reply;
  reply.headers = folded.headers;
  CHECK(is_clean(text_of(reply)));
  for (const char* evil :
       {"X-Request-Id: a\nX-Evil: 1\r\n", "X-Request-Id: a\rX-Evil: 1\r\n",
        "X-Request-Id: a\001b\r\n"}) {
    auto out = answered(std::string{evil} + "Content-Length: 0\r\n");
    CHECK(out.status == 0); // It is no answer, and tried again.
    CHECK(out.headers.empty());
  }
  // A reply whose attribute is evil is no event.
  auto event = answered("ce-specversion: 1.0\r\nce-id: r\r\nce-source: /s\r\n"
                        "ce-type: t\r\nce-subject: a%0D%0AX-Evil: 1\r\n"
                        "Content-Length: 0\r\n");
  CHECK(event.status == 200);
  CHECK(event.reply.empty());
}
