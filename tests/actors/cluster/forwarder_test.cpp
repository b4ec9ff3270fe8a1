// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/cluster/forwarder.hpp"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/protocol/interfaces.hpp"
#include "tests/fixtures/actor_fixture.hpp"
#include "tests/fixtures/inquiry.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/test_events.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

constexpr uint64_t self_node = 1;
constexpr uint64_t other_node = 2;
constexpr shard_id shard{1};
constexpr channel_id channel{7};

/// What a fake link was asked to carry.
struct carried {
  call_address to;
  caf::message what;
};

/// A FORWARDER to one channel, before a fake link and with a fake CHANNEL that
/// a test puts into `locals`.
struct forwarder_world : actor_fixture {
  forwarder_world() {
    link = system.spawn(
      [](caf::event_based_actor*,
         std::vector<carried>* calls) -> caf::behavior {
        return {[calls](atom::call, const call_address& to,
                        const caf::message& what) {
          calls->push_back({to, what});
          append_result x;
          x.first = log_offset{40 + calls->size()};
          return x;
        }};
      },
      &calls);
    spawn(false);
  }

  ~forwarder_world() {
    locals->clear();
    for (const auto& x : {link, hand, caf::actor_cast<caf::actor>(local)})
      if (x)
        caf::anon_send_exit(x, caf::exit_reason::kill);
    run();
  }

  /// The FORWARDER anew; `repeatable`: a publish may be sent again.
  void spawn(bool repeatable) {
    if (hand)
      caf::anon_send_exit(hand, caf::exit_reason::kill);
    call_address to;
    to.kind = call_target::channel;
    to.shard = shard;
    to.key = channel.value;
    to.name = "ns/orders";
    to.repeatable = repeatable;
    hand = system.spawn(forwarder, forwarder_wiring{map, locals, link}, to);
    proxy = caf::actor_cast<channel_actor>(hand);
  }

  void spawn_local() {
    local = system.spawn(
      [](channel_actor::pointer,
         forwarder_world* world) -> channel_actor::behavior_type {
        return {
          [](atom::append, const event_batch& x) -> caf::result<append_result> {
            if (x.empty())
              return to_caf(failure{ec::no_space, "the disk is full", "disk"});
            append_result y;
            y.first = log_offset{7};
            y.stored = static_cast<uint32_t>(x.size());
            return y;
          },
          [](atom::append, const joined_append&) {
            return std::vector<append_result>{};
          },
          [](atom::read, const read_request&) { return read_result{}; },
          [](atom::locate, log_time) { return log_offset{}; },
          [](atom::await, const await_request&) { return log_offset{}; },
          [](atom::status) { return channel_status{}; },
          [world](atom::configure, const channel_settings& x) {
            world->configured.push_back(x.retention_events);
          },
        };
      },
      this);
    locals->set_channel(channel, caf::actor_cast<caf::actor>(local));
  }

  inquiry<append_result> append(const event_batch& what) {
    auto x = inquire<append_result>(system, proxy, atom::append_v, what);
    run();
    return x;
  }
  inquiry<append_result> append() { return append(one_event("a")); }

  /// Whether the link may tell the asker to ask this again.
  template <class T, class... Ts>
  bool is_repeatable(Ts... xs) {
    calls.clear();
    inquire<T>(system, proxy, std::move(xs)...);
    run();
    REQUIRE(calls.size() == 1);
    return calls[0].to.repeatable;
  }

  std::shared_ptr<shard_map> map = std::make_shared<shard_map>(self_node, 2);
  std::shared_ptr<local_actors> locals = std::make_shared<local_actors>();
  std::vector<carried> calls;
  std::vector<uint64_t> configured;
  caf::actor link;
  caf::actor hand;
  channel_actor proxy; ///< The same, by the interface that it stands for.
  channel_actor local;
};

} // namespace

TEST_CASE_METHOD(forwarder_world,
                 "a forwarder to a shard without a leader answers not_leader",
                 "[actors][forwarder]") {
  auto x = append();
  CHECK(x.code() == ec::not_leader);
  CHECK(x.answer().error().detail.find("shard 1") != std::string::npos);
  CHECK(calls.empty());
}

TEST_CASE_METHOD(forwarder_world,
                 "a forwarder of a node outside its cluster says so",
                 "[actors][forwarder]") {
  for (auto place : {belonging::awaited, belonging::removed}) {
    map->set_place(place);
    auto x = append();
    CHECK(x.code() == ec::not_leader);
    CHECK(x.answer().error().detail == why_outside(place));
  }
  CHECK(calls.empty());
}

