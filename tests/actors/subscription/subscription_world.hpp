// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <catch2/catch_test_macros.hpp>

#include "actors/subscription/subscription.hpp"
#include "tests/actors/subscription/fake_actors.hpp"
#include "tests/fixtures/actor_fixture.hpp"

namespace eventd::tests {

inline delivery_outcome answered(int32_t status) {
  delivery_outcome x;
  x.status = status;
  return x;
}

inline subscription_spec a_spec() {
  subscription_spec x;
  x.uid = "uid-1";
  x.namespace_name = "default";
  x.name = "orders";
  x.channel = "events";
  x.subscriber_uri = "http://subscriber/";
  x.start = start_kind::earliest;
  return x;
}

/// One subscription of one channel, with fakes around it.
class subscription_world : public actor_fixture {
public:
  subscription_world() {
    dispatcher->answer = [](const delivery_request&) { return answered(200); };
    fake_replica_handle = system.spawn(run_replica, replica);
    replica_handle = fake_replica_handle;
    dispatcher_handle
      = system.spawn(run_dispatcher, dispatcher, [this] { return now_ms(); });
    supervisor_handle = spawn_supervisor();
  }

  ~subscription_world() { stop_all(); }

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

  /// Lets the reads that were held back fail, and all later ones pass.
  void release_reads() {
    channel->holds_reads = false;
    caf::anon_send(channel->handle, atom::tick_v);
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
    auto handle = system.spawn(
      [](caf::event_based_actor*, subscription_world* world) -> caf::behavior {
        return {[world](atom::report, subscription_status& x) {
          world->reports.emplace_back(world->now_ms(), std::move(x));
        }};
      },
      this);
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
    channel->held_reads.clear();
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

inline std::vector<uint64_t> up_to(uint64_t end) {
  std::vector<uint64_t> x(end);
  for (uint64_t i = 0; i < end; ++i)
    x[i] = i;
  return x;
}

} // namespace eventd::tests
