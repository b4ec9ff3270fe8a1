// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/rocks/reclaim.hpp"

#include <catch2/catch_test_macros.hpp>

#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/storage_node.hpp"
#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using namespace eventd::storage;

namespace {

constexpr shard_id shard{0};
constexpr channel_id a{1};
constexpr channel_id b{2};

std::string record_of(std::string_view payload,
                      entry_type type = entry_type::command) {
  return encode_record_header({type, raft_term{1}}, payload)
         + std::string{payload};
}

/// Two events of channel `a` at 10 and 11.
std::string events_record() {
  return record_of(
    tests::events_payload(a, incarnation{1}, log_offset{10}, 1, {"x", "y"}));
}

} // namespace

TEST_CASE("nothing at or above the Raft start is removable",
          "[storage][reclaim]") {
  reclaim_rules rules{2};
  CHECK_FALSE(rules.removable(shard, raft_index{1}, events_record()));
  rules.set_raft_start(shard, raft_index{5});
  CHECK(rules.removable(shard, raft_index{4}, events_record()));
  CHECK_FALSE(rules.removable(shard, raft_index{5}, events_record()));
  CHECK_FALSE(rules.removable(shard_id{1}, raft_index{4}, events_record()));
  rules.set_raft_start(shard, raft_index{3});
  CHECK(rules.removable(shard, raft_index{4}, events_record()));
}

TEST_CASE("an entry goes when its last event is hidden, not before",
          "[storage][reclaim]") {
  reclaim_rules rules{1};
  rules.set_raft_start(shard, raft_index{5});
  for (auto [start, removable] : {std::pair{0, false},
                                  {10, false},
                                  {11, false},
                                  {12, true},
                                  {20, true}}) {
    rules.set_channel_start(shard, a, log_offset{static_cast<uint64_t>(start)});
    CHECK(rules.removable(shard, raft_index{4}, events_record()) == removable);
  }
  rules.set_channel_start(shard, a, log_offset{0});
  rules.close_channel(shard, a);
  CHECK(rules.removable(shard, raft_index{4}, events_record()));
}

TEST_CASE("commands, barriers and configurations go below the start",
          "[storage][reclaim]") {
  reclaim_rules rules{1};
  rules.set_raft_start(shard, raft_index{5});
  CHECK(
    rules.removable(shard, raft_index{4}, record_of(tests::open_payload(a))));
  CHECK(
    rules.removable(shard, raft_index{4}, record_of("", entry_type::barrier)));
  CHECK(rules.removable(shard, raft_index{4},
                        record_of("conf", entry_type::change)));
}

TEST_CASE("a damaged record is kept for who reads it", "[storage][reclaim]") {
  reclaim_rules rules{1};
  rules.set_raft_start(shard, raft_index{5});
  auto record = events_record();
  record.back() = static_cast<char>(record.back() ^ 1);
  CHECK_FALSE(rules.removable(shard, raft_index{4}, record));
  CHECK_FALSE(rules.removable(shard, raft_index{4}, "short"));
}

namespace {

struct disk_fixture {
  tests::temp_dir dir;
  std::unique_ptr<tests::storage_node> node = std::move(
    tests::storage_node::open({dir / "data", 1, false, {}}).value());

  /// About 60 KiB of events per entry, each of them other bytes.
  static std::vector<std::string> data(uint64_t seed) {
    std::vector<std::string> out;
    for (size_t i = 0; i < 60; ++i)
      out.push_back(std::string(1'000, static_cast<char>('a' + i % 26))
                    + std::to_string(seed * 1'000 + i));
    return out;
  }

  void compact() {
    auto all = std::string(13, '\xff');
    REQUIRE(node->db().flush());
    REQUIRE(node->db().compact(log_family(shard), "", all));
    REQUIRE(node->db().compact(idx_family, "", all));
  }

  uint64_t disk() { return node->db().disk_bytes(log_family(shard)); }

  void trim(channel_id id, uint64_t start) {
    auto row = *decode_idx_row(
      **node->db().get(idx_family, idx_key(id, log_offset{start})));
    REQUIRE(node->commit(
      shard, encode(trim_channel{id, log_offset{start}, row.bytes_below})));
  }
};

} // namespace

TEST_CASE_METHOD(
  disk_fixture,
  "what is trimmed and closed leaves the disk, the rest reads as it was",
  "[storage][reclaim]") {
  constexpr channel_id c{3};
  for (auto id : {a, b, c})
    REQUIRE(node->commit(shard, tests::open_payload(id)));
  std::vector<std::string> of_b;
  for (uint64_t i = 0; i < 340; ++i) {
    REQUIRE(node->append(shard, a, data(i)));
    REQUIRE(node->append(shard, b, data(1'000 + i)));
    REQUIRE(node->append(shard, c, data(2'000 + i)));
    for (auto& x : data(1'000 + i))
      of_b.push_back(std::move(x));
  }
  compact();
  auto full = disk();
  CHECK(full > 60'000'000);

  // Hidden, but above the Raft start: all of it stays.
  trim(b, 170 * 60);
  REQUIRE(node->commit(shard, encode(close_channel{a})));
  compact();
  CHECK(disk() > full - full / 20);

  REQUIRE(node->move_start(shard));
  compact();
  CHECK(disk() < full * 52 / 100);
  CHECK(disk() > full * 48 / 100);
  auto kept = node->read_all(shard, b);
  REQUIRE(kept);
  CHECK(*kept == std::vector<std::string>(of_b.begin() + 170 * 60, of_b.end()));
  auto whole = node->read_all(shard, c);
  REQUIRE(whole);
  REQUIRE(whole->size() == 340 * 60);
  CHECK(whole->front() == data(2'000).front());
  CHECK(whole->back() == data(2'339).back());

  // The same after a restart, and the rest goes too.
  node.reset();
  node = std::move(
    tests::storage_node::open({dir / "data", 1, false, {}}).value());
  CHECK(*node->read_all(shard, b) == *kept);
  REQUIRE(node->commit(shard, encode(close_channel{c})));
  REQUIRE(node->commit(shard, encode(close_channel{b})));
  REQUIRE(node->move_start(shard));
  compact();
  CHECK(disk() < full / 100);
}

TEST_CASE_METHOD(disk_fixture, "whole files of hidden events leave at once",
                 "[storage][reclaim]") {
  REQUIRE(node->commit(shard, tests::open_payload(a)));
  for (uint64_t i = 0; i < 100; ++i)
    REQUIRE(node->append(shard, a, data(i)));
  compact(); // Only files below the first level leave at once.
  auto below = node->driver(shard).last();
  REQUIRE(node->append(shard, a, data(100)));
  REQUIRE(node->db().flush());
  auto full = disk();
  trim(a, 100 * 60);
  REQUIRE(node->move_start(shard));
  REQUIRE(node->db().drop_files(log_family(shard), "", log_key(below + 1)));
  CHECK(disk() < full / 10);
  auto rest = node->read_all(shard, a);
  REQUIRE(rest);
  CHECK(*rest == data(100));
}
