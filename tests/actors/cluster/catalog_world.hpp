// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>
#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/message.hpp>
#include <caf/result.hpp>
#include <caf/send.hpp>
#include <caf/typed_response_promise.hpp>
#include <catch2/catch_test_macros.hpp>

#include "actors/cluster/catalog.hpp"
#include "tests/actors/resource/manifests.hpp"
#include "tests/fixtures/actor_fixture.hpp"
#include "tests/fixtures/inquiry.hpp"
#include "tests/fixtures/print.hpp"

/// CATALOG on node 1 of two, with two shards, between fakes that write down
/// what they are told.
namespace eventd::tests {

struct catalog_log {
  std::vector<std::string> steps;
  std::vector<actors::call_address> calls; ///< That the link was to carry.
  actors::channel_settings settings;       ///< Of the last channel opened.
  std::vector<caf::typed_response_promise<raft_index>> waiting;
  bool link_answers = true;

  size_t count(const std::string& step) const {
    return static_cast<size_t>(std::count(steps.begin(), steps.end(), step));
  }
};
using catalog_log_ptr = std::shared_ptr<catalog_log>;

inline actors::subscription_status report_of(const std::string& uid) {
  actors::subscription_status x;
  x.uid = uid;
  return x;
}

/// Answers `await` when it is told to `flush`.
inline caf::behavior run_fake_shard(caf::event_based_actor* self,
                                    catalog_log_ptr log) {
  using namespace actors;
  return {
    [log](atom::watch, const shard_watcher_actor&) {
      log->steps.push_back("watch");
    },
    [](atom::resource) { return resource_snapshot{}; },
    [](atom::confirm) { return raft_index{11}; },
    [self, log](atom::await, raft_index index) -> caf::result<raft_index> {
      log->steps.push_back("await " + std::to_string(index.value));
      log->waiting.push_back(self->make_response_promise<raft_index>());
      return log->waiting.back();
    },
    [log](atom::flush) {
      for (auto& x : std::exchange(log->waiting, {}))
        x.deliver(raft_index{1});
    },
  };
}

inline caf::behavior run_fake_supervisor(caf::event_based_actor*,
                                         catalog_log_ptr log) {
  using namespace actors;
  return {
    [log](atom::open, const channel_info& info,
          const channel_settings& settings) {
      log->steps.push_back("open " + info.name);
      log->settings = settings;
      return channel_actor{};
    },
    [log](atom::shut, channel_id id) {
      log->steps.push_back("shut " + std::to_string(id.value));
      return caf::unit;
    },
    [log](atom::follow, const subscription_spec& spec) {
      log->steps.push_back("follow " + spec.uid
                           + (spec.paused ? " paused" : ""));
      return subscription_actor{};
    },
    [log](atom::unfollow, const std::string& uid) {
      log->steps.push_back("unfollow " + uid);
      return caf::unit;
    },
    [log](atom::lookup, const std::string& name) {
      log->steps.push_back("lookup " + name);
      return subscription_actor{};
    },
    [log](atom::release, shard_id shard) {
      log->steps.push_back("release " + std::to_string(shard.value));
    },
    [](atom::subs) {
      return std::vector<subscription_status>{report_of("here")};
    },
    [](atom::chans) { return std::vector<channel_status>{}; },
  };
}

inline caf::behavior run_fake_directory(caf::event_based_actor*,
                                        catalog_log_ptr log) {
  using namespace actors;
  return {
    [log](atom::place, const channel_info& info, bool repeatable) {
      log->steps.push_back("place " + info.name
                           + (repeatable ? " repeatable" : ""));
    },
    [log](atom::shut, const std::string& name) {
      log->steps.push_back("gone " + name);
    },
  };
}

/// Stands for node 2.
inline caf::behavior run_fake_link(caf::event_based_actor* self,
                                   catalog_log_ptr log) {
  using namespace actors;
  return {[self, log](atom::call, const call_address& to,
                      const caf::message& what) -> caf::result<caf::message> {
    log->calls.push_back(to);
    if (!log->link_answers)
      return self->make_response_promise();
    auto verb = what.get_as<caf::atom_value>(0);
    if (verb == atom::confirm::value)
      return caf::make_message(raft_index{42});
    if (verb == atom::subs::value)
      return caf::make_message(
        std::vector<subscription_status>{report_of("there")});
    if (verb == atom::status::value)
      return caf::make_message(report_of("asked"));
    if (verb == atom::open::value)
      return caf::make_message(channel_actor{});
    return to_caf(failure{ec::internal, "not expected"});
  }};
}

class catalog_world : public actor_fixture {
public:
  catalog_world() {
    auto spawn = [this](auto* run) {
      fakes_.push_back(system.spawn(run, log));
      return fakes_.back();
    };
    actors::catalog_wiring wiring;
    std::vector<caf::actor> replicas;
    for (int i = 0; i < 2; ++i) {
      replicas.push_back(spawn(run_fake_shard));
      wiring.shards.push_back(
        caf::actor_cast<actors::shard_actor>(replicas.back()));
    }
    auto supervisor = spawn(run_fake_supervisor);
    wiring.supervisor
      = caf::actor_cast<actors::supervisor_self_actor>(supervisor);
    wiring.directory
      = caf::actor_cast<actors::directory_actor>(spawn(run_fake_directory));
    wiring.map = map;
    wiring.forwarding = {map, locals, spawn(run_fake_link)};
    wiring.wall_ms = [this] { return now_ms(); };
    wiring.new_uid = [] { return std::string{"uid"}; };
    wiring.note = [](const std::string&) {};
    wiring.fatal = [this](const std::string& who, const failure&) {
      fatal.push_back(who);
    };
    locals->set_supervisor(supervisor);
    locals->set_replicas(std::move(replicas));
    catalog = system.spawn(actors::catalog, std::move(wiring));
    run();
  }

