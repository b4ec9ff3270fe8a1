// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/actor_cluster.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <caf/send.hpp>

#include "storage/codec/entry.hpp"
#include "storage/model/limits.hpp"
#include "storage/state/command.hpp"
#include "tests/fixtures/test_events.hpp"

namespace eventd::tests {

using namespace actors;
using std::chrono::duration_cast;
using std::chrono::microseconds;

namespace {

constexpr channel_id channel{1};
constexpr incarnation epoch{1};

/// After so much calm an answer that is not there will never be.
constexpr int64_t patience_us = 3'000'000;

shared_bytes open_payload() {
  return {std::make_shared<const std::string>(storage::encode(
    storage::open_channel{channel, epoch, "tests", "orders", false}))};
}

shared_bytes events_payload(log_offset first, uint32_t count,
                            uint64_t operation) {
  std::string payload;
  storage::events_header header;
  header.channel = channel;
  header.epoch = epoch;
  header.first = first;
  header.count = count;
  header.logged_at = header.stored_at = log_time{operation};
  storage::put_events_header(payload, header);
  for (uint32_t i = 0; i < count; ++i)
    add_event(payload, std::to_string(first.value + i));
  return {std::make_shared<const std::string>(std::move(payload))};
}

} // namespace

actor_cluster::actor_cluster(uint64_t seed, const cluster_rules& rules)
  : dice_(seed), rules_(rules), ledger_(n_nodes), clients_(n_nodes) {
  std::vector<storage::raft_server> servers;
  for (uint64_t id = 1; id <= n_nodes; ++id)
    servers.push_back({id, std::to_string(id)});
  cut_.assign(n_nodes, std::vector<bool>(n_nodes));
  for (const auto& x : servers) {
    outlets_.push_back(std::make_unique<outlet>(*this, x.id));
    auto& node = *nodes_.emplace_back(std::make_unique<replica_node>(
      x.id, servers, world_, outlets_.back().get()));
    node.disk().automatic = false;
    node.disk().lies = !rules.sync;
    node.disk().seen = [this, &node](const storage::write_job& job) {
      auto applied = node.disk().applied_by(job);
      if (applied && ledger_.broken().empty())
        ledger_.apply(node.id(), *applied, node.disk().content());
    };
  }
}

actor_cluster::~actor_cluster() {
  // Actors that end may still speak to what is below.
  nodes_.clear();
}

// -- time
// ----------------------------------------------------------------------

int64_t actor_cluster::now_us() {
  return duration_cast<microseconds>(
           world_.sched.clock().current_time.time_since_epoch())
    .count();
}

void actor_cluster::at(int64_t delay_us, std::function<void()> what) {
  events_.push({now_us() + delay_us, order_++, std::move(what)});
}

void actor_cluster::move_to(int64_t at_us) {
  if (auto now = now_us(); at_us > now)
    world_.sched.advance_time(microseconds(at_us - now));
}

/// Lets the actors do what they can do now, and looks at what came of it.
void actor_cluster::settle() {
  world_.run();
  for (size_t i = 0; i < n_nodes; ++i) {
    auto& x = *nodes_[i];
    if (!x.complaint().empty())
      ledger_.fail("node " + std::to_string(x.id()) + ": " + x.complaint());
    ledger_.look(x);
    write(i);
  }
}

/// Fires the actors' timers that are due before `until_us`. False: none was.
bool actor_cluster::run_timers(int64_t until_us) {
  const auto& timers = world_.sched.clock().schedule();
  if (timers.empty())
    return false;
  auto due = timers.begin()->first;
  if (duration_cast<microseconds>(due.time_since_epoch()).count() >= until_us)
    return false;
  auto step = due - world_.sched.clock().current_time;
  world_.sched.advance_time(std::max(step, decltype(step){0}));
  settle();
  return true;
}

void actor_cluster::run_until(int64_t end_us) {
  while (ledger_.broken().empty()) {
    auto next_us = events_.empty() ? end_us : events_.top().at_us;
    if (run_timers(std::min(next_us, end_us)))
      continue;
    if (events_.empty() || next_us >= end_us)
      break;
    auto next = events_.top();
    events_.pop();
    move_to(next.at_us);
    next.what();
    settle();
  }
  move_to(end_us);
}

// -- the network and the disks
// -------------------------------------------------

void actor_cluster::send(uint64_t from, uint64_t to,
                         std::shared_ptr<const std::string> message) {
  if (to == 0 || to > n_nodes)
    return ledger_.fail("a message to node " + std::to_string(to));
  if (cut_[from - 1][to - 1] || (chaos_ && chance(rules_.lost)))
    return;
  auto copies = chaos_ && chance(rules_.twice) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    auto late = chaos_ && chance(rules_.late);
    auto delay = static_cast<int64_t>(late ? roll(300'000) : 50 + roll(2'000));
    at(delay, [this, from, to, message] {
      if (cut_[from - 1][to - 1] || !nodes_[to - 1]->alive())
        return;
      ledger_.note(static_cast<uint64_t>(now_us()) + from * 64 + to);
      nodes_[to - 1]->receive(*message);
    });
  }
}

