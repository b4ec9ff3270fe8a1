// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/state/shard_state.hpp"

#include <catch2/catch_test_macros.hpp>

#include "storage/codec/key.hpp"
#include "tests/fixtures/golden.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/storage_node.hpp"

using namespace eventd;
using namespace eventd::storage;
using eventd::tests::events_payload;
using eventd::tests::golden;
using eventd::tests::hex;
using eventd::tests::open_payload;

namespace {

constexpr channel_id a{1};
constexpr channel_id b{2};

/// A state and the rows of the last entry.
struct state_fixture {
  shard_state state;
  std::vector<row_change> rows;

  result<void> apply(const std::string& payload) {
    rows.clear();
    return state.apply(state.applied() + 1, entry_type::command, payload, rows);
  }

  /// Entry of `n` events at `first` of `channel`.
  result<void> events(channel_id channel, uint64_t first, size_t n,
                      uint64_t epoch = 1) {
    return apply(events_payload(channel, incarnation{epoch}, log_offset{first},
                                1'000 + first, std::vector<std::string>(n)));
  }

  size_t count(row_change::kind what) const {
    size_t n = 0;
    for (const auto& row : rows)
      n += row.what == what ? 1 : 0;
    return n;
  }
};

} // namespace

TEST_CASE_METHOD(state_fixture,
                 "events move a channel's end and make an idx row",
                 "[storage][shard_state]") {
  REQUIRE(apply(open_payload(a)));
  REQUIRE(events(a, 0, 3));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].where.which == family::kind::idx);
  CHECK(rows[0].key == idx_key(a, log_offset{0}));
  auto bytes = state.channel(a)->bytes_end;
  REQUIRE(events(a, 3, 2));
  auto idx = decode_idx_row(rows[0].value);
  REQUIRE(idx);
  CHECK(idx->index == raft_index{3});
  CHECK(idx->count == 2);
  CHECK(idx->bytes_below == bytes);
  CHECK(idx->stored_at == log_time{1'003});
  CHECK(state.channel(a)->end == log_offset{5});
  CHECK(state.channel(a)->start == log_offset{0});
  CHECK(state.channel(a)->logged_at == log_time{1'003});
  CHECK(state.applied() == raft_index{3});
}

TEST_CASE_METHOD(state_fixture,
                 "a channel opened twice keeps its first opening",
                 "[storage][shard_state]") {
  REQUIRE(apply(open_payload(a)));
  REQUIRE(events(a, 0, 3));
  REQUIRE(apply(encode(open_channel{a, incarnation{9}, "other", "x", true})));
  CHECK(rows.empty());
  CHECK(state.channel(a)->epoch == incarnation{1});
  CHECK(state.channel(a)->end == log_offset{3});
  CHECK(state.applied() == raft_index{3});
}

TEST_CASE_METHOD(state_fixture,
                 "events that do not begin at the channel's end are refused",
                 "[storage][shard_state]") {
  REQUIRE(apply(open_payload(a)));
  REQUIRE(events(a, 0, 3));
  for (auto [first, epoch] : {std::pair{2, 1}, {4, 1}, {0, 1}, {3, 2}}) {
    auto done = events(a, static_cast<uint64_t>(first), 1,
                       static_cast<uint64_t>(epoch));
    REQUIRE_FALSE(done);
    CHECK(done.error() == ec::corrupt_record);
    CHECK(done.error().detail.find("tests/c1") != std::string::npos);
    CHECK(rows.empty());
    CHECK(state.channel(a)->end == log_offset{3});
  }
  CHECK(events(a, 3, 1));
}

TEST_CASE_METHOD(state_fixture,
                 "events of a channel that is gone leave no trace",
                 "[storage][shard_state]") {
  REQUIRE(events(a, 0, 3));
  CHECK(rows.empty());
  CHECK(state.channel(a) == nullptr);
  CHECK(state.applied() == raft_index{1});
}

TEST_CASE_METHOD(state_fixture,
                 "a closed channel takes its rows and cursors along",
                 "[storage][shard_state]") {
  REQUIRE(apply(open_payload(a)));
  REQUIRE(apply(open_payload(b)));
  REQUIRE(events(a, 0, 3));
  REQUIRE(apply(encode(put_cursors{{{"s1", a, "x"}, {"s2", b, "y"}}})));
  REQUIRE(apply(encode(close_channel{a})));
  CHECK(state.channel(a) == nullptr);
  CHECK(state.channel(b) != nullptr);
  CHECK(state.cursor_of("s1").empty());
  CHECK(state.cursor_of("s2") == "y");
  CHECK(count(row_change::kind::remove) == 2);
  CHECK(count(row_change::kind::remove_range) == 1);
  REQUIRE(apply(encode(close_channel{a})));
  CHECK(rows.empty());
}

TEST_CASE_METHOD(state_fixture,
                 "a trim hides events once and never gives them back",
                 "[storage][shard_state]") {
  REQUIRE(apply(open_payload(a)));
  REQUIRE(events(a, 0, 3));
  REQUIRE(events(a, 3, 3));
  REQUIRE(apply(encode(trim_channel{a, log_offset{3}, 100})));
  CHECK(state.channel(a)->start == log_offset{3});
  CHECK(state.channel(a)->bytes_below == 100);
  CHECK(count(row_change::kind::remove_range) == 1);
  for (auto start : {0, 3, 7}) {
    REQUIRE(apply(
      encode(trim_channel{a, log_offset{static_cast<uint64_t>(start)}, 7})));
    CHECK(rows.empty());
    CHECK(state.channel(a)->start == log_offset{3});
  }
  REQUIRE(apply(encode(trim_channel{a, log_offset{6}, 200})));
  CHECK(state.channel(a)->start == state.channel(a)->end);
  REQUIRE(apply(encode(trim_channel{b, log_offset{1}, 1})));
  CHECK(rows.empty());
}

TEST_CASE_METHOD(state_fixture, "a cursor is put, replaced and removed",
                 "[storage][shard_state]") {
  REQUIRE(apply(open_payload(a)));
  REQUIRE(apply(encode(put_cursors{{{"s", a, "1"}}})));
  CHECK(state.cursor_of("s") == "1");
  REQUIRE(apply(encode(put_cursors{{{"s", a, "2"}}})));
  CHECK(state.cursor_of("s") == "2");
  REQUIRE(apply(encode(put_cursors{{{"s", a, ""}}})));
  CHECK(state.cursor_of("s").empty());
  CHECK(count(row_change::kind::remove) == 1);
  REQUIRE(apply(encode(put_cursors{{{"s", b, "of no channel"}}})));
  CHECK(state.cursor_of("s").empty());
}

TEST_CASE_METHOD(state_fixture, "a resource carries the index that wrote it",
                 "[storage][shard_state]") {
  REQUIRE(apply(encode(put_resource{"k", "{1}", 5})));
  REQUIRE(apply(encode(put_resource{"k", "{2}", 3})));
  CHECK(state.resources().at("k").document == "{2}");
  CHECK(state.resources().at("k").index == raft_index{2});
  // Ids used up never come back.
  CHECK(state.channel_ids_end() == 5);
  REQUIRE(apply(encode(remove_resource{"k"})));
  CHECK(state.resources().empty());
  CHECK(state.channel_ids_end() == 5);
}

TEST_CASE_METHOD(state_fixture,
                 "barriers and configurations only move the index",
                 "[storage][shard_state]") {
  REQUIRE(state.apply(raft_index{1}, entry_type::barrier, "", rows));
  REQUIRE(state.apply(raft_index{2}, entry_type::change, "conf", rows));
  CHECK(rows.empty());
  CHECK(state.applied() == raft_index{2});
}

TEST_CASE_METHOD(state_fixture, "an entry that can not be read is refused",
                 "[storage][shard_state]") {
  auto done = apply("\x07garbage");
  REQUIRE_FALSE(done);
  CHECK(done.error() == ec::format_too_new);
  CHECK(apply(std::string{"\x01", 1}).error() == ec::corrupt_record);
}

TEST_CASE_METHOD(state_fixture, "the state's rows are the frozen bytes",
                 "[storage][shard_state][golden]") {
  REQUIRE(apply(encode(
    open_channel{channel_id{300}, incarnation{2}, "ns", "orders", false})));
  CHECK(hex(rows[0].value) == hex(golden("row_channel")));
  REQUIRE(apply(encode(put_cursors{{{"uid-1", channel_id{300}, "cursor"}}})));
  CHECK(hex(rows[0].value) == hex(golden("row_cursor")));
  REQUIRE(apply(encode(put_resource{"channels/ns/orders", "{\"a\":1}", 301})));
  CHECK(hex(rows[0].value) == hex(golden("row_id_counter")));
  CHECK(hex(rows[1].value) == hex(golden("row_resource")));
  CHECK(hex(state.applied_row().value) == hex(golden("row_applied")));
}
