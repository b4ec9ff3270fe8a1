// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/append_joiner.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <catch2/catch_test_macros.hpp>

#include "runtime/gateway/bridge.hpp"
#include "runtime/gateway/routes.hpp"
#include "storage/model/limits.hpp"
#include "tests/runtime/gateway/gateway_fixture.hpp"

using namespace eventd;
using namespace eventd::runtime;
using tests::fake_log;

namespace {

using answer = result<actors::append_result>;

struct no_roles final : bridge_roles {
  void on_deliver(actors::delivery_request, delivery_promise) override {}
  void on_route(const std::string&, const actors::channel_actor&) override {}
  void on_unroute(const std::string&) override {}
};

/// An I/O context that the test itself runs, so that it knows its turns.
struct joiner_fixture {
  joiner_fixture() : shared(options()) {
    channel = tests::spawn_channel(system, log);
    routes.set("prod/orders", channel);
    routes.set("prod/others", channel);
  }

  ~joiner_fixture() {
    asks.close();
    context.poll();
    tests::end(channel);
  }

  static gateway_options options() {
    gateway_options x;
    x.stats = std::make_shared<actors::node_stats>();
    return x;
  }

  /// Asks, all in one turn.
  void append(const std::string& key, const std::string& id,
              const std::string& body = "{}",
              const std::string& version = "1.0") {
    auto place = answers.size();
    answers.emplace_back();
    net::co_spawn(
      context,
      [=, this]() -> task<> {
        std::vector<cloudevents::field> fields{{"ce-specversion", version},
                                               {"ce-id", id},
                                               {"ce-source", "/s"},
                                               {"ce-type", "t"}};
        answers[place] = co_await joiner.append(key, fields, body,
                                                {limits::batch_events_max, 64});
      },
      net::detached);
  }

  void append_batch(const std::string& body) {
    auto place = answers.size();
    answers.emplace_back();
    net::co_spawn(
      context,
      [=, this]() -> task<> {
        std::vector<cloudevents::field> fields{
          {"content-type", "application/cloudevents-batch+json"}};
        answers[place] = co_await joiner.append("prod/orders", fields, body,
                                                {limits::batch_events_max, 64});
      },
      net::detached);
  }

  /// Runs turns until all are answered.
  void run() {
    auto all_answered = [this] {
      for (const auto& x : answers)
        if (!x)
          return false;
      return true;
    };
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!all_answered() && std::chrono::steady_clock::now() < end)
      context.run_one_for(std::chrono::milliseconds{100});
    REQUIRE(all_answered());
  }

  uint64_t first(size_t i) const { return (*answers.at(i))->first.value; }

  tests::fake_config config;
  caf::actor_system system{config};
  std::shared_ptr<fake_log> log = std::make_shared<fake_log>();
  actors::channel_actor channel;
  no_roles roles;
  gateway_shared shared;
  route_table routes{shared};
  std::vector<std::optional<answer>> answers;
  net::io_context context{1};
  net::executor_work_guard<io_executor> work{context.get_executor()};
  bridge asks{system, context, roles};
  append_joiner joiner{context, asks, routes};
};

} // namespace

TEST_CASE_METHOD(joiner_fixture,
                 "what one turn brings goes to the channel as one",
                 "[gateway][publish]") {
  for (auto id : {"a", "b", "c"})
    append("prod/orders", id);
  run();
  CHECK(log->joined == std::vector<size_t>{3});
  for (size_t i = 0; i < 3; ++i) {
    REQUIRE(answers[i]->has_value());
    CHECK(first(i) == i);
    CHECK((*answers[i])->stored == 1);
  }
  append("prod/orders", "d");
  run();
  CHECK(log->joined == std::vector<size_t>{3, 1});
}

TEST_CASE_METHOD(joiner_fixture,
                 "a request that is refused takes nothing from its neighbours",
                 "[gateway][publish]") {
  append("prod/orders", "a");
  append("prod/orders", "b", "{}", "7.0");
  append("prod/orders", "c");
  append_batch(R"([{"specversion":"1.0","id":"x","source":"/s","type":"t"},)"
               R"({"specversion":"1.0","id":"y","source":"/s"}])");
  append_batch("[]");
  run();
  CHECK(answers[1]->error() == ec::invalid_event);
  CHECK(answers[3]->error() == ec::invalid_event);
  REQUIRE(answers[4]->has_value());
  CHECK((*answers[4])->stored == 0);
  CHECK(first(0) == 0);
  CHECK(first(2) == 1);
  REQUIRE(log->events.size() == 2);
  CHECK(log->events[0][0].id() == "a");
  CHECK(log->events[1][0].id() == "c");
}

TEST_CASE_METHOD(joiner_fixture, "each channel gets its own",
                 "[gateway][publish]") {
  append("prod/orders", "a");
  append("prod/others", "b");
  append("prod/orders", "c");
  run();
  CHECK(log->joined == std::vector<size_t>{2, 1});
}

TEST_CASE_METHOD(joiner_fixture,
                 "a message holds so many requests and bytes, and a large body "
                 "goes alone",
                 "[gateway][publish]") {
  auto n = limits::joined_requests_max;
  for (size_t i = 0; i < n + 1; ++i)
    append("prod/orders", std::to_string(i));
  run();
  std::sort(log->joined.begin(), log->joined.end());
  CHECK(log->joined == std::vector<size_t>{1, n});
  log->joined.clear();
  answers.clear();
  std::string large(limits::joined_body_bytes_max, 'x');
  auto fitting = limits::joined_bytes_max / large.size();
  for (size_t i = 0; i < fitting + 1; ++i)
    append("prod/orders", "l" + std::to_string(i), large);
  append("prod/orders", "alone", large + "x");
  run();
  std::sort(log->joined.begin(), log->joined.end());
  CHECK(log->joined == std::vector<size_t>{1, fitting});
  CHECK(log->events.size() == n + 1 + fitting + 2);
}

TEST_CASE_METHOD(joiner_fixture,
                 "all that came together hear what the channel refuses",
                 "[gateway][publish]") {
  log->refusal = failure{ec::overloaded, "too much waits"};
  append("prod/orders", "a");
  append("prod/orders", "b");
  run();
  for (size_t i = 0; i < 2; ++i) {
    CHECK(answers[i]->error() == ec::overloaded);
    CHECK(answers[i]->error().detail == "too much waits");
  }
}
