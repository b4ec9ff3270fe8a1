// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/subscription/subscription.hpp"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include <caf/event_based_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <catch2/catch_test_macros.hpp>

#include "actors/subscription/dead_letter.hpp"
#include "storage/model/limits.hpp"
#include "tests/fixtures/actor_fixture.hpp"
#include "tests/fixtures/test_events.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

/// Fact: a promise is kept inside its actor only, so the fakes have a `tick`.
using fake_channel_actor = channel_actor::extend<caf::reacts_to<atom::tick>>;
using fake_replica_actor = replica_actor::extend<caf::reacts_to<atom::tick>>;

/// A channel in memory, with what a test wants to go wrong.
struct fake_channel {
  std::vector<event_batch> events; ///< One each.
  log_offset earliest{};
  incarnation epoch{1};
  std::optional<log_offset> damaged;
  uint64_t reads = 0;
  uint64_t events_read = 0;

  struct waiter {
    caf::typed_response_promise<log_offset> promise;
    log_offset seen;
  };
  std::vector<waiter> waiters;
  fake_channel_actor handle; ///< Told of what is published.

  log_offset end() const { return log_offset{events.size()}; }

  void publish(uint64_t n, std::string_view key = "") {
    for (uint64_t i = 0; i < n; ++i)
      publish_one("data", key);
  }

  void publish_one(std::string_view data, std::string_view key = "") {
    auto event = one_event(std::to_string(events.size()), data, key);
    event.first_offset = end();
    event.stored_at = log_time{1'000 * events.size()};
    events.push_back(std::move(event));
    if (handle)
      caf::anon_send(handle, atom::tick_v);
  }

  caf::result<read_result> read(const read_request& what) {
    ++reads;
    if (what.from < earliest)
      return to_caf(failure{ec::offset_trimmed, "trimmed", earliest.value});
    if (what.from > end())
      return to_caf(failure{ec::offset_out_of_range, "beyond", end().value});
    read_result x;
    x.earliest = earliest;
    x.end = end();
    x.epoch = epoch;
    x.next = what.from;
    while (x.next < end() && x.batches.size() < what.events_max) {
      if (damaged == x.next) {
        if (x.batches.empty())
          return to_caf(
            failure{ec::corrupt_record, "record is damaged", x.next.value});
        break;
      }
      x.batches.push_back(events[x.next.value]);
      ++x.next;
      ++events_read;
    }
    return x;
  }
};

fake_channel_actor::behavior_type
run_channel(fake_channel_actor::pointer self,
            std::shared_ptr<fake_channel> x) {
  return {
    [](atom::append, event_batch&) -> caf::result<append_result> {
      return to_caf(failure{ec::internal, "not here"});
    },
    [x](atom::read, const read_request& what) { return x->read(what); },
    [x](atom::locate, log_time time) -> caf::result<log_offset> {
      auto found = std::find_if(
        x->events.begin(), x->events.end(),
        [time](const event_batch& y) { return y.stored_at >= time; });
      return log_offset{static_cast<uint64_t>(found - x->events.begin())};
    },
    [x, self](atom::await,
              const await_request& what) -> caf::result<log_offset> {
      if (x->end() > what.seen)
        return x->end();
      auto promise = self->make_response_promise<log_offset>();
      x->waiters.push_back({promise, what.seen});
      return promise;
    },
    [x](atom::status) {
      channel_status status;
      status.info.epoch = x->epoch;
      status.earliest = x->earliest;
      status.end = x->end();
      return status;
    },
    [](atom::configure, const channel_settings&) {},
    [x](atom::tick) {
      for (auto& waiter : std::exchange(x->waiters, {}))
        waiter.promise.deliver(x->end());
    },
  };
}

/// Keeps cursors; answers at once, fails, or holds the answers back.
struct fake_replica {
  std::string durable;
  std::vector<cursor> commits;
  uint64_t urgent = 0;
  bool fails = false;
  bool holds = false;
  std::vector<std::pair<caf::typed_response_promise<caf::unit_t>, std::string>>
    held;

