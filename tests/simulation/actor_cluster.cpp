// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/actor_cluster.hpp"

#include <algorithm>
#include <utility>

#include "tests/simulation/disk_state.hpp"

namespace eventd::tests {

using namespace actors;

namespace {

constexpr int64_t ms = 1'000;

world_rules world_of(const cluster_rules& x) {
  world_rules y;
  y.lost = x.lost;
  y.twice = x.twice;
  y.late = x.late;
  y.slow_writes = x.slow_writes;
  // Small, so that who was away for a second has to copy.
  y.start_distance = 16;
  return y;
}

} // namespace

actor_cluster::actor_cluster(uint64_t seed, const cluster_rules& rules)
  : rules_(rules), world_(seed, n_founders, n_nodes, world_of(rules)),
    operator_(world_), out_(n_nodes) {
  out_[n_founders] = true;
  world_.ledger.disks_are_honest = rules.sync;
  for (size_t i = 0; i < n_nodes; ++i) {
    clients_.emplace_back(world_, i);
    world_.node(i).disk().lies = !rules.sync;
  }
  world_.died = [this](size_t i) {
    ++report_.failed_disks;
    clients_[i].forget();
    restart_later(i);
  };
  operator_.removed = [this](size_t i) {
    ++report_.removed;
    clients_[i].forget();
    out_[i] = true;
  };
}

// -- what goes on -------------------------------------------------------------

void actor_cluster::use(size_t i) {
  world_.at(static_cast<int64_t>(5 * ms + world_.roll(60 * ms)),
            [this, i] { use(i); });
  if (world_.node(i).alive())
    clients_[i].use();
}

void actor_cluster::operate() {
  operator_.tick();
  world_.at(static_cast<int64_t>(20 * ms + world_.roll(60 * ms)),
            [this] { operate(); });
}

void actor_cluster::crash(size_t i) {
  if (!world_.node(i).alive())
    return;
  ++report_.crashes;
  clients_[i].look();
  clients_[i].forget();
  world_.crash(i);
  restart_later(i);
}

void actor_cluster::restart_later(size_t i) {
  world_.at(static_cast<int64_t>(ms + world_.roll(900 * ms)), [this, i] {
    if (!world_.node(i).alive() && !out_[i])
      world_.start(i);
  });
}

// -- what goes wrong ----------------------------------------------------------

void actor_cluster::partition() {
  ++report_.partitions;
  auto lonely = world_.roll(n_nodes);
  // Bit 0: nobody hears it; bit 1: it hears nobody.
  auto ways = world_.chance(600) ? 3 : 1 + world_.roll(2);
  report_.one_way += ways != 3;
  world_.tell([&] {
    return "n" + std::to_string(lonely + 1)
           + (ways == 3   ? " is cut off"
              : ways == 1 ? " is not heard"
                          : " hears nobody");
  });
  for (size_t i = 0; i < n_nodes; ++i) {
    if (i == lonely)
      continue;
    if ((ways & 1) != 0)
      world_.cut(lonely, i);
    if ((ways & 2) != 0)
      world_.cut(i, lonely);
  }
  world_.at(static_cast<int64_t>(100 * ms + world_.roll(1'000 * ms)),
            [this] { world_.heal(); });
}

void actor_cluster::transfer() {
  for (size_t i = 0; i < n_nodes; ++i) {
    // Only who leads does it.
    if (!world_.node(i).alive() || !world_.node(i).leads())
      continue;
    ++report_.transfers;
    auto whom = world_.chance(500) ? n_nodes : world_.roll(n_nodes);
    auto to = whom == n_nodes ? uint64_t{0} : world_.node(whom).server();
    world_.ask<raft_index>(i, atom::transfer_v, to);
  }
}

void actor_cluster::wipe(size_t i) {
  // Where another disk was lost before, or could be, a majority might be.
  if (out_[i] || !operator_.idle() || !operator_.is_member(i))
    return;
  crash(i);
  ++report_.wiped_disks;
  world_.wipe(i);
  operator_.wake();
}

void actor_cluster::change_members(size_t i) {
  if (!operator_.idle())
    return;
  for (size_t j = 0; j < n_nodes; ++j) {
    if (!out_[j])
      continue;
    ++report_.added;
    out_[j] = false;
    world_.start(j);
    operator_.add(j);
    return;
  }
  operator_.remove(i);
}

void actor_cluster::disturb_disk(size_t i) {
  if (world_.chance(400)) {
    world_.tell(
      [&] { return "n" + std::to_string(i + 1) + " has a bad disk"; });
    world_.node(i).disk().fails_next = world_.node(i).alive();
  } else {
    wipe(i);
  }
}

void actor_cluster::disturb() {
  if (!chaos_)
    return;
  auto i = world_.roll(n_nodes);
  switch (world_.roll(12)) {
  case 0:
  case 1:
    crash(i);
    break;
  case 2:
    if (world_.chance(400))
      for (size_t j = 0; j < n_nodes; ++j)
        crash(j);
    break;
  case 3:
  case 4:
    partition();
    break;
  case 5:
    transfer();
    break;
  case 6:
  case 7:
    disturb_disk(i);
    break;
  case 8:
    ++report_.jumps;
    clients_[i].jump(static_cast<int64_t>(world_.roll(172'800'000))
                     - 86'400'000);
    break;
  default:
    change_members(i);
  }
  world_.at(static_cast<int64_t>(20 * ms + world_.roll(300 * ms)),
            [this] { disturb(); });
}

// -- the verdict --------------------------------------------------------------

void actor_cluster::calm_down() {
  world_.tell([] { return std::string{"all is calm"}; });
  chaos_ = false;
  world_.heal();
  world_.rules.lost = world_.rules.twice = world_.rules.late = 0;
  world_.rules.slow_writes = 0;
  acknowledged_before_ = world_.ledger.acknowledged();
  for (size_t i = 0; i < n_nodes; ++i) {
    world_.node(i).disk().fails_next = false;
    clients_[i].calm_us = world_.now_us();
  }
}

/// What is not as it shall be when all is calm; empty: nothing.
std::string actor_cluster::unrest() {
  for (size_t i = 0; i < n_nodes; ++i) {
    if (out_[i])
      continue;
    auto& x = world_.node(i);
    auto name = "node " + std::to_string(x.id());
    if (!x.alive())
      return name + " is not there";
    if (x.owner() == 0 || world_.leader() == nullptr
        || x.owner() != world_.leader()->id())
      return name + " does not know who leads";
    if (world_.ledger.applied(x.id()).value + 20 < world_.ledger.end().value)
      return name + " did not catch up";
  }
  if (!operator_.idle())
    return "the servers are not as wanted";
  if (world_.ledger.acknowledged() < acknowledged_before_ + 10)
    return "no progress when all was calm again";
  return {};
}

void actor_cluster::judge() {
  // Who copies gets no rows of what another has trimmed since, and trims it
  // itself once it has applied as much.
  log_offset kept;
  for (size_t i = 0; i < n_nodes; ++i)
    kept = std::max(
      kept, start_of(world_.node(i).disk().content(), actor_client::channel));
  for (size_t i = 0; i < n_nodes; ++i) {
    if (!world_.node(i).alive())
      continue;
    clients_[i].look();
    auto events = read_events(world_.node(i).disk().content(),
                              actor_client::channel, kept);
    if (!events)
      world_.ledger.fail("node " + std::to_string(i + 1)
                         + " can not be read: " + events.error().detail);
  }
}

cluster_report actor_cluster::run() {
  world_.trace = trace_;
  for (size_t i = 0; i < n_nodes; ++i)
    world_.at(ms, [this, i] { use(i); });
  world_.at(600 * ms, [this] { operate(); });
  world_.at(700 * ms, [this] { disturb(); });
  world_.run_until((700 + rules_.chaos_ms) * ms);
  calm_down();
  auto& ledger = world_.ledger;
  auto well = world_.run_until_true(rules_.calm_ms * ms,
                                    [this] { return unrest().empty(); });
  if (!world_.is_broken()) {
    if (!well)
      ledger.fail(unrest());
    judge();
  }
  report_.broken = ledger.broken();
  report_.digest = ledger.digest();
  report_.acknowledged = ledger.acknowledged();
  report_.refused = ledger.refused();
  report_.unknown = ledger.unknown();
  report_.terms = ledger.terms();
  report_.changes = ledger.changes();
  report_.copies = world_.copies;
  for (const auto& x : clients_)
    report_.confirmed += x.confirmed;
  return report_;
}

} // namespace eventd::tests
