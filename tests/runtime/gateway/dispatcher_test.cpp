// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/dispatcher.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/gateway/gateway_fixture.hpp"

using namespace eventd;
using tests::raw_socket;
using tests::scripted_server;

namespace {

struct dispatcher_fixture : tests::gateway_fixture {
  using tests::gateway_fixture::gateway_fixture;

  result<actors::delivery_outcome> deliver(const std::string& target,
                                           int64_t timeout_ms = 5'000,
                                           const std::string& data = "{}") {
    actors::delivery_request request;
    request.namespace_name = "prod";
    request.target = target;
    request.timeout_ms = timeout_ms;
    request.event = tests::make_event("e1", data);
    caf::scoped_actor self{system};
    result<actors::delivery_outcome> out = failure{ec::internal, "no answer"};
    self->request(gate->dispatcher(), caf::infinite, atom_deliver, request)
      .receive([&](actors::delivery_outcome x) { out = std::move(x); },
               [&](const caf::error& why) { out = from_caf(why); });
    return out;
  }

  static constexpr auto atom_deliver = actors::atom::deliver_v;
};

scripted_server::script answer(std::string text) {
  return [text](raw_socket& peer) {
    if (!peer.read_request().empty())
      peer.send(text);
    if (text.empty())
      peer.is_at_end();
  };
}

const std::string local = "http://orders-kn-channel.prod.svc.cluster.local/";

} // namespace

