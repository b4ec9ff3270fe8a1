// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/state/copy.hpp"

#include "storage/codec/entry.hpp"
#include "tests/storage/state/copy_fixture.hpp"

using namespace eventd;
using namespace eventd::tests::copying;
using eventd::tests::events_payload;
using eventd::tests::open_payload;

TEST_CASE_METHOD(copy_fixture,
                 "entries copied in pieces are the same elsewhere",
                 "[storage][copy]") {
  commit(open_payload(one));
  commit(open_payload(two));
  for (int i = 0; i < 12; ++i) {
    append(i % 3 == 0 ? two : one, {std::string(100, 'a'), "b"});
    if (i % 4 == 0)
      commit(encode(put_cursors{{{"s", one, std::to_string(i)}}}));
  }
  CHECK(copy_entries(600) > 3);
  write_state(state());
  auto log = rows_of(node->db(), log_family(shard));
  CHECK(log.size() == applied().value);
  CHECK(rows_of(*other, log_family(shard)) == log);
  CHECK(rows_of(*other, log_family(shard_id{0})).empty());
  auto idx = rows_of(node->db(), idx_family);
  CHECK(idx.size() == 12);
  CHECK(rows_of(*other, idx_family) == idx);
  auto copy = load_other();
  CHECK(copy.applied() == applied());
  CHECK(copy.cursor_of("s") == "8");
  for (auto id : {one, two})
    CHECK(text_of(copy.channel(id)) == text_of(node->state(shard).channel(id)));
}

TEST_CASE_METHOD(copy_fixture,
                 "a configuration is no entry of events, though it begins with "
                 "the same byte",
                 "[storage][copy]") {
  auto record = node->db().get(log_family(shard), log_key(first));
  REQUIRE(record);
  REQUIRE(*record);
  REQUIRE(decode_record(**record)->type == entry_type::change);
  REQUIRE((**record)[record_header_bytes]
          == static_cast<char>(payload_kind::events));
  auto part = read(first, first);
  CHECK(part.records == std::vector<std::string>{**record});
  CHECK(part.idx_keys.empty());
  CHECK(part.next == first + 1);
}

TEST_CASE_METHOD(copy_fixture, "an entry above the bound is copied alone",
                 "[storage][copy]") {
  auto from = commit(open_payload(one));
  append(one, {std::string(5'000, 'a')});
  append(one, {"b"});
  for (auto index = from; index <= applied(); ++index) {
    auto part = read(index, applied(), 1);
    CHECK(part.indexes == std::vector<raft_index>{index});
    CHECK(part.next == index + 1);
  }
  // Not together with what is before it.
  CHECK(read(from, applied(), 5'000).indexes == std::vector<raft_index>{from});
}

TEST_CASE_METHOD(copy_fixture, "no more is copied than was asked for",
                 "[storage][copy]") {
  auto from = commit(open_payload(one));
  for (int i = 0; i < 5; ++i)
    append(one, {"x"});
  auto part = read(from + 1, from + 3);
  CHECK(part.indexes == std::vector<raft_index>{from + 1, from + 2, from + 3});
  CHECK(part.next == from + 4);
  CHECK(part.idx_keys.size() == 3);
}

TEST_CASE_METHOD(copy_fixture,
                 "what is not applied is refused, for it may be missing only "
                 "here",
                 "[storage][copy]") {
  commit(open_payload(one));
  append(one, {"x"});
  auto refused = [](const database& db, raft_index from, raft_index upto) {
    auto part = read_for_copy(db, shard, from, upto, no_bound);
    return !part && part.error() == ec::conflict;
  };
  CHECK(refused(node->db(), applied(), applied() + 1));
  CHECK_FALSE(refused(node->db(), applied(), applied()));
  // The disk of a node that had the entries, and lost them.
  CHECK(refused(*other, first, first));
}

TEST_CASE_METHOD(copy_fixture, "entries that are gone are passed over",
                 "[storage][copy]") {
  auto from = commit(open_payload(one));
  for (int i = 0; i < 4; ++i)
    append(one, {"x"});
  for (auto n : {0, 2, 4}) // The first, one inside and the last.
    write(
      node->db(),
      {{row_change::kind::remove, log_family(shard), log_key(from + n), {}}});
  auto part = read(from, from + 4);
  CHECK(part.indexes == std::vector<raft_index>{from + 1, from + 3});
  CHECK(part.next == from + 5);
}

TEST_CASE_METHOD(copy_fixture,
                 "idx rows that are trimmed, closed or another entry's are "
                 "left out",
                 "[storage][copy]") {
  auto from = commit(open_payload(one));
  append(one, {"hidden", "hidden"});
  auto hidden = *node->state(shard).channel(one);
  append(one, {"kept"});
  trim_to(hidden);
  commit(open_payload(two));
  append(two, {"closed"});
  commit(encode(close_channel{two}));
  commit(events_payload(two, incarnation{1}, log_offset{1}, 1, {"too late"}));
  commit(
    events_payload(three, incarnation{1}, log_offset{0}, 1, {"too early"}));
  commit(open_payload(three));
  append(three, {"kept"});
  auto part = read(from, applied());
  CHECK(part.indexes.size() == applied() - from + 1);
  CHECK(part.idx_keys
        == std::vector<std::string>{idx_key(one, log_offset{2}),
                                    idx_key(three, log_offset{0})});
  write_copied(part);
  CHECK(rows_of(*other, idx_family) == rows_of(node->db(), idx_family));
}

TEST_CASE_METHOD(copy_fixture, "a damaged record is not copied",
                 "[storage][copy]") {
  commit(open_payload(one));
  append(one, {"data"});
  auto at = applied();
  auto good = read(at, at).records.at(0);
  auto key = log_key(at);
  for (size_t i = 0; i < good.size(); ++i) {
    INFO("byte " << i);
    auto bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    put(node->db(), log_family(shard), key, bad);
    auto part = read_for_copy(node->db(), shard, at, at, no_bound);
    REQUIRE_FALSE(part);
    CHECK(part.error() == ec::corrupt_record);
    CHECK(part.error().detail.find("entry " + std::to_string(at.value))
          != std::string::npos);
    auto rows = rows_of_copied(shard, at, bad);
    REQUIRE_FALSE(rows);
    CHECK(rows.error() == ec::corrupt_record);
    auto cut = rows_of_copied(shard, at, good.substr(0, i));
    REQUIRE_FALSE(cut);
    CHECK(cut.error() == ec::corrupt_record);
  }
  put(node->db(), log_family(shard), key, good);
  CHECK(read(at, at).records.at(0) == good);
  put(node->db(), idx_family, idx_key(one, log_offset{0}), "damaged");
  auto part = read_for_copy(node->db(), shard, at, at, no_bound);
  REQUIRE_FALSE(part);
  CHECK(part.error() == ec::corrupt_record);
}
