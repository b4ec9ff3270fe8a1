// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/model/units.hpp"

#include <type_traits>
#include <unordered_set>

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/print.hpp"

using namespace eventd;

static_assert(!std::is_convertible_v<log_offset, raft_index>);
static_assert(!std::is_convertible_v<uint64_t, log_offset>);
static_assert(!std::is_constructible_v<channel_id, shard_id>);

TEST_CASE("a quantity counts, compares and subtracts like its number",
          "[storage][units]") {
  log_offset a{7};
  CHECK(a + 3 == log_offset{10});
  CHECK(log_offset{10} - a == 3);
  CHECK(a < log_offset{8});
  ++a;
  CHECK(a == log_offset{8});
  CHECK(log_offset{}.value == 0);
}

TEST_CASE("quantities of one number are one key in a hash table",
          "[storage][units]") {
  std::unordered_set<channel_id> xs{channel_id{1}, channel_id{2},
                                    channel_id{1}};
  CHECK(xs.size() == 2);
}