TEST_CASE_METHOD(dispatcher_fixture,
                 "a delivery's outcome tells status, wait and the body's begin",
                 "[gateway][dispatcher]") {
  scripted_server sink{{answer("HTTP/1.1 429 Slow\r\nRetry-After: 7\r\n"
                               "Content-Length: 5\r\n\r\nlater")}};
  auto out = deliver(sink.url("/in"));
  REQUIRE(out.has_value());
  CHECK(out->status == 429);
  CHECK(out->retry_after_ms == 7'000);
  CHECK(out->body == "later");
}

TEST_CASE_METHOD(dispatcher_fixture,
                 "a Retry-After date is measured from the node's wall clock",
                 "[gateway][dispatcher]") {
  // The fixture's clock stands at 08:49:37.
  scripted_server sink{{answer("HTTP/1.1 503 Busy\r\n"
                               "Retry-After: Sun, 06 Nov 1994 08:49:47 GMT\r\n"
                               "Content-Length: 0\r\n\r\n")}};
  CHECK(deliver(sink.url())->retry_after_ms == 10'000);
}

TEST_CASE_METHOD(dispatcher_fixture,
                 "an attempt is not counted here: its subscription counts it",
                 "[gateway][dispatcher]") {
  scripted_server sink{{answer("HTTP/1.1 204 X\r\n\r\n")}};
  CHECK(deliver(sink.url())->status == 204);
  CHECK(stats->deliveries == 0);
  CHECK(stats->deliveries_failed == 0);
  CHECK(stats->delivery_duration.bucket(0) == 0);
}

TEST_CASE_METHOD(dispatcher_fixture,
                 "no answer is an outcome with words, not a failure",
                 "[gateway][dispatcher]") {
  scripted_server sink{{answer("")}};
  auto silent = deliver(sink.url(), 100);
  REQUIRE(silent.has_value());
  CHECK(silent->status == 0);
  CHECK_FALSE(silent->error.empty());
  auto bad = deliver("https://sink/");
  REQUIRE(bad.has_value());
  CHECK(bad->status == 0);
  CHECK(bad->error == "https targets are not supported yet");
}

TEST_CASE_METHOD(dispatcher_fixture,
                 "a target that is a channel here is appended without network",
                 "[gateway][dispatcher]") {
  auto out = deliver(local);
  REQUIRE(out.has_value());
  CHECK(out->status == 202);
  REQUIRE(stored() == 1);
  CHECK(log->events[0][0].id() == "e1");
  CHECK(deliver("http://nothing-kn-channel.prod.svc.cluster.local/")->status
        == 404);
}

TEST_CASE_METHOD(dispatcher_fixture,
                 "a path below a channel here is a 404 without a name lookup",
                 "[gateway][dispatcher]") {
  auto out = deliver(local + "audit");
  REQUIRE(out.has_value());
  CHECK(out->status == 404);
  CHECK(out->error.find("not at /audit") != std::string::npos);
  CHECK(deliver(local + "?a=b")->status == 202);
  CHECK(stored() == 1);
}

TEST_CASE_METHOD(dispatcher_fixture,
                 "a local channel's refusal reads as its HTTP answer would",
                 "[gateway][dispatcher]") {
  log->refusal = failure{ec::overloaded, "full"};
  CHECK(deliver(local)->status == 429);
  CHECK(deliver(local)->retry_after_ms == 1'000);
  log->refusal = failure{ec::no_space, "full"};
  CHECK(deliver(local)->status == 507);
  log->refusal = failure{ec::not_leader, "elsewhere"};
  CHECK(deliver(local)->status == 503);
  log->refusal = failure{ec::shutting_down, "closing"};
  CHECK(deliver(local).error() == ec::shutting_down);
}

TEST_CASE_METHOD(dispatcher_fixture,
                 "a draining node makes no attempt and says so",
                 "[gateway][dispatcher]") {
  CHECK(gate->drain(std::chrono::seconds{5}));
  CHECK(deliver(local).error() == ec::shutting_down);
  CHECK(stored() == 0);
}

TEST_CASE_METHOD(dispatcher_fixture,
                 "an attempt that the stop cuts counts as not made",
                 "[gateway][dispatcher]") {
  std::promise<void> asked;
  scripted_server sink{{[&](raw_socket& peer) {
    peer.read_request();
    asked.set_value();
    peer.is_at_end();
  }}};
  auto out = std::async(std::launch::async,
                        [&] { return deliver(sink.url(), 60'000); });
  asked.get_future().get();
  CHECK_FALSE(gate->drain(std::chrono::milliseconds{50}));
  gate->stop();
  CHECK(out.get().error() == ec::shutting_down);
}

TEST_CASE("deliveries are spread over workers by target and all answered",
          "[gateway][dispatcher]") {
  struct two_workers : dispatcher_fixture {
    two_workers() : dispatcher_fixture(2) {}
  } node;
  for (int i = 0; i < 4; ++i) {
    scripted_server sink{{answer("HTTP/1.1 204 X\r\n\r\n")}};
    CHECK(node.deliver(sink.url())->status == 204);
  }
  CHECK(node.deliver(local)->status == 202);
}

TEST_CASE_METHOD(dispatcher_fixture,
                 "a target that takes its time holds a part of the bytes on "
                 "the wire, until it has answered",
                 "[gateway][dispatcher]") {
  const std::string large('"' + std::string(20 << 20, 'x') + '"');
  std::promise<void> asked;
  std::promise<void> enough;
  scripted_server slow{{[&](raw_socket& peer) {
    peer.read_request();
    asked.set_value();
    enough.get_future().wait_for(std::chrono::seconds{tests::wait_s});
    peer.send("HTTP/1.1 204 X\r\n\r\n");
    answer("HTTP/1.1 204 X\r\n\r\n")(peer);
  }}};
  scripted_server quick{{answer("HTTP/1.1 204 X\r\n\r\n")}};
  auto first = std::async(std::launch::async,
                          [&] { return deliver(slow.url(), 60'000, large); });
  asked.get_future().get();
  auto beyond = deliver(slow.url(), 60'000, large);
  REQUIRE_FALSE(beyond.has_value());
  CHECK(beyond.error() == ec::overloaded);
  CHECK(beyond.error().detail.find("to it") != std::string::npos);
  CHECK(deliver(quick.url(), 60'000, large)->status == 204);
  enough.set_value();
  CHECK(first.get()->status == 204);
  CHECK(deliver(slow.url(), 60'000, large)->status == 204);
}
