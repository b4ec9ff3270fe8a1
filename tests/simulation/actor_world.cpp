// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/actor_world.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include <caf/send.hpp>

#include "storage/raft/rows.hpp"
#include "storage/raft/server_id.hpp"

namespace eventd::tests {

using namespace actors;
using std::chrono::duration_cast;
using std::chrono::microseconds;

namespace {

/// After so long a lost connection is noticed at both of its ends.
constexpr int64_t notice_us = 200'000;

constexpr auto kinds
  = std::to_array<const char*>({"?", "append", "append_answer", "vote",
                                "vote_answer", "install", "timeout_now"});

std::string text_of(const storage::raft_packet& x) {
  const auto& y = x.message;
  auto text = std::string{kinds[static_cast<size_t>(y.kind)]} + " term "
              + std::to_string(y.term.value) + " index "
              + std::to_string(y.index.value);
  if (!y.records.empty())
    text += " +" + std::to_string(y.records.size());
  if (y.rejected.value != 0)
    text += " rejected " + std::to_string(y.rejected.value);
  if (y.pre_vote)
    text += " pre";
  if (y.flag)
    text += " yes";
  return text;
}

std::string name_of(size_t i) {
  return "n" + std::to_string(i + 1);
}

} // namespace

actor_world::actor_world(uint64_t seed, size_t founders, size_t nodes,
                         const world_rules& x)
  : rules(x), ledger(nodes), dice_(seed), owners_(nodes) {
  begin_us_ = now_us();
  std::vector<storage::raft_server> servers;
  for (uint64_t id = 1; id <= founders; ++id)
    servers.push_back({id, std::to_string(id)});
  ledger.found(storage::bootstrap_job(shard_id{0}, servers).value());
  cut_.assign(nodes, std::vector<bool>(nodes));
  for (size_t i = 0; i < nodes; ++i) {
    outlets_.push_back(std::make_unique<outlet>(*this, i));
    auto& node = *nodes_.emplace_back(std::make_unique<replica_node>(
      i + 1, i < founders ? servers : std::vector<storage::raft_server>{},
      world_, outlets_.back().get()));
    node.links = true;
    node.start_distance = rules.start_distance;
    node.disk().automatic = false;
    node.noted = [this, i](const std::string& what) {
      copies += what.find("takes the snapshot") != what.npos;
      if (noted)
        noted(i, what);
      tell([&] { return name_of(i) + " says: " + what; });
    };
    watch(node);
    if (i >= founders)
      wipe(i);
  }
  for (size_t i = 0; i < founders; ++i)
    start(i);
}

actor_world::~actor_world() {
  ends_ = true;
  // Actors that end may still speak to what is below.
  nodes_.clear();
}

void actor_world::watch(replica_node& x) {
  auto apply = [this, &x](raft_index upto) {
    if (!is_broken())
      ledger.apply(x.id(), upto, x.disk().content());
  };
  x.applied = apply;
  x.disk().seen
    = [this](const storage::write_job& job) { ledger.raft().write(job); };
  // A snapshot's entries come with the state; of others it was told before, and
  // their rows come later.
  x.disk().written = [this, &x, apply](const storage::write_job& job) {
    auto upto = actor_disk::applied_by(job);
    if (job.sync && upto && *upto > ledger.applied(x.id()))
      apply(*upto);
  };
  x.disk().synced = [this, &x](const storage::write_job& job) {
    ledger.raft().sync(x.server(), job);
  };
}

void actor_world::trace_line(const std::string& what) const {
  auto us = std::to_string(now_us() % 1'000'000);
  trace(std::to_string(now_us() / 1'000'000) + "."
        + std::string(6 - us.size(), '0') + us + " " + what);
}

// -- time ---------------------------------------------------------------------

int64_t actor_world::now_us() const {
  return duration_cast<microseconds>(
           world_.sched.clock().current_time.time_since_epoch())
           .count()
         - begin_us_;
}

void actor_world::at(int64_t delay_us, std::function<void()> what) {
  events_.push({now_us() + delay_us, order_++, std::move(what)});
}

void actor_world::move_to(int64_t at_us) {
  if (auto now = now_us(); at_us > now)
    world_.sched.advance_time(microseconds(at_us - now));
}

/// Lets the actors do what they can do now, and looks at what came of it.
void actor_world::settle() {
  world_.run();
  for (size_t i = 0; i < size(); ++i)
    if (nodes_[i]->alive())
      look(i);
}

void actor_world::look(size_t i) {
  auto& x = *nodes_[i];
  auto failed = x.disk().has_failed();
  if (x.complaint().empty() == failed)
    return ledger.fail(
      name_of(i)
      + (failed ? " goes on after its disk failed" : ": " + x.complaint()));
  if (failed) {
    tell([&] { return name_of(i) + " ends: " + x.complaint(); });
    x.forget_complaint();
    crash(i);
    if (died)
      died(i);
    return;
  }
  ledger.look(x);
  if (auto owner = x.owner(); std::exchange(owners_[i], owner) != owner)
    tell([&] {
      return name_of(i)
             + (owner == 0 ? " knows no leader"
                           : " sees that n" + std::to_string(owner) + " leads");
    });
  write(i);
}

/// Fires the actors' timers that are due before `until_us`. False: none was.
bool actor_world::run_timers(int64_t until_us) {
  const auto& timers = world_.sched.clock().schedule();
  if (timers.empty())
    return false;
  auto due = timers.begin()->first;
  if (duration_cast<microseconds>(due.time_since_epoch()).count() - begin_us_
      >= until_us)
    return false;
  auto step = due - world_.sched.clock().current_time;
  world_.sched.advance_time(std::max(step, decltype(step){0}));
  settle();
  return true;
}

void actor_world::run_until(int64_t end_us) {
  settle();
  while (!is_broken()) {
    auto next_us = events_.empty() ? end_us : events_.top().at_us;
    if (run_timers(std::min(next_us, end_us)))
      continue;
    if (events_.empty() || next_us >= end_us)
      break;
    // The order of the others does not depend on what it is to do.
    auto what = std::move(const_cast<event&>(events_.top()).what);
    events_.pop();
    move_to(next_us);
    what();
    settle();
  }
  move_to(end_us);
}

bool actor_world::run_until_true(int64_t patience_us,
                                 const std::function<bool()>& x) {
  constexpr int64_t step_us = 5'000;
  for (auto end_us = now_us() + patience_us; now_us() < end_us;) {
    run_for(step_us);
    if (is_broken())
      return false;
    if (x())
      return true;
  }
  return false;
}

// -- network ------------------------------------------------------------------

bool actor_world::send(size_t from, uint64_t to,
                       std::shared_ptr<const std::string> message) {
  if (ends_)
    return false;
  if (to == 0 || to > size()) {
    ledger.fail("a message to node " + std::to_string(to));
    return false;
  }
  if (static_cast<peer_message>((*message)[0]) == peer_message::raft)
    send_raft(from, to - 1, *message);
  else
    send_call(from, to - 1, std::move(message));
  return true;
}

void actor_world::send_raft(size_t from, size_t to,
                            const std::string& message) {
  auto packet
    = storage::decode_raft_packet(std::string_view{message}.substr(1));
  if (!packet)
    return ledger.fail("a message that can not be read");
  ledger.raft().send(*packet);
  auto lost = cut_[from][to] || chance(rules.lost);
  tell([&] {
    return name_of(from) + (lost ? " -x " : " -> ") + name_of(to) + " "
           + text_of(*packet);
  });
  if (lost)
    return;
  auto shared
    = std::make_shared<const storage::raft_packet>(std::move(*packet));
  auto copies = chance(rules.twice) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    auto late = chance(rules.late);
    auto delay = static_cast<int64_t>(
      late ? roll(300'000) : 50 + roll(static_cast<uint64_t>(rules.delay_us)));
    at(delay, [this, from, to, shared] {
      if (!passes(from, to))
        return;
      ledger.note(static_cast<uint64_t>(now_us()) + from * 64 + to);
      nodes_[to]->receive(*shared);
    });
  }
}

/// These come in order, or the connection is lost.
void actor_world::send_call(size_t from, size_t to,
                            std::shared_ptr<const std::string> message) {
  tell([&] { return name_of(from) + " calls or answers " + name_of(to); });
  at(rules.delay_us, [this, from, to, message] {
    if (!passes(from, to) || chance(rules.lost))
      return disconnect(from, to);
    ledger.note(static_cast<uint64_t>(now_us()) + from * 64 + to + 32);
    nodes_[to]->receive(*message, from + 1);
  });
}

void actor_world::disconnect(size_t x, size_t y) {
  at(notice_us, [this, x, y] {
    nodes_[x]->lose(y + 1);
    nodes_[y]->lose(x + 1);
  });
}

void actor_world::heal() {
  for (auto& row : cut_)
    std::fill(row.begin(), row.end(), false);
}

// -- disks and nodes ----------------------------------------------------------

void actor_world::write(size_t i) {
  auto& x = *nodes_[i];
  if (!x.alive() || !x.disk().begin_write())
    return;
  auto slow = chance(rules.slow_writes);
  at(
    static_cast<int64_t>(
      slow ? roll(500'000) : 100 + roll(static_cast<uint64_t>(rules.write_us))),
    [&x, life = x.life()] {
      if (x.alive() && x.life() == life)
        caf::anon_send(x.writer(), atom::flush_v);
    });
}

void actor_world::start(size_t i) {
  auto& x = *nodes_[i];
  tell([&] { return name_of(i) + " starts"; });
  ledger.restart(x.id(), x.disk().applied(), x.disk().content());
  x.start(static_cast<unsigned>(roll(1U << 31)));
  if (!x.alive())
    ledger.fail(name_of(i) + " does not start: " + x.complaint());
}

void actor_world::crash(size_t i) {
  tell([&] { return name_of(i) + " crashes"; });
  owners_[i] = 0;
  nodes_[i]->crash(dice_);
  for (size_t other = 0; other < size(); ++other)
    if (other != i)
      disconnect(i, other);
}

void actor_world::wipe(size_t i) {
  tell([&] { return name_of(i) + " gets an empty disk"; });
  auto& x = *nodes_[i];
  x.wipe(storage::server_id(x.id(), disks_++));
  ledger.restart(x.id(), raft_index{}, x.disk().content());
}

replica_node* actor_world::leader() {
  replica_node* found = nullptr;
  for (auto& x : nodes_) {
    if (!x->alive() || !x->leads())
      continue;
    if (found != nullptr)
      return nullptr;
    found = x.get();
  }
  return found;
}

} // namespace eventd::tests
