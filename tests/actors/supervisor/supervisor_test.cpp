// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/supervisor/supervisor.hpp"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "storage/model/limits.hpp"
#include "tests/fixtures/node_fixture.hpp"
#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

/// A node with one channel.
struct supervisor_world : node_fixture {
  supervisor_world() {
    start();
    orders = open("orders");
  }

  subscription_spec spec(const std::string& name, start_kind from) {
    subscription_spec x;
    x.uid = "uid-" + name;
    x.namespace_name = "default";
    x.name = name;
    x.channel = "orders";
    x.subscriber_uri = "http://" + name + "/";
    x.start = from;
    return x;
  }
  inquiry<subscription_actor> follow(const subscription_spec& x) {
    auto y = ask<subscription_actor>(supervisor, atom::follow_v, x);
    advance(1);
    return y;
  }
  inquiry<subscription_actor> lookup(const std::string& name) {
    return ask<subscription_actor>(supervisor, atom::lookup_v,
                                   "default/" + name);
  }
  std::string cursor_of(const std::string& uid) {
    auto x
      = ask<std::string>(replicas[orders.shard.value], atom::cursor_v, uid);
    REQUIRE(x.code() == ec::none);
    return x.value();
  }
  /// Ids delivered since the last call.
  std::vector<std::string> delivered() {
    std::vector<std::string> xs;
    for (const auto& x : deliveries)
      xs.emplace_back(x.event[0].id());
    deliveries.clear();
    return xs;
  }

  channel_info orders;
};

using ids_t = std::vector<std::string>;

} // namespace

// -- channels -----------------------------------------------------------------

TEST_CASE_METHOD(supervisor_world, "a channel opened twice is one channel",
                 "[actors][supervisor]") {
  auto first = owner(orders);
  auto again
    = ask<channel_actor>(supervisor, atom::open_v, orders, channel_settings{});
  REQUIRE(again.code() == ec::none);
  CHECK(again.value() == first);
  CHECK(owner(orders) == first);
}

