// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/cluster/shard_map.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::actors;

TEST_CASE("nobody leads a shard before it is told", "[actors][shard_map]") {
  shard_map map{2, 3};
  CHECK(map.self() == 2);
  CHECK(map.shards() == 3);
  for (uint32_t i = 0; i < 3; ++i) {
    CHECK(map.owner(shard_id{i}) == 0);
    CHECK_FALSE(map.is_own(shard_id{i}));
  }
}

TEST_CASE("a shard's owner is the one told last", "[actors][shard_map]") {
  shard_map map{2, 3};
  map.set(shard_id{1}, 3);
  CHECK(map.owner(shard_id{1}) == 3);
  CHECK_FALSE(map.is_own(shard_id{1}));
  map.set(shard_id{1}, 2);
  CHECK(map.is_own(shard_id{1}));
  map.set(shard_id{1}, 0);
  CHECK(map.owner(shard_id{1}) == 0);
  CHECK_FALSE(map.is_own(shard_id{1}));
  CHECK(map.owner(shard_id{0}) == 0);
  CHECK(map.owner(shard_id{2}) == 0);
}

TEST_CASE("a shard that does not exist has no owner", "[actors][shard_map]") {
  shard_map map{1, 2};
  map.set(shard_id{1}, 1);
  CHECK(map.owner(shard_id{2}) == 0);
  CHECK(map.owner(shard_id{~uint64_t{0}}) == 0);
}

TEST_CASE("all is served once each shard's newest owner was carried out",
          "[actors][shard_map]") {
  shard_map map{1, 2};
  CHECK(map.unserved() == shard_id{0});
  map.set(shard_id{0}, 1);
  CHECK(map.unserved() == shard_id{0}); // Its channels are not open yet.
  map.set_served(shard_id{0}, 1);
  CHECK(map.unserved() == shard_id{1});
  map.set(shard_id{1}, 2);
  map.set_served(shard_id{1}, 2);
  CHECK_FALSE(map.unserved());
  map.set(shard_id{0}, 3); // It moved on.
  CHECK(map.unserved() == shard_id{0});
  map.set_served(shard_id{0}, 1); // Told late.
  CHECK(map.unserved() == shard_id{0});
  map.set_served(shard_id{0}, 3);
  CHECK_FALSE(map.unserved());
  // Nobody leads it: that nobody was carried out serves no request.
  map.set(shard_id{1}, 0);
  map.set_served(shard_id{1}, 0);
  CHECK(map.unserved() == shard_id{1});
}
