// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <catch2/catch_test_macros.hpp>

#include "storage/raft/rows.hpp"
#include "tests/fixtures/crash_file_system.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/storage_node.hpp"
#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using namespace eventd::storage;
using eventd::tests::crash_file_system;
using eventd::tests::storage_node;

TEST_CASE("a vote torn at any byte is there or is not, and breaks nothing",
          "[storage][power_cut]") {
  constexpr shard_id shard{1};
  constexpr channel_id channel{7};
  constexpr uint64_t candidate = 9;
  auto dir = tests::temp_dir::in_memory();
  auto files = std::make_shared<crash_file_system>(dir / "attic");
  auto node
    = std::move(storage_node::open({dir / "data", 2, true, files}).value());
  REQUIRE(node->commit(shard, tests::open_payload(channel)));
  REQUIRE(node->append(shard, channel, {"a", "b"}));
  auto before = load_raft(node->db(), shard).value()->term;
  auto after = before + 3;
  write_batch batch{node->db()};
  auto row = hard_state_row(shard, after, candidate);
  batch.put(row.where, row.key, row.value);
  REQUIRE(node->db().write(batch, false));
  auto tail = files->unsynced_bytes(dir / "data");
  REQUIRE(tail > row.value.size());
  for (uint64_t torn = 0; torn <= tail; ++torn) {
    INFO(torn << " of " << tail << " bytes");
    auto image = dir / ("image-" + std::to_string(torn));
    files->power_cut(dir / "data", image, torn);
    {
      auto db = database::open({image, 2, false, nullptr});
      REQUIRE(db);
      auto raft = load_raft(**db, shard);
      REQUIRE(raft);
      // Only the whole of it counts.
      auto whole = torn == tail;
      CHECK((*raft)->term == (whole ? after : before));
      CHECK(((*raft)->voted_for == candidate) == whole);
    }
    auto again = storage_node::open({image, 2, true, nullptr});
    REQUIRE(again);
    auto all = (*again)->read_all(shard, channel);
    REQUIRE(all);
    CHECK(*all == std::vector<std::string>{"a", "b"});
  }
}