void actor_cluster::write(size_t i) {
  auto& x = *nodes_[i];
  if (!x.alive() || !x.disk().begin_write())
    return;
  auto slow = chaos_ && chance(10);
  at(static_cast<int64_t>(slow ? roll(500'000) : 100 + roll(3'000)),
     [&x, life = x.life()] {
       if (x.alive() && x.life() == life)
         caf::anon_send(x.writer(), atom::flush_v);
     });
}

// -- what happens to the cluster
// -----------------------------------------------

void actor_cluster::start(size_t i) {
  auto& x = *nodes_[i];
  ledger_.restart(x.id(), x.disk().applied(), x.disk().content());
  x.start(static_cast<unsigned>(roll(1U << 31)));
}

void actor_cluster::crash(size_t i) {
  if (!nodes_[i]->alive())
    return;
  ++report_.crashes;
  look(i);
  forget(i);
  nodes_[i]->crash(dice_);
  at(static_cast<int64_t>(1'000 + roll(600'000)), [this, i] {
    if (!nodes_[i]->alive())
      start(i);
  });
}

void actor_cluster::partition() {
  ++report_.partitions;
  auto lonely = roll(n_nodes);
  // Bit 0: nobody hears it; bit 1: it hears nobody.
  auto ways = chance(700) ? 3 : 1 + roll(2);
  for (size_t i = 0; i < n_nodes; ++i) {
    if (i == lonely)
      continue;
    cut_[lonely][i] = (ways & 1) != 0;
    cut_[i][lonely] = (ways & 2) != 0;
  }
  at(static_cast<int64_t>(100'000 + roll(1'000'000)), [this] { heal(); });
}

void actor_cluster::heal() {
  for (auto& row : cut_)
    std::fill(row.begin(), row.end(), false);
}

void actor_cluster::disturb() {
  if (!chaos_)
    return;
  auto i = roll(n_nodes);
  switch (roll(6)) {
  case 0:
  case 1:
    crash(i);
    break;
  case 2:
    if (chance(300))
      for (size_t j = 0; j < n_nodes; ++j)
        crash(j);
    break;
  case 3:
  case 4:
    partition();
    break;
  default:
    // Only who leads does it; to itself nobody does.
    for (auto& x : nodes_)
      if (x->alive() && x->leads()) {
        ++report_.transfers;
        auto to = chance(500) ? uint64_t{0} : roll(n_nodes) + 1;
        inquire<raft_index>(world_.system, x->replica(), atom::transfer_v, to);
      }
  }
  at(static_cast<int64_t>(20'000 + roll(400'000)), [this] { disturb(); });
}

// -- the clients
// ---------------------------------------------------------------

/// What was asked of a node that died is never answered.
void actor_cluster::forget(size_t i) {
  for (const auto& x : clients_[i].in_flight)
    ledger_.forget(x.operation);
  clients_[i] = {};
}

bool actor_cluster::is_overdue(int64_t asked_us) {
  return !chaos_ && now_us() - std::max(asked_us, calm_us_) > patience_us;
}

/// Looks at all answers that have come.
void actor_cluster::look(size_t i) {
  auto& x = clients_[i];
  std::erase_if(x.in_flight, [&](const proposal& y) {
    if (!y.answer.answered()) {
      if (is_overdue(y.asked_us))
        ledger_.fail("a proposal is never answered");
      return false;
    }
    ledger_.settle(y.operation, y.answer.answer());
    // The channel begins again where the log says, and proposes nothing else.
    x.placed = x.placed && y.answer.code() == ec::none;
    return true;
  });
  std::erase_if(x.confirmations, [&](const confirmation& y) {
    if (!y.answer.answered()) {
      if (is_overdue(y.asked_us))
        ledger_.fail("a confirmation is never answered");
      return false;
    }
    if (y.answer.code() != ec::none)
      return true;
    ++report_.confirmed;
    if (y.answer.value() < y.acknowledged)
      ledger_.fail("node " + std::to_string(nodes_[i]->id())
                   + " confirmed less than was acknowledged before");
    if (y.answer.value() > ledger_.applied(nodes_[i]->id()))
      ledger_.fail("node " + std::to_string(nodes_[i]->id())
                   + " confirmed what it has not applied");
    return true;
  });
  look_at_place(i);
}

void actor_cluster::look_at_place(size_t i) {
  auto& x = clients_[i];
  if (!x.place)
    return;
  if (!x.place->answered()) {
    if (is_overdue(x.asked_us))
      ledger_.fail("a place is never answered");
    return;
  }
  auto place = *std::exchange(x.place, std::nullopt);
  if (place.code() != ec::none)
    return;
  // What CHANNEL relies on.
  if (!x.in_flight.empty())
    return ledger_.fail("a place is answered before what was proposed earlier");
  if (!place.value().known) {
    inquire<proposed>(world_.system, nodes_[i]->replica(), atom::propose_v,
                      open_payload());
    return;
  }
  x.placed = true;
  x.next = place.value().end;
}

void actor_cluster::propose(size_t i) {
  auto& x = clients_[i];
  auto n = 1 + roll(3);
  while (n-- > 0 && x.in_flight.size() < limits::channel_inflight_entries_max) {
    auto count = static_cast<uint32_t>(1 + roll(3));
    auto operation = ++operations_;
    x.in_flight.push_back(
      {operation,
       inquire<proposed>(world_.system, nodes_[i]->replica(), atom::propose_v,
                         events_payload(x.next, count, operation)),
       now_us()});
    x.next = x.next + count;
  }
}

void actor_cluster::confirm(size_t i) {
  clients_[i].confirmations.push_back(
    {inquire<raft_index>(world_.system, nodes_[i]->replica(), atom::confirm_v),
     ledger_.acknowledged_end(), now_us()});
}

/// One moment of the client of a node.
void actor_cluster::use(size_t i) {
  at(static_cast<int64_t>(1'000 + roll(30'000)), [this, i] { use(i); });
  if (!nodes_[i]->alive())
    return;
  auto& x = clients_[i];
  // Answers take their way: sometimes one is only seen when more was proposed.
  if (chance(750))
    look(i);
  if (!x.placed && !x.place) {
    x.asked_us = now_us();
    x.place = inquire<channel_place>(world_.system, nodes_[i]->replica(),
                                     atom::place_v, channel);
  } else if (x.placed) {
    propose(i);
  }
  if (chance(50))
    confirm(i);
}

