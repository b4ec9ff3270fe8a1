// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// A channel whose files are damaged, and mended by newer rows.

#include <map>

#include "storage/state/shard_state.hpp"
#include "tests/fixtures/damage.hpp"
#include "tests/storage/log/channel_fixture.hpp"

using namespace eventd;
using namespace eventd::storage;
using namespace eventd::tests::channels;

TEST_CASE_METHOD(reader_fixture, "damage names what another node may have",
                 "[storage][channel_reader]") {
  auto index = index_of(30);
  overwrite(index, std::nullopt);
  auto out = read(34, 100);
  REQUIRE_FALSE(out);
  CHECK(out.error().damage
        == damaged_place{shard, index, channel, log_offset{30}, 10});
  write_batch batch{node->db()};
  batch.put(idx_family, idx_key(channel, log_offset{50}), "damaged");
  REQUIRE(node->db().write(batch, false));
  out = read(54, 100);
  REQUIRE_FALSE(out);
  CHECK(out.error().offset == 50);
  CHECK(out.error().damage
        == damaged_place{{}, {}, channel, log_offset{50}, 0});
  auto before = read(40, 100);
  REQUIRE(before);
  CHECK(before->back().end_offset() == log_offset{50});
}

namespace {

/// The same in tables, one of which has a damaged block.
struct damaged_block : reader_fixture {
  std::map<std::string, std::string> rows_of(family where) const {
    std::map<std::string, std::string> rows;
    auto walk = node->db().walk(where);
    for (walk.seek(""); walk.valid(); walk.next())
      rows.emplace(walk.key(), walk.value());
    REQUIRE(walk.status());
    return rows;
  }

  void damage(family where, const std::string& name) {
    good = rows_of(where);
    REQUIRE(node->db().flush());
    node.reset();
    auto tables = tests::tables_of(dir / "data", name);
    REQUIRE(tables.size() == 1);
    tests::flip_bit(tables[0], tests::in_first_block);
    db = std::move(database::open({dir / "data", 1, false, {}}).value());
  }

  result<std::vector<event_batch>> read_block(uint64_t from) {
    std::vector<event_batch> out;
    channel_reader reader{*db, channel, "tests/c1"};
    auto done
      = reader.read(log_offset{from}, log_offset{100}, 1'000, 1 << 20, out);
    if (!done)
      return done.error();
    return out;
  }

  void put(family where, const std::string& key) {
    write_batch batch{*db};
    batch.put(where, key, good.at(key));
    REQUIRE(db->write(batch, false));
  }

  std::map<std::string, std::string> good;
  std::unique_ptr<database> db;
};

} // namespace

TEST_CASE_METHOD(damaged_block,
                 "rows in a damaged block are read once they are written anew",
                 "[storage][channel_reader]") {
  damage(idx_family, "idx");
  for (uint64_t from : {0, 34}) {
    auto out = read_block(from);
    REQUIRE_FALSE(out);
    CHECK(out.error() == ec::corrupt_record);
    CHECK(out.error().damage
          == damaged_place{{}, {}, channel, log_offset{from}, 0});
  }
  for (uint64_t first = 20; first < 50; first += 10)
    put(idx_family, idx_key(channel, log_offset{first}));
  auto out = read_block(34);
  REQUIRE(out);
  CHECK(out->front().first_offset == log_offset{34});
  CHECK(out->back().end_offset() == log_offset{50});
  CHECK_FALSE(read_block(50));
  CHECK_FALSE(read_block(10));
  for (uint64_t first = 0; first < 100; first += 10)
    put(idx_family, idx_key(channel, log_offset{first}));
  out = read_block(0);
  REQUIRE(out);
  CHECK(out->size() == 10);
  CHECK(out->back().end_offset() == log_offset{100});
}

TEST_CASE_METHOD(damaged_block,
                 "records in a damaged block are read once they are written "
                 "anew",
                 "[storage][channel_reader]") {
  damage(log_family(shard), "log-0");
  auto out = read_block(0);
  REQUIRE_FALSE(out);
  REQUIRE(out.error().damage);
  auto place = *out.error().damage;
  CHECK(place.channel == channel);
  CHECK(place.first == log_offset{0});
  CHECK(place.count == 10);
  put(log_family(shard), log_key(place.index));
  out = read_block(0);
  REQUIRE(out);
  CHECK(out->size() == 1);
  auto first = raft_index{place.index};
  auto records = read_records(*db, shard, first, first + 1);
  REQUIRE_FALSE(records);
  CHECK(records.error().damage == damaged_place{shard, first + 1, {}, {}, 0});
  for (const auto& [key, value] : good)
    put(log_family(shard), key);
  out = read_block(0);
  REQUIRE(out);
  CHECK(out->size() == 10);
  CHECK(read_records(*db, shard, first, first + 1)->size() == 2);
}

TEST_CASE_METHOD(damaged_block,
                 "a damaged block is never taken for a channel without rows",
                 "[storage][channel_reader][shard_state]") {
  damage(idx_family, "idx");
  CHECK_FALSE(shard_state::load(*db, shard));
  for (const auto& [key, value] : good)
    put(idx_family, key);
  // Walks end at the block: the node is rebuilt, where it is not alone.
  CHECK_FALSE(shard_state::load(*db, shard));
}
