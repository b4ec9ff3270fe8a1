// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/simulation.hpp"

#include <algorithm>
#include <set>

namespace eventd::tests {

using storage::raft_message;

simulation::simulation(uint64_t seed, const simulation_rules& rules)
  : dice_(seed), rules_(rules) {
  std::vector<storage::raft_server> all;
  for (uint64_t id = 1; id <= rules.servers; ++id)
    all.push_back({id, std::to_string(id)});
  for (const auto& x : all)
    servers_.push_back(
      std::make_unique<model_node>(x.id, all, agreed_, rules.sync));
  cut_.assign(rules.servers, std::vector<bool>(rules.servers));
  clock_offset_ms_.assign(rules.servers, 0);
  life_.assign(rules.servers, 0);
}

simulation::~simulation() = default;

void simulation::at(int64_t delay_us, std::function<void()> what) {
  events_.push({now_us_ + delay_us, order_++, std::move(what)});
}

/// Each process has a monotonic clock of its own.
int64_t simulation::now_ms(uint64_t server) const {
  return now_us_ / 1'000 + clock_offset_ms_[server - 1];
}

model_node& simulation::any() {
  return *servers_[roll(servers_.size())];
}

// -- one step
// ------------------------------------------------------------------

/// Fires the timers that are due before `until_us`. False: none was.
bool simulation::run_timers(int64_t until_us) {
  model_node* next = nullptr;
  int64_t best = until_us;
  for (auto& x : servers_) {
    if (!x->alive())
      continue;
    auto due_us
      = (x->driver().deadline_ms() - clock_offset_ms_[x->id() - 1]) * 1'000;
    due_us = std::max(due_us, now_us_);
    if (due_us < best) {
      best = due_us;
      next = x.get();
    }
  }
  if (next == nullptr)
    return false;
  // A timer never fires exactly on time.
  now_us_ = best + static_cast<int64_t>(roll(500));
  next->tick(now_ms(next->id()));
  settle(*next);
  return true;
}

void simulation::run_until(int64_t end_us) {
  while (agreed_.broken.empty()) {
    auto next_us = events_.empty() ? end_us : events_.top().at_us;
    if (run_timers(std::min(next_us, end_us)))
      continue;
    if (events_.empty() || next_us >= end_us)
      break;
    auto next = events_.top();
    events_.pop();
    now_us_ = std::max(now_us_, next.at_us);
    next.what();
  }
  now_us_ = std::max(now_us_, end_us);
}

/// Does what a server asked for in its last step.
void simulation::settle(model_node& x) {
  if (!x.alive())
    return;
  for (auto& message : x.take_messages())
    send(x.id(), std::move(message));
  if (auto offer = x.take_install())
    // The copy takes its time; the server goes on voting meanwhile.
    at(static_cast<int64_t>(1'000 + roll(200'000)),
       [this, &x, offer = *offer, life = life_[x.id() - 1]] {
         if (!x.alive() || life != life_[x.id() - 1])
           return;
         x.install(offer, now_ms(x.id()));
         settle(x);
       });
  write(x);
}

void simulation::write(model_node& x) {
  if (!x.begin_write())
    return;
  auto slow = chaos_ && chance(10);
  auto delay = static_cast<int64_t>(slow ? roll(600'000) : 100 + roll(3'000));
  at(delay, [this, &x, life = life_[x.id() - 1]] {
    if (!x.alive() || life != life_[x.id() - 1])
      return;
    // An error of fsync ends the process; nothing is tried again.
    if (chaos_ && chance(2))
      return crash(x);
    x.end_write(now_ms(x.id()));
    settle(x);
  });
}

void simulation::send(uint64_t from, raft_message message) {
  auto to = message.peer;
  if (to == 0 || to > servers_.size())
    return;
  if (chaos_ && (cut_[from - 1][to - 1] || chance(rules_.lost)))
    return;
  auto copies = chaos_ && chance(rules_.twice) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    auto late = chaos_ && chance(rules_.late);
    auto delay = static_cast<int64_t>(late ? roll(500'000) : 50 + roll(2'000));
    at(delay, [this, from, to, message] { deliver(from, to, message); });
  }
}

void simulation::deliver(uint64_t from, uint64_t to,
                         const raft_message& message) {
  auto& x = *servers_[to - 1];
  if (!x.alive() || cut_[from - 1][to - 1])
    return;
  auto received = message;
  received.peer = from;
  agreed_.note(static_cast<uint64_t>(now_us_) + from * 64 + to);
  x.receive(std::move(received), now_ms(to));
  settle(x);
}

