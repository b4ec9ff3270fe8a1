// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// The commands of a scenario.

#include <algorithm>
#include <utility>

#include "storage/codec/key.hpp"
#include "storage/raft/driver.hpp"
#include "storage/raft/server_id.hpp"
#include "tests/scenario/story.hpp"
#include "tests/scenario/story_words.hpp"
#include "tests/simulation/actor_client.hpp"
#include "tests/simulation/disk_state.hpp"

namespace eventd::tests {

using namespace actors;
using storage::raft_role;
using storage::raft_server_role;

namespace {

constexpr int64_t ms = 1'000;
constexpr size_t founders_max = 5;
constexpr size_t spares = 2;

/// A change of the nodes, and an election, take no longer.
constexpr int64_t patience_ms = 20'000;

const char* text_of(uint8_t role) {
  switch (static_cast<raft_role>(role)) {
  case raft_role::leader:
    return "leads   ";
  case raft_role::candidate:
    return "stands  ";
  case raft_role::follower:
    return "follows ";
  default:
    return "waits   ";
  }
}

} // namespace

// -- the cluster --------------------------------------------------------------

void story::nodes(const words& x) {
  want(x.size() == 1 || (x.size() == 3 && x[1] == "keep"),
       "nodes N [keep ENTRIES]");
  auto n = number(x[0]);
  want(n >= 1 && n <= founders_max, "nodes 1..5");
  world_rules rules;
  rules.delay_us = 1;
  rules.write_us = 1;
  if (x.size() == 3)
    rules.start_distance = number(x[2]);
  world_ = std::make_unique<actor_world>(1, n, n + spares, rules);
  operator_ = std::make_unique<actor_operator>(*world_);
  operator_->said = [this](const std::string& what) { say(what); };
  world_->noted = [this](size_t i, const std::string& what) {
    constexpr std::string_view shard = "shard 0: ";
    say(name_of(i) + " " + what.substr(shard.size()));
  };
  world_->died = [this](size_t i) { say(name_of(i) + " ends by itself"); };
  places_.resize(n + spares);
  world_->run_until_true(patience_ms * ms,
                         [&] { return served_by().has_value(); });
  if (auto i = served_by()) {
    auto opened = world_->ask<proposed>(*i, atom::propose_v, open_orders());
    wait_for(opened, 1'000);
  }
  say_who_leads("nobody leads");
}

void story::elect(const words& x) {
  want(x.empty(), "elect");
  world().run_until_true(patience_ms * ms,
                         [&] { return served_by().has_value(); });
  say_who_leads("nobody is elected");
}

void story::transfer(const words& x) {
  want(x.size() == 1, "transfer NODE");
  auto to = node_of(x[0]);
  auto from = leader();
  world_->ask<raft_index>(from, atom::transfer_v, world_->node(to).server());
  world_->run_until_true(2'000 * ms, [&] { return served_by() == to; });
  say_who_leads("nobody leads");
}

void story::tick(const words& x) {
  want(x.size() == 1, "tick MILLISECONDS");
  world().run_for(static_cast<int64_t>(number(x[0])) * ms);
}

void story::await(const words& x) {
  want(x.size() == 1, "await NODE");
  auto i = node_of(x[0]);
  auto has_all
    = [&] { return world_->node(i).disk().applied() >= world_->ledger.end(); };
  auto ok = world_->run_until_true(patience_ms * ms, has_all);
  say(name_of(i) + (ok ? " has everything" : " does not catch up"));
}

/// Rows of applied entries are written a little later.
void story::let_rows_be_written() {
  constexpr int64_t wait_us = 20'000;
  world_->run_for(wait_us);
}

void story::show(const words& x) {
  want(x.empty(), "show");
  let_rows_be_written();
  for (size_t i = 0; i < world().size(); ++i) {
    auto& node = world_->node(i);
    if (node.life() == 0)
      continue; // A spare one that was never started.
    if (!node.alive()) {
      auto empty = node.disk().content().last().value == 0;
      say(name_of(i) + " is down" + (empty ? ", its disk is empty" : ""));
      continue;
    }
    auto at = status(i);
    say(name_of(i) + " " + text_of(at.role) + "term "
        + std::to_string(at.term.value) + "  log "
        + std::to_string(at.start.value + 1) + ".."
        + std::to_string(at.last.value) + "  committed "
        + std::to_string(at.commit.value) + "  " + position(i));
  }
}

// -- events -------------------------------------------------------------------

void story::append(const words& x) {
  constexpr auto form = "append orders EVENT... [at NODE]";
  want(x.size() >= 2 && x[0] == "orders", form);
  words events{x.begin() + 1, x.end()};
  std::optional<size_t> whom;
  if (events.size() >= 3 && events[events.size() - 2] == "at") {
    whom = node_of(events.back());
    events.resize(events.size() - 2);
  }
  propose(whom ? *whom : leader(), events, false);
}

void story::fill(const words& x) {
  want(x.size() == 2 && x[0] == "orders", "fill orders N");
  auto n = number(x[1]);
  auto i = leader();
  for (uint64_t k = 0; k < n && served_by() == i; ++k)
    propose(i, {"x"}, true);
  let_rows_be_written();
  say(name_of(i) + " has " + position(i));
}

void story::trim(const words& x) {
  want(x.size() == 2 && x[0] == "orders", "trim orders OFFSET");
  let_rows_be_written();
  auto i = leader();
  const auto& rows = world_->node(i).disk().content().idx_rows();
  auto found = rows.find(
    storage::idx_key(actor_client::channel, log_offset{number(x[1])}));
  if (found == rows.end())
    throw mistake{"no entry begins at offset " + x[1]};
  auto which = static_cast<uint64_t>(std::distance(rows.begin(), found));
  want(which > 0, "trim orders OFFSET (not the first)");
  auto payload = trim_of(world_->node(i).disk().content(), which - 1);
  auto done = world_->ask<proposed>(i, atom::propose_v, *payload);
  wait_for(done, 1'000);
  let_rows_be_written();
  say(name_of(i) + " has " + position(i));
}

void story::read(const words& x) {
  want((x.size() == 1 || (x.size() == 3 && x[1] == "at")) && x[0] == "orders",
       "read orders [at NODE]");
  let_rows_be_written();
  auto i = x.size() == 3 ? node_of(x[2]) : leader();
  auto events
    = read_events(world_->node(i).disk().content(), actor_client::channel);
  if (!events)
    throw mistake{events.error().detail};
  // Events that are the same, in a row, are shown as one.
  words shown;
  for (size_t k = 0, next = 0; k < events->size(); k = next) {
    while (next < events->size() && (*events)[next].data == (*events)[k].data)
      ++next;
    auto first = std::to_string((*events)[k].offset.value);
    auto last = std::to_string((*events)[next - 1].offset.value);
    shown.push_back((first == last ? first : first + ".." + last) + "="
                    + (*events)[k].data);
  }
  say(name_of(i) + ": " + joined(shown));
}

// -- what goes wrong ----------------------------------------------------------

void story::crash(const words& x) {
  want(!x.empty(), "crash NODE...");
  for (const auto& name : x) {
    auto i = node_of(name);
    if (!world_->node(i).alive())
      throw mistake{name + " is down"};
    world_->crash(i);
  }
}

void story::restart(const words& x) {
  want(!x.empty(), "restart NODE...");
  for (const auto& name : x) {
    auto i = node_of(name);
    if (world_->node(i).alive())
      throw mistake{name + " is not down"};
    world_->start(i);
  }
}

void story::wipe(const words& x) {
  want(x.size() == 1, "wipe NODE");
  auto i = node_of(x[0]);
  if (world_->node(i).alive())
    world_->crash(i);
  world_->wipe(i);
}

void story::fail_disk(const words& x) {
  want(x.size() == 1, "fail_disk NODE");
  world_->node(node_of(x[0])).disk().fails_next = true;
}

void story::partition(const words& x) {
  auto bar = std::find(x.begin(), x.end(), "|");
  want(bar != x.end(), "partition NODE... | NODE...");
  for (auto a = x.begin(); a != bar; ++a)
    for (auto b = bar + 1; b != x.end(); ++b) {
      world().cut(node_of(*a), node_of(*b));
      world().cut(node_of(*b), node_of(*a));
    }
}

void story::cut(const words& x) {
  want(x.size() == 3 && x[1] == ">", "cut NODE > NODE");
  world().cut(node_of(x[0]), node_of(x[2]));
}

void story::heal(const words& x) {
  want(x.empty(), "heal");
  world().heal();
}

// -- the nodes ----------------------------------------------------------------

/// Until all is as wanted.
bool story::settle_servers() {
  constexpr int64_t look_ms = 50;
  for (int64_t gone = 0; gone < patience_ms && !operator_->idle();
       gone += look_ms) {
    operator_->tick();
    world_->run_for(look_ms * ms);
    if (world_->is_broken())
      return false;
  }
  return operator_->idle();
}

void story::change_servers() {
  auto done = settle_servers();
  words voters;
  for (const auto& x : operator_->servers())
    voters.push_back(
      name_of(storage::node_of(x.id) - 1)
      + (x.role == raft_server_role::voter ? "" : " (does not vote)"));
  std::sort(voters.begin(), voters.end());
  say((done ? "the nodes are " : "still waits; the nodes are ")
      + joined(voters));
}

void story::add(const words& x) {
  want(x.size() == 1, "add NODE");
  auto i = node_of(x[0]);
  if (!world_->node(i).alive())
    world_->start(i);
  if (!settle_servers())
    throw mistake{"an earlier change is not done"};
  operator_->add(i);
  change_servers();
}

void story::remove(const words& x) {
  want(x.size() == 1, "remove NODE");
  auto i = node_of(x[0]);
  if (!settle_servers())
    throw mistake{"an earlier change is not done"};
  operator_->remove(i);
  change_servers();
}

void story::replace(const words& x) {
  want(x.size() == 1, "replace NODE");
  auto i = node_of(x[0]);
  if (!world_->node(i).alive())
    world_->start(i);
  operator_->wake();
  change_servers();
}

} // namespace eventd::tests
