// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/supervisor/supervisor.hpp"

#include <chrono>

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/system_messages.hpp>

#include "actors/channel/channel.hpp"
#include "actors/subscription/subscription.hpp"

namespace eventd::actors {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

std::string label_of(const channel_info& x) {
  return x.namespace_name + "/" + x.name;
}

std::string label_of(const subscription_spec& x) {
  return x.namespace_name + "/" + x.name;
}

} // namespace

void supervisor_state::init(pointer self, supervisor_wiring wiring) {
  self_ = self;
  wiring_ = std::move(wiring);
  self_->set_down_handler(
    [this](caf::down_msg& x) { end(x.source, x.reason); });
  for (const auto& x : wiring_.vital)
    self_->monitor(x.address);
}

int64_t supervisor_state::now_ms() const {
  return duration_cast<milliseconds>(self_->clock().now().time_since_epoch())
    .count();
}

// -- starting
// ------------------------------------------------------------------

void supervisor_state::start(channel_child& x) {
  channel_wiring wiring;
  wiring.shard = wiring_.shards.at(x.info.shard.value);
  wiring.reader = wiring_.readers.at(next_reader_++ % wiring_.readers.size());
  wiring.supervisor = supervisor_self_actor{self_};
  wiring.tail = wiring_.tail;
  wiring.stats = wiring_.stats;
  wiring.wall_ms = wiring_.wall_ms;
  wiring.reserve = wiring_.reserve;
  wiring.map = wiring_.map;
  auto actor = self_->spawn(channel, x.info, x.settings, std::move(wiring));
  self_->monitor(actor);
  x.actor = actor;
  x.due_ms = 0;
  x.policy.started(now_ms());
  if (wiring_.locals)
    wiring_.locals->set_channel(x.info.id, caf::actor_cast<caf::actor>(actor));
  self_->send(wiring_.directory, atom::route_v, label_of(x.info), x.actor);
}

/// No other node may call it any more.
void supervisor_state::leave(const channel_child& x) {
  if (wiring_.locals)
    wiring_.locals->erase_channel(x.info.id);
}

void supervisor_state::leave(const subscription_child& x) {
  if (wiring_.locals)
    wiring_.locals->erase_subscription(label_of(x.spec));
}

void supervisor_state::start(subscription_child& x) {
  auto* owner = channel_named(x.spec.namespace_name + "/" + x.spec.channel);
  if (owner == nullptr || !owner->actor) {
    // Its channel is about to be started again, or is gone.
    x.due_ms = now_ms() + restart_policy::first_ms;
    arm(restart_policy::first_ms);
    return;
  }
  subscription_wiring wiring;
  wiring.channel = owner->actor;
  wiring.info = owner->info;
  wiring.replica = wiring_.shards.at(owner->info.shard.value);
  wiring.dispatcher = wiring_.dispatcher;
  wiring.supervisor = supervisor_self_actor{self_};
  wiring.stats = wiring_.stats;
  wiring.seed = next_seed_++;
  x.actor = self_->spawn(subscription, std::move(wiring), x.spec);
  self_->monitor(x.actor);
  if (wiring_.locals)
    wiring_.locals->set_subscription(label_of(x.spec),
                                     caf::actor_cast<caf::actor>(x.actor));
  x.due_ms = 0;
  x.policy.started(now_ms());
}

void supervisor_state::arm(int64_t delay_ms) {
  self_->delayed_send(self_, milliseconds(delay_ms), atom::tick_v);
}

void supervisor_state::tick() {
  if (stopping_)
    return;
  auto now = now_ms();
  for (auto& [id, x] : channels_)
    if (!x.actor && x.due_ms <= now)
      start(x);
  for (auto& [uid, x] : subscriptions_)
    if (!x.actor && x.due_ms <= now)
      start(x);
}

// -- ending
// --------------------------------------------------------------------