  ~catalog_world() {
    // RESOURCES ends where shard 0 is let go.
    lead(0, 2);
    caf::anon_send_exit(catalog, caf::exit_reason::kill);
    for (const auto& x : fakes_)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    catalog = nullptr;
    locals->clear();
    run();
  }

  /// The replica's word, which the map has heard before.
  void lead(uint64_t shard, uint64_t node) {
    map->set(shard_id{shard}, node);
    caf::anon_send(catalog, actors::atom::lead_v, shard_id{shard}, node);
    run();
  }

  void change(const std::string& key, const std::string& document) {
    caf::anon_send(catalog, actors::atom::changed_v, key, document,
                   raft_index{++index_});
    run();
  }

  static std::string channel_key(const std::string& name) {
    return "channels.messaging.knative.dev/prod/" + name;
  }
  static inline const std::string audit_key
    = "subscriptions.messaging.knative.dev/prod/audit";

  /// A channel as RESOURCES stores it.
  static std::string stored(const std::string& name, uint64_t id,
                            uint64_t shard, bool opened = true,
                            const std::string& annotations = "{}") {
    auto made = channel("{}", annotations);
    made["metadata"].get_object()["name"] = name;
    made["status"]
      = {{"eventd",
          {{"id", id}, {"epoch", 7}, {"shard", shard}, {"opened", opened}}}};
    return boost::json::serialize(made);
  }
  void put_channel(const std::string& name, uint64_t id, uint64_t shard,
                   bool opened = true, const std::string& annotations = "{}") {
    change(channel_key(name), stored(name, id, shard, opened, annotations));
  }
  void put_audit(const std::string& more = "",
                 const std::string& annotations = "{}") {
    change(audit_key, boost::json::serialize(subscription(more, annotations)));
  }

  template <class T, class... Ts>
  inquiry<T> ask(Ts... xs) {
    auto y = inquire<T>(system, catalog, std::move(xs)...);
    run();
    return y;
  }

  bool runs_resources() const {
    actors::call_address to;
    to.kind = actors::call_target::resources;
    return locals->find(to) != nullptr;
  }

  void apply_awaited() {
    caf::anon_send(fakes_[0], actors::atom::flush_v);
    run();
  }

  catalog_log_ptr log = std::make_shared<catalog_log>();
  std::shared_ptr<actors::shard_map> map
    = std::make_shared<actors::shard_map>(1, 2);
  std::shared_ptr<actors::local_actors> locals
    = std::make_shared<actors::local_actors>();
  actors::catalog_actor catalog;
  std::vector<std::string> fatal;

private:
  std::vector<caf::actor> fakes_; ///< First those of the shards.
  uint64_t index_ = 0;
};

} // namespace eventd::tests
