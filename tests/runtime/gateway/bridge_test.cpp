// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/bridge.hpp"

#include <future>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/runtime/gateway/gateway_fixture.hpp"

using namespace eventd;
using namespace eventd::runtime;
using tests::fake_log;
using tests::make_event;

namespace {

/// Remembers what came; answers deliveries with a status of its own.
struct recorded_roles final : bridge_roles {
  void on_deliver(actors::delivery_request request,
                  delivery_promise promise) override {
    if (request.target == "forget")
      return; // The promise goes without an answer.
    actors::delivery_outcome out;
    out.status = 204;
    out.error = request.target;
    promise.answer(std::move(out));
  }
  void on_route(const std::string& key, const actors::channel_actor&) override {
    routed.set_value(key);
  }
  void on_unroute(const std::string& key) override { unrouted.set_value(key); }

  std::promise<std::string> routed;
  std::promise<std::string> unrouted;
};

/// One I/O thread with a bridge, and a fake channel on CAF's threads.
struct bridge_fixture {
  bridge_fixture() {
    channel = tests::spawn_channel(system, log);
    thread = std::thread([this] { context.run(); });
  }

  ~bridge_fixture() {
    on_io([this] { asks.close(); });
    work.reset();
    context.stop();
    thread.join();
    tests::end(channel);
  }

  /// Runs a function on the I/O thread and waits for it.
  template <class F>
  void on_io(F f) {
    std::promise<void> done;
    net::post(context, [&] {
      f();
      done.set_value();
    });
    done.get_future().get();
  }

  /// Starts a coroutine; what it answers comes by the future.
  template <class T, class F>
  std::future<T> start(F f) {
    auto out = std::make_shared<std::promise<T>>();
    net::co_spawn(
      context, [f, out]() -> task<> { out->set_value(co_await f()); },
      net::detached);
    return out->get_future();
  }

  auto append(const std::string& id) {
    using answer = result<actors::append_result>;
    return start<answer>([this, id]() -> task<answer> {
      co_return co_await asks.ask(channel, actors::atom::append_v,
                                  make_event(id));
    });
  }

  auto wait_beyond(uint64_t seen) {
    using answer = result<log_offset>;
    return start<answer>([this, seen]() -> task<answer> {
      actors::await_request what{log_offset{seen}, 60'000};
      co_return co_await asks.wait_for(5, channel, actors::atom::await_v, what);
    });
  }

  void wait_for_waiter() { log->waiting.get_future().get(); }

  tests::fake_config config;
  caf::actor_system system{config};
  std::shared_ptr<fake_log> log = std::make_shared<fake_log>();
  actors::channel_actor channel;
  recorded_roles roles;
  net::io_context context{1};
  net::executor_work_guard<io_executor> work{context.get_executor()};
  bridge asks{system, context, roles};
  std::thread thread;
};

} // namespace

TEST_CASE_METHOD(bridge_fixture, "a coroutine gets what an actor answers",
                 "[gateway][bridge]") {
  auto first = append("a").get();
  REQUIRE(first.has_value());
  CHECK(first->first == log_offset{0});
  CHECK(first->stored == 1);
  CHECK(append("b").get()->first == log_offset{1});
}

TEST_CASE_METHOD(bridge_fixture,
                 "a coroutine gets an actor's failure with its words",
                 "[gateway][bridge]") {
  log->refusal = failure{ec::no_space, "the reserve is reached", "disk"};
  auto out = append("a").get();
  REQUIRE_FALSE(out.has_value());
  CHECK(out.error() == ec::no_space);
  CHECK(out.error().detail == "the reserve is reached");
  CHECK(out.error().field == "disk");
}

TEST_CASE_METHOD(bridge_fixture,
                 "many questions at once each get their own answer",
                 "[gateway][bridge]") {
  std::vector<std::future<result<actors::append_result>>> all;
  for (int i = 0; i < 500; ++i)
    all.push_back(append(std::to_string(i)));
  std::vector<bool> seen(all.size());
  for (auto& x : all) {
    auto out = x.get();
    REQUIRE(out.has_value());
    REQUIRE(out->first.value < seen.size());
    CHECK_FALSE(seen[out->first.value]);
    seen[out->first.value] = true;
  }
}

TEST_CASE_METHOD(bridge_fixture, "a question to a dead actor fails at once",
                 "[gateway][bridge]") {
  caf::scoped_actor self{system};
  self->send_exit(channel, caf::exit_reason::kill);
  self->wait_for(channel);
  auto out = append("a").get();
  REQUIRE_FALSE(out.has_value());
  CHECK(out.error() == ec::actor_died);
}

TEST_CASE_METHOD(bridge_fixture,
                 "a question that is never answered ends by the sweeps",
                 "[gateway][bridge]") {
  log->holds_appends = true;
  auto out = append("a");
  // Two sweeps early it still waits; the deadline itself ends it.
  on_io([this] {
    for (uint64_t i = 0; i + 1 < limits::ask_timeout_s; ++i)
      asks.sweep();
  });
  CHECK(out.wait_for(std::chrono::seconds{0}) != std::future_status::ready);
  on_io([this] {
    for (int i = 0; i < 3; ++i)
      asks.sweep();
  });
  auto answer = out.get();
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error() == ec::timeout);
}