// -- what happens to the cluster
// -----------------------------------------------

void simulation::start(model_node& x) {
  ++life_[x.id() - 1];
  clock_offset_ms_[x.id() - 1] = static_cast<int64_t>(roll(1'000'000));
  x.start(now_ms(x.id()), static_cast<unsigned>(roll(~uint64_t{0})));
  settle(x);
}

void simulation::crash(model_node& x) {
  if (!x.alive())
    return;
  ++report_.crashes;
  ++life_[x.id() - 1];
  x.crash(dice_);
  at(static_cast<int64_t>(1'000 + roll(1'500'000)), [this, &x] {
    if (!x.alive())
      start(x);
  });
}

void simulation::partition() {
  ++report_.partitions;
  auto lonely = roll(servers_.size());
  auto one_way = chance(300);
  for (size_t i = 0; i < servers_.size(); ++i) {
    if (i == lonely)
      continue;
    cut_[lonely][i] = true;
    if (!one_way)
      cut_[i][lonely] = true;
  }
  at(static_cast<int64_t>(100'000 + roll(1'500'000)), [this] { heal(); });
}

void simulation::heal() {
  for (auto& row : cut_)
    std::fill(row.begin(), row.end(), false);
}

void simulation::disturb() {
  if (!chaos_)
    return;
  auto& x = any();
  switch (roll(8)) {
  case 0:
  case 1:
    crash(x);
    break;
  case 2:
    if (chance(300))
      for (auto& each : servers_)
        crash(*each);
    break;
  case 3:
  case 4:
    partition();
    break;
  case 5:
  case 6:
    if (x.alive() && x.applied() > x.driver().start().index) {
      auto room = x.applied() - x.driver().start().index;
      x.move_start(x.driver().start().index + 1 + roll(room), now_ms(x.id()));
      settle(x);
    }
    break;
  default:
    if (x.alive())
      x.transfer(any().id(), now_ms(x.id()));
    settle(x);
  }
  at(static_cast<int64_t>(20'000 + roll(400'000)), [this] { disturb(); });
}

void simulation::propose() {
  for (auto& x : servers_) {
    if (!x->alive())
      continue;
    x->submit(++operations_, now_ms(x->id()));
    settle(*x);
  }
  at(static_cast<int64_t>(500 + roll(20'000)), [this] { propose(); });
}

// -- the verdict
// ---------------------------------------------------------------

/// All is calm now: everything agreed must be everywhere, and more be agreed.
void simulation::judge() {
  // Loss is judged by what can be read from the disks of a majority.
  std::vector<uint64_t> ends;
  for (auto& x : servers_)
    ends.push_back(x->stored_end());
  std::sort(ends.begin(), ends.end());
  auto end
    = std::min<uint64_t>(ends[(ends.size() - 1) / 2], agreed_.entries.size());
  std::multiset<std::string> log;
  for (size_t i = 0; i < end; ++i)
    log.insert(*agreed_.entries[i].payload);
  for (auto x : agreed_.acknowledged)
    report_.lost += !log.contains("operation " + std::to_string(x));
  for (const auto& x : log)
    if (!x.empty() && x.starts_with("operation") && log.count(x) > 1)
      agreed_.fail(x + " is there twice");
  if (report_.lost > 0)
    agreed_.fail(std::to_string(report_.lost) + " acknowledged are lost");
  for (auto& x : servers_) {
    report_.installs += x->installs();
    if (auto said = x->disk_complaint(); !said.empty())
      agreed_.fail("server " + std::to_string(x->id()) + " " + said);
  }
  for (auto& x : servers_)
    if (!x->alive() || x->applied().value + 100 < agreed_.entries.size())
      agreed_.fail("server " + std::to_string(x->id()) + " did not catch up");
}

simulation_report simulation::run() {
  for (auto& x : servers_)
    start(*x);
  at(1'000, [this] { propose(); });
  at(200'000, [this] { disturb(); });
  run_until(rules_.chaos_ms * 1'000);
  chaos_ = false;
  heal();
  auto agreed_before = agreed_.entries.size();
  run_until(now_us_ + rules_.calm_ms * 1'000);
  if (agreed_.broken.empty()) {
    if (agreed_.entries.size() < agreed_before + 20)
      agreed_.fail("no progress when all was calm again");
    judge();
  }
  report_.broken = agreed_.broken;
  report_.digest = agreed_.digest;
  report_.acknowledged = agreed_.acknowledged.size();
  report_.terms = agreed_.leaders.size();
  return report_;
}

} // namespace eventd::tests