// -- the verdict
// ---------------------------------------------------------------

/// All is calm now: one leads, all know it, and all have the same.
void actor_cluster::judge() {
  for (size_t i = 0; i < n_nodes; ++i) {
    auto& x = *nodes_[i];
    auto name = "node " + std::to_string(x.id());
    if (!x.alive())
      return ledger_.fail(name + " is not there");
    if (x.owner() == 0 || x.owner() != nodes_[0]->owner())
      return ledger_.fail(name + " does not know who leads");
    if (ledger_.applied(x.id()).value + 100 < ledger_.end().value)
      return ledger_.fail(name + " did not catch up");
    look(i);
  }
}

cluster_report actor_cluster::run() {
  for (size_t i = 0; i < n_nodes; ++i) {
    start(i);
    at(1'000, [this, i] { use(i); });
  }
  at(900'000, [this] { disturb(); });
  run_until(now_us() + rules_.chaos_ms * 1'000);
  chaos_ = false;
  calm_us_ = now_us();
  heal();
  auto before = ledger_.acknowledged();
  run_until(calm_us_ + rules_.calm_ms * 1'000);
  if (ledger_.broken().empty()) {
    judge();
    if (ledger_.acknowledged() < before + 20)
      ledger_.fail("no progress when all was calm again");
  }
  report_.broken = ledger_.broken();
  report_.digest = ledger_.digest();
  report_.acknowledged = ledger_.acknowledged();
  report_.refused = ledger_.refused();
  report_.unknown = ledger_.unknown();
  report_.terms = ledger_.terms();
  return report_;
}

} // namespace eventd::tests
