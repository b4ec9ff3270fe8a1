// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/codec/key.hpp"

#include <algorithm>
#include <array>

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/golden.hpp"
#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::storage;
using eventd::tests::golden;
using eventd::tests::hex;

namespace {

constexpr std::array<uint64_t, 9> numbers{
  0, 1, 255, 256, 65'535, 65'536, (1ull << 32) - 1, 1ull << 32, ~0ull};

} // namespace

TEST_CASE("the byte order of log keys is the order of Raft indexes",
          "[storage][key]") {
  for (auto a : numbers)
    for (auto b : numbers) {
      CHECK((log_key(raft_index{a}) < log_key(raft_index{b})) == (a < b));
      CHECK(index_of_log_key(log_key(raft_index{a})) == raft_index{a});
    }
}

TEST_CASE("idx keys sort by channel, then by offset, and come back",
          "[storage][key]") {
  for (uint64_t channel : {0ull, 1ull, 256ull, (1ull << 32) - 2})
    for (auto offset : numbers) {
      auto key = idx_key(channel_id{channel}, log_offset{offset});
      REQUIRE(key.size() == idx_key_bytes);
      auto at = position_of_idx_key(key);
      REQUIRE(at);
      CHECK(at->channel == channel_id{channel});
      CHECK(at->first == log_offset{offset});
      CHECK(key < idx_key(channel_id{channel + 1}, log_offset{0}));
      for (auto other : numbers)
        CHECK((key < idx_key(channel_id{channel}, log_offset{other}))
              == (offset < other));
    }
}

TEST_CASE("a key of another length is no idx key", "[storage][key]") {
  CHECK_FALSE(position_of_idx_key(""));
  CHECK_FALSE(position_of_idx_key(std::string(11, 'x')));
  CHECK_FALSE(position_of_idx_key(std::string(13, 'x')));
}

TEST_CASE("state keys of one row and shard stand together", "[storage][key]") {
  auto prefix = state_key(state_row::cursor, shard_id{3});
  CHECK(prefix.size() == state_key_prefix_bytes);
  CHECK(state_key(state_row::cursor, shard_id{3}, "uid").starts_with(prefix));
  CHECK(state_key(state_row::cursor, shard_id{3}, "uid")
        < state_key(state_row::cursor, shard_id{4}));
  CHECK_FALSE(
    state_key(state_row::cursor, shard_id{4}, "x").starts_with(prefix));
  CHECK_FALSE(state_key(state_row::channel, shard_id{3}, channel_id{7})
                .starts_with(prefix));
}

TEST_CASE("keys are the frozen bytes", "[storage][key][golden]") {
  std::string all = log_key(raft_index{0x0102030405060708});
  all += idx_key(channel_id{0x11223344}, log_offset{0x0102030405060708});
  for (auto row :
       {state_row::applied, state_row::log_end, state_row::hard_state,
        state_row::id_counter, state_row::raft_start, state_row::terms})
    all += state_key(row, shard_id{0x0a0b});
  all += state_key(state_row::configuration, shard_id{1}, raft_index{9});
  all += state_key(state_row::channel, shard_id{1}, channel_id{0x11223344});
  all += state_key(state_row::resource, shard_id{0}, "channels/ns/a");
  all += state_key(state_row::cursor, shard_id{1}, "uid-1");
  all += state_key(state_row::node, shard_id{0});
  CHECK(hex(all) == hex(golden("keys")));
}
