// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/cluster/membership.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include <caf/message.hpp>

#include "storage/raft/driver.hpp"
#include "storage/raft/server_id.hpp"

namespace eventd::actors {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr int64_t tick_ms = 200;
/// So long a shard may have no leader before shard 0 is passed on.
constexpr int lost_ticks_max = 10;
constexpr auto look_patience = milliseconds(1'000);
/// One step; what takes longer is asked for again.
constexpr auto step_patience = milliseconds(5'000);
/// Between two shards that one node hands over.
constexpr int64_t balance_every_ms = 500;
/// A shard stays for a while where an election has put it.
constexpr int64_t settled_ms = 2'000;
/// A server that lacks more does not get the lead.
constexpr uint64_t balance_lag_max = 1'000;
/// A node that knows no leader asks the others so often whether it belongs.
constexpr int64_t removal_every_ms = 1'000;
/// It believes them when they have said the same for so long.
constexpr int64_t removal_sure_ms = 3'000;

bool leads(const shard_status& x) {
  return x.ready && x.role == static_cast<uint8_t>(storage::raft_role::leader);
}

/// Whether all shards have the same servers.
bool are_alike(const std::vector<shard_status>& shards) {
  auto ids = [](const shard_status& x) {
    std::set<uint64_t> made;
    for (const auto& server : x.servers)
      made.insert(server.server);
    return made;
  };
  auto first = ids(shards[0]);
  return std::all_of(shards.begin(), shards.end(),
                     [&](const shard_status& x) { return ids(x) == first; });
}

} // namespace

void membership_state::init(pointer self, membership_wiring wiring) {
  self_ = self;
  wiring_ = std::move(wiring);
  standings_.resize(wiring_.shards.size());
  self_->delayed_send(self_, milliseconds(tick_ms), atom::tick_v);
}

int64_t membership_state::now_ms() const {
  return duration_cast<milliseconds>(self_->clock().now().time_since_epoch())
    .count();
}

// -- asking the replicas
// -------------------------------------------------------

void membership_state::ask_replica(
  shard_id shard, uint64_t node,
  std::function<void(result<shard_status>)> then) {
  auto fail = [then](const caf::error& why) { then(from_caf(why)); };
  auto take = [then](const shard_status& x) { then(x); };
  if (node == wiring_.map->self()) {
    self_->request(wiring_.shards[shard.value], look_patience, atom::status_v)
      .then(take, fail);
    return;
  }
  call_address to;
  to.node = node;
  to.kind = call_target::replica;
  to.shard = shard;
  self_
    ->request(wiring_.link, look_patience, atom::call_v, to,
              caf::make_message(atom::status_v))
    .then(take, fail);
}

void membership_state::look(
  std::function<void(std::vector<shard_status>)> then) {
  struct all {
    std::vector<shard_status> found;
    size_t open = 0;
  };
  auto x = std::make_shared<all>();
  x->open = wiring_.shards.size();
  x->found.resize(x->open);
  for (uint32_t i = 0; i < wiring_.shards.size(); ++i) {
    auto take = [x, i, then](result<shard_status> status) {
      if (status)
        x->found[i] = std::move(*status);
      if (--x->open == 0)
        then(std::move(x->found));
    };
    auto shard = shard_id{i};
    auto owner = wiring_.map->owner(shard);
    auto self = wiring_.map->self();
    if (owner == 0 || owner == self) {
      ask_replica(shard, self, take);
      continue;
    }
    ask_replica(shard, owner,
                [this, shard, self, take](result<shard_status> status) {
                  if (status)
                    take(std::move(status));
                  else
                    ask_replica(shard, self, take);
                });
  }
}

template <class... Ts>
void membership_state::call(shard_id shard,
                            std::function<void(result<raft_index>)> then,
                            Ts... xs) {
  auto fail = [then](const caf::error& why) { then(from_caf(why)); };
  auto take = [then](raft_index x) { then(x); };
  auto patience = step_patience;
  auto owner = wiring_.map->owner(shard);
  if (owner == wiring_.map->self()) {
    self_->request(wiring_.shards[shard.value], patience, std::move(xs)...)
      .then(take, fail);
    return;
  }
  call_address to;
  to.node = owner;
  to.kind = call_target::replica;
  to.shard = shard;
  self_
    ->request(wiring_.link, patience, atom::call_v, to,
              caf::make_message(std::move(xs)...))
    .then(take, fail);
}

// -- what operators ask
// --------------------------------------------------------

caf::result<std::string> membership_state::status() {
  auto promise = self_->make_response_promise<std::string>();
  look([this, promise](std::vector<shard_status> shards) mutable {
    promise.deliver(render(shards));
  });
  return promise;
}

// -- every moment
// --------------------------------------------------------------

void membership_state::tick() {
  self_->delayed_send(self_, milliseconds(tick_ms), atom::tick_v);
  if (asked_ && now_ms() > asked_->deadline_ms) {
    asked_->answer(failure{ec::timeout,
                           "the change was not finished in time; look at the "
                           "cluster, it may go on"});
    asked_.reset();
  }
  if (looking_)
    return;
  looking_ = true;
  look([this](std::vector<shard_status> shards) {
    looking_ = false;
    learn(shards);
    look_for_removal(shards);
    balance(shards);
    if (wiring_.map->is_own(shard_id{0}))
      coordinate(shards);
    else if (asked_)
      hand_on();
  });
}

void membership_state::learn(const std::vector<shard_status>& shards) {
  // Nobody answered in time.
  if (shards[0].servers.empty())
    return;
  servers_ = servers_of(shards[0]);
  placed_.clear();
  for (const auto& x : shards)
    for (const auto& server : x.servers)
      placed_.insert(storage::node_of(server.server));
  auto known = servers_;
  if (asked_ && asked_->what.what == member_change::kind::add)
    known.push_back(
      {storage::server_id(asked_->what.node, 0), asked_->what.address});
  for (auto& x : known)
    x.address = x.address.substr(0, x.address.find('#'));
  wiring_.know(known);
}

/// Who is removed hears nothing of it, because nobody sends it anything more:
/// it knows no leader, and asks the others. One that never belonged, and waits
/// to be taken in, has no servers yet.
void membership_state::look_for_removal(
  const std::vector<shard_status>& shards) {
  for (uint32_t i = 0; i < shards.size(); ++i) {
    auto& term = standings_[i].term;
    term = std::max(term, shards[i].term);
    judge(shard_id{i}, shards[i]);
  }
  auto now = now_ms();
  auto belonged = std::any_of(shards.begin(), shards.end(),
                              [](const auto& x) { return !x.servers.empty(); });
  auto silent = std::any_of(shards.begin(), shards.end(), [](const auto& x) {
    return x.role == static_cast<uint8_t>(storage::raft_role::unavailable);
  });
  if (place_ != belonging::removed && (belonged || !silent))
    set_place(belonged ? belonging::member : belonging::awaited);
  if (place_ != belonging::member || !belonged
      || now - asked_others_ms_ < removal_every_ms)
    return;
  asked_others_ms_ = now;
  for (const auto& x : wiring_.nodes())
    for (uint32_t i = 0; i < shards.size(); ++i)
      if (x.connected && x.node != wiring_.map->self() && !leads(shards[i]))
        ask_replica(shard_id{i}, x.node, [this, i](result<shard_status> said) {
          if (said)
            judge(shard_id{i}, *said);
        });
}

/// Only who leads a shard, and has committed its servers, knows them for sure;
/// and one that was deposed may not know that yet. A node is out where it is in
/// no shard: while it is taken in, or out, it is in some.
void membership_state::judge(shard_id shard, const shard_status& said) {
  auto& own = standings_[shard.value];
  if (!leads(said) || said.changing || said.term < own.term)
    return;
  own.term = said.term;
  auto belongs
    = std::any_of(said.servers.begin(), said.servers.end(),
                  [&](const auto& x) { return x.server == wiring_.server; });
  auto now = now_ms();
  if (belongs || own.out_since_ms == 0)
    own.out_since_ms = belongs ? 0 : now;
  own.is_out = !belongs && now >= own.out_since_ms + removal_sure_ms;
  auto removed = std::all_of(standings_.begin(), standings_.end(),
                             [](const standing& x) { return x.is_out; });
  if (removed != (place_ == belonging::removed))
    set_place(removed ? belonging::removed : belonging::member);
}

void membership_state::set_place(belonging x) {
  if (std::exchange(place_, x) != x)
    wiring_.place(x);
}

bool membership_state::may_lead(uint64_t node) const {
  auto views = wiring_.nodes();
  return std::any_of(views.begin(), views.end(), [node](const node_view& x) {
    return x.node == node && x.connected && !x.leaving;
  });
}

void membership_state::balance(const std::vector<shard_status>& shards) {
  // Whoever leads shard 0 carries out what is asked: it stays where it is.
  // And who is not in all shards yet does not know who leads them.
  if (asked_ || !are_alike(shards))
    return;
  auto now = now_ms();
  for (const auto& x : shards) {
    if (!wiring_.map->is_own(x.shard) || !x.ready) {
      led_since_ms_.erase(x.shard.value);
      continue;
    }
    auto since = led_since_ms_.try_emplace(x.shard.value, now).first->second;
    auto better = preferred_leader(x.shard, x.servers);
    if (better == 0 || better == wiring_.map->self() || changing_
        || now - since < settled_ms || now - balanced_ms_ < balance_every_ms
        || !may_lead(better))
      continue;
    for (const auto& server : x.servers) {
      if (storage::node_of(server.server) != better || !is_voter(server)
          || x.last - server.match > balance_lag_max || server.match.value == 0)
        continue;
      balanced_ms_ = now;
      self_
        ->request(wiring_.shards[x.shard.value], look_patience,
                  atom::transfer_v, server.server)
        .then([](raft_index) {}, [](const caf::error&) {});
      return;
    }
  }
}

void membership_state::coordinate(const std::vector<shard_status>& shards) {
  if (changing_ || !shards[0].ready)
    return;
  std::optional<member_change> asked;
  if (asked_)
    asked = asked_->what;
  auto nodes = wiring_.nodes();
  auto wanted = wanted_voters(servers_of(shards[0]), nodes, asked);
  for (const auto& x : shards) {
    if (x.servers.empty() || wiring_.map->owner(x.shard) == 0)
      return pass_on();
    auto step = next_member_step(x, wanted);
    if (step.what == member_step::kind::done)
      continue;
    carry_out(x, step);
    return;
  }
  finish(shards, nodes);
}

/// A node that is not in all shards can not coordinate: one that is can.
void membership_state::pass_on() {
  if (++lost_ticks_ < lost_ticks_max)
    return;
  lost_ticks_ = 0;
  self_
    ->request(wiring_.shards[0], look_patience, atom::transfer_v, uint64_t{0})
    .then([](raft_index) {}, [](const caf::error&) {});
}

bool membership_state::carry_out(const shard_status& shard,
                                 const member_step& step) {
  if (step.what == member_step::kind::wait)
    return false;
  auto id = shard.shard;
  auto label = "shard " + std::to_string(id.value) + ": server "
               + std::to_string(step.server) + " of node "
               + std::to_string(storage::node_of(step.server));
  changing_ = true;
  // What else is mended on the way was not asked for.
  if (asked_ && asked_->what.node == storage::node_of(step.server))
    asked_->changed = true;
  auto end = [this, label](result<raft_index> done) {
    changing_ = false;
    if (!done)
      wiring_.note(label + ": not yet: " + done.error().detail);
  };
  if (step.what == member_step::kind::transfer) {
    // The next look shows whether it happened.
    call(id, end, atom::transfer_v, uint64_t{0});
    return true;
  }
  auto encoded = storage::encode_configuration(step.servers);
  if (!encoded) {
    end(encoded.error());
    return false;
  }
  if (step.what == member_step::kind::change) {
    wiring_.note(label + ": the servers change");
    call(id, end, atom::change_v, std::move(*encoded));
    return true;
  }
  wiring_.note(label + ": is brought up to date");
  call(
    id,
    [this, id, end, label,
     next = std::move(*encoded)](result<raft_index> done) {
      if (!done)
        return end(std::move(done));
      wiring_.note(label + ": is up to date");
      call(id, end, atom::change_v, next);
    },
    atom::promote_v, step.server);
  return true;
}

membership_actor::behavior_type membership(membership_state::pointer self,
                                           membership_wiring wiring) {
  self->state.init(self, std::move(wiring));
  return {
    [self](atom::status) { return self->state.status(); },
    [self](atom::change, const std::string& verb, uint64_t node,
           const std::string& address) {
      return self->state.change(verb, node, address);
    },
    [self](atom::tick) { self->state.tick(); },
  };
}

} // namespace eventd::actors