  cursor last() const { return *decode_cursor(durable); }
};

fake_replica_actor::behavior_type
run_replica(fake_replica_actor::pointer self,
            std::shared_ptr<fake_replica> x) {
  return {
    [](atom::propose, const shared_bytes&) -> caf::result<proposed> {
      return to_caf(failure{ec::internal, "not here"});
    },
    [x, self](atom::commit,
              const cursor_commit& what) -> caf::result<caf::unit_t> {
      x->commits.push_back(*decode_cursor(what.cursor));
      x->urgent += what.urgent ? 1 : 0;
      if (x->fails)
        return to_caf(failure{ec::not_leader, "elsewhere"});
      if (x->holds) {
        auto promise = self->make_response_promise<caf::unit_t>();
        x->held.emplace_back(promise, what.cursor);
        return promise;
      }
      x->durable = what.cursor;
      return caf::unit;
    },
    [x](atom::cursor, const std::string&) -> caf::result<std::string> {
      return x->durable;
    },
    [x](atom::tick) {
      for (auto& [promise, bytes] : std::exchange(x->held, {})) {
        x->durable = bytes;
        promise.deliver(caf::unit);
      }
    },
  };
}

/// Answers requests as a test says, at once or when it is told to.
struct fake_dispatcher {
  struct seen {
    int64_t at_ms;
    uint64_t offset;
    delivery_request request;
  };
  std::vector<seen> requests;
  std::function<delivery_outcome(const delivery_request&)> answer;
  int64_t takes_ms = 0; ///< How long each request takes.
  uint32_t on_wire = 0;
  uint32_t on_wire_max = 0;
  bool is_overloaded = false;

  std::vector<uint64_t> offsets(
    delivery_leg leg = delivery_leg::subscriber) const {
    std::vector<uint64_t> found;
    for (const auto& x : requests)
      if (x.request.leg == leg)
        found.push_back(x.offset);
    return found;
  }
};

using slow_dispatcher_actor
  = dispatcher_actor::extend<caf::reacts_to<atom::tick, uint64_t>>;

struct dispatcher_state {
  dispatcher_state() = default;
  std::map<uint64_t, std::pair<caf::typed_response_promise<delivery_outcome>,
                               delivery_outcome>>
    pending;
  uint64_t next = 0;
};

slow_dispatcher_actor::behavior_type run_dispatcher(
  slow_dispatcher_actor::stateful_pointer<dispatcher_state> self,
  std::shared_ptr<fake_dispatcher> x, std::function<int64_t()> now_ms) {
  return {
    [=](atom::deliver,
        const delivery_request& what) -> caf::result<delivery_outcome> {
      if (x->is_overloaded)
        return to_caf(failure{ec::overloaded, "too much"});
      x->requests.push_back({now_ms(), what.event.first_offset.value, what});
      x->on_wire_max = std::max(x->on_wire_max, ++x->on_wire);
      auto promise = self->make_response_promise<delivery_outcome>();
      auto id = self->state.next++;
      self->state.pending.emplace(id, std::pair{promise, x->answer(what)});
      self->delayed_send(self, std::chrono::milliseconds(x->takes_ms),
                         atom::tick_v, id);
      return promise;
    },
    [=](atom::tick, uint64_t id) {
      --x->on_wire;
      auto [promise, outcome] = self->state.pending.at(id);
      self->state.pending.erase(id);
      promise.deliver(outcome);
    },
  };
}

delivery_outcome answered(int32_t status) {
  delivery_outcome x;
  x.status = status;
  return x;
}

subscription_spec a_spec() {
  subscription_spec x;
  x.uid = "uid-1";
  x.namespace_name = "default";
  x.name = "orders";
  x.channel = "events";
  x.subscriber_uri = "http://subscriber/";
  x.start = start_kind::earliest;
  return x;
}

class world : public actor_fixture {
public:
  world() {
    dispatcher->answer = [](const delivery_request&) { return answered(200); };
    fake_replica_handle = system.spawn(run_replica, replica);
    replica_handle = fake_replica_handle;
    dispatcher_handle = system.spawn(run_dispatcher, dispatcher,
                                     [this] { return now_ms(); });
    supervisor_handle = spawn_supervisor();
  }

  ~world() { stop_all(); }

  void start(const subscription_spec& spec) {
    channel->handle = system.spawn(run_channel, channel);
    channel_handle = channel->handle;
    subscription_wiring wiring;
    wiring.channel = channel_handle;
    wiring.info.epoch = channel->epoch;
    wiring.info.id = channel_id{7};
    wiring.replica = replica_handle;
    wiring.dispatcher = dispatcher_handle;
    wiring.supervisor = supervisor_handle;
    wiring.stats = stats;
    wiring.seed = 42;
    subscriber = system.spawn(subscription, wiring, spec);
    advance(0);
  }

  /// As SIGKILL: only what is in `replica->durable` is left.
  void restart(const subscription_spec& spec) {
    stop_subscription();
    replica->held.clear();
    start(spec);
  }

  subscription_status status() {
    subscription_status x;
    auto answer = self->request(subscriber, caf::infinite, atom::status_v);
    run();
    answer.receive([&](subscription_status& y) { x = std::move(y); },
                   [](const caf::error&) { FAIL("status must not fail"); });
    return x;
  }

