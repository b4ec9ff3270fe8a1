// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/faulty/wal_kinds.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/print.hpp"
#include "tests/fixtures/storage_node.hpp"
#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using eventd::tests::storage_node;
using eventd::tests::wal_kinds;

namespace {

std::string log_bytes(const std::string& dir) {
  std::ostringstream out;
  for (const auto& x : std::filesystem::directory_iterator{dir})
    if (x.path().extension() == ".log")
      out << std::ifstream{x.path(), std::ios::binary}.rdbuf();
  return out.str();
}

/// What a node wrote that did all this once.
std::string bytes_of_a_node(const std::string& dir) {
  auto node = std::move(storage_node::open({dir, 2, true, {}}).value());
  const shard_id shard{1};
  const channel_id channel{7};
  REQUIRE(node->commit(shard, tests::open_payload(channel)));
  REQUIRE(node->append(shard, channel, {"a"}));
  // Larger than two blocks of RocksDB's log.
  REQUIRE(node->append(shard, channel, {std::string(80'000, 'x')}));
  REQUIRE(
    node->commit(shard, encode(storage::put_cursors{{{"s", channel, "1"}}})));
  REQUIRE(node->move_start(shard));
  return log_bytes(dir);
}

} // namespace

TEST_CASE("the kinds of what a node writes are told from its log's bytes",
          "[storage][wal_kinds]") {
  tests::temp_dir dir;
  auto bytes = bytes_of_a_node(dir / "data");
  auto found = wal_kinds{}.append(bytes);
  for (auto* x :
       {"barrier", "channel", "events", "cursor", "start", "vote", "applied"}) {
    INFO(x);
    CHECK(found.contains(x));
  }
  for (auto& x : found)
    CHECK(wal_kinds::all().contains(x));
  for (auto* x : {"truncate", "install", "copy", "dead-letter", "peer-boot"}) {
    INFO(x);
    CHECK_FALSE(found.contains(x));
  }
}

TEST_CASE("a write is named with its last byte, however its bytes come",
          "[storage][wal_kinds]") {
  tests::temp_dir dir;
  auto bytes = bytes_of_a_node(dir / "data");
  std::vector<std::string> whole, pieces;
  wal_kinds one, many;
  for (auto& x : one.append(bytes))
    whole.push_back(x);
  std::set<std::string> all;
  for (size_t at = 0, n = 1; at < bytes.size(); at += n, n = n % 1'000 + 1)
    all.merge(many.append(std::string_view{bytes}.substr(at, n)));
  CHECK(std::vector<std::string>(all.begin(), all.end()) == whole);
  // One byte is missing: the last write is not named.
  wal_kinds cut;
  auto first = bytes.find("xxxxxxxx");
  auto kinds = cut.append(std::string_view{bytes}.substr(0, first + 50'000));
  CHECK(kinds.contains("events"));
  CHECK_FALSE(kinds.contains("cursor"));
}
