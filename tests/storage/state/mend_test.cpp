// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/state/mend.hpp"

#include "storage/codec/entry.hpp"
#include "storage/log/channel_reader.hpp"
#include "storage/model/limits.hpp"
#include "tests/fixtures/damage.hpp"
#include "tests/storage/state/copy_fixture.hpp"

using namespace eventd;
using namespace eventd::storage;
using namespace eventd::tests::copying;

namespace {

/// Channels `one` and `two` with four entries of two events each, in turn.
struct mend_fixture : copy_fixture {
  mend_fixture() {
    commit(tests::open_payload(one));
    commit(tests::open_payload(two));
    for (int i = 0; i < 4; ++i)
      for (auto id : {one, two})
        append(id, {"x", "y"});
  }

  /// The place of channel `one`'s record that begins here.
  damaged_place record_at(uint64_t offset) {
    auto row = node->db().get(idx_family, idx_key(one, log_offset{offset}));
    auto place = decode_idx_row(**row);
    return {shard, place->index, one, log_offset{offset}, place->count};
  }
  static damaged_place row_at(uint64_t offset) {
    return {{}, {}, one, log_offset{offset}, 0};
  }

  raft_term term_of(const damaged_place& x) {
    auto record = node->db().get(log_family(shard), log_key(x.index));
    return decode_record(**record)->term;
  }
};

ec code_of(const result<std::vector<row_change>>& x) {
  return x ? ec::none : x.error().code;
}

} // namespace

TEST_CASE_METHOD(mend_fixture, "a record is mended as it was",
                 "[storage][mend]") {
  auto place = record_at(4);
  auto given = read_for_mending(node->db(), place);
  REQUIRE(given);
  auto rows = rows_of_mended(place, term_of(place), *given);
  REQUIRE(rows);
  write(*other, *rows);
  auto mended = read_record(*other, shard, place.index);
  REQUIRE(mended);
  CHECK(*mended == *read_record(node->db(), shard, place.index));
  CHECK(rows_of(*other, log_family(shard)).size() == 1);
}

TEST_CASE_METHOD(mend_fixture,
                 "rows are mended from the one on that holds the offset, of "
                 "one channel only",
                 "[storage][mend]") {
  for (uint64_t offset : {2, 3}) {
    auto given = read_for_mending(node->db(), row_at(offset));
    REQUIRE(given);
    CHECK(given->idx_keys.size() == 3);
    auto rows = rows_of_mended(row_at(offset), {}, *given);
    REQUIRE(rows);
    CHECK(rows->front().key == idx_key(one, log_offset{2}));
    write(*other, *rows);
  }
  auto all
    = rows_of(node->db(), idx_family, idx_key(one, log_offset{0}).substr(0, 4));
  all.erase(idx_key(one, log_offset{0}));
  CHECK(rows_of(*other, idx_family) == all);
}

TEST_CASE_METHOD(mend_fixture, "what a node does not have it does not give",
                 "[storage][mend]") {
  auto code = [&](damaged_place x) {
    auto given = read_for_mending(node->db(), x);
    return given ? ec::none : given.error().code;
  };
  auto place = record_at(4);
  CHECK(code(place) == ec::none);
  auto later = place;
  later.index = applied() + 1;
  CHECK(code(later) == ec::conflict);
  auto elsewhere = place;
  elsewhere.shard = shard_id{2};
  CHECK(code(elsewhere) == ec::invalid_request);
  CHECK(code(row_at(8)) == ec::not_found);
  CHECK(code({{}, {}, three, log_offset{0}, 0}) == ec::not_found);
  auto good = *read_record(node->db(), shard, place.index);
  put(node->db(), log_family(shard), log_key(place.index), "damaged");
  CHECK(code(place) == ec::corrupt_record);
  write(
    node->db(),
    {{row_change::kind::remove, log_family(shard), log_key(place.index), {}}});
  CHECK(code(place) == ec::not_found);
  put(node->db(), log_family(shard), log_key(place.index), *good);
  CHECK(code(place) == ec::none);
}

TEST_CASE_METHOD(mend_fixture, "what does not fit is not written",
                 "[storage][mend]") {
  auto place = record_at(4);
  auto term = term_of(place);
  auto good = *read_for_mending(node->db(), place);
  REQUIRE(code_of(rows_of_mended(place, term, good)) == ec::none);
  REQUIRE(code_of(rows_of_mended(place, {}, good)) == ec::none);
  CHECK(code_of(rows_of_mended(place, term + 1, good)) == ec::corrupt_record);
  auto refuses = [&](auto change) {
    auto asked = place;
    auto given = good;
    change(asked, given);
    return code_of(rows_of_mended(asked, term, given)) == ec::corrupt_record;
  };
  CHECK(refuses([](auto& x, auto&) { x.channel = two; }));
  CHECK(refuses([](auto& x, auto&) { x.first = log_offset{6}; }));
  CHECK(refuses([](auto& x, auto&) { x.count = 1; }));
  CHECK(refuses([](auto& x, auto&) { x.index = x.index + 1; }));
  CHECK(refuses([](auto&, auto& y) { y.records.clear(); }));
  for (size_t i = 0; i < good.records[0].size(); ++i)
    CHECK(refuses([i](auto&, auto& y) { tests::flip(y.records[0][i]); }));
  // Of an entry whose row is not known the number is all that is asked for.
  auto unknown = damaged_place{shard, place.index, {}, {}, 0};
  CHECK(code_of(rows_of_mended(unknown, term, good)) == ec::none);
}

TEST_CASE_METHOD(mend_fixture, "rows that do not fit are not written",
                 "[storage][mend]") {
  auto good = *read_for_mending(node->db(), row_at(2));
  auto refuses = [&](damaged_place asked, auto change) {
    auto given = good;
    change(given);
    return code_of(rows_of_mended(asked, {}, given)) == ec::corrupt_record;
  };
  CHECK_FALSE(refuses(row_at(2), [](auto&) {}));
  CHECK(refuses(row_at(0), [](auto&) {}));
  CHECK(refuses(row_at(4), [](auto&) {}));
  CHECK(refuses({{}, {}, two, log_offset{2}, 0}, [](auto&) {}));
  CHECK(refuses(row_at(2), [](auto& x) { tests::flip(x.idx_values[1][7]); }));
  CHECK(refuses(row_at(2), [](auto& x) { x.idx_values.pop_back(); }));
  CHECK(refuses(row_at(2), [](auto& x) { x.idx_keys[1] = "short"; }));
  CHECK(refuses(row_at(2), [](auto& x) {
    x.idx_keys.erase(x.idx_keys.begin() + 1);
    x.idx_values.erase(x.idx_values.begin() + 1);
  }));
  CHECK(refuses(row_at(2), [](auto& x) {
    x.idx_keys.clear();
    x.idx_values.clear();
  }));
}
