// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/state/scrub.hpp"

#include "storage/codec/entry.hpp"
#include "storage/state/mend.hpp"
#include "tests/fixtures/damage.hpp"
#include "tests/storage/state/copy_fixture.hpp"

using namespace eventd;
using namespace eventd::storage;
using namespace eventd::tests::copying;

namespace {

/// Entries of 4 KB, so that a block of a table holds a few, in tables.
struct scrub_fixture : copy_fixture {
  static constexpr uint64_t entries = 40;

  scrub_fixture() {
    commit(tests::open_payload(one));
    for (uint64_t i = 0; i < entries; ++i)
      append(one, {std::string(4'000, 'x')});
    REQUIRE(node->db().flush());
    last = applied();
    node.reset();
  }

  std::unique_ptr<database> open() {
    return std::move(
      database::open({dir / "data", 2, false, {}, true}).value());
  }

  void damage(const std::string& family) {
    auto tables = tests::tables_of(dir / "data", family);
    REQUIRE(tables.size() == 1);
    tests::flip_bit(tables[0], tests::in_first_block);
  }

  raft_index last;
};

/// Goes on behind each damage.
std::vector<damaged_place> damages_of(const database& db, raft_index last) {
  std::vector<damaged_place> out;
  auto next = first;
  for (int i = 0; i < 1'000; ++i) {
    auto x = scrub_records(db, shard, next, last, no_bound);
    REQUIRE(x);
    next = x->next;
    if (x->damage) {
      out.push_back(*x->damage);
      next = next + 1;
    } else if (x->complete) {
      return out;
    }
  }
  FAIL("it does not end");
  return out;
}

} // namespace

TEST_CASE_METHOD(scrub_fixture, "all that is whole is looked at, in pieces",
                 "[storage][scrub]") {
  auto db = open();
  auto all = scrub_records(*db, shard, first, last, no_bound);
  REQUIRE(all);
  CHECK(all->complete);
  CHECK_FALSE(all->damage);
  CHECK(all->next == last + 1);
  CHECK(all->bytes > entries * 4'000);
  uint64_t bytes = 0;
  int pieces = 0;
  for (auto next = first; next <= last; ++pieces) {
    auto x = scrub_records(*db, shard, next, last, 10'000);
    REQUIRE(x);
    REQUIRE(x->next > next);
    CHECK(x->bytes < 15'000);
    bytes += x->bytes;
    next = x->next;
  }
  CHECK(bytes == all->bytes);
  CHECK(pieces > 10);
  auto rows = scrub_rows(*db, one, log_offset{0}, no_bound);
  REQUIRE(rows);
  CHECK(rows->complete);
  CHECK(rows->next == log_offset{entries});
  auto none = scrub_rows(*db, two, log_offset{0}, no_bound);
  REQUIRE(none);
  CHECK(none->complete);
}

TEST_CASE_METHOD(scrub_fixture,
                 "every record of a damaged block is found, and none once they "
                 "are written anew",
                 "[storage][scrub]") {
  std::map<uint64_t, std::string> good;
  {
    auto db = open();
    for (auto i = first; i <= last; ++i)
      good[i.value] = **db->get(log_family(shard), log_key(i));
  }
  damage("log-1");
  auto db = open();
  auto found = damages_of(*db, last);
  REQUIRE(found.size() >= 2);
  CHECK(found.size() < 10);
  for (const auto& x : found) {
    CHECK(x.shard == shard);
    put(*db, log_family(shard), log_key(x.index), good[x.index.value]);
  }
  CHECK(damages_of(*db, last).empty());
}

TEST_CASE_METHOD(scrub_fixture, "a record that fails our own check is found",
                 "[storage][scrub]") {
  auto db = open();
  auto at = raft_index{last.value / 2};
  auto record = **db->get(log_family(shard), log_key(at));
  tests::flip(record.back());
  put(*db, log_family(shard), log_key(at), record);
  auto found = damages_of(*db, last);
  REQUIRE(found.size() == 1);
  CHECK(found[0] == damaged_place{shard, at, {}, {}, 0});
}

TEST_CASE_METHOD(scrub_fixture,
                 "damaged rows are found, and none once they are written anew",
                 "[storage][scrub]") {
  copied_entries good;
  {
    auto db = open();
    good = *read_for_mending(*db, {{}, {}, one, log_offset{0}, 0});
  }
  damage("idx");
  auto db = open();
  auto x = scrub_rows(*db, one, log_offset{0}, no_bound);
  REQUIRE(x);
  REQUIRE(x->damage);
  CHECK(*x->damage == damaged_place{{}, {}, one, log_offset{0}, 0});
  auto rows = rows_of_mended(*x->damage, {}, good);
  REQUIRE(rows);
  CHECK(rows->size() == entries);
  write(*db, *rows);
  auto next = log_offset{0};
  for (int i = 0; i < 10; ++i) {
    x = scrub_rows(*db, one, next, no_bound);
    REQUIRE(x);
    CHECK_FALSE(x->damage);
    if (x->complete)
      break;
    next = x->next;
  }
  CHECK(x->complete);
  CHECK(x->next == log_offset{entries});
}
