// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/state/copy.hpp"

#include <utility>

#include "storage/codec/bytes.hpp"
#include "storage/codec/crc32c.hpp"
#include "storage/codec/entry.hpp"
#include "storage/raft/rows.hpp"
#include "tests/storage/state/copy_fixture.hpp"

using namespace eventd;
using namespace eventd::tests::copying;
using eventd::tests::open_payload;

namespace {

bool is_damaged(const std::string& bytes) {
  auto rows = rows_of_state(shard, bytes);
  return !rows && rows.error() == ec::corrupt_record;
}

} // namespace

TEST_CASE_METHOD(copy_fixture,
                 "a state takes the place of the one that is there",
                 "[storage][copy]") {
  for (auto id : {shard_id{0}, shard}) {
    REQUIRE(node->commit(id, open_payload(one)));
    REQUIRE(node->commit(id, encode(put_cursors{{{"s", one, "7"}}})));
    REQUIRE(node->commit(id, encode(put_resource{"k", "{}", 5})));
  }
  // The other one has more of everything, up to the last of keys.
  auto old = load_other();
  write_job job;
  for (const auto& payload :
       {open_payload(one), open_payload(channel_id{0xffffffff}),
        encode(put_cursors{{{"s", one, "1"}, {"\xff\xff", one, "1"}}}),
        encode(put_resource{"\xff", "{}", 9})})
    REQUIRE(
      old.apply(old.applied() + 1, entry_type::command, payload, job.rows));
  job.rows.push_back(old.applied_row());
  write(*other, job.rows);
  std::vector<row_change> kept{hard_state_row(shard, raft_term{4}, 7),
                               log_end_row(shard, raft_index{9}),
                               copied_row(shard, raft_index{12})};
  write(*other, kept);

  auto x = state();
  CHECK(x.applied == applied());
  write_state(x);
  CHECK(state_rows_of(*other, shard) == state_rows_of(node->db(), shard));
  CHECK(state_rows_of(*other, shard).size() == 5);
  CHECK(state_rows_of(*other, shard_id{0}).empty());
  for (const auto& row : kept)
    CHECK(other->get(state_family, row.key).value() == row.value);
  // Another shard's, and then the first one is still there.
  write_state(state(shard_id{0}), shard_id{0});
  CHECK(state_rows_of(*other, shard_id{0})
        == state_rows_of(node->db(), shard_id{0}));
  CHECK(state_rows_of(*other, shard) == state_rows_of(node->db(), shard));
  auto copy = load_other();
  CHECK(copy.cursor_of("s") == "7");
  CHECK(copy.channel_ids_end() == 5);
}

TEST_CASE_METHOD(copy_fixture, "an empty state is a state", "[storage][copy]") {
  auto nothing = read_state(*other, shard);
  REQUIRE(nothing);
  CHECK(nothing->applied == raft_index{0});
  commit(open_payload(one));
  copy_entries(no_bound);
  write_state(state());
  REQUIRE_FALSE(state_rows_of(*other, shard).empty());
  write_state(*nothing);
  CHECK(state_rows_of(*other, shard).empty());
}

TEST_CASE_METHOD(copy_fixture, "a damaged state is refused",
                 "[storage][copy]") {
  commit(open_payload(one));
  commit(encode(put_cursors{{{"s", one, "7"}}}));
  auto good = state().bytes;
  REQUIRE_FALSE(is_damaged(good));
  for (size_t i = 0; i < good.size(); ++i) {
    INFO("byte " << i);
    auto bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    CHECK(is_damaged(bad));
    CHECK(is_damaged(good.substr(0, i)));
  }
  CHECK(is_damaged(good + "x"));
  // The bytes came as they were sent, and what was sent was damaged.
  auto sealed = [](std::string body) {
    put_fixed(body, crc32c(body));
    return body;
  };
  std::string body;
  put_string(body, state_key(state_row::cursor, shard, "s"));
  CHECK(is_damaged(sealed(body)));
  auto row = seal_row("x");
  auto whole = body;
  put_string(whole, row);
  CHECK_FALSE(is_damaged(sealed(whole)));
  CHECK(is_damaged(sealed(whole.substr(0, whole.size() - 1))));
  // A row whose key is longer or shorter than those of its kind.
  for (auto [kind, rest] : {std::pair{state_row::applied, "x"},
                            {state_row::id_counter, "x"},
                            {state_row::channel, "abc"},
                            {state_row::channel, "abcde"},
                            {state_row::cursor, ""},
                            {state_row::resource, ""}}) {
    INFO(static_cast<char>(kind) << ": '" << rest << "'");
    std::string odd;
    put_string(odd, state_key(kind, shard) + rest);
    put_string(odd, row);
    CHECK(is_damaged(sealed(odd)));
  }
  row.back() = 'y';
  put_string(body, row);
  CHECK(is_damaged(sealed(body)));
}

