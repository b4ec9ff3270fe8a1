// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <catch2/catch_test_macros.hpp>

#include "actors/resource/resources.hpp"
#include "storage/state/command.hpp"
#include "tests/actors/resource/manifests.hpp"
#include "tests/fixtures/actor_fixture.hpp"

/// A log and a SUPERVISOR for tests of RESOURCES.
namespace eventd::tests {

/// What the log has and what runs; outlives the actors, as a disk would.
struct resource_world {
  uint64_t index = 0;
  uint64_t channel_ids_end = 0;
  std::map<std::string, actors::stored_resource> resources;
  std::map<uint64_t, std::string> open_in_shard; ///< Channel id to "ns/name".

  std::map<uint64_t, actors::channel_info> running;
  std::map<std::string, actors::subscription_spec> followed; ///< By uid.
  std::vector<actors::subscription_status> reports;
  actors::channel_settings last_settings;
  bool reports_ready = true; ///< Each followed subscription is ready at once.

  std::vector<std::string> steps; ///< What was done, in order.
  std::deque<failure> refusals;   ///< Of the next proposals; `none`: grant.
  std::deque<failure> supervisor_refusals; ///< Of the next opens and follows.
  bool store_refused = false; ///< A refused proposal reaches the log anyway.
  bool answers = true;        ///< False: whoever asks the log waits for ever.
  bool leads = true;          ///< False: another node leads, as the log finds.

  size_t count(const std::string& step) const {
    return static_cast<size_t>(
      std::count_if(steps.begin(), steps.end(),
                    [&](const std::string& x) { return x.starts_with(step); }));
  }
};
using world_ptr = std::shared_ptr<resource_world>;

/// Applies a command as a shard would.
struct world_applier {
  resource_world& world;
  uint64_t shard;

  void operator()(const storage::put_resource& x) {
    world.steps.push_back("put " + x.key);
    world.channel_ids_end = std::max(world.channel_ids_end, x.channel_ids_end);
    world.resources[x.key] = {x.key, x.document, raft_index{world.index}};
  }
  void operator()(const storage::remove_resource& x) {
    world.steps.push_back("remove " + x.key);
    world.resources.erase(x.key);
  }
  void operator()(const storage::open_channel& x) {
    world.steps.push_back("open " + std::to_string(x.id.value) + " in "
                          + std::to_string(shard));
    world.open_in_shard[x.id.value] = x.namespace_name + '/' + x.name;
  }
  void operator()(const storage::close_channel& x) {
    world.steps.push_back("close " + std::to_string(x.id.value) + " in "
                          + std::to_string(shard));
    world.open_in_shard.erase(x.id.value);
  }
  void operator()(const storage::put_cursors& x) {
    for (auto& row : x.rows)
      world.steps.push_back("cursor " + row.subscription_uid + " '" + row.cursor
                            + "'");
  }
  void operator()(const storage::trim_channel&) {}
};

inline std::optional<failure> take(std::deque<failure>& refusals) {
  if (refusals.empty())
    return {};
  auto first = refusals.front();
  refusals.pop_front();
  if (first == ec::none)
    return {};
  return first;
}

inline actors::replica_actor::behavior_type
fake_replica(actors::replica_actor::pointer self, world_ptr world,
             uint64_t shard) {
  using namespace actors;
  return {
    [self, world, shard](atom::propose,
                         const shared_bytes& bytes) -> caf::result<proposed> {
      if (!world->answers)
        return self->make_response_promise<proposed>();
      auto refused = take(world->refusals);
      if (!refused || world->store_refused) {
        ++world->index;
        auto what = storage::decode_command(*bytes.data);
        REQUIRE(what.has_value());
        std::visit(world_applier{*world, shard}, *what);
      }
      if (refused)
        return to_caf(*refused);
      return proposed{raft_index{world->index}, log_time{1}};
    },
    [](atom::commit, const cursor_commit&) { return caf::unit; },
    [](atom::cursor, const std::string&) { return std::string{}; },
    [self, world](atom::confirm) -> caf::result<raft_index> {
      if (!world->answers)
        return self->make_response_promise<raft_index>();
      if (!world->leads)
        return to_caf(failure{ec::not_leader, "another node leads"});
      return raft_index{1};
    },
  };
}

/// The reports that are given, and one of each other followed subscription.
inline std::vector<actors::subscription_status>
reports_of(const resource_world& world) {
  auto all = world.reports;
  for (auto& [uid, spec] : world.followed) {
    actors::subscription_status made;
    made.uid = uid;
    made.namespace_name = spec.namespace_name;
    made.name = spec.name;
    made.ready = world.reports_ready;
    made.end = log_offset{42};
    bool given = std::any_of(all.begin(), all.end(),
                             [&](auto& x) { return x.uid == made.uid; });
    if (!given)
      all.push_back(std::move(made));
  }
  return all;
}

inline actors::supervisor_actor::behavior_type
fake_supervisor(actors::supervisor_actor::pointer, world_ptr world) {
  using namespace actors;
  return {
    [world](atom::open, const channel_info& info,
            const channel_settings& settings) -> caf::result<channel_actor> {
      world->steps.push_back("run " + info.namespace_name + '/' + info.name);
      if (auto refused = take(world->supervisor_refusals))
        return to_caf(*refused);
      world->running[info.id.value] = info;
      world->last_settings = settings;
      return channel_actor{};
    },
    [world](atom::shut, channel_id id) {
      world->steps.push_back("shut " + std::to_string(id.value));
      world->running.erase(id.value);
      return caf::unit;
    },
    [world](atom::follow,
            const subscription_spec& spec) -> caf::result<subscription_actor> {
      world->steps.push_back("follow " + spec.uid
                             + (spec.paused ? " paused" : ""));
      if (auto refused = take(world->supervisor_refusals))
        return to_caf(*refused);
      world->followed[spec.uid] = spec;
      return subscription_actor{};
    },
    [world](atom::unfollow,
            const std::string& uid) -> caf::result<caf::unit_t> {
      world->steps.push_back("unfollow " + uid);
      if (world->followed.erase(uid) == 0)
        return caf::make_error(ec::not_found);
      return caf::unit;
    },
    [](atom::lookup, const std::string&) -> caf::result<subscription_actor> {
      return caf::make_error(ec::not_found);
    },
    [](atom::report, const subscription_status&) {},
    [](atom::report, const channel_status&) {},
    [world](atom::subs) { return reports_of(*world); },
    [world](atom::chans) {
      std::vector<channel_status> all;
      for (auto& [id, info] : world->running) {
        channel_status made;
        made.info = info;
        made.end = log_offset{42};
        all.push_back(std::move(made));
      }
      return all;
    },
  };
}

inline const std::string orders_key
  = "channels.messaging.knative.dev/prod/orders";
inline const std::string audit_key
  = "subscriptions.messaging.knative.dev/prod/audit";

/// Status and reason of a condition: "True", "False/ChannelNotFound".
inline std::string condition_of(const boost::json::object& shown,
                                std::string_view type) {
  auto* list = actors::find_path(shown, "status.conditions");
  if (!list)
    return "none";
  for (auto& x : list->get_array()) {
    const auto& c = x.get_object();
    if (actors::string_at(c, "type") != type)
      continue;
    auto reason = std::string{actors::string_at(c, "reason")};
    return std::string{actors::string_at(c, "status")}
           + (reason.empty() ? "" : "/" + reason);
  }
  return "none";
}

/// A Subscription `prod/audit` whose uid the server gives.
inline boost::json::object audit(std::string_view more = "",
                                 std::string_view annotations = "{}") {
  auto made = subscription(more, annotations);
  made["metadata"].get_object().erase("uid");
  return made;
}

/// RESOURCES with two shards, a log and a SUPERVISOR that are told what to do.
class resources_fixture : public actor_fixture {
public:
  world_ptr world = std::make_shared<resource_world>();
  actors::resources_actor resources;
  uint64_t uids = 0;

