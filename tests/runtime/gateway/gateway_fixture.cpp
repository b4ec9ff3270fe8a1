// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/runtime/gateway/gateway_fixture.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/protocol/registration.hpp"

namespace eventd::tests {

namespace {

/// CAF 0.17 follows an empty pointer to no arguments where an actor is spawned
/// without any: the fakes that need none get this.
using no_arguments = int;

struct fake_channel_state {
  fake_channel_state() = default;
  std::vector<
    std::pair<actors::await_request, caf::typed_response_promise<log_offset>>>
    waiters;
  std::vector<caf::typed_response_promise<actors::append_result>> held;
  std::vector<caf::typed_response_promise<std::vector<actors::append_result>>>
    held_joined;
};

using fake_channel_self
  = actors::channel_actor::stateful_pointer<fake_channel_state>;

actors::channel_actor::behavior_type
fake_channel(fake_channel_self self, std::shared_ptr<fake_log> log) {
  auto store = [self, log](const event_batch& batch) {
    actors::append_result out{log_offset{log->end()},
                              static_cast<uint32_t>(batch.size()),
                              log->duplicates};
    for (size_t i = 0; i < batch.size(); ++i) {
      auto one = batch.slice(i, i + 1);
      one.first_offset = log_offset{log->end()};
      one.stored_at = log_time{1'767'323'045'678};
      log->events.push_back(one);
    }
    for (auto& [what, promise] : self->state.waiters)
      promise.deliver(log_offset{log->end()});
    self->state.waiters.clear();
    return out;
  };
  return {
    [self, log, store](
      atom::append, event_batch& batch) -> caf::result<actors::append_result> {
      std::lock_guard guard{log->mutex};
      if (log->refusal)
        return to_caf(*log->refusal);
      if (log->holds_appends) {
        self->state.held.push_back(
          self->make_response_promise<actors::append_result>());
        return self->state.held.back();
      }
      return store(batch);
    },
    [self, log, store](atom::append, actors::joined_append& what)
      -> caf::result<std::vector<actors::append_result>> {
      std::lock_guard guard{log->mutex};
      if (log->refusal)
        return to_caf(*log->refusal);
      if (log->holds_appends) {
        self->state.held_joined.push_back(
          self->make_response_promise<std::vector<actors::append_result>>());
        return self->state.held_joined.back();
      }
      log->joined.push_back(what.sizes.size());
      std::vector<actors::append_result> out;
      size_t begin = 0;
      for (auto size : what.sizes) {
        out.push_back(store(what.events.slice(begin, begin + size)));
        begin += size;
      }
      return out;
    },
    [log](atom::read, const actors::read_request& what)
      -> caf::result<actors::read_result> {
      std::lock_guard guard{log->mutex};
      if (log->read_refusal)
        return to_caf(*log->read_refusal);
      actors::read_result out;
      auto at = what.from.value;
      while (at < log->end() && out.batches.size() < what.events_max)
        out.batches.push_back(log->events[at++ - log->earliest]);
      out.next = log_offset{at};
      out.earliest = log_offset{log->earliest};
      out.end = log_offset{log->end()};
      out.epoch = incarnation{log->epoch};
      return out;
    },
    [log](atom::locate, log_time at) -> caf::result<log_offset> {
      std::lock_guard guard{log->mutex};
      for (const auto& one : log->events)
        if (one.stored_at >= at)
          return one.first_offset;
      return log_offset{log->end()};
    },
    [self, log](atom::await,
                const actors::await_request& what) -> caf::result<log_offset> {
      std::lock_guard guard{log->mutex};
      if (log->end() > what.seen.value)
        return log_offset{log->end()};
      auto promise = self->make_response_promise<log_offset>();
      self->state.waiters.emplace_back(what, promise);
      if (!std::exchange(log->has_waiter, true))
        log->waiting.set_value();
      return promise;
    },
    [log](atom::status) {
      std::lock_guard guard{log->mutex};
      actors::channel_status out;
      out.info.epoch = incarnation{log->epoch};
      out.info.namespace_name = "prod";
      out.info.name = "orders";
      out.earliest = log_offset{log->earliest};
      out.end = log_offset{log->end()};
      return out;
    },
    [](atom::configure, const actors::channel_settings&) {},
  };
}

/// Knows one channel; tells its watcher at once.
actors::directory_actor::behavior_type
fake_directory(actors::directory_actor::pointer self,
               actors::channel_actor orders) {
  return {
    [orders](atom::lookup,
             const std::string& key) -> caf::result<actors::channel_actor> {
      if (key == "prod/orders" || key == "prod/fresh")
        return orders;
      return to_caf(failure{ec::not_found, "no such channel"});
    },
    [self, orders](atom::watch, const actors::route_watcher_actor& watcher) {
      self->send(watcher, atom::route_v, std::string{"prod/orders"}, orders);
    },
    [](atom::place, const actors::channel_info&, bool) {},
    [](atom::shut, const std::string&) {},
    [](atom::confirm, const caf::actor&) {},
    [](atom::route, const std::string&, const actors::channel_actor&) {},
    [](atom::unroute, const std::string&) {},
  };
}

actors::resources_actor::behavior_type
fake_resources(actors::resources_actor::pointer, no_arguments) {
  return {
    [](atom::resource, const actors::resource_request& x)
      -> caf::result<actors::resource_response> {
      if (x.verb == actors::resource_verb::create)
        return actors::resource_response{true, x.body};
      return to_caf(failure{ec::not_found, "no such resource"});
    },
    [](atom::pause, const std::string& space, const std::string& name,
       bool paused) -> caf::result<actors::resource_response> {
      return actors::resource_response{
        false, "{\"paused\":\"" + space + ' ' + name + ' '
                 + (paused ? "yes" : "no") + "\"}"};
    },
  };
}

actors::subscription_actor::behavior_type
fake_subscription(actors::subscription_actor::pointer, no_arguments) {
  return {
    [](atom::configure, const actors::subscription_spec&) {},
    [](atom::seek, log_offset to) { return to; },
    [](atom::status) {
      actors::subscription_status out;
      out.namespace_name = "prod";
      out.name = "billing";
      out.channel = "orders";
      return out;
    },
  };
}

actors::supervisor_actor::behavior_type
fake_supervisor(actors::supervisor_actor::pointer,
                actors::subscription_actor billing) {
  return {
    [](atom::open, const actors::channel_info&,
       const actors::channel_settings&) -> caf::result<actors::channel_actor> {
      return to_caf(failure{ec::internal, "not in this test"});
    },
    [](atom::shut, channel_id) -> caf::result<caf::unit_t> {
      return caf::unit;
    },
    [](atom::follow, const actors::subscription_spec&)
      -> caf::result<actors::subscription_actor> {
      return to_caf(failure{ec::internal, "not in this test"});
    },
    [](atom::unfollow, const std::string&) -> caf::result<caf::unit_t> {
      return caf::unit;
    },
    [billing](atom::lookup, const std::string& key)
      -> caf::result<actors::subscription_actor> {
      if (key == "prod/billing")
        return billing;
      return to_caf(failure{ec::not_found, "no such subscription"});
    },
    [](atom::report, const actors::subscription_status&) {},
    [](atom::report, const actors::channel_status&) {},
    [](atom::subs) {
      actors::subscription_status x;
      x.namespace_name = "prod";
      x.name = "billing";
      x.channel = "orders";
      x.low = log_offset{3};
      x.end = log_offset{10};
      return std::vector<actors::subscription_status>{x};
    },
    [](atom::chans) { return std::vector<actors::channel_status>{}; },
  };
}

/// Tells which change it was asked for; knows no node 9.
actors::cluster_actor::behavior_type
fake_cluster(actors::cluster_actor::pointer, no_arguments) {
  return {
    [](atom::status) { return std::string{"{\"self\":1}"}; },
    [](atom::change, const std::string& verb, uint64_t node,
       const std::string& address) -> caf::result<std::string> {
      if (node == 9)
        return to_caf(failure{ec::conflict, "node 9 is not in the cluster"});
      return "{\"did\":\"" + verb + ' ' + std::to_string(node) + ' ' + address
             + "\"}";
    },
  };
}

} // namespace

actors::channel_actor spawn_channel(caf::actor_system& system,
                                    std::shared_ptr<fake_log> log) {
  return system.spawn(fake_channel, std::move(log));
}

actors::directory_actor spawn_directory(caf::actor_system& system,
                                        actors::channel_actor orders) {
  return system.spawn(fake_directory, std::move(orders));
}

void end(const actors::channel_actor& channel) {
  caf::anon_send_exit(channel, caf::exit_reason::user_shutdown);
}

fake_config::fake_config() {
  actors::register_types(*this);
  set("scheduler.max-threads", 2);
}

gateway_fixture::gateway_fixture(unsigned io_threads, size_t body_bytes_max,
                                 bool in_cluster) {
  runtime::gateway_options options;
  options.io_threads = io_threads;
  options.bounds.body_bytes_max = body_bytes_max;
  start(std::move(options), in_cluster);
}

gateway_fixture::gateway_fixture(const runtime::gateway_limits& bounds) {
  runtime::gateway_options options;
  options.bounds = bounds;
  options.counts_seconds = false;
  start(std::move(options), true);
}

void gateway_fixture::start(runtime::gateway_options options, bool in_cluster) {
  orders = spawn_channel(system, log);
  options.port = 0;
  options.stats = stats;
  options.wall_ms = [] { return int64_t{784'111'777'000}; };
  options.mono_us = [this] { return clock_us += 10; };
  gate = std::move(*runtime::gateway::start(system, std::move(options)));
  runtime::gateway_wiring wiring;
  wiring.directory = spawn_directory(system, orders);
  wiring.resources = system.spawn(fake_resources, no_arguments{});
  wiring.supervisor = wiring.catalog = system.spawn(
    fake_supervisor, system.spawn(fake_subscription, no_arguments{}));
  if (in_cluster)
    wiring.cluster = system.spawn(fake_cluster, no_arguments{});
  wiring.ready = [this]() -> result<void> {
    if (ready)
      return {};
    return failure{ec::not_leader, "shard 3 has no leader yet"};
  };
  wiring.version = "0.1.0";
  wiring.version_json = "{\"version\":\"0.1.0\"}";
  gate->serve(std::move(wiring));
}

gateway_fixture::~gateway_fixture() {
  gate->stop();
  gate.reset();
  end(orders);
}

} // namespace eventd::tests