TEST_CASE_METHOD(forwarder_world,
                 "a forwarder hands on to the node that leads, by the link",
                 "[actors][forwarder]") {
  map->set(shard, other_node);
  auto x = append();
  REQUIRE(x.code() == ec::none);
  CHECK(x.value().first == log_offset{41}); // The link's own answer.
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].to.node == other_node);
  CHECK(calls[0].to.kind == call_target::channel);
  CHECK(calls[0].to.shard == shard);
  CHECK(calls[0].to.key == channel.value);
  CHECK(calls[0].to.name == "ns/orders");
  const auto& what = calls[0].what;
  REQUIRE(what.match_elements<caf::atom_value, event_batch>());
  CHECK(what.get_as<caf::atom_value>(0) == atom::append::value);
  CHECK(what.get_as<event_batch>(1)[0].id() == "a");
}

TEST_CASE_METHOD(forwarder_world,
                 "a forwarder asks the channel itself where this node leads",
                 "[actors][forwarder]") {
  spawn_local();
  map->set(shard, self_node);
  auto x = append();
  REQUIRE(x.code() == ec::none);
  CHECK(x.value().first == log_offset{7});
  CHECK(x.value().stored == 1);
  auto refused = append(event_batch{});
  REQUIRE(refused.code() == ec::no_space);
  CHECK(refused.answer().error().detail == "the disk is full");
  CHECK(refused.answer().error().field == "disk");
  CHECK(calls.empty());
}

TEST_CASE_METHOD(forwarder_world,
                 "a forwarder to a channel that is not open yet answers "
                 "not_leader",
                 "[actors][forwarder]") {
  map->set(shard, self_node);
  CHECK(append().code() == ec::not_leader);
  spawn_local();
  CHECK(append().code() == ec::none);
}

TEST_CASE_METHOD(forwarder_world,
                 "a forwarder to a channel that died says so, and goes on",
                 "[actors][forwarder]") {
  spawn_local();
  map->set(shard, self_node);
  caf::anon_send_exit(local, caf::exit_reason::kill);
  run();
  auto x = append();
  REQUIRE(x.answered());
  CHECK_FALSE(x.answer());
  spawn_local();
  CHECK(append().code() == ec::none);
}

TEST_CASE_METHOD(forwarder_world, "a forwarder follows the shard's leadership",
                 "[actors][forwarder]") {
  spawn_local();
  map->set(shard, other_node);
  CHECK(append().value().first == log_offset{41});
  map->set(shard, self_node);
  CHECK(append().value().first == log_offset{7});
  map->set(shard, 3);
  CHECK(append().value().first == log_offset{42});
  REQUIRE(calls.size() == 2);
  CHECK(calls[1].to.node == 3);
  map->set(shard, 0);
  CHECK(append().code() == ec::not_leader);
  // Another shard's leader does not matter.
  map->set(shard_id{0}, self_node);
  CHECK(append().code() == ec::not_leader);
}

TEST_CASE_METHOD(forwarder_world,
                 "what only asks may be repeated, an append only where said so",
                 "[actors][forwarder]") {
  map->set(shard, other_node);
  CHECK(is_repeatable<read_result>(atom::read_v, read_request{}));
  CHECK(is_repeatable<log_offset>(atom::locate_v, log_time{}));
  CHECK(is_repeatable<log_offset>(atom::await_v, await_request{}));
  CHECK(is_repeatable<channel_status>(atom::status_v));
  CHECK_FALSE(is_repeatable<append_result>(atom::append_v, one_event("a")));
  spawn(true);
  CHECK(is_repeatable<append_result>(atom::append_v, one_event("a")));
  CHECK(is_repeatable<channel_status>(atom::status_v));
}

TEST_CASE_METHOD(forwarder_world, "a forwarder hands on what wants no answer",
                 "[actors][forwarder]") {
  spawn_local();
  channel_settings settings;
  settings.retention_events = 12;
  caf::anon_send(proxy, atom::configure_v, settings);
  run();
  CHECK(configured.empty()); // Nobody led; nobody could be told so.
  map->set(shard, self_node);
  caf::anon_send(proxy, atom::configure_v, settings);
  run();
  CHECK(configured == std::vector<uint64_t>{12});
  map->set(shard, other_node);
  caf::anon_send(proxy, atom::configure_v, settings);
  run();
  CHECK(configured.size() == 1);
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].what.match_elements<caf::atom_value, channel_settings>());
}