  resources_fixture() { start(); }

  ~resources_fixture() { stop(); }

  void start() {
    actors::resources_wiring wiring;
    for (uint64_t shard = 0; shard < 2; ++shard)
      wiring.replicas.push_back(system.spawn(fake_replica, world, shard));
    wiring.supervisor = system.spawn(fake_supervisor, world);
    helpers = {caf::actor_cast<caf::actor>(wiring.supervisor)};
    for (auto& x : wiring.replicas)
      helpers.push_back(caf::actor_cast<caf::actor>(x));
    for (auto& [key, stored] : world->resources)
      wiring.stored.push_back(stored);
    wiring.channel_ids_end = world->channel_ids_end;
    wiring.wall_ms = [this] { return now_ms(); };
    wiring.new_uid = [this] { return "uid-" + std::to_string(++uids); };
    resources = system.spawn(actors::resources, std::move(wiring));
    run();
  }

  /// Ends the actors, as a crash would; the world stays.
  void stop() {
    self->send_exit(caf::actor_cast<caf::actor>(resources),
                    caf::exit_reason::kill);
    for (auto& x : helpers)
      self->send_exit(x, caf::exit_reason::kill);
    run();
    world->running.clear();
    world->followed.clear();
    world->steps.clear();
  }

  void restart() {
    stop();
    start();
  }

  result<boost::json::object> ask(actors::resource_request request) {
    auto answer = self->request(resources, caf::infinite,
                                actors::atom::resource_v, std::move(request));
    return receive(answer);
  }

  result<boost::json::object> pause(const std::string& name, bool paused) {
    auto answer = self->request(resources, caf::infinite, actors::atom::pause_v,
                                std::string{"prod"}, name, paused);
    return receive(answer);
  }

  static actors::resource_request
  request(actors::resource_verb verb, const std::string& plural,
          const std::string& name = {}, const boost::json::object& body = {}) {
    actors::resource_request made;
    made.verb = verb;
    made.group = "messaging.knative.dev";
    made.version = "v1";
    made.plural = plural;
    made.namespace_name = "prod";
    made.name = name;
    made.body = boost::json::serialize(body);
    return made;
  }

  boost::json::object show(const std::string& plural, const std::string& name) {
    auto shown = ask(request(actors::resource_verb::get, plural, name));
    REQUIRE(shown.has_value());
    return *shown;
  }

  std::string ready(const std::string& plural, const std::string& name) {
    return condition_of(show(plural, name), "Ready");
  }

  /// Applies a manifest and answers what became of it.
  boost::json::object made(const boost::json::object& body) {
    auto plural = actors::string_at(body, "kind") == "Channel"
                    ? "channels"
                    : "subscriptions";
    auto answer = ask(request(actors::resource_verb::apply, plural, "", body));
    REQUIRE(answer.has_value());
    return *answer;
  }

  auto removed(const std::string& plural, const std::string& name) {
    return ask(request(actors::resource_verb::remove, plural, name));
  }

private:
  template <class Answer>
  result<boost::json::object> receive(Answer& answer) {
    run();
    result<boost::json::object> got{failure{ec::internal, "no answer"}};
    answer.receive(
      [&](const actors::resource_response& x) {
        got = boost::json::parse(x.body).get_object();
      },
      [&](const caf::error& error) { got = from_caf(error); });
    return got;
  }

  std::vector<caf::actor> helpers;
};

} // namespace eventd::tests