void supervisor_state::end(const caf::actor_addr& address,
                           const caf::error& why) {
  for (const auto& x : wiring_.vital)
    if (x.address == address && why != caf::exit_reason::user_shutdown)
      wiring_.fatal(x.name, from_caf(why));
  if (auto left = leaving_.extract(address))
    forget_cursor(std::move(left.mapped()));
  if (stopping_) {
    if (std::erase(ending_, address) > 0 && ending_.empty())
      stopped_.deliver(caf::unit);
    return;
  }
  for (auto& [id, x] : channels_) {
    if (!x.actor || x.actor.address() != address)
      continue;
    x.actor = nullptr;
    auto delay = x.policy.died(now_ms());
    x.due_ms = now_ms() + delay;
    tell_restart("channel " + label_of(x.info), why, delay);
    return arm(delay);
  }
  for (auto& [uid, x] : subscriptions_) {
    if (!x.actor || x.actor.address() != address)
      continue;
    x.actor = nullptr;
    x.status.ready = false;
    auto delay = x.policy.died(now_ms());
    x.due_ms = now_ms() + delay;
    tell_restart("subscription " + label_of(x.spec), why, delay);
    return arm(delay);
  }
}

void supervisor_state::tell_restart(const std::string& what,
                                    const caf::error& why, int64_t delay_ms) {
  wiring_.stats->actor_restarts.fetch_add(1, std::memory_order_relaxed);
  wiring_.warn(what + " died (" + from_caf(why).detail + "), starts again in "
               + std::to_string(delay_ms) + " ms");
}

// -- requests
// ------------------------------------------------------------------

namespace {

failure not_here(const std::string& what) {
  return {ec::not_leader, "another node leads the shard of " + what};
}

} // namespace

caf::result<channel_actor>
supervisor_state::open(const channel_info& info,
                       const channel_settings& settings) {
  if (stopping_ || !leads(info.shard))
    return to_caf(not_here("channel " + label_of(info)));
  auto [found, fresh] = channels_.try_emplace(info.id);
  auto& x = found->second;
  x.settings = settings;
  if (fresh) {
    x.info = info;
    by_name_[label_of(info)] = info.id;
    start(x);
  } else if (x.actor) {
    self_->send(x.actor, atom::configure_v, settings);
  }
  return x.actor;
}

void supervisor_state::shut(channel_id id) {
  auto found = channels_.find(id);
  if (found == channels_.end())
    return;
  auto actor = found->second.actor;
  self_->send(wiring_.directory, atom::unroute_v, label_of(found->second.info));
  by_name_.erase(label_of(found->second.info));
  leave(found->second);
  channels_.erase(found);
  std::erase_if(subscriptions_, [&](auto& entry) {
    auto& x = entry.second;
    if (x.channel != id)
      return false;
    leave(x);
    if (x.actor)
      self_->send_exit(x.actor, caf::exit_reason::user_shutdown);
    return true;
  });
  if (actor)
    self_->send_exit(actor, caf::exit_reason::user_shutdown);
}

void supervisor_state::release(shard_id shard) {
  std::vector<channel_id> gone;
  for (const auto& [id, x] : channels_)
    if (x.info.shard == shard)
      gone.push_back(id);
  for (auto id : gone)
    shut(id);
}

supervisor_state::channel_child*
supervisor_state::channel_named(const std::string& name) {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &channels_.at(found->second);
}

caf::result<subscription_actor>
supervisor_state::follow(const subscription_spec& spec) {
  auto known = subscriptions_.find(spec.uid);
  if (known != subscriptions_.end()) {
    auto& x = known->second;
    x.spec = spec;
    if (x.actor)
      self_->send(x.actor, atom::configure_v, spec);
    return x.actor;
  }
  auto* owner = channel_named(spec.namespace_name + "/" + spec.channel);
  if (owner == nullptr && wiring_.map)
    return to_caf(
      not_here("channel " + spec.namespace_name + "/" + spec.channel));
  if (owner == nullptr)
    return to_caf(failure{ec::not_found, "no channel " + spec.namespace_name
                                           + "/" + spec.channel});
  auto& x = subscriptions_[spec.uid];
  x.spec = spec;
  // Known before it runs, so that it ends with its channel all the same.
  x.channel = owner->info.id;
  x.status.uid = spec.uid;
  x.status.namespace_name = spec.namespace_name;
  x.status.name = spec.name;
  x.status.channel = spec.channel;
  start(x);
  return x.actor;
}