TEST_CASE_METHOD(bridge_fixture,
                 "a drain ends waits, now and later, and spares questions",
                 "[gateway][bridge]") {
  auto waiting = wait_beyond(0);
  wait_for_waiter();
  on_io([this] { asks.interrupt_waits(); });
  CHECK(waiting.get().error() == ec::shutting_down);
  CHECK(wait_beyond(0).get().error() == ec::shutting_down);
  CHECK(append("a").get().has_value());
}

TEST_CASE_METHOD(bridge_fixture, "an awaited append wakes the one who waits",
                 "[gateway][bridge]") {
  auto waiting = wait_beyond(0);
  wait_for_waiter();
  CHECK(append("a").get().has_value());
  CHECK(waiting.get().value() == log_offset{1});
}

TEST_CASE_METHOD(bridge_fixture,
                 "a closed bridge fails what waits and takes nothing more",
                 "[gateway][bridge]") {
  log->holds_appends = true;
  auto waiting = append("a");
  on_io([this] { asks.close(); });
  CHECK(waiting.get().error() == ec::shutting_down);
  CHECK(append("b").get().error() == ec::shutting_down);
  // A request to it is bounced, not lost.
  caf::scoped_actor self{system};
  actors::delivery_request request;
  request.target = "http://x/";
  self
    ->request(asks.dispatcher(), caf::infinite, actors::atom::deliver_v,
              request)
    .receive([](actors::delivery_outcome) { FAIL("must not be answered"); },
             [](const caf::error& why) { CHECK(why == ec::shutting_down); });
}

TEST_CASE_METHOD(bridge_fixture, "a bridge plays dispatcher and route watcher",
                 "[gateway][bridge]") {
  caf::scoped_actor self{system};
  actors::delivery_request request;
  request.target = "http://sink/";
  request.event = make_event("a");
  self
    ->request(asks.dispatcher(), caf::infinite, actors::atom::deliver_v,
              request)
    .receive(
      [](actors::delivery_outcome out) {
        CHECK(out.status == 204);
        CHECK(out.error == "http://sink/");
      },
      [](const caf::error&) { FAIL("must be answered"); });
  self->send(asks.route_watcher(), actors::atom::route_v,
             std::string{"prod/orders"}, channel);
  CHECK(roles.routed.get_future().get() == "prod/orders");
  self->send(asks.route_watcher(), actors::atom::unroute_v,
             std::string{"prod/orders"});
  CHECK(roles.unrouted.get_future().get() == "prod/orders");
}

TEST_CASE_METHOD(bridge_fixture,
                 "a delivery that is forgotten is answered all the same",
                 "[gateway][bridge]") {
  caf::scoped_actor self{system};
  actors::delivery_request request;
  request.target = "forget";
  request.event = make_event("a");
  self
    ->request(asks.dispatcher(), caf::infinite, actors::atom::deliver_v,
              request)
    .receive([](actors::delivery_outcome) { FAIL("must not be answered"); },
             [](const caf::error& why) { CHECK(why == ec::shutting_down); });
}
