// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/state/identity.hpp"

#include <utility>

#include "storage/codec/bytes.hpp"
#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "storage/raft/rows.hpp"

namespace eventd::storage {

namespace {

constexpr uint64_t flag_bootstrapped = 1;
constexpr uint64_t flag_abandoned = 2;
constexpr uint64_t flag_join_only = 4;

std::string identity_key() {
  return state_key(state_row::identity, shard_id{0});
}

std::string peer_key(uint64_t server) {
  std::string rest;
  put_big_endian(rest, server);
  return state_key(state_row::peer_boot, shard_id{0}, rest);
}

std::string row_of(const identity& x) {
  std::string body;
  put_fixed(body, x.server);
  put_string(body, x.cluster_id);
  put_varint(body, x.boot_counter);
  put_varint(body, (x.bootstrapped ? flag_bootstrapped : 0)
                     | (x.abandoned ? flag_abandoned : 0)
                     | (x.join_only ? flag_join_only : 0));
  put_varint(body, x.founders.size());
  for (const auto& founder : x.founders) {
    put_fixed(body, founder.id);
    put_string(body, founder.address);
  }
  return seal_row(body);
}

std::string boots_key() {
  return state_key(state_row::own_boots, shard_id{0});
}

std::string boots_row_of(const identity& x) {
  std::string body;
  put_varint(body, x.boot_counter);
  put_varint(body, x.boots.size());
  for (auto id : x.boots)
    put_fixed(body, id);
  return seal_row(body);
}

void stage_identity(write_batch& batch, const identity& x) {
  batch.put(state_family, identity_key(), row_of(x));
  batch.put(state_family, boots_key(), boots_row_of(x));
}

/// None where the row is not of the start that the identity tells of: an eventd
/// that knows no such row counted starts in between.
result<std::vector<uint64_t>> load_boots(const database& db,
                                         uint64_t boot_counter) {
  std::vector<uint64_t> boots;
  auto row = db.get(state_family, boots_key());
  if (!row)
    return row.error();
  if (!*row)
    return boots;
  auto body = open_row(**row);
  if (!body)
    return body.error();
  byte_reader in{*body};
  auto counter = in.varint();
  auto n = in.varint();
  for (; n > 0 && in.ok(); --n)
    boots.push_back(in.fixed<uint64_t>());
  if (!in.at_end() || boots.size() > limits::boots_remembered_max)
    return failure{ec::corrupt_record, "the row of the starts: bad length"};
  if (counter != boot_counter)
    boots.clear();
  return boots;
}

/// The row that one node wrote before there were clusters.
result<identity> load_older(const database& db) {
  identity x;
  auto row = db.get(state_family, state_key(state_row::node, shard_id{0}));
  if (!row)
    return row.error();
  if (!*row)
    return x;
  auto body = open_row(**row);
  if (!body)
    return body.error();
  byte_reader in{*body};
  x.server = in.varint();
  x.bootstrapped = true;
  if (!in.ok() || x.server == 0)
    return failure{ec::corrupt_record, "the row of the node: bad length"};
  return x;
}

} // namespace

result<identity> load_identity(const database& db) {
  auto row = db.get(state_family, identity_key());
  if (!row)
    return row.error();
  if (!*row)
    return load_older(db);
  auto body = open_row(**row);
  if (!body)
    return body.error();
  byte_reader in{*body};
  identity x;
  x.server = in.fixed<uint64_t>();
  x.cluster_id = in.string();
  x.boot_counter = in.varint();
  auto flags = in.varint();
  x.bootstrapped = (flags & flag_bootstrapped) != 0;
  x.abandoned = (flags & flag_abandoned) != 0;
  x.join_only = (flags & flag_join_only) != 0;
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    raft_server founder;
    founder.id = in.fixed<uint64_t>();
    founder.address = in.string();
    x.founders.push_back(std::move(founder));
  }
  if (!in.at_end() || x.server == 0)
    return failure{ec::corrupt_record, "the row of the identity: bad length"};
  auto boots = load_boots(db, x.boot_counter);
  if (!boots)
    return boots.error();
  x.boots = std::move(*boots);
  return x;
}

void count_start(identity& x, uint64_t boot_id) {
  ++x.boot_counter;
  x.boot_id = boot_id;
  x.boots.insert(x.boots.begin(), boot_id);
  if (x.boots.size() > limits::boots_remembered_max)
    x.boots.resize(limits::boots_remembered_max);
}

result<void> store_identity(database& db, const identity& x) {
  write_batch batch{db};
  stage_identity(batch, x);
  return db.write(batch, true);
}

result<void> bootstrap_shards(database& db, identity& x,
                              const std::vector<raft_server>& servers) {
  write_batch batch{db};
  for (uint32_t i = 0; i < db.shards(); ++i) {
    if (servers.empty()) {
      stage(empty_shard_job(shard_id{i}), batch);
      continue;
    }
    auto job = bootstrap_job(shard_id{i}, servers);
    if (!job)
      return job.error();
    stage(*job, batch);
  }
  std::string body;
  put_varint(body, x.server);
  put_varint(body, db.shards());
  batch.put(state_family, state_key(state_row::node, shard_id{0}),
            seal_row(body));
  x.bootstrapped = true;
  stage_identity(batch, x);
  return db.write(batch, true);
}

result<identity> begin_anew(database& db, uint64_t server) {
  // Greater than all keys.
  const std::string end(32, '\xff');
  write_batch batch{db};
  batch.remove_range(state_family, {}, end);
  batch.remove_range(idx_family, {}, end);
  for (uint32_t i = 0; i < db.shards(); ++i)
    batch.remove_range(log_family(shard_id{i}), {}, end);
  identity x;
  x.server = server;
  // The others have what it had: it never founds a cluster without them.
  x.join_only = true;
  stage_identity(batch, x);
  if (auto done = db.write(batch, true); !done)
    return done.error();
  return x;
}

bool comes_after(const peer_boot& known, uint64_t counter, uint64_t boot_id,
                 const std::vector<uint64_t>& boots) {
  if (counter < known.counter)
    return false;
  auto age = counter - known.counter;
  if (age == 0)
    return known.counter == 0 || boot_id == known.id;
  return known.counter == 0 || age >= boots.size() || boots[age] == known.id;
}

result<peer_boot> load_peer_boot(const database& db, uint64_t server) {
  auto row = db.get(state_family, peer_key(server));
  if (!row)
    return row.error();
  if (!*row)
    return peer_boot{};
  auto body = open_row(**row);
  if (!body)
    return body.error();
  byte_reader in{*body};
  peer_boot x{in.fixed<uint64_t>(), in.fixed<uint64_t>()};
  if (!in.at_end())
    return failure{ec::corrupt_record, "the row of a peer: bad length"};
  return x;
}

result<void> store_peer_boot(database& db, uint64_t server,
                             const peer_boot& x) {
  std::string body;
  put_fixed(body, x.counter);
  put_fixed(body, x.id);
  write_batch batch{db};
  batch.put(state_family, peer_key(server), seal_row(body));
  return db.write(batch, true);
}

} // namespace eventd::storage
