// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/subscription/event_buffer.hpp"

#include <catch2/catch_test_macros.hpp>

#include "storage/model/limits.hpp"
#include "tests/fixtures/test_events.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

/// `count` events from `first` on; each one's id is its offset.
event_batch batch_at(uint64_t first, uint32_t count, size_t data_bytes = 0) {
  std::string records;
  for (uint32_t i = 0; i < count; ++i)
    add_event(records, std::to_string(first + i), std::string(data_bytes, 'x'));
  auto batch = open_events(std::move(records), count);
  batch.first_offset = log_offset{first};
  return batch;
}

} // namespace

TEST_CASE("a buffer finds each event and no other", "[actors][event_buffer]") {
  event_buffer buffer;
  buffer.add(batch_at(10, 3), log_offset{10});
  buffer.add(batch_at(20, 2), log_offset{10});
  for (uint64_t offset : {10, 11, 12, 20, 21}) {
    auto event = buffer.find(log_offset{offset});
    REQUIRE(event.size() == 1);
    CHECK(event[0].id() == std::to_string(offset));
    CHECK(event.first_offset == log_offset{offset});
  }
  for (uint64_t offset : {0, 9, 13, 19, 22})
    CHECK(buffer.find(log_offset{offset}).empty());
}

TEST_CASE("a buffer forgets what is below the low offset",
          "[actors][event_buffer]") {
  event_buffer buffer;
  buffer.add(batch_at(0, 10), log_offset{0});
  buffer.add(batch_at(10, 10), log_offset{9});
  CHECK_FALSE(buffer.find(log_offset{9}).empty());
  buffer.add(batch_at(20, 10), log_offset{10});
  CHECK(buffer.find(log_offset{9}).empty());
  CHECK_FALSE(buffer.find(log_offset{10}).empty());
}

TEST_CASE("a buffer is bounded by bytes even when nothing gets delivered",
          "[actors][event_buffer]") {
  event_buffer buffer;
  for (uint64_t i = 0; i < 200; ++i)
    buffer.add(batch_at(i, 1, 100'000), log_offset{0});
  CHECK(buffer.bytes() <= 2 * limits::read_ahead_bytes_max + 200'000);
  CHECK_FALSE(buffer.find(log_offset{199}).empty());
  CHECK(buffer.find(log_offset{0}).empty());
}

TEST_CASE("a buffer that is cleared holds nothing", "[actors][event_buffer]") {
  event_buffer buffer;
  buffer.add(batch_at(0, 10), log_offset{0});
  CHECK(buffer.bytes() > 0);
  buffer.clear();
  CHECK(buffer.bytes() == 0);
  CHECK(buffer.find(log_offset{5}).empty());
}
