// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/rocks/table_damage.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "storage/rocks/database.hpp"
#include "storage/rocks/set_aside.hpp"
#include "tests/fixtures/damage.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using namespace eventd::storage;

namespace {

/// A database with two tables of a family that overlap, of which one is
/// damaged.
struct table_fixture {
  tests::temp_dir dir;
  std::string path = dir / "data";

  std::unique_ptr<database> open(bool has_copies) {
    return std::move(database::open({path, 1, false, {}, has_copies}).value());
  }

  static void put(database& db, family where, const std::string& key) {
    write_batch batch{db};
    batch.put(where, key, std::string(100, 'x'));
    REQUIRE(db.write(batch, true));
  }

  void damage(family where, const std::string& name) {
    auto db = open(false);
    for (int i = 0; i < 2; ++i) {
      for (auto* key : {"a", "m", "z"})
        put(*db, where, key);
      REQUIRE(db->flush());
    }
    db.reset();
    tests::flip_bit(tests::tables_of(path, name).at(0), tests::in_first_block);
  }
};

} // namespace

TEST_CASE_METHOD(table_fixture,
                 "a damaged table that a compaction meets does not end writes, "
                 "where other nodes have the data",
                 "[storage][table_damage]") {
  auto [where, name] = GENERATE(table<family, std::string>(
    {{idx_family, "idx"}, {log_family(shard_id{0}), "log-0"}}));
  damage(where, name);
  auto db = open(true);
  CHECK(*db->spare_damaged_families() == 0);
  CHECK_FALSE(db->compact(where, "a", "zz"));
  CHECK(*db->spare_damaged_families() == 1);
  CHECK(*db->spare_damaged_families() == 1);
  put(*db, where, "after");
  put(*db, state_family, "after");
  CHECK(db->get(where, "after")->has_value());
  // What is newer than the damaged block can be read.
  CHECK(db->get(where, "m")->has_value());
  CHECK_FALSE(damage_mark(path));
  CHECK_FALSE(db->compact(where, "a", "zz"));
  put(*db, where, "again");
}

TEST_CASE_METHOD(table_fixture,
                 "damage of the state ends writes, and marks the directory",
                 "[storage][table_damage]") {
  damage(state_family, "state");
  auto db = open(true);
  CHECK_FALSE(db->compact(state_family, "a", "zz"));
  CHECK(*db->spare_damaged_families() == 0);
  write_batch batch{*db};
  batch.put(state_family, "after", "x");
  auto refused = db->write(batch, true);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == ec::corrupt_store);
  REQUIRE(damage_mark(path));
  CHECK(damage_mark(path)->find(".sst") != std::string::npos);
}

TEST_CASE_METHOD(table_fixture,
                 "on a node that is alone any damage ends writes, and marks "
                 "nothing",
                 "[storage][table_damage]") {
  damage(log_family(shard_id{0}), "log-0");
  auto db = open(false);
  CHECK_FALSE(db->compact(log_family(shard_id{0}), "a", "zz"));
  CHECK(*db->spare_damaged_families() == 0);
  write_batch batch{*db};
  batch.put(state_family, "after", "x");
  CHECK_FALSE(db->write(batch, true));
  CHECK_FALSE(damage_mark(path));
}
