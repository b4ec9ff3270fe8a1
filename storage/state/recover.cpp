// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/state/recover.hpp"

#include "storage/codec/bytes.hpp"
#include "storage/codec/key.hpp"
#include "storage/log/channel_reader.hpp"
#include "storage/raft/rows.hpp"
#include "storage/rocks/reclaim.hpp"

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
  auto key = state_key(state_row::node, shard_id{0});
  auto known = db.get(state_family, key);
  if (!known)
    return known.error();
  if (*known) {
    auto body = open_row(**known);
    if (!body)
      return body.error();
    return {};
  }
  write_batch batch{db};
  for (uint32_t i = 0; i < db.shards(); ++i) {
    auto job = bootstrap_job(shard_id{i}, {{node_id, std::to_string(node_id)}});
    if (!job)
      return job.error();
    stage(*job, batch);
  }
  std::string body;
  put_varint(body, node_id);
  put_varint(body, db.shards());
  batch.put(state_family, key, seal_row(body));
  return db.write(batch, true);
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
  if (state->applied() > (*raft)->last
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
                    std::move(*unapplied), std::move(jobs)};
  tell_rules(db.rules(), options.shard, x);
  return x;
}

} // namespace eventd::storage