caf::result<caf::unit_t> supervisor_state::unfollow(const std::string& uid) {
  auto found = subscriptions_.find(uid);
  if (found == subscriptions_.end())
    return caf::unit;
  auto x = std::move(found->second);
  leave(x);
  subscriptions_.erase(found);
  auto address = x.actor ? x.actor.address() : caf::actor_addr{};
  if (x.actor)
    self_->send_exit(x.actor, caf::exit_reason::user_shutdown);
  auto owner = channels_.find(x.channel);
  if (owner == channels_.end())
    return caf::unit;
  auto promise = self_->make_response_promise<caf::unit_t>();
  leaving_child left{
    uid, x.channel, wiring_.shards.at(owner->second.info.shard.value), promise};
  // It may be in the middle of a commit, which would put its cursor back:
  // once it is down, all that it sent lies before the cursor's removal.
  if (address)
    leaving_.emplace(std::move(address), std::move(left));
  else
    forget_cursor(std::move(left));
  return promise;
}

void supervisor_state::forget_cursor(leaving_child x) {
  // An answer of `unit_t` is an empty message, which a typed request's
  // continuation refuses in CAF 0.17; the untyped one takes it.
  auto promise = std::move(x.promise);
  self_
    ->request(caf::actor_cast<caf::actor>(x.shard), caf::infinite,
              atom::commit_v,
              cursor_commit{std::move(x.uid), x.channel, {}, true})
    .then([promise]() mutable { promise.deliver(caf::unit); },
          [promise](const caf::error& why) mutable { promise.deliver(why); });
}

caf::result<subscription_actor>
supervisor_state::lookup(const std::string& name) const {
  for (const auto& [uid, x] : subscriptions_)
    if (label_of(x.spec) == name) {
      if (x.actor)
        return x.actor;
      return to_caf(failure{ec::actor_died, "subscription " + name
                                              + " is being started again"});
    }
  return to_caf(failure{ec::not_found, "no running subscription " + name});
}

void supervisor_state::report(subscription_status x) {
  if (auto found = subscriptions_.find(x.uid); found != subscriptions_.end())
    found->second.status = std::move(x);
}

void supervisor_state::report(channel_status x) {
  if (auto found = channels_.find(x.info.id); found != channels_.end()) {
    // An in-memory channel has a new epoch in each life.
    found->second.info.epoch = x.info.epoch;
    found->second.status = std::move(x);
  }
}

std::vector<subscription_status> supervisor_state::subscriptions() const {
  std::vector<subscription_status> xs;
  xs.reserve(subscriptions_.size());
  for (const auto& [uid, x] : subscriptions_)
    xs.push_back(x.status);
  return xs;
}

std::vector<channel_status> supervisor_state::channels() const {
  std::vector<channel_status> xs;
  xs.reserve(channels_.size());
  for (const auto& [id, x] : channels_)
    xs.push_back(x.status);
  return xs;
}

caf::result<caf::unit_t> supervisor_state::stop() {
  stopping_ = true;
  stopped_ = self_->make_response_promise<caf::unit_t>();
  auto end_child = [this](const auto& actor) {
    if (!actor)
      return;
    ending_.push_back(actor.address());
    self_->send_exit(actor, caf::exit_reason::user_shutdown);
  };
  for (auto& [uid, x] : subscriptions_)
    end_child(x.actor);
  for (auto& [id, x] : channels_)
    end_child(x.actor);
  for (auto& [address, x] : leaving_)
    ending_.push_back(address);
  if (ending_.empty())
    stopped_.deliver(caf::unit);
  return stopped_;
}

// -- the actor
// -----------------------------------------------------------------

supervisor_self_actor::behavior_type supervisor(supervisor_state::pointer self,
                                                supervisor_wiring wiring) {
  self->state.init(self, std::move(wiring));
  return {
    [self](atom::open, const channel_info& info,
           const channel_settings& settings) {
      return self->state.open(info, settings);
    },
    [self](atom::release, shard_id shard) { self->state.release(shard); },
    [self](atom::shut, channel_id id) {
      self->state.shut(id);
      return caf::unit;
    },
    [self](atom::follow, const subscription_spec& spec) {
      return self->state.follow(spec);
    },
    [self](atom::unfollow, const std::string& uid) {
      return self->state.unfollow(uid);
    },
    [self](atom::lookup, const std::string& name) {
      return self->state.lookup(name);
    },
    [self](atom::report, subscription_status& x) {
      self->state.report(std::move(x));
    },
    [self](atom::report, channel_status& x) {
      self->state.report(std::move(x));
    },
    [self](atom::subs) { return self->state.subscriptions(); },
    [self](atom::chans) { return self->state.channels(); },
    [self](atom::stop) { return self->state.stop(); },
    [self](atom::tick) { self->state.tick(); },
  };
}

} // namespace eventd::actors