  failure seek(uint64_t offset) {
    failure x{ec::none};
    auto answer = self->request(subscriber, caf::infinite, atom::seek_v,
                                log_offset{offset});
    run();
    answer.receive([&](log_offset y) { CHECK(y == log_offset{offset}); },
                   [&](const caf::error& why) { x = from_caf(why); });
    return x;
  }

  /// Answers the commits that were held back, and all later ones at once.
  void release() {
    replica->holds = false;
    caf::anon_send(fake_replica_handle, atom::tick_v);
    run();
  }

  void kill_channel() {
    caf::anon_send_exit(channel_handle, caf::exit_reason::kill);
    run();
  }

  bool is_alive() {
    auto answer = self->request(subscriber, caf::infinite, atom::status_v);
    run();
    bool alive = true;
    answer.receive([](const subscription_status&) {},
                   [&](const caf::error&) { alive = false; });
    return alive;
  }

  std::shared_ptr<fake_channel> channel = std::make_shared<fake_channel>();
  std::shared_ptr<fake_replica> replica = std::make_shared<fake_replica>();
  std::shared_ptr<fake_dispatcher> dispatcher
    = std::make_shared<fake_dispatcher>();
  std::shared_ptr<node_stats> stats = std::make_shared<node_stats>();
  std::vector<std::pair<int64_t, subscription_status>> reports;
  subscription_actor subscriber;

private:
  supervisor_actor spawn_supervisor() {
    // Plays the only part that a subscription knows of a supervisor.
    auto handle = system.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](atom::report, subscription_status& x) {
        reports.emplace_back(now_ms(), std::move(x));
      }};
    });
    return caf::actor_cast<supervisor_actor>(handle);
  }

  void stop_subscription() {
    caf::anon_send_exit(subscriber, caf::exit_reason::kill);
    caf::anon_send_exit(channel_handle, caf::exit_reason::kill);
    run();
  }

  void stop_all() {
    stop_subscription();
    channel->waiters.clear();
    channel->handle = nullptr;
    replica->held.clear();
    for (auto x : {caf::actor_cast<caf::actor>(replica_handle),
                   caf::actor_cast<caf::actor>(dispatcher_handle),
                   caf::actor_cast<caf::actor>(supervisor_handle)})
      caf::anon_send_exit(x, caf::exit_reason::kill);
    run();
    sched.clock().cancel_all();
  }

  channel_actor channel_handle;
  fake_replica_actor fake_replica_handle;
  replica_actor replica_handle;
  dispatcher_actor dispatcher_handle;
  supervisor_actor supervisor_handle;
};

std::vector<uint64_t> up_to(uint64_t end) {
  std::vector<uint64_t> x(end);
  for (uint64_t i = 0; i < end; ++i)
    x[i] = i;
  return x;
}

} // namespace

// -- the way to ready ---------------------------------------------------------

TEST_CASE_METHOD(world, "a subscription is ready when its start is durable",
                 "[actors][subscription]") {
  channel->publish(3);
  replica->holds = true;
  start(a_spec());
  CHECK_FALSE(status().ready);
  CHECK(dispatcher->requests.empty());
  REQUIRE(replica->held.size() == 1);
  CHECK(replica->urgent == 1);
  release();
  advance(1);
  CHECK(status().ready);
  CHECK(dispatcher->offsets() == up_to(3));
  REQUIRE_FALSE(reports.empty());
  CHECK(reports.back().second.ready);
}

TEST_CASE_METHOD(world, "a subscription starts where its spec says",
                 "[actors][subscription]") {
  channel->publish(10);
  channel->earliest = log_offset{2};
  auto spec = a_spec();
  auto first = [&] {
    start(spec);
    return replica->commits.front().low.value;
  };
  SECTION("latest") {
    spec.start = start_kind::latest;
    CHECK(first() == 10);
  }
  SECTION("earliest") {
    CHECK(first() == 2);
  }
  SECTION("an offset") {
    spec.start = start_kind::offset;
    spec.start_value = 7;
    CHECK(first() == 7);
  }
  SECTION("an offset that is trimmed starts at the earliest") {
    spec.start = start_kind::offset;
    spec.start_value = 1;
    CHECK(first() == 2);
  }
  SECTION("a time") {
    spec.start = start_kind::time;
    spec.start_value = 4'500;
    CHECK(first() == 5);
  }
}

