// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/cluster/local_actors.hpp"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include "actors/protocol/atoms.hpp"
#include "tests/fixtures/actor_fixture.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

/// Actors that only have to be told apart.
struct locals_world : actor_fixture {
  ~locals_world() {
    locals.clear();
    for (const auto& x : made)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    run();
  }

  caf::actor an_actor() {
    made.push_back(
      system.spawn([](caf::event_based_actor*,
                      int) -> caf::behavior { return {[](atom::tick) {}}; },
                   0));
    return made.back();
  }

  caf::actor find(call_target kind, uint64_t key = 0,
                  const std::string& name = {}, uint64_t shard = 0) {
    call_address x;
    x.kind = kind;
    x.key = key;
    x.name = name;
    x.shard = shard_id{shard};
    return locals.find(x);
  }

  local_actors locals;
  std::vector<caf::actor> made;
};

} // namespace

TEST_CASE_METHOD(locals_world, "where nothing was put nothing is found",
                 "[actors][local_actors]") {
  for (auto kind : {call_target::channel, call_target::subscription,
                    call_target::replica, call_target::supervisor,
                    call_target::resources, call_target::membership})
    CHECK_FALSE(find(kind, 1, "ns/a"));
}

TEST_CASE_METHOD(locals_world, "channels are found by their ids",
                 "[actors][local_actors]") {
  auto one = an_actor();
  auto two = an_actor();
  locals.set_channel(channel_id{1}, one);
  locals.set_channel(channel_id{2}, two);
  CHECK(find(call_target::channel, 1) == one);
  CHECK(find(call_target::channel, 2) == two);
  CHECK_FALSE(find(call_target::channel, 3));
  // Restarted by SUPERVISOR.
  auto again = an_actor();
  locals.set_channel(channel_id{1}, again);
  CHECK(find(call_target::channel, 1) == again);
  locals.erase_channel(channel_id{1});
  locals.erase_channel(channel_id{7});
  CHECK_FALSE(find(call_target::channel, 1));
  CHECK(find(call_target::channel, 2) == two);
}

TEST_CASE_METHOD(locals_world, "subscriptions are found by their names",
                 "[actors][local_actors]") {
  auto one = an_actor();
  locals.set_subscription("ns/a", one);
  CHECK(find(call_target::subscription, 0, "ns/a") == one);
  CHECK_FALSE(find(call_target::subscription, 0, "ns/b"));
  CHECK_FALSE(find(call_target::channel, 0, "ns/a"));
  locals.erase_subscription("ns/a");
  CHECK_FALSE(find(call_target::subscription, 0, "ns/a"));
}

TEST_CASE_METHOD(locals_world, "replicas are found by their shards",
                 "[actors][local_actors]") {
  std::vector<caf::actor> replicas{an_actor(), an_actor()};
  locals.set_replicas(replicas);
  CHECK(find(call_target::replica, 0, "", 0) == replicas[0]);
  CHECK(find(call_target::replica, 0, "", 1) == replicas[1]);
  // Another node may have more shards, or send nonsense.
  CHECK_FALSE(find(call_target::replica, 0, "", 2));
  CHECK_FALSE(find(call_target::replica, 0, "", ~uint64_t{0}));
}

TEST_CASE_METHOD(locals_world, "each actor of which there is one has its place",
                 "[actors][local_actors]") {
  auto supervisor = an_actor();
  auto resources = an_actor();
  auto membership = an_actor();
  locals.set_supervisor(supervisor);
  locals.set_resources(resources);
  locals.set_membership(membership);
  CHECK(find(call_target::supervisor) == supervisor);
  CHECK(find(call_target::resources) == resources);
  CHECK(find(call_target::membership) == membership);
  locals.set_resources(nullptr); // They run elsewhere now.
  CHECK_FALSE(find(call_target::resources));
  CHECK(find(call_target::supervisor) == supervisor);
}

TEST_CASE_METHOD(locals_world, "a target of a newer node is not found",
                 "[actors][local_actors]") {
  locals.set_supervisor(an_actor());
  CHECK_FALSE(find(static_cast<call_target>(200)));
}

TEST_CASE_METHOD(locals_world, "what is cleared is let go of",
                 "[actors][local_actors]") {
  auto one = an_actor();
  locals.set_channel(channel_id{1}, one);
  locals.set_subscription("ns/a", one);
  locals.set_replicas({one});
  locals.set_supervisor(one);
  locals.set_resources(one);
  locals.set_membership(one);
  locals.clear();
  for (auto kind : {call_target::channel, call_target::subscription,
                    call_target::replica, call_target::supervisor,
                    call_target::resources, call_target::membership})
    CHECK_FALSE(find(kind, 1, "ns/a"));
}
