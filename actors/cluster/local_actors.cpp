// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/cluster/local_actors.hpp"

#include <utility>

namespace eventd::actors {

void local_actors::set_channel(channel_id id, caf::actor x) {
  std::lock_guard guard{mutex_};
  channels_[id] = std::move(x);
}

void local_actors::erase_channel(channel_id id) {
  std::lock_guard guard{mutex_};
  channels_.erase(id);
}

void local_actors::set_subscription(const std::string& name, caf::actor x) {
  std::lock_guard guard{mutex_};
  subscriptions_[name] = std::move(x);
}

void local_actors::erase_subscription(const std::string& name) {
  std::lock_guard guard{mutex_};
  subscriptions_.erase(name);
}

void local_actors::set_supervisor(caf::actor x) {
  std::lock_guard guard{mutex_};
  supervisor_ = std::move(x);
}

void local_actors::set_resources(caf::actor x) {
  std::lock_guard guard{mutex_};
  resources_ = std::move(x);
}

void local_actors::set_membership(caf::actor x) {
  std::lock_guard guard{mutex_};
  membership_ = std::move(x);
}

void local_actors::set_reader(caf::actor x) {
  std::lock_guard guard{mutex_};
  reader_ = std::move(x);
}

void local_actors::set_replicas(std::vector<caf::actor> xs) {
  std::lock_guard guard{mutex_};
  replicas_ = std::move(xs);
}

void local_actors::clear() {
  std::lock_guard guard{mutex_};
  channels_.clear();
  subscriptions_.clear();
  supervisor_ = nullptr;
  resources_ = nullptr;
  membership_ = nullptr;
  reader_ = nullptr;
  replicas_.clear();
}

caf::actor local_actors::find(const call_address& x) const {
  std::lock_guard guard{mutex_};
  switch (x.kind) {
  case call_target::channel:
    if (auto found = channels_.find(channel_id{x.key});
        found != channels_.end())
      return found->second;
    return nullptr;
  case call_target::subscription:
    if (auto found = subscriptions_.find(x.name); found != subscriptions_.end())
      return found->second;
    return nullptr;
  case call_target::replica:
    return x.shard.value < replicas_.size() ? replicas_[x.shard.value]
                                            : nullptr;
  case call_target::supervisor:
    return supervisor_;
  case call_target::resources:
    return resources_;
  case call_target::membership:
    return membership_;
  case call_target::reader:
    return reader_;
  }
  return nullptr;
}

} // namespace eventd::actors
