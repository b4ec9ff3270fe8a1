// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "storage/log/channel_reader.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/storage_node.hpp"
#include "tests/fixtures/temp_dir.hpp"

namespace eventd::tests::channels {

using namespace storage;

inline constexpr shard_id shard{0};
inline constexpr channel_id channel{1};

/// Ten entries of ten events, stored a second apart; neighbours beside it.
struct reader_fixture {
  tests::temp_dir dir;
  std::unique_ptr<tests::storage_node> node = std::move(
    tests::storage_node::open({dir / "data", 1, false, {}}).value());

  reader_fixture() {
    for (uint64_t id : {0, 1, 2})
      REQUIRE(node->commit(shard, tests::open_payload(channel_id{id})));
    for (int i = 0; i < 10; ++i)
      for (uint64_t id : {0, 1, 2}) {
        node->clock_ms = 999'999 + 1'000 * static_cast<uint64_t>(i);
        REQUIRE(node->append(shard, channel_id{id},
                             std::vector<std::string>(10, "data")));
      }
  }

  channel_reader reader() { return {node->db(), channel, "tests/c1"}; }
  const channel_row& row() { return *node->state(shard).channel(channel); }
  /// Of all entries but the first, whose ten ids are one digit shorter.
  uint64_t entry_bytes() { return (row().bytes_end + 10) / 10; }
  uint64_t bytes_below(uint64_t start) {
    return start == 0 ? 0 : entry_bytes() * (start / 10) - 10;
  }

  result<std::vector<event_batch>> read(uint64_t from, uint64_t end,
                                        uint32_t events = 1'000,
                                        uint64_t bytes = 1 << 20) {
    std::vector<event_batch> out;
    auto done
      = reader().read(log_offset{from}, log_offset{end}, events, bytes, out);
    if (!done)
      return done.error();
    return out;
  }

  void trim(uint64_t start) {
    REQUIRE(node->commit(shard, encode(trim_channel{channel, log_offset{start},
                                                    bytes_below(start)})));
  }

  /// Raft index of the entry that begins at this offset.
  raft_index index_of(uint64_t first) {
    auto value
      = node->db().get(idx_family, idx_key(channel, log_offset{first}));
    return decode_idx_row(**value)->index;
  }

  void overwrite(raft_index index, const std::optional<std::string>& record) {
    write_batch batch{node->db()};
    if (record)
      batch.put(log_family(shard), log_key(index), *record);
    else
      batch.remove(log_family(shard), log_key(index));
    REQUIRE(node->db().write(batch, false));
  }
};

} // namespace eventd::tests::channels
