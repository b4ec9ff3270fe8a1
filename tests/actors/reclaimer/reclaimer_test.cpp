// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/reclaimer/reclaimer.hpp"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "storage/codec/key.hpp"
#include "storage/rocks/reclaim.hpp"
#include "tests/fixtures/node_fixture.hpp"
#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

TEST_CASE_METHOD(node_fixture,
                 "a reclaimer removes what is hidden below the index, and "
                 "nothing else",
                 "[actors][reclaimer]") {
  start();
  auto orders = open("orders");
  auto others = open("others");
  auto more = open("more");
  REQUIRE(orders.shard == more.shard);
  std::string big(100'000, 'x');
  for (int i = 0; i < 10; ++i) {
    append(orders, events({std::to_string(i)}, big));
    append(more, events({std::to_string(i)}, big));
    append(others, events({std::to_string(i)}, big));
  }
  advance(20);
  REQUIRE(database->flush());
  auto log = storage::log_family(orders.shard);
  auto before = database->disk_bytes(log);
  REQUIRE(propose(orders.shard, storage::trim_channel{orders.id, log_offset{9},
                                                      9 * big.size()})
            .code()
          == ec::none);
  auto index = propose(orders.shard, storage::put_cursors{}).value().index;
  auto reclaim = [&] {
    caf::anon_send(reclaimer, atom::reclaim_v, orders.shard, index);
    run();
    return database->disk_bytes(log);
  };
  SECTION("not what Raft may need") {
    CHECK(reclaim() > before - big.size());
  }
  SECTION("but what it does not need") {
    database->rules().set_raft_start(orders.shard, index);
    auto after = reclaim();
    CHECK(after < before - 8 * big.size());
    CHECK(after > 10 * big.size());
  }
  tail->drop(orders.id);
  tail->drop(more.id);
  CHECK(read(orders, 9)->batches.size() == 1);
  CHECK(ids(more).size() == 10);
  CHECK(ids(others).size() == 10);
}
