// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// What CATALOG answers for the whole cluster.

#include <chrono>
#include <set>
#include <utility>

#include <caf/actor_cast.hpp>

#include "actors/cluster/catalog.hpp"

namespace eventd::actors {

namespace {

/// For the figures of another node. A node that is away has none.
constexpr auto figures_patience = std::chrono::milliseconds(1'000);

} // namespace

result<supervisor_actor> catalog_state::supervisor_of(shard_id shard) const {
  if (shard.value < supervisors_.size())
    return supervisors_[shard.value];
  return failure{ec::internal,
                 "this node has no shard " + std::to_string(shard.value)};
}

caf::result<channel_actor>
catalog_state::open(const channel_info& info,
                    const channel_settings& settings) {
  auto whom = supervisor_of(info.shard);
  if (!whom)
    return to_caf(whom.error());
  shards_[info.id] = info.shard;
  return self_->delegate(*whom, atom::open_v, info, settings);
}

caf::result<caf::unit_t> catalog_state::shut(channel_id id) {
  auto found = shards_.find(id);
  if (found == shards_.end())
    return caf::unit;
  auto whom = supervisor_of(found->second);
  if (!whom)
    return to_caf(whom.error());
  return self_->delegate(*whom, atom::shut_v, id);
}

caf::result<subscription_actor>
catalog_state::follow(const subscription_spec& spec) {
  auto at = shard_of_channel(spec.namespace_name + "/" + spec.channel);
  if (!at)
    return to_caf(failure{ec::not_found, "no channel " + spec.namespace_name
                                           + "/" + spec.channel});
  auto whom = supervisor_of(*at);
  if (!whom)
    return to_caf(whom.error());
  subscriptions_[spec.uid] = *at;
  return self_->delegate(*whom, atom::follow_v, spec);
}

caf::result<caf::unit_t> catalog_state::unfollow(const std::string& uid) {
  auto found = subscriptions_.find(uid);
  if (found == subscriptions_.end())
    return caf::unit;
  auto whom = supervisor_of(found->second);
  if (!whom)
    return to_caf(whom.error());
  return self_->delegate(*whom, atom::unfollow_v, uid);
}

caf::result<subscription_actor> catalog_state::lookup(const std::string& name) {
  auto* x
    = table_.find_live(kind_of(kind_role::subscription).key_prefix() + name);
  if (x == nullptr)
    return to_caf(failure{ec::not_found, "no running subscription " + name});
  auto document = x->document.unpack();
  auto found
    = subscriptions_.find(std::string{string_at(document, "metadata.uid")});
  if (found == subscriptions_.end())
    return to_caf(failure{ec::not_found, "no running subscription " + name});
  if (leads(found->second))
    return self_->delegate(
      caf::actor_cast<supervisor_actor>(wiring_.supervisor), atom::lookup_v,
      name);
  call_address to;
  to.kind = call_target::subscription;
  to.shard = found->second;
  to.name = name;
  return caf::actor_cast<subscription_actor>(
    self_->spawn(forwarder, wiring_.forwarding, std::move(to)));
}

/// From this node and from all that lead a shard.
template <class T, class Atom>
caf::result<std::vector<T>> catalog_state::gather(Atom what) {
  struct all {
    std::vector<T> found;
    size_t open = 1;
    caf::typed_response_promise<std::vector<T>> promise;
  };
  auto x = std::make_shared<all>();
  x->promise = self_->template make_response_promise<std::vector<T>>();
  auto take = [x](std::vector<T>& part) {
    std::move(part.begin(), part.end(), std::back_inserter(x->found));
    if (--x->open == 0)
      x->promise.deliver(std::move(x->found));
  };
  auto none = [take](const caf::error&) mutable {
    std::vector<T> nothing;
    take(nothing);
  };
  std::set<uint64_t> nodes;
  for (uint32_t i = 0; i < wiring_.map->shards(); ++i)
    nodes.insert(wiring_.map->owner(shard_id{i}));
  nodes.erase(0);
  nodes.erase(wiring_.map->self());
  x->open += nodes.size();
  for (auto node : nodes) {
    call_address to;
    to.node = node;
    to.kind = call_target::supervisor;
    to.repeatable = true;
    self_
      ->request(wiring_.forwarding.link, figures_patience, atom::call_v, to,
                caf::make_message(what))
      .then(take, none);
  }
  self_->request(wiring_.supervisor, caf::infinite, what).then(take, none);
  return x->promise;
}

caf::result<std::vector<subscription_status>> catalog_state::subscriptions() {
  return gather<subscription_status>(atom::subs_v);
}

caf::result<std::vector<channel_status>> catalog_state::channels() {
  return gather<channel_status>(atom::chans_v);
}

/// What the leader of shard 0 has committed now is applied here, and our
/// replica tells of it before it answers.
caf::result<raft_index> catalog_state::confirm() {
  auto promise = self_->make_response_promise<raft_index>();
  auto fail
    = [promise](const caf::error& why) mutable { promise.deliver(why); };
  self_->request(replicas_[0], caf::infinite, atom::confirm_v)
    .then(
      [this, promise, fail](raft_index index) mutable {
        self_->request(wiring_.shards[0], caf::infinite, atom::await_v, index)
          .then([promise](raft_index at) mutable { promise.deliver(at); },
                fail);
      },
      fail);
  return promise;
}

catalog_actor::behavior_type catalog(catalog_state::pointer self,
                                     catalog_wiring wiring) {
  self->state.init(self, std::move(wiring));
  return {
    [self](atom::lead, shard_id shard, uint64_t node) {
      self->state.lead(shard, node);
    },
    [self](atom::changed, const std::string& key, const std::string& document,
           raft_index index) { self->state.changed(key, document, index); },
    [self](atom::reload) { self->state.reload(); },
    [self](atom::open, const channel_info& info,
           const channel_settings& settings) {
      return self->state.open(info, settings);
    },
    [self](atom::shut, channel_id id) { return self->state.shut(id); },
    [self](atom::follow, const subscription_spec& spec) {
      return self->state.follow(spec);
    },
    [self](atom::unfollow, const std::string& uid) {
      return self->state.unfollow(uid);
    },
    [self](atom::lookup, const std::string& name) {
      return self->state.lookup(name);
    },
    // Reports go to the SUPERVISOR itself.
    [](atom::report, const subscription_status&) {},
    [](atom::report, const channel_status&) {},
    [self](atom::subs) { return self->state.subscriptions(); },
    [self](atom::chans) { return self->state.channels(); },
    [self](atom::confirm) { return self->state.confirm(); },
    [self](atom::tick) { self->state.tick(); },
  };
}

} // namespace eventd::actors