TEST_CASE_METHOD(world, "a start that can not be stored is tried again",
                 "[actors][subscription]") {
  channel->publish(1);
  replica->fails = true;
  start(a_spec());
  advance(10'000);
  CHECK_FALSE(status().ready);
  CHECK(status().last_error == "the cursor was not stored: elsewhere");
  CHECK(replica->commits.size() > 3);
  CHECK(replica->commits.size() < 20);
  replica->fails = false;
  advance(5'000);
  CHECK(status().ready);
  CHECK(dispatcher->offsets() == up_to(1));
}

TEST_CASE_METHOD(world, "a cursor that can not be read stops the subscription",
                 "[actors][subscription]") {
  channel->publish(5);
  replica->durable = "\x09nonsense";
  start(a_spec());
  advance(60'000);
  auto x = status();
  CHECK_FALSE(x.ready);
  CHECK(x.paused_reason == "CorruptRecord");
  CHECK_FALSE(x.last_error.empty());
  CHECK(dispatcher->requests.empty());
  // A seek is the way out.
  CHECK(seek(3) == ec::none);
  advance(10);
  CHECK(status().ready);
  CHECK(dispatcher->offsets() == std::vector<uint64_t>{3, 4});
}

TEST_CASE_METHOD(world, "an in-memory channel begins again in its next life",
                 "[actors][subscription]") {
  cursor old;
  old.epoch = incarnation{1};
  old.low = log_offset{500};
  old.given_up = 3;
  replica->durable = encode(old);
  channel->epoch = incarnation{2};
  channel->publish(2);
  start(a_spec());
  advance(10);
  CHECK(dispatcher->offsets() == up_to(2));
  CHECK(replica->commits.front().epoch == incarnation{2});
  CHECK(status().given_up == 3);
}

// -- delivering ---------------------------------------------------------------

TEST_CASE_METHOD(world, "events are delivered as they are published",
                 "[actors][subscription]") {
  start(a_spec());
  channel->publish(2);
  advance(1);
  CHECK(dispatcher->offsets() == up_to(2));
  advance(100'000);
  channel->publish(1);
  advance(1);
  CHECK(dispatcher->offsets() == up_to(3));
  const auto& request = dispatcher->requests[2].request;
  CHECK(request.target == "http://subscriber/");
  CHECK(request.namespace_name == "default");
  CHECK(request.timeout_ms == 30'000);
  CHECK(request.event.size() == 1);
  CHECK(request.event[0].id() == "2");
  CHECK_FALSE(request.error);
  CHECK(status().delivered == 3);
  CHECK(status().low == log_offset{3});
  CHECK(replica->last().low == log_offset{3});
  CHECK(stats->deliveries == 3);
}

TEST_CASE_METHOD(world, "a long log is delivered within the window, in order",
                 "[actors][subscription]") {
  channel->publish(5'000);
  dispatcher->takes_ms = 10;
  auto spec = a_spec();
  spec.max_in_flight = 16;
  start(spec);
  advance(10'000);
  CHECK(dispatcher->offsets() == up_to(5'000));
  CHECK(dispatcher->on_wire_max == 16);
  CHECK(status().low == log_offset{5'000});
}

TEST_CASE_METHOD(world, "cursors are committed one at a time",
                 "[actors][subscription]") {
  start(a_spec());
  replica->holds = true;
  replica->commits.clear();
  channel->publish(100);
  advance(1'000);
  CHECK(status().delivered == 100);
  CHECK(replica->commits.size() == 1);
  release();
  advance(1);
  CHECK(replica->commits.size() == 2);
  CHECK(replica->last().low == log_offset{100});
}

TEST_CASE_METHOD(world, "an attempt's count is durable before the next attempt",
                 "[actors][subscription]") {
  channel->publish(1);
  dispatcher->answer = [](const auto&) { return answered(500); };
  start(a_spec());
  CHECK(dispatcher->requests.size() <= 1);
  replica->holds = true;
  advance(60'000);
  CHECK(dispatcher->requests.size() <= 2);
  auto before = dispatcher->requests.size();
  advance(600'000);
  CHECK(dispatcher->requests.size() == before);
  release();
  advance(60'000);
  CHECK(dispatcher->requests.size() > before);
}

TEST_CASE_METHOD(world, "an urgent commit overtakes one that takes its time",
                 "[actors][subscription]") {
  auto spec = a_spec();
  spec.delivery.retry = 1;
  start(spec);
  replica->holds = true;
  channel->publish(1);
  advance(1);
  CHECK(replica->held.size() == 1); // Not urgent: an event was delivered.
  dispatcher->answer = [](const auto&) { return answered(500); };
  channel->publish(1);
  advance(1);
  REQUIRE(replica->held.size() == 2);
  replica->held.erase(replica->held.begin()); // Still on its way.
  release();
  advance(1);
  CHECK(dispatcher->requests.size() == 3);
}

TEST_CASE_METHOD(world, "the default schedule doubles to 30 s within a tenth",
                 "[actors][subscription]") {
  channel->publish(1);
  dispatcher->answer = [](const auto&) { return answered(503); };
  start(a_spec());
  advance(200'000);
  REQUIRE(dispatcher->requests.size() >= 10);
  int64_t expected = 500;
  for (size_t i = 1; i < 10; ++i) {
    auto waited
      = dispatcher->requests[i].at_ms - dispatcher->requests[i - 1].at_ms;
    CHECK(waited >= expected * 9 / 10);
    CHECK(waited <= expected * 11 / 10 + 2);
    expected = std::min<int64_t>(expected * 2, 30'000);
  }
  CHECK(status().last_error == "status 503 from http://subscriber/");
  CHECK(status().waiting == 1);
}

TEST_CASE_METHOD(world, "a linear backoff keeps its times",
                 "[actors][subscription]") {
  channel->publish(1);
  dispatcher->answer = [](const auto&) { return answered(500); };
  auto spec = a_spec();
  spec.delivery.retry = 3;
  spec.delivery.backoff = backoff_policy::linear;
  spec.delivery.backoff_delay_ms = 2'500;
  start(spec);
  advance(60'000);
  std::vector<int64_t> at;
  for (const auto& x : dispatcher->requests)
    at.push_back(x.at_ms - dispatcher->requests[0].at_ms);
  CHECK(at == std::vector<int64_t>{0, 2'500, 7'500, 15'000});
  CHECK(status().given_up == 1);
  CHECK(stats->undelivered == 1);
  CHECK(stats->deliveries_failed == 4);
  REQUIRE(replica->last().last_given_up.size() == 1);
  CHECK(replica->last().last_given_up[0].code == 500);
}

TEST_CASE_METHOD(world, "Retry-After holds an event back",
                 "[actors][subscription]") {
  channel->publish(1);
  dispatcher->answer = [](const auto&) {
    auto x = answered(429);
    x.retry_after_ms = 20'000;
    return x;
  };
  start(a_spec());
  advance(19'000);
  CHECK(dispatcher->requests.size() == 1);
  advance(2'000);
  CHECK(dispatcher->requests.size() == 2);
}

TEST_CASE_METHOD(world, "a poison event goes to the sink and nothing else does",
                 "[actors][subscription]") {
  channel->publish(10);
  dispatcher->answer = [](const delivery_request& x) {
    auto poison = x.leg == delivery_leg::subscriber && x.event[0].id() == "4";
    auto outcome = answered(poison ? 500 : 200);
    outcome.body = "broken";
    return outcome;
  };
  auto spec = a_spec();
  spec.delivery.retry = 2;
  spec.dead_letter_uri = "http://sink/";
  start(spec);
  advance(1'000);
  CHECK(dispatcher->offsets(delivery_leg::dead_letter)
        == std::vector<uint64_t>{4});
  auto subscriber_legs = dispatcher->offsets();
  CHECK(std::count(subscriber_legs.begin(), subscriber_legs.end(), 4u) == 3);
  CHECK(subscriber_legs.size() == 12);
  const auto& letter = dispatcher->requests.back().request;
  CHECK(letter.target == "http://sink/");
  REQUIRE(letter.error);
  CHECK(letter.error->dest == "http://subscriber/");
  CHECK(letter.error->code == 500);
  CHECK(letter.error->data == to_base64("broken"));
  CHECK(status().dead_lettered == 1);
  CHECK(status().delivered == 9);
  CHECK(status().low == log_offset{10});
  CHECK(stats->dead_letters == 1);
}

TEST_CASE_METHOD(world, "a sink that is down too gets the event when it is up",
                 "[actors][subscription]") {
  channel->publish(3);
  bool sink_is_up = false;
  dispatcher->answer = [&](const delivery_request& x) {
    if (x.leg == delivery_leg::dead_letter && sink_is_up)
      return answered(200);
    auto outcome = answered(0);
    outcome.error = "connection refused";
    return outcome;
  };
  auto spec = a_spec();
  spec.delivery.retry = 0;
  spec.dead_letter_uri = "http://sink/";
  start(spec);
  advance(3'600'000);
  CHECK(status().waiting == 3);
  CHECK(status().low == log_offset{0});
  CHECK(status().attempts_failed > 100);
  SECTION("in the same process") {}
  SECTION("after a restart") {
    restart(spec);
  }
  sink_is_up = true;
  dispatcher->requests.clear();
  advance(60'000);
  auto letters = dispatcher->offsets(delivery_leg::dead_letter);
  std::sort(letters.begin(), letters.end());
  CHECK(letters == up_to(3));
  CHECK(dispatcher->offsets().empty());
  CHECK(dispatcher->requests[0].request.error->code == 500);
  CHECK(dispatcher->requests[0].request.error->data
        == to_base64("dispatch error: connection refused"));
  CHECK(status().low == log_offset{3});
}

TEST_CASE_METHOD(world, "a reply goes to the reply address with its headers",
                 "[actors][subscription]") {
  channel->publish(1);
  int failures_left = 2;
  dispatcher->answer = [&](const delivery_request& x) {
    if (x.leg == delivery_leg::reply)
      return answered(failures_left-- > 0 ? 503 : 202);
    auto outcome = answered(200);
    outcome.reply = one_event("reply");
    outcome.headers = {{"x-request-id", "9"}};
    return outcome;
  };
  auto spec = a_spec();
  spec.reply_uri = "http://reply/";
  start(spec);
  advance(10'000);
  REQUIRE(dispatcher->requests.size() == 4);
  CHECK(dispatcher->offsets().size() == 1); // The subscriber was asked once.
  const auto& last = dispatcher->requests.back().request;
  CHECK(last.leg == delivery_leg::reply);
  CHECK(last.target == "http://reply/");
  CHECK(last.event[0].id() == "reply");
  CHECK(last.headers == header_list{{"x-request-id", "9"}});
  CHECK(status().delivered == 1);
}

TEST_CASE_METHOD(world, "a reply that can not be handed on dead-letters the "
                        "original",
                 "[actors][subscription]") {
  channel->publish(1);
  dispatcher->answer = [&](const delivery_request& x) {
    auto outcome = answered(x.leg == delivery_leg::reply ? 500 : 200);
    if (x.leg == delivery_leg::subscriber)
      outcome.reply = one_event("reply");
    return outcome;
  };
  auto spec = a_spec();
  spec.reply_uri = "http://reply/";
  spec.dead_letter_uri = "http://sink/";
  spec.delivery.retry = 1;
  start(spec);
  advance(1'000);
  REQUIRE(dispatcher->requests.size() == 4);
  const auto& letter = dispatcher->requests.back().request;
  CHECK(letter.leg == delivery_leg::dead_letter);
  CHECK(letter.event[0].id() == "0");
  CHECK(letter.error->dest == "http://reply/");
}

// -- outages, order, rate -----------------------------------------------------

TEST_CASE_METHOD(world, "a subscriber down for an hour costs no memory and "
                        "then gets everything",
                 "[actors][subscription]") {
  bool is_up = false;
  dispatcher->answer
    = [&](const auto&) { return answered(is_up ? 200 : 0); };
  dispatcher->takes_ms = 1;
  auto spec = a_spec();
  bool is_ordered = false;
  SECTION("unordered") {}
  SECTION("ordered") {
    spec.ordering = delivery_ordering::ordered;
    is_ordered = true;
  }
  channel->publish(1'000);
  start(spec);
  for (int minute = 0; minute < 60; ++minute) {
    channel->publish(20);
    advance(60'000);
    auto x = status();
    REQUIRE(x.waiting <= spec.max_in_flight + 60);
  }
  CHECK(status().delivered == 0);
  CHECK(channel->events_read < 20'000);
  is_up = true;
  dispatcher->requests.clear();
  dispatcher->on_wire_max = 0;
  advance(120'000);
  auto x = status();
  CHECK(x.delivered == 2'200);
  CHECK(x.low == log_offset{2'200});
  CHECK(x.waiting == 0);
  CHECK(dispatcher->on_wire_max <= spec.max_in_flight);
  auto got = dispatcher->offsets();
  if (!is_ordered)
    std::sort(got.begin(), got.end());
  CHECK(got == up_to(2'200));
}

TEST_CASE_METHOD(world, "order by key holds through failures",
                 "[actors][subscription]") {
  for (int i = 0; i < 300; ++i)
    channel->publish(1, "key-" + std::to_string(i % 7));
  uint64_t n = 0;
  std::map<std::string, std::vector<uint64_t>> delivered;
  dispatcher->answer = [&](const delivery_request& x) {
    auto fails = ++n % 3 == 0;
    if (!fails) {
      auto key = std::string{x.event[0].find("partitionkey")->value};
      delivered[key].push_back(x.event.first_offset.value);
    }
    return answered(fails ? 503 : 200);
  };
  dispatcher->takes_ms = 3;
  auto spec = a_spec();
  spec.ordering = delivery_ordering::by_key;
  start(spec);
  advance(3'600'000);
  CHECK(status().delivered == 300);
  CHECK(delivered.size() == 7);
  for (const auto& [key, offsets] : delivered)
    CHECK(std::is_sorted(offsets.begin(), offsets.end()));
  CHECK(dispatcher->on_wire_max > 1);
  CHECK(dispatcher->on_wire_max <= 7);
}

TEST_CASE_METHOD(world, "a rate is kept", "[actors][subscription]") {
  channel->publish(1'000);
  auto spec = a_spec();
  spec.rate = 20;
  start(spec);
  advance(10'000);
  CHECK(dispatcher->requests.size() >= 195);
  CHECK(dispatcher->requests.size() <= 203);
}

// -- stops --------------------------------------------------------------------

TEST_CASE_METHOD(world, "410 pauses the subscription until it is configured",
                 "[actors][subscription]") {
  channel->publish(3);
  dispatcher->answer = [](const delivery_request& x) {
    return answered(x.leg == delivery_leg::subscriber ? 410 : 200);
  };
  auto spec = a_spec();
  spec.max_in_flight = 1;
  spec.dead_letter_uri = "http://sink/";
  start(spec);
  advance(60'000);
  auto x = status();
  CHECK(x.paused);
  CHECK(x.paused_reason == "Gone");
  CHECK(x.dead_lettered == 1);
  CHECK(x.low == log_offset{1});
  CHECK(reports.back().second.paused_reason == "Gone");
  restart(spec);
  advance(60'000);
  CHECK(status().paused_reason == "Gone");
  CHECK(dispatcher->offsets().size() == 1);
  dispatcher->answer = [](const auto&) { return answered(200); };
  caf::anon_send(subscriber, atom::configure_v, spec);
  advance(10);
  CHECK_FALSE(status().paused);
  CHECK(status().low == log_offset{3});
}

TEST_CASE_METHOD(world, "a paused subscription delivers nothing until resumed",
                 "[actors][subscription]") {
  channel->publish(3);
  auto spec = a_spec();
  spec.paused = true;
  start(spec);
  advance(60'000);
  CHECK(status().paused_reason == "Requested");
  CHECK(dispatcher->requests.empty());
  channel->publish(2);
  advance(2'000);
  CHECK(status().end == log_offset{5}); // Its lag stays known.
  spec.paused = false;
  caf::anon_send(subscriber, atom::configure_v, spec);
  advance(10);
  CHECK(dispatcher->offsets() == up_to(5));
}

TEST_CASE_METHOD(world, "retention does not wait: the subscription jumps and "
                        "records it",
                 "[actors][subscription]") {
  channel->publish(100);
  dispatcher->answer = [](const auto&) { return answered(0); };
  auto spec = a_spec();
  spec.max_in_flight = 4;
  start(spec);
  advance(600'000);
  CHECK(status().delivered == 0);
  channel->earliest = log_offset{90};
  dispatcher->answer = [](const auto&) { return answered(200); };
  dispatcher->requests.clear();
  advance(60'000);
  auto x = status();
  CHECK(x.low == log_offset{100});
  CHECK(x.delivered + x.skipped == 100);
  CHECK(x.skipped >= 85);
  CHECK(replica->last().skipped == x.skipped);
  auto got = dispatcher->offsets();
  CHECK(std::count_if(got.begin(), got.end(),
                      [](uint64_t y) { return y >= 90; })
        == 10);
}

TEST_CASE_METHOD(world, "a damaged record stops the subscription at it",
                 "[actors][subscription]") {
  channel->publish(10);
  channel->damaged = log_offset{6};
  start(a_spec());
  advance(120'000);
  auto x = status();
  CHECK(dispatcher->offsets() == up_to(6));
  CHECK(x.paused);
  CHECK(x.paused_reason == "CorruptRecord");
  CHECK(x.last_error == "record is damaged");
  CHECK(x.low == log_offset{6});
  auto reads = channel->reads;
  advance(600'000);
  CHECK(channel->reads == reads);
  // A person steps over it.
  CHECK(seek(7) == ec::none);
  advance(10);
  CHECK_FALSE(status().paused);
  CHECK(status().low == log_offset{10});
  CHECK(dispatcher->offsets().size() == 9);
}

TEST_CASE_METHOD(world, "a seek goes on elsewhere once that is durable",
                 "[actors][subscription]") {
  channel->publish(10);
  channel->earliest = log_offset{2};
  start(a_spec());
  advance(10);
  CHECK(status().low == log_offset{10});
  dispatcher->requests.clear();
  CHECK(seek(7) == ec::none);
  CHECK(replica->urgent == 2);
  advance(10);
  CHECK(dispatcher->offsets() == std::vector<uint64_t>{7, 8, 9});
  auto trimmed = seek(1);
  CHECK(trimmed == ec::offset_trimmed);
  CHECK(trimmed.offset == 2);
  auto beyond = seek(11);
  CHECK(beyond == ec::offset_out_of_range);
  CHECK(beyond.offset == 10);
  CHECK(status().low == log_offset{10});
}

TEST_CASE_METHOD(world, "a seek skips a poison event", "[actors][subscription]") {
  channel->publish(3);
  dispatcher->answer = [](const delivery_request& x) {
    return answered(x.event[0].id() == "0" ? 500 : 200);
  };
  auto spec = a_spec();
  spec.ordering = delivery_ordering::ordered;
  start(spec);
  advance(600'000);
  CHECK(status().low == log_offset{0});
  CHECK(seek(1) == ec::none);
  advance(10);
  CHECK(status().low == log_offset{3});
  CHECK(status().waiting == 0);
}

// -- failures around it -------------------------------------------------------

TEST_CASE_METHOD(world, "a restart in the middle of retries keeps the count",
                 "[actors][subscription]") {
  channel->publish(1);
  dispatcher->answer = [](const delivery_request& x) {
    return answered(x.leg == delivery_leg::subscriber ? 500 : 200);
  };
  auto spec = a_spec();
  spec.delivery.retry = 4;
  spec.delivery.backoff = backoff_policy::linear;
  spec.delivery.backoff_delay_ms = 1'000;
  spec.dead_letter_uri = "http://sink/";
  start(spec);
  advance(3'500); // Attempts at 0, 1 and 3 s.
  CHECK(dispatcher->offsets().size() == 3);
  restart(spec);
  advance(100'000);
  CHECK(dispatcher->offsets().size() == 5);
  CHECK(dispatcher->offsets(delivery_leg::dead_letter).size() == 1);
}

TEST_CASE_METHOD(world, "a crash between 2xx and commit delivers the event again",
                 "[actors][subscription]") {
  auto spec = a_spec();
  start(spec);
  replica->holds = true;
  channel->publish(1);
  advance(10);
  CHECK(dispatcher->requests.size() == 1);
  replica->holds = false;
  restart(spec);
  advance(10);
  REQUIRE(dispatcher->requests.size() == 2);
  CHECK(dispatcher->requests[0].request.event[0].id()
        == dispatcher->requests[1].request.event[0].id());
}

TEST_CASE_METHOD(world, "an overloaded dispatcher costs no attempt",
                 "[actors][subscription]") {
  channel->publish(1);
  dispatcher->is_overloaded = true;
  auto spec = a_spec();
  spec.delivery.retry = 0;
  start(spec);
  advance(10'000);
  CHECK(status().attempts_failed == 0);
  CHECK(status().given_up == 0);
  dispatcher->is_overloaded = false;
  advance(1'000);
  CHECK(status().delivered == 1);
}

TEST_CASE_METHOD(world, "an attempt that is never answered counts as failed",
                 "[actors][subscription]") {
  channel->publish(1);
  dispatcher->takes_ms = 10'000'000;
  auto spec = a_spec();
  spec.delivery.timeout_ms = 1'000;
  spec.delivery.retry = 0;
  start(spec);
  advance(5'900);
  CHECK(status().attempts_failed == 0);
  advance(200);
  CHECK(status().attempts_failed == 1);
  CHECK(status().given_up == 1);
  CHECK(status().in_flight == 0);
}

TEST_CASE_METHOD(world, "a subscription ends with its channel",
                 "[actors][subscription]") {
  channel->publish(1);
  start(a_spec());
  CHECK(is_alive());
  kill_channel();
  CHECK_FALSE(is_alive());
}

TEST_CASE_METHOD(world, "reports come once a second, changes of state at once",
                 "[actors][subscription]") {
  start(a_spec());
  reports.clear();
  for (int i = 0; i < 100; ++i) {
    channel->publish(1);
    advance(100);
  }
  CHECK(reports.size() >= 9);
  CHECK(reports.size() <= 11);
  reports.clear();
  advance(600'000);
  CHECK(reports.size() <= 1);
  auto spec = a_spec();
  spec.paused = true;
  caf::anon_send(subscriber, atom::configure_v, spec);
  run();
  CHECK(reports.back().second.paused);
}

TEST_CASE_METHOD(world, "an idle subscription keeps no timer running",
                 "[actors][subscription]") {
  channel->publish(10);
  start(a_spec());
  advance(600'000);
  CHECK(sched.clock().schedule().size() <= 1);
}
