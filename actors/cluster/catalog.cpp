// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/cluster/catalog.hpp"

#include <chrono>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/system_messages.hpp>

#include "actors/resource/channel_kind.hpp"
#include "actors/resource/edit.hpp"
#include "actors/resource/kind.hpp"
#include "actors/resource/resources.hpp"
#include "actors/resource/subscription_kind.hpp"

namespace eventd::actors {

namespace {

bool was_opened(const json::object& document) {
  auto* x = find_path(document, "status.eventd.opened");
  return x != nullptr && x->is_bool() && x->get_bool();
}

bool is_channel(const record& x) {
  return x.kind->role == kind_role::channel;
}

} // namespace

void catalog_state::init(pointer self, catalog_wiring wiring) {
  self_ = self;
  wiring_ = std::move(wiring);
  for (uint32_t i = 0; i < wiring_.shards.size(); ++i) {
    call_address to;
    to.shard = shard_id{i};
    to.kind = call_target::supervisor;
    // Opening and following twice is the same as once.
    to.repeatable = true;
    supervisors_.push_back(caf::actor_cast<supervisor_actor>(
      self_->spawn(forwarder, wiring_.forwarding, to)));
    to.kind = call_target::replica;
    to.repeatable = false;
    replicas_.push_back(caf::actor_cast<replica_actor>(
      self_->spawn(forwarder, wiring_.forwarding, to)));
  }
  for (const auto& x : wiring_.shards)
    self_->send(x, atom::watch_v, shard_watcher_actor{self_});
  self_->delayed_send(self_, std::chrono::seconds(1), atom::tick_v);
  self_->set_exit_handler([this](caf::exit_msg& x) {
    if (resources_)
      self_->send_exit(resources_, caf::exit_reason::user_shutdown);
    resources_ = nullptr;
    self_->quit(std::move(x.reason));
  });
}

void catalog_state::tick() {
  self_->delayed_send(self_, std::chrono::seconds(1), atom::tick_v);
  if (wiring_.every_second)
    wiring_.every_second();
}

// -- who leads
// -----------------------------------------------------------------

void catalog_state::lead(shard_id shard, uint64_t node) {
  auto here = node == wiring_.map->self();
  if (wiring_.note && wiring_.forwarding.link && here != leads(shard))
    wiring_.note("shard " + std::to_string(shard.value)
                 + (here ? " is led here now" : " is led here no more"));
  // It may have been lost and won again in between.
  if (leads(shard))
    let_go(shard);
  if (here)
    take_over(shard);
  settle(shard, node);
}

/// Told once SUPERVISOR has taken all that was sent before.
void catalog_state::settle(shard_id shard, uint64_t node) {
  self_->request(wiring_.supervisor, caf::infinite, atom::chans_v)
    .then(
      [this, shard, node](const std::vector<channel_status>&) {
        wiring_.map->set_served(shard, node);
      },
      [](const caf::error&) {});
}

void catalog_state::take_over(shard_id shard) {
  own_.insert(shard.value);
  std::vector<std::string> opened;
  for (const auto& [key, x] : table_.all())
    if (x.document && is_channel(x) && x.shard == shard)
      opened.push_back(key);
  for (const auto& key : opened)
    open_here(key, table_.at(key).document.unpack());
  for (const auto& key : opened)
    for (const auto& dependent : table_.dependents(key))
      follow_here(dependent);
  if (shard == shard_id{0})
    start_resources();
}

void catalog_state::let_go(shard_id shard) {
  own_.erase(shard.value);
  self_->send(wiring_.supervisor, atom::release_v, shard);
  for (const auto& [key, x] : table_.all()) {
    auto& row = table_.at(key);
    if (!x.document)
      continue;
    if (is_channel(x)) {
      if (x.shard == shard)
        row.applied.reset();
    } else if (row.followed) {
      auto at = shard_of_channel(row.followed->namespace_name + "/"
                                 + row.followed->channel);
      if (!at || *at == shard)
        row.followed.reset();
    }
  }
  if (shard != shard_id{0} || !resources_)
    return;
  wiring_.forwarding.locals->set_resources(nullptr);
  self_->send_exit(resources_, caf::exit_reason::user_shutdown);
  resources_ = nullptr;
}

void catalog_state::start_resources() {
  self_->request(wiring_.shards[0], caf::infinite, atom::resource_v)
    .then(
      [this](resource_snapshot& stored) {
        if (!leads(shard_id{0}) || resources_)
          return;
        resources_wiring wiring;
        wiring.replicas = replicas_;
        // Its own, so that one that was deposed writes nothing any more.
        wiring.replicas[0] = caf::actor_cast<replica_actor>(wiring_.shards[0]);
        wiring.supervisor = caf::actor_cast<supervisor_actor>(self_);
        wiring.channel_ids_end = stored.channel_ids_end;
        wiring.wall_ms = wiring_.wall_ms;
        wiring.new_uid = wiring_.new_uid;
        wiring.note = wiring_.note;
        for (size_t i = 0; i < stored.keys.size(); ++i)
          wiring.stored.push_back({std::move(stored.keys[i]),
                                   std::move(stored.documents[i]),
                                   stored.indexes[i]});
        resources_ = self_->spawn(resources, std::move(wiring));
        caf::actor_cast<caf::abstract_actor*>(resources_)
          ->attach_functor([fatal = wiring_.fatal](const caf::error& why) {
            if (fatal && why != caf::exit_reason::user_shutdown)
              fatal("the resources", from_caf(why));
          });
        wiring_.forwarding.locals->set_resources(
          caf::actor_cast<caf::actor>(resources_));
      },
      [](const caf::error&) {});
}

// -- what is stored
// ------------------------------------------------------------

/// Told before all resources are told again, and behind them: what was not
/// among them is gone. The others run on.
void catalog_state::reload() {
  reloading_ = !reloading_;
  if (reloading_) {
    for (const auto& [key, x] : table_.all())
      stale_.insert(key);
    return;
  }
  for (const auto& key : std::exchange(stale_, {}))
    forget(key);
}

void catalog_state::changed(const std::string& key, const std::string& document,
                            raft_index index) {
  if (!kind_of_key(key))
    return;
  stale_.erase(key);
  if (document.empty()) {
    forget(key);
    return;
  }
  auto parsed = parse_document(document);
  if (!parsed)
    return;
  table_.put(key, *parsed, index.value);
  auto& x = table_.at(key);
  if (is_channel(x)) {
    place_channel(key, *parsed);
    open_here(key, *parsed);
    // Their references may have become good or bad by it.
    for (const auto& dependent : table_.dependents(key))
      follow_here(dependent);
  } else {
    follow_here(key);
  }
}

void catalog_state::forget(const std::string& key) {
  auto* x = table_.find(key);
  if (x == nullptr)
    return;
  if (x->document && is_channel(*x)) {
    auto info = info_of(*x);
    self_->send(wiring_.directory, atom::shut_v,
                info.namespace_name + "/" + info.name);
    shards_.erase(info.id);
    if (leads(info.shard))
      self_
        ->request(caf::actor_cast<caf::actor>(wiring_.supervisor),
                  caf::infinite, atom::shut_v, info.id)
        .then([] {}, [](const caf::error&) {});
  } else if (x->document) {
    subscriptions_.erase(
      std::string{string_at(x->document.unpack(), "metadata.uid")});
  }
  table_.clear(key, 0);
  table_.forget_idle(key);
}

void catalog_state::place_channel(const std::string& key,
                                  const json::object& document) {
  const auto& x = table_.at(key);
  auto info = info_of(x);
  shards_[info.id] = info.shard;
  if (x.deleting || !was_opened(document))
    return;
  auto manifest = read_channel(document);
  self_->send(wiring_.directory, atom::place_v, info,
              manifest && manifest->settings.dedup_window_ms > 0);
}

void catalog_state::open_here(const std::string& key,
                              const json::object& document) {
  auto& x = table_.at(key);
  if (x.deleting || !leads(x.shard) || !was_opened(document))
    return;
  auto manifest = read_channel(document);
  if (!manifest || (x.applied && same(*x.applied, manifest->settings)))
    return;
  x.applied = manifest->settings;
  x.usable = true;
  self_
    ->request(wiring_.supervisor, caf::infinite, atom::open_v, info_of(x),
              manifest->settings)
    .then([](const channel_actor&) {}, [](const caf::error&) {});
}

/// Runs it as RESOURCES would, so that it goes on where shard 0 has no leader.
void catalog_state::follow_here(const std::string& key) {
  auto& x = table_.at(key);
  // A channel refers to another by its dead letter sink.
  if (!x.document || x.deleting || is_channel(x))
    return;
  auto document = x.document.unpack();
  auto uid = std::string{string_at(document, "metadata.uid")};
  auto at = shard_of_channel(
    std::string{string_at(document, "metadata.namespace")} + "/"
    + std::string{string_at(document, "spec.channel.name")});
  if (!at)
    return;
  subscriptions_[uid] = *at;
  if (!leads(*at))
    return;
  auto facts = facts_of_subscription(table_, x, document);
  if (!facts.found.channel_exists || !facts.channel_usable)
    return;
  auto spec = facts.found.spec;
  if (!facts.found.ok()) {
    if (!x.followed)
      return;
    spec = *x.followed;
    spec.paused = true;
  }
  if (x.followed && same(*x.followed, spec))
    return;
  x.followed = std::make_unique<const subscription_spec>(spec);
  self_
    ->request(wiring_.supervisor, caf::infinite, atom::follow_v,
              std::move(spec))
    .then([](const subscription_actor&) {}, [](const caf::error&) {});
}

std::optional<shard_id>
catalog_state::shard_of_channel(const std::string& name) const {
  auto* x = table_.find_live(kind_of(kind_role::channel).key_prefix() + name);
  if (x == nullptr)
    return std::nullopt;
  return x->shard;
}

} // namespace eventd::actors
