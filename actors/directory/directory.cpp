// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/directory/directory.hpp"

#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/typed_response_promise.hpp>

namespace eventd::actors {

namespace {

failure unknown(const std::string& name) {
  return {ec::not_found, "no channel " + name};
}

} // namespace

void directory_state::init(pointer self, directory_wiring wiring) {
  self_ = self;
  wiring_ = std::move(wiring);
}

channel_actor directory_state::find(const std::string& name) {
  if (auto found = here_.find(name); found != here_.end())
    return found->second;
  auto found = known_.find(name);
  if (found == known_.end() || !in_cluster())
    return {};
  auto& x = found->second;
  if (!x.forwarder) {
    call_address to;
    to.kind = call_target::channel;
    to.shard = x.info.shard;
    to.key = x.info.id.value;
    to.repeatable = x.repeatable;
    x.forwarder = caf::actor_cast<channel_actor>(
      self_->spawn(forwarder, wiring_.forwarding, std::move(to)));
    for (const auto& watcher : wiring_.watchers)
      self_->send(watcher, atom::route_v, name, x.forwarder);
  }
  return x.forwarder;
}

caf::result<channel_actor> directory_state::lookup(const std::string& name) {
  if (auto found = find(name))
    return found;
  if (!in_cluster() || !catalog_)
    return to_caf(unknown(name));
  // It may have been made on another node a moment ago.
  auto promise = self_->make_response_promise<channel_actor>();
  self_->request(catalog_, caf::infinite, atom::confirm_v)
    .then(
      [this, name, promise](raft_index) mutable {
        if (auto found = find(name))
          promise.deliver(found);
        else
          promise.deliver(to_caf(unknown(name)));
      },
      [promise](const caf::error& why) mutable { promise.deliver(why); });
  return promise;
}

void directory_state::watch(const route_watcher_actor& watcher) {
  wiring_.watchers.push_back(watcher);
  for (const auto& [name, channel] : here_)
    self_->send(watcher, atom::route_v, name, channel);
  for (const auto& [name, x] : known_)
    if (x.forwarder && !here_.contains(name))
      self_->send(watcher, atom::route_v, name, x.forwarder);
}

void directory_state::tell(const std::string& name) {
  auto now = find(name); // Tells them of a new forwarder, too.
  for (const auto& watcher : wiring_.watchers)
    if (now)
      self_->send(watcher, atom::route_v, name, now);
    else
      self_->send(watcher, atom::unroute_v, name);
}

void directory_state::route(const std::string& name,
                            const channel_actor& channel) {
  here_[name] = channel;
  tell(name);
}

void directory_state::unroute(const std::string& name) {
  if (here_.erase(name) > 0)
    tell(name);
}

void directory_state::place(const channel_info& info, bool repeatable) {
  auto name = info.namespace_name + "/" + info.name;
  auto& x = known_[name];
  auto moved = x.forwarder
               && (x.info.id != info.id || x.info.shard != info.shard
                   || x.repeatable != repeatable);
  x.info = info;
  x.repeatable = repeatable;
  if (!moved)
    return;
  x.forwarder = nullptr;
  tell(name);
}

void directory_state::shut(const std::string& name) {
  if (known_.erase(name) > 0 && !here_.contains(name))
    tell(name);
}

directory_actor::behavior_type directory(directory_state::pointer self,
                                         directory_wiring wiring) {
  self->state.init(self, std::move(wiring));
  return {
    [self](atom::lookup, const std::string& name) {
      return self->state.lookup(name);
    },
    [self](atom::watch, const route_watcher_actor& watcher) {
      self->state.watch(watcher);
    },
    [self](atom::place, const channel_info& info, bool repeatable) {
      self->state.place(info, repeatable);
    },
    [self](atom::shut, const std::string& name) { self->state.shut(name); },
    [self](atom::confirm, const caf::actor& catalog) {
      self->state.ask_when_unknown(catalog);
    },
    [self](atom::route, const std::string& name, const channel_actor& channel) {
      self->state.route(name, channel);
    },
    [self](atom::unroute, const std::string& name) {
      self->state.unroute(name);
    },
  };
}

} // namespace eventd::actors
