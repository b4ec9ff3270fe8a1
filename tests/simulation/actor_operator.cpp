// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/actor_operator.hpp"

#include <algorithm>
#include <utility>

#include "storage/model/assert.hpp"
#include "storage/raft/server_id.hpp"

namespace eventd::tests {

using namespace actors;
using storage::raft_server_role;

namespace {

/// Who is asked may have lost its lead, or its network, meanwhile.
constexpr int64_t patience_us = 1'000'000;

bool has(const std::vector<storage::raft_server>& xs, uint64_t server) {
  return std::any_of(xs.begin(), xs.end(),
                     [server](const auto& x) { return x.id == server; });
}

bool votes(const member_step& step) {
  return std::any_of(
    step.servers.begin(), step.servers.end(), [&](const auto& x) {
      return x.id == step.server && x.role == raft_server_role::voter;
    });
}

} // namespace

void actor_operator::add(size_t node) {
  EVENTD_ASSERT(idle_);
  idle_ = false;
  asked_ = {member_change::kind::add, node + 1, std::to_string(node + 1)};
}

void actor_operator::remove(size_t node) {
  EVENTD_ASSERT(idle_);
  idle_ = false;
  asked_ = {member_change::kind::remove, node + 1, {}};
}

bool actor_operator::is_member(size_t node) const {
  return std::any_of(servers_.begin(), servers_.end(), [node](const auto& x) {
    return storage::node_of(x.id) == node + 1;
  });
}

bool actor_operator::is_given_up() const {
  const auto& x = world_.node(node_);
  return !x.alive() || x.life() != life_
         || world_.now_us() - asked_us_ > patience_us;
}

void actor_operator::tick() {
  if (answer_) {
    if (!answer_->answered() && !is_given_up())
      return;
    auto ok = answer_->code() == ec::none;
    answer_.reset();
    auto next = std::exchange(next_, {});
    if (ok && !next.empty() && !is_given_up())
      answer_ = world_.ask<raft_index>(
        node_, atom::change_v, storage::encode_configuration(next).value());
    return;
  }
  if (status_) {
    if (!status_->answered() && !is_given_up())
      return;
    auto status = std::exchange(status_, std::nullopt);
    if (status->code() == ec::none && !is_given_up())
      look(status->value());
    return;
  }
  auto* leader = world_.leader();
  if (leader == nullptr)
    return;
  node_ = leader->id() - 1;
  life_ = leader->life();
  asked_us_ = world_.now_us();
  status_ = world_.ask<shard_status>(node_, atom::status_v);
}

void actor_operator::look(const shard_status& status) {
  // What a node says that leads no more is old.
  if (!status.ready || status.changing)
    return;
  servers_ = servers_of(status);
  std::vector<node_view> nodes;
  for (size_t i = 0; i < world_.size(); ++i) {
    const auto& x = world_.node(i);
    nodes.push_back(
      {x.id(), std::to_string(x.id()), x.server(), x.alive(), {}});
  }
  auto wanted = wanted_voters(servers_, nodes, asked_);
  auto step = next_member_step(status, wanted);
  if (step.what == member_step::kind::done)
    return finish();
  idle_ = false;
  note(step);
  take(step);
}

void actor_operator::note(const member_step& step) const {
  auto node = storage::node_of(step.server);
  auto is_old = world_.node(node - 1).server() != step.server;
  auto text = (is_old ? "the old n" : "n") + std::to_string(node);
  if (step.what == member_step::kind::promote)
    text += votes(step) ? " votes once it is up to date"
                        : " is brought up to date, and its old self leaves";
  else if (step.what == member_step::kind::transfer)
    text += " shall hand over";
  else
    text += has(step.servers, step.server) ? " becomes a standby"
                                           : " leaves the group";
  world_.tell([&] { return text; });
  if (said)
    said(text);
}

void actor_operator::take(const member_step& step) {
  ++done;
  asked_us_ = world_.now_us();
  if (step.what == member_step::kind::transfer) {
    answer_ = world_.ask<raft_index>(node_, atom::transfer_v, uint64_t{0});
  } else if (step.what == member_step::kind::promote) {
    next_ = step.servers;
    answer_ = world_.ask<raft_index>(node_, atom::promote_v, step.server);
  } else {
    answer_ = world_.ask<raft_index>(
      node_, atom::change_v,
      storage::encode_configuration(step.servers).value());
  }
}

void actor_operator::finish() {
  if (asked_) {
    auto i = asked_->node - 1;
    if (asked_->what == member_change::kind::add) {
      // It may not have been there when it was looked for.
      if (has(servers_, world_.node(i).server()))
        asked_.reset();
    } else {
      asked_.reset();
      if (world_.node(i).alive())
        world_.crash(i);
      world_.wipe(i);
      if (removed)
        removed(i);
    }
  }
  idle_ = !asked_;
  // Where a standby is away, one disk fewer may be lost.
  for (const auto& x : servers_)
    idle_ = idle_ && x.role == raft_server_role::voter
            && world_.node(storage::node_of(x.id) - 1).server() == x.id;
}

} // namespace eventd::tests