TEST_CASE_METHOD(copy_fixture, "a state with a damaged row is not read",
                 "[storage][copy]") {
  commit(open_payload(one));
  put(node->db(), state_family, state_key(state_row::channel, shard, one),
      "damaged");
  auto x = read_state(node->db(), shard);
  REQUIRE_FALSE(x);
  CHECK(x.error() == ec::corrupt_record);
  CHECK(read_state(node->db(), shard_id{0}));
}

// -- how far ------------------------------------------------------------------

TEST_CASE_METHOD(copy_fixture, "how far entries are copied outlives a restart",
                 "[storage][copy]") {
  auto copied = [&](shard_id id) {
    auto x = load_copied(*other, id);
    REQUIRE(x);
    return x->value;
  };
  CHECK(copied(shard) == 0);
  write(*other, {copied_row(shard, raft_index{0x123456789a})});
  other.reset();
  other = open_other();
  CHECK(copied(shard) == 0x123456789a);
  CHECK(copied(shard_id{0}) == 0);
  write(*other, {copied_row(shard, raft_index{7})});
  CHECK(copied(shard) == 7);
  write(*other, {no_copied_row(shard)});
  CHECK(copied(shard) == 0);
  auto row = copied_row(shard, raft_index{7});
  row.value.back() = static_cast<char>(row.value.back() ^ 1);
  write(*other, {row});
  auto x = load_copied(*other, shard);
  REQUIRE_FALSE(x);
  CHECK(x.error() == ec::corrupt_record);
}

TEST_CASE_METHOD(
  copy_fixture, "idx rows beyond the applied index do not move a channel's end",
  "[storage][copy]") {
  struct moment {
    copied_state state;
    std::string one, two;
  };
  std::vector<moment> moments;
  auto look = [&] {
    const auto& x = node->state(shard);
    moments.push_back(
      {state(), text_of(x.channel(one)), text_of(x.channel(two))});
  };
  commit(open_payload(one));
  commit(open_payload(two)); // Has nothing at first.
  look();
  for (size_t i = 0; i < 20; ++i) {
    append(one, std::vector<std::string>(1 + i % 4, "data"));
    if (i % 7 == 6)
      append(two, {"data"});
    look();
  }
  copy_entries(no_bound);
  REQUIRE(moments.size() == 21);
  for (const auto& x : moments) {
    INFO("applied " << x.state.applied.value);
    write_state(x.state);
    auto copy = load_other();
    CHECK(copy.applied() == x.state.applied);
    CHECK(text_of(copy.channel(one)) == x.one);
    CHECK(text_of(copy.channel(two)) == x.two);
  }
}

TEST_CASE_METHOD(copy_fixture,
                 "a channel's end is found where what follows was trimmed at "
                 "the source",
                 "[storage][copy]") {
  commit(open_payload(one));
  for (int i = 0; i < 3; ++i)
    append(one, {"old", "old"});
  // A node has this, and is away while the rest is written and trimmed.
  auto own = text_of(node->state(shard).channel(one));
  copy_entries(no_bound);
  write_state(state());
  for (int i = 0; i < 10; ++i)
    append(one, {"hidden"});
  trim_to(*node->state(shard).channel(one));
  for (int i = 0; i < 10; ++i)
    append(one, {"new"});
  // It is back, copies the entries, and ends before the state comes.
  copy_entries(no_bound);
  REQUIRE(rows_of(*other, idx_family).size() == 3 + 10);
  CHECK(text_of(load_other().channel(one)) == own);
  write_state(state());
  CHECK(text_of(load_other().channel(one))
        == text_of(node->state(shard).channel(one)));
}
