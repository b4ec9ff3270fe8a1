// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/raft/server_id.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd::storage;

TEST_CASE("a server id says its node, whatever its life",
          "[storage][raft][server_id]") {
  CHECK(server_id(1, 5) == 4'294'967'301);
  for (uint64_t node : {1, 2, 65'535})
    for (uint32_t life : {uint32_t{1}, uint32_t{1} << 31, ~uint32_t{0}})
      CHECK(node_of(server_id(node, life)) == node);
}

TEST_CASE("two lives of a node, and one life of two nodes, are two servers",
          "[storage][raft][server_id]") {
  CHECK(server_id(1, 5) != server_id(1, 6));
  CHECK(server_id(1, 5) != server_id(2, 5));
}

TEST_CASE("the id of a node that began before clusters is its number",
          "[storage][raft][server_id]") {
  CHECK(node_of(1) == 1);
  CHECK(node_of(0xffff'ffff) == 0xffff'ffff);
}