TEST_CASE_METHOD(supervisor_world, "a channel that was shut is gone for good",
                 "[actors][supervisor]") {
  auto actor = owner(orders);
  REQUIRE(follow(spec("one", start_kind::latest)).code() == ec::none);
  REQUIRE(ask<caf::unit_t>(supervisor, atom::shut_v, orders.id).code()
          == ec::none);
  auto lookup_channel = ask<channel_actor>(directory, atom::lookup_v,
                                           std::string{"default/orders"});
  CHECK(lookup_channel.code() == ec::not_found);
  CHECK(ask<append_result>(actor, atom::append_v, events({"a"})).code()
        == ec::actor_died);
  CHECK(lookup("one").code() == ec::not_found);
  CHECK(ask<std::vector<channel_status>>(supervisor, atom::chans_v)
          .value()
          .empty());
  advance(10'000);
  CHECK(stats->actor_restarts.load() == 0);
  CHECK(ask<caf::unit_t>(supervisor, atom::shut_v, orders.id).code()
        == ec::none);
}

TEST_CASE_METHOD(supervisor_world, "a supervisor knows how its channels stand",
                 "[actors][supervisor]") {
  publish(orders, {"a", "b"});
  publish(orders, {"b"});
  advance(1'000);
  auto x = ask<std::vector<channel_status>>(supervisor, atom::chans_v);
  REQUIRE(x.code() == ec::none);
  REQUIRE(x.value().size() == 1);
  CHECK(x.value()[0].info.name == "orders");
  CHECK(x.value()[0].end == log_offset{2});
  CHECK(x.value()[0].published == 2);
  CHECK(x.value()[0].duplicates == 1);
}

// -- subscriptions ------------------------------------------------------------

TEST_CASE_METHOD(supervisor_world, "nobody follows a channel that is not there",
                 "[actors][supervisor]") {
  auto x = spec("one", start_kind::latest);
  x.channel = "nothing";
  auto refused = follow(x);
  CHECK(refused.code() == ec::not_found);
  CHECK(lookup("one").code() == ec::not_found);
  CHECK(ask<std::vector<subscription_status>>(supervisor, atom::subs_v)
          .value()
          .empty());
  x.channel = "orders";
  CHECK(follow(x).code() == ec::none);
  CHECK(lookup("one").code() == ec::none);
}

TEST_CASE_METHOD(supervisor_world, "two subscriptions of a channel get it all",
                 "[actors][supervisor]") {
  publish(orders, {"a"});
  REQUIRE(follow(spec("one", start_kind::earliest)).code() == ec::none);
  REQUIRE(follow(spec("two", start_kind::latest)).code() == ec::none);
  publish(orders, {"b"});
  advance(10);
  CHECK(deliveries.size() == 3);
  advance(2'000);
  auto x = ask<std::vector<subscription_status>>(supervisor, atom::subs_v);
  REQUIRE(x.value().size() == 2);
  for (const auto& y : x.value()) {
    CHECK(y.ready);
    CHECK(y.low == log_offset{2});
  }
  // Followed again with the same uid it is the same subscription.
  auto same = follow(spec("one", start_kind::earliest));
  REQUIRE(same.code() == ec::none);
  CHECK(same.value() == lookup("one").value());
  CHECK(deliveries.size() == 3);
}

TEST_CASE_METHOD(supervisor_world,
                 "who is not followed any more has no cursor left",
                 "[actors][supervisor]") {
  publish(orders, {"a"});
  auto actor = follow(spec("one", start_kind::earliest));
  advance(1'000);
  CHECK_FALSE(cursor_of("uid-one").empty());
  REQUIRE(ask<caf::unit_t>(supervisor, atom::unfollow_v, std::string{"uid-one"})
            .code()
          == ec::none);
  CHECK(cursor_of("uid-one").empty());
  CHECK(lookup("one").code() == ec::not_found);
  deliveries.clear();
  publish(orders, {"b"});
  advance(1'000);
  CHECK(deliveries.empty());
  CHECK(ask<caf::unit_t>(supervisor, atom::unfollow_v, std::string{"uid-one"})
          .code()
        == ec::none);
}

// -- death (R-48) -------------------------------------------------------------

TEST_CASE_METHOD(supervisor_world,
                 "a subscription that dies goes on where its cursor stands",
                 "[actors][supervisor]") {
  auto actor = follow(spec("one", start_kind::earliest));
  publish(orders, {"a", "b"});
  advance(1'000);
  CHECK(delivered() == ids_t{"a", "b"});
  kill(actor.value());
  CHECK(stats->actor_restarts.load() == 1);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("subscription default/one died") == 0);
  publish(orders, {"c"});
  advance(1'000);
  CHECK(delivered() == ids_t{"c"});
  CHECK(lookup("one").value() != actor.value());
}

TEST_CASE_METHOD(supervisor_world,
                 "a channel that dies takes its subscriptions with it, and all "
                 "come back",
                 "[actors][supervisor]") {
  REQUIRE(follow(spec("one", start_kind::earliest)).code() == ec::none);
  REQUIRE(follow(spec("two", start_kind::latest)).code() == ec::none);
  publish(orders, {"a", "b"});
  advance(1'000);
  deliveries.clear();
  kill(owner(orders));
  advance(1'000);
  CHECK(stats->actor_restarts.load() == 3);
  publish(orders, {"c"});
  advance(1'000);
  // Nothing is skipped, and what was committed does not come again.
  CHECK(delivered() == ids_t{"c", "c"});
  auto x = ask<std::vector<subscription_status>>(supervisor, atom::subs_v);
  for (const auto& y : x.value())
    CHECK(y.ready);
}

TEST_CASE_METHOD(supervisor_world,
                 "a subscription that meets a channel without a place keeps "
                 "its own",
                 "[actors][supervisor]") {
  REQUIRE(follow(spec("one", start_kind::latest)).code() == ec::none);
  publish(orders, {"a", "b"});
  advance(1'000);
  deliveries.clear();
  // The new channel actor learns where it stands when the disk answers.
  hold_writes();
  append(orders, {"c"});
  kill(owner(orders));
  advance(200);
  release_writes();
  advance(1'000);
  CHECK(delivered() == ids_t{"c"});
  CHECK(lookup("one").code() == ec::none);
}

TEST_CASE_METHOD(
  supervisor_world,
  "a subscription of a dead channel waits for it, or ends with it",
  "[actors][supervisor]") {
  // Twice, so that it stays dead for a moment.
  kill(owner(orders));
  advance(1);
  kill(owner(orders));
  REQUIRE(follow(spec("one", start_kind::earliest)).code() == ec::none);
  CHECK(lookup("one").code() == ec::actor_died);
  SECTION("waits") {
    advance(200);
    publish(orders, {"a"});
    advance(200);
    CHECK(delivered() == ids_t{"a"});
  }
  SECTION("ends") {
    ask<caf::unit_t>(supervisor, atom::shut_v, orders.id);
    advance(1'000);
    CHECK(lookup("one").code() == ec::not_found);
    CHECK(ask<std::vector<subscription_status>>(supervisor, atom::subs_v)
            .value()
            .empty());
  }
}

TEST_CASE_METHOD(supervisor_world,
                 "a channel that the log does not know is tried again, slowly",
                 "[actors][supervisor]") {
  channel_info unknown = orders;
  unknown.id = channel_id{99};
  unknown.name = "unknown";
  ask<channel_actor>(supervisor, atom::open_v, unknown, channel_settings{});
  advance(60'000);
  auto deaths = stats->actor_restarts.load();
  CHECK(deaths > 10);
  CHECK(deaths < 30);
  REQUIRE_FALSE(warnings.empty());
  CHECK(warnings[0].find("the channel was deleted") != std::string::npos);
  CHECK(publish(orders, {"a"}).stored == 1);
}

TEST_CASE_METHOD(supervisor_world,
                 "a stopped supervisor starts nothing more, and still tells "
                 "when a vital actor dies",
                 "[actors][supervisor]") {
  auto channel = owner(orders);
  auto actor = follow(spec("one", start_kind::latest));
  REQUIRE(ask<caf::unit_t>(supervisor, atom::stop_v).code() == ec::none);
  CHECK(ask<channel_status>(channel, atom::status_v).code() == ec::actor_died);
  CHECK(ask<subscription_status>(actor.value(), atom::status_v).code()
        == ec::actor_died);
  advance(10'000);
  CHECK(stats->actor_restarts.load() == 0);
  CHECK(fatal.empty());
  kill(log_writer);
  CHECK(fatal.size() == 1);
}

TEST_CASE_METHOD(supervisor_world,
                 "after a restart of the node all are served as before",
                 "[actors][supervisor]") {
  REQUIRE(follow(spec("one", start_kind::latest)).code() == ec::none);
  publish(orders, {"a"});
  advance(1'000);
  CHECK(delivered() == ids_t{"a"});
  crash();
  start();
  publish(orders, {"b"});
  // It follows only now; its cursor was kept.
  REQUIRE(follow(spec("one", start_kind::latest)).code() == ec::none);
  advance(1'000);
  CHECK(delivered() == ids_t{"b"});
}
