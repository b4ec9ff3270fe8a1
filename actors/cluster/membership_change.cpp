// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// What is asked of MEMBERSHIP, from the question to its answer; how it is
// carried out: membership.cpp.

#include <algorithm>
#include <chrono>
#include <utility>

#include <caf/message.hpp>

#include "actors/cluster/membership.hpp"
#include "storage/raft/server_id.hpp"

namespace eventd::actors {

namespace {

/// A change may copy all data of a shard.
constexpr int64_t change_patience_ms = 600'000;
/// So many wait for the end of one change.
constexpr size_t askers_max = 64;

const char* verb_of(const member_change& x) {
  switch (x.what) {
  case member_change::kind::add:
    return "add";
  case member_change::kind::remove:
    return "remove";
  case member_change::kind::replace:
    break;
  }
  return "replace";
}

std::string node_label(uint64_t node) {
  return "node " + std::to_string(node);
}

/// "add node 4 at 127.0.0.4:7001", "remove node 4".
std::string describe(const member_change& x) {
  return verb_of(x) + (' ' + node_label(x.node))
         + (x.address.empty() ? "" : " at " + x.address);
}

/// Why nothing else can be asked for, and what ends that.
failure busy_with(const member_change& x) {
  auto why = "another change of the nodes is under way: " + describe(x);
  if (x.what == member_change::kind::add)
    why += "; to cancel it, remove " + node_label(x.node);
  if (x.what == member_change::kind::replace)
    why += "; it ends when " + node_label(x.node)
           + " is connected, or is given up 10 min after it was asked for";
  return {ec::conflict, why};
}

} // namespace

void membership_state::asked_change::answer(const result<std::string>& done) {
  for (auto& x : std::exchange(promises, {})) {
    if (done)
      x.deliver(*done);
    else
      x.deliver(to_caf(done.error()));
  }
}

bool membership_state::is_member(uint64_t node) const {
  return std::any_of(servers_.begin(), servers_.end(), [&](const auto& x) {
    return storage::node_of(x.id) == node;
  });
}

bool membership_state::cancels(const member_change& x) const {
  return asked_ && x.what == member_change::kind::remove
         && asked_->what.what == member_change::kind::add
         && asked_->what.node == x.node;
}

bool membership_state::repeats(const member_change& x) const {
  return asked_ && x.what == member_change::kind::remove
         && asked_->what.what == x.what && asked_->what.node == x.node;
}

/// What is wrong with it for sure: nobody could tell from the silence of a node
/// that is waited for.
result<void> membership_state::admit_address(const member_change& x) const {
  if (auto done = wiring_.may_dial(x.node, x.address); !done)
    return done;
  for (const auto& y : wiring_.nodes())
    if (y.node != x.node && y.address == x.address && is_member(y.node))
      return failure{ec::invalid_request,
                     x.address + " is the address of node "
                       + std::to_string(y.node),
                     "address"};
  return {};
}

result<void> membership_state::admit(const member_change& x) const {
  if (servers_.empty())
    return failure{ec::not_leader, "this node has not heard of shard 0 yet"};
  auto votes
    = std::any_of(servers_.begin(), servers_.end(), [&](const auto& y) {
        return storage::node_of(y.id) == x.node
               && y.role == storage::raft_server_role::voter;
      });
  auto label = node_label(x.node);
  if (x.what == member_change::kind::add && votes)
    return failure{ec::already_exists, label + " is in the cluster"};
  if (x.what == member_change::kind::add)
    return admit_address(x);
  auto removes = x.what == member_change::kind::remove;
  // It may be out of shard 0 and not of the others yet.
  if (removes ? !placed_.contains(x.node) : !is_member(x.node))
    return cancels(x)
             ? result<void>{}
             : failure{ec::not_found, label + " is not in the cluster"};
  if (removes && is_member(x.node) && servers_.size() <= 1)
    return failure{ec::invalid_request, label + " is the last one"};
  return {};
}

caf::result<std::string> membership_state::change(const std::string& verb,
                                                  uint64_t node,
                                                  const std::string& address) {
  member_change x;
  x.node = node;
  x.address = address;
  if (verb == "remove")
    x.what = member_change::kind::remove;
  else if (verb == "replace")
    x.what = member_change::kind::replace;
  else if (verb != "add")
    return to_caf(failure{ec::invalid_request, "no such change: " + verb});
  auto owner = wiring_.map->owner(shard_id{0});
  if (owner == 0)
    return to_caf(
      failure{ec::not_leader, place_ == belonging::member
                                ? "shard 0 has no leader"
                                : std::string{why_outside(place_)}});
  if (owner != wiring_.map->self()) {
    // Its leader coordinates.
    auto promise = self_->make_response_promise<std::string>();
    ask_coordinator(owner, x, change_patience_ms,
                    [this, x, promise](result<std::string> done) mutable {
                      if (done)
                        promise.deliver(std::move(*done));
                      else if (done.error() == ec::unreachable && !asked_)
                        ask_again(x, promise);
                      else
                        promise.deliver(to_caf(done.error()));
                    });
    return promise;
  }
  if (repeats(x) && asked_->promises.size() < askers_max) {
    asked_->promises.push_back(self_->make_response_promise<std::string>());
    return asked_->promises.back();
  }
  if (auto ok = admit(x); !ok)
    return to_caf(ok.error());
  if (asked_ && !cancels(x))
    return to_caf(busy_with(asked_->what));
  if (asked_)
    asked_->answer(failure{ec::conflict, "cancelled by remove"});
  asked_.emplace();
  asked_->what = x;
  asked_->promises.push_back(self_->make_response_promise<std::string>());
  asked_->deadline_ms = now_ms() + change_patience_ms;
  wiring_.note("cluster: " + describe(x));
  return asked_->promises.back();
}

void membership_state::ask_coordinator(
  uint64_t owner, const member_change& x, int64_t patience_ms,
  std::function<void(result<std::string>)> then) {
  call_address to;
  to.node = owner;
  to.kind = call_target::membership;
  self_
    ->request(wiring_.link, std::chrono::milliseconds(patience_ms),
              atom::call_v, to,
              caf::make_message(atom::change_v, std::string{verb_of(x)}, x.node,
                                x.address))
    .then([then](std::string& done) { then(std::move(done)); },
          [then](const caf::error& why) { then(from_caf(why)); });
}

/// Whoever was asked died: its successor may know nothing of it, and to do it
/// twice does no harm.
void membership_state::ask_again(
  const member_change& x, caf::typed_response_promise<std::string> promise) {
  asked_.emplace();
  asked_->what = x;
  asked_->promises.push_back(std::move(promise));
  asked_->deadline_ms = now_ms() + change_patience_ms;
  asked_->handed_on = true;
}

/// This node leads shard 0 no more: whoever does now goes on. It can not tell
/// whether anything was done here.
void membership_state::hand_on() {
  auto owner = wiring_.map->owner(shard_id{0});
  if (owner == 0 || owner == wiring_.map->self())
    return;
  auto x = std::move(*asked_);
  asked_.reset();
  x.handed_on = true;
  auto left_ms = std::max<int64_t>(x.deadline_ms - now_ms(), 1);
  ask_coordinator(
    owner, x.what, left_ms, [this, x](result<std::string> done) mutable {
      if (done) {
        x.answer(without_changed(*done));
      } else if (!asked_
                 && (done.error() == ec::not_leader
                     || done.error() == ec::unreachable)) {
        // It moved once more, or can not be reached.
        asked_ = std::move(x);
      } else if ((x.what.what == member_change::kind::add
                  && done.error() == ec::already_exists)
                 || (x.what.what == member_change::kind::remove
                     && done.error() == ec::not_found)) {
        // It was done before.
        self_->request(membership_actor{self_}, caf::infinite, atom::status_v)
          .then(
            [x](const std::string& now) mutable { x.answer(now); },
            [x](const caf::error& why) mutable { x.answer(from_caf(why)); });
      } else {
        x.answer(done.error());
      }
    });
}

/// All shards are as they shall be.
void membership_state::finish(const std::vector<shard_status>& shards,
                              const std::vector<node_view>& nodes) {
  if (!asked_)
    return;
  const auto& x = asked_->what;
  auto is_there = std::any_of(
    shards[0].servers.begin(), shards[0].servers.end(), [&](const auto& y) {
      return storage::node_of(y.server) == x.node
             && (x.what == member_change::kind::remove || is_voter(y));
    });
  // A node that is to be added must be reached first, and vote in the end.
  if (is_there == (x.what == member_change::kind::remove))
    return;
  if (x.what == member_change::kind::replace) {
    // The directory that answers now is the one that votes.
    for (const auto& node : nodes)
      if (node.node == x.node && !node.connected
          && node.node != wiring_.map->self())
        return;
  }
  std::optional<bool> changed;
  if (!asked_->handed_on)
    changed = asked_->changed;
  asked_->answer(render(shards, changed));
  asked_.reset();
}

} // namespace eventd::actors
