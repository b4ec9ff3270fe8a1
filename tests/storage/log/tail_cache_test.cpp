// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/log/tail_cache.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/print.hpp"
#include "tests/fixtures/test_events.hpp"

using namespace eventd;
using eventd::storage::tail_cache;

namespace {

constexpr channel_id a{1};
constexpr channel_id b{2};
constexpr shard_id shard{0};

event_batch batch_at(uint64_t first, uint32_t count, size_t bytes = 10) {
  std::string records;
  for (uint32_t i = 0; i < count; ++i)
    tests::add_event(records, std::to_string(first + i),
                     std::string(bytes, 'x'));
  auto batch = tests::open_events(std::move(records), count);
  batch.first_offset = log_offset{first};
  return batch;
}

std::vector<event_batch> read(const tail_cache& cache, channel_id channel,
                              uint64_t from, uint32_t events = 1'000,
                              uint64_t bytes = 1 << 20) {
  std::vector<event_batch> out;
  cache.read(channel, log_offset{from}, events, bytes, out);
  return out;
}

} // namespace

TEST_CASE("a tail cache answers from the middle of a batch on",
          "[storage][tail_cache]") {
  tail_cache cache{1 << 20};
  cache.add(a, shard, raft_index{1}, batch_at(10, 5));
  cache.add(a, shard, raft_index{2}, batch_at(15, 5));
  auto out = read(cache, a, 13);
  REQUIRE(out.size() == 2);
  CHECK(out[0].first_offset == log_offset{13});
  CHECK(out[0][0].id() == "13");
  CHECK(out[1].end_offset() == log_offset{20});
}

TEST_CASE("a tail cache answers nothing for offsets it does not hold",
          "[storage][tail_cache]") {
  tail_cache cache{1 << 20};
  cache.add(a, shard, raft_index{1}, batch_at(10, 5));
  CHECK(read(cache, a, 9).empty());
  CHECK(read(cache, a, 15).empty());
  CHECK(read(cache, b, 10).empty());
  CHECK(read(cache, a, 14).size() == 1);
}

TEST_CASE("a tail cache keeps to events and bytes, but gives one batch",
          "[storage][tail_cache]") {
  tail_cache cache{1 << 20};
  cache.add(a, shard, raft_index{1}, batch_at(0, 4));
  cache.add(a, shard, raft_index{2}, batch_at(4, 4));
  auto out = read(cache, a, 1, 5);
  REQUIRE(out.size() == 2);
  CHECK(out[1].end_offset() == log_offset{6});
  CHECK(read(cache, a, 0, 1'000, 1).size() == 1);
  CHECK(read(cache, a, 0, 0).empty());
}

TEST_CASE("a full tail cache lets the oldest go, of all channels",
          "[storage][tail_cache]") {
  tail_cache cache{4'000};
  cache.settle(shard, raft_index{1'000});
  for (uint64_t i = 0; i < 20; ++i)
    cache.add(i % 2 == 0 ? a : b, shard, raft_index{i + 1},
              batch_at(i / 2, 1, 500));
  CHECK(cache.bytes() <= 4'000);
  CHECK(read(cache, a, 0).empty());
  CHECK(read(cache, b, 0).empty());
  CHECK(read(cache, a, 9).size() == 1);
  CHECK(read(cache, b, 9).size() == 1);
}

TEST_CASE("a full tail cache keeps what the disk can not answer yet",
          "[storage][tail_cache]") {
  tail_cache cache{1'000};
  for (uint64_t i = 0; i < 10; ++i)
    cache.add(a, shard, raft_index{i + 1}, batch_at(i, 1, 500));
  CHECK(cache.bytes() > 1'000);
  CHECK(read(cache, a, 0).size() == 10);
  cache.settle(shard, raft_index{4});
  CHECK(read(cache, a, 3).empty());
  CHECK(read(cache, a, 4).size() == 6);
  cache.settle(shard_id{1}, raft_index{100});
  CHECK(read(cache, a, 4).size() == 6);
}

TEST_CASE("a dropped channel gives its bytes back and leaves others alone",
          "[storage][tail_cache]") {
  tail_cache cache{1 << 20};
  cache.add(a, shard, raft_index{1}, batch_at(0, 3));
  auto of_a = cache.bytes();
  cache.add(b, shard, raft_index{2}, batch_at(0, 3));
  cache.drop(a);
  CHECK(cache.bytes() == of_a);
  CHECK(read(cache, a, 0).empty());
  CHECK(read(cache, b, 0).size() == 1);
  cache.drop(b);
  CHECK(cache.bytes() == 0);
}
