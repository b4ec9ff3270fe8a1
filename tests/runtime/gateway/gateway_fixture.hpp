// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/protocol/interfaces.hpp"
#include "actors/protocol/registration.hpp"
#include "runtime/gateway/gateway.hpp"
#include "tests/runtime/gateway/raw_socket.hpp"

namespace eventd::tests {

namespace atom = actors::atom;

/// One record, as a parse of a request would make it.
inline event_batch make_event(
  const std::string& id, const std::string& data = "{\"a\":1}",
  const std::vector<std::pair<std::string, std::string>>& more = {}) {
  auto bytes = std::make_shared<std::string>();
  event_writer writer{*bytes, spec_version::v1_0, data_kind::json,
                      4 + more.size()};
  writer.attribute({"id", id, attribute_type::string, {}});
  writer.attribute({"source", "/test", attribute_type::string, {}});
  writer.attribute({"type", "test.made", attribute_type::string, {}});
  writer.attribute({"datacontenttype", "application/json",
                    attribute_type::string, {}});
  for (const auto& [name, value] : more)
    writer.attribute({name, value, attribute_type::string, {}});
  writer.data(data);
  return *event_batch::open(std::move(bytes), 0, 1);
}

/// What a test sees of the fake channel and tells it.
struct fake_log {
  std::mutex mutex;
  std::vector<event_batch> events; ///< One each, from offset `earliest`.
  uint64_t earliest = 0;
  uint64_t epoch = 7;
  std::optional<failure> refusal; ///< Answer every append with it.
  std::optional<failure> read_refusal;
  uint32_t duplicates = 0;
  std::promise<void> waiting; ///< Set when the first waiter came.
  bool has_waiter = false;
  bool holds_appends = false; ///< Appends are answered by nobody.

  uint64_t end() const { return earliest + events.size(); }
};

struct fake_channel_state {
  fake_channel_state() = default;
  std::vector<std::pair<actors::await_request,
                        caf::typed_response_promise<log_offset>>>
    waiters;
  std::vector<caf::typed_response_promise<actors::append_result>> held;
};

using fake_channel_self
  = actors::channel_actor::stateful_pointer<fake_channel_state>;

inline actors::channel_actor::behavior_type
fake_channel(fake_channel_self self, std::shared_ptr<fake_log> log) {
  return {
    [self, log](atom::append,
                event_batch& batch) -> caf::result<actors::append_result> {
      std::lock_guard guard{log->mutex};
      if (log->refusal)
        return to_caf(*log->refusal);
      if (log->holds_appends) {
        self->state.held.push_back(
          self->make_response_promise<actors::append_result>());
        return self->state.held.back();
      }
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
inline actors::directory_actor::behavior_type
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
    [](atom::route, const std::string&, const actors::channel_actor&) {},
    [](atom::unroute, const std::string&) {},
  };
}

inline actors::resources_actor::behavior_type
fake_resources(actors::resources_actor::pointer) {
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

inline actors::subscription_actor::behavior_type
fake_subscription(actors::subscription_actor::pointer) {
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

inline actors::supervisor_actor::behavior_type
fake_supervisor(actors::supervisor_actor::pointer,
                actors::subscription_actor billing) {
  return {
    [](atom::open, const actors::channel_info&, const actors::channel_settings&)
      -> caf::result<actors::channel_actor> {
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

struct fake_config : caf::actor_system_config {
  fake_config() {
    actors::register_types(*this);
    set("scheduler.max-threads", 2);
  }
};

/// A gateway on a free port before one fake channel "prod/orders".
struct gateway_fixture {
  explicit gateway_fixture(unsigned io_threads = 1,
                           size_t body_bytes_max = limits::body_bytes_default) {
    orders = system.spawn(fake_channel, log);
    runtime::gateway_options options;
    options.port = 0;
    options.io_threads = io_threads;
    options.body_bytes_max = body_bytes_max;
    options.stats = stats;
    options.wall_ms = [] { return int64_t{784'111'777'000}; };
    options.mono_us = [this] { return clock_us += 10; };
    gate = std::move(*runtime::gateway::start(system, std::move(options)));
    runtime::gateway_wiring wiring;
    wiring.directory = system.spawn(fake_directory, orders);
    wiring.resources = system.spawn(fake_resources);
    wiring.supervisor
      = system.spawn(fake_supervisor, system.spawn(fake_subscription));
    wiring.ready = [this]() -> result<void> {
      if (ready)
        return {};
      return failure{ec::not_leader, "shard 3 has no leader yet"};
    };
    wiring.version = "0.1.0";
    wiring.version_json = "{\"version\":\"0.1.0\"}";
    gate->serve(std::move(wiring));
  }

  ~gateway_fixture() {
    gate->stop();
    gate.reset();
  }

  raw_socket connect() { return raw_socket::connect(gate->port()); }

  /// Sends one request on a connection of its own and reads its answer.
  raw_answer ask(const std::string& request) {
    auto client = connect();
    client.send(request);
    return client.read_answer();
  }

  raw_answer get(const std::string& target, const std::string& headers = {}) {
    return ask("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + headers
               + "\r\n");
  }

  raw_answer post(const std::string& target, const std::string& headers,
                  const std::string& body = {}) {
    return ask(post_text(target, headers, body));
  }

  static std::string post_text(const std::string& target,
                               const std::string& headers,
                               const std::string& body) {
    return "POST " + target + " HTTP/1.1\r\nHost: x\r\n" + headers
           + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n"
           + body;
  }

  /// Headers of a valid binary event.
  static std::string event_headers(const std::string& id) {
    return "ce-specversion: 1.0\r\nce-id: " + id
           + "\r\nce-source: /test\r\nce-type: test.made\r\n"
             "Content-Type: application/json\r\n";
  }

  void store(size_t n) {
    std::lock_guard guard{log->mutex};
    for (size_t i = 0; i < n; ++i) {
      auto one = make_event("e" + std::to_string(log->end()));
      one.first_offset = log_offset{log->end()};
      one.stored_at = log_time{1'767'323'045'678 + log->end()};
      log->events.push_back(one);
    }
  }

  size_t stored() {
    std::lock_guard guard{log->mutex};
    return log->events.size();
  }

  fake_config config;
  caf::actor_system system{config};
  std::shared_ptr<fake_log> log = std::make_shared<fake_log>();
  std::shared_ptr<actors::node_stats> stats
    = std::make_shared<actors::node_stats>();
  std::atomic<int64_t> clock_us{0};
  std::atomic<bool> ready{true};
  actors::channel_actor orders;
  std::unique_ptr<runtime::gateway> gate;
};

} // namespace eventd::tests
