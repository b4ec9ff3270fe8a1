// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/state/recover.hpp"

#include <algorithm>

#include "storage/log/channel_reader.hpp"
#include "storage/raft/rows.hpp"
#include "storage/rocks/reclaim.hpp"
#include "storage/state/copy.hpp"
#include "storage/state/identity.hpp"

namespace eventd::storage {

namespace {

/// Tells compaction what it may remove, as the state stands.
void tell_rules(reclaim_rules& rules, shard_id shard,
                const recovered_shard& x) {
  for (const auto& [id, row] : x.state.channels())
    rules.set_channel_start(shard, id, row.start);
  // Last: before this nothing is removable.
  rules.set_raft_start(shard, x.driver.start().index);
}

} // namespace

result<void> bootstrap(database& db, uint64_t node_id) {
  auto known = load_identity(db);
  if (!known)
    return known.error();
  if (known->bootstrapped)
    return {};
  known->server = node_id;
  return bootstrap_shards(db, *known, {{node_id, std::to_string(node_id)}});
}

result<recovered_shard>
recover(database& db, const raft_driver::options& options, int64_t now_ms) {
  auto raft = load_raft(db, options.shard);
  if (!raft)
    return raft.error();
  if (!*raft)
    return failure{ec::corrupt_store, "shard "
                                        + std::to_string(options.shard.value)
                                        + " was never bootstrapped"};
  auto state = shard_state::load(db, options.shard);
  if (!state)
    return state.error();
  auto copied = load_copied(db, options.shard);
  if (!copied)
    return copied.error();
  // After a snapshot the state may be ahead of the log, which then brings
  // entries that are copied and applied already.
  if (state->applied() > std::max((*raft)->last, *copied)
      || state->applied() < (*raft)->start.index)
    return failure{ec::corrupt_store,
                   "shard " + std::to_string(options.shard.value)
                     + ": applied index lies outside the log"};
  auto unapplied
    = read_records(db, options.shard, state->applied() + 1, (*raft)->last);
  if (!unapplied)
    return unapplied.error();
  raft_driver::jobs jobs;
  auto driver = raft_driver::start(options, **raft, now_ms, jobs);
  if (!driver)
    return driver.error();
  recovered_shard x{std::move(*driver), std::move(*state),
                    std::move(*unapplied), std::move(jobs), *copied};
  tell_rules(db.rules(), options.shard, x);
  return x;
}

} // namespace eventd::storage
