// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/state/identity.hpp"

#include <limits>

#include <catch2/catch_test_macros.hpp>

#include "storage/codec/bytes.hpp"
#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "storage/raft/rows.hpp"
#include "storage/raft/server_id.hpp"
#include "tests/fixtures/golden.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using namespace eventd::storage;
using eventd::tests::golden;
using eventd::tests::hex;

namespace {

constexpr uint64_t self = server_id(1, 5);
constexpr uint64_t other = server_id(2, 9);

identity sample() {
  identity x;
  x.server = self;
  x.cluster_id = "c-1";
  x.boot_counter = 300;
  x.boot_id = 77;
  x.boots = {77, 0xfedcba9876543210};
  x.founders = {{self, "127.0.0.1:7001"}, {other, "[::1]:7001"}};
  x.bootstrapped = true;
  x.abandoned = true;
  return x;
}

struct identity_fixture {
  tests::temp_dir dir;
  std::unique_ptr<database> db = open();
  const std::string identity_key = state_key(state_row::identity, shard_id{0});
  const std::string boots_key = state_key(state_row::own_boots, shard_id{0});
  const std::string node_key = state_key(state_row::node, shard_id{0});

  std::unique_ptr<database> open() {
    return std::move(database::open({dir / "data", 2, false, {}}).value());
  }

  void reopen() {
    db.reset();
    db = open();
  }

  void put(const std::string& key, const std::string& row) {
    write_batch batch{*db};
    batch.put(state_family, key, row);
    REQUIRE(db->write(batch, false));
  }

  std::string row(const std::string& key) {
    auto found = db->get(state_family, key);
    REQUIRE(found);
    REQUIRE(*found);
    return **found;
  }

  identity load() {
    auto x = load_identity(*db);
    REQUIRE(x);
    return *x;
  }

  persisted_raft load_shard(uint32_t shard) {
    auto raft = load_raft(*db, shard_id{shard});
    REQUIRE(raft);
    REQUIRE(*raft);
    return **raft;
  }
};

} // namespace

TEST_CASE_METHOD(identity_fixture, "a new directory belongs to nobody",
                 "[storage][identity]") {
  auto x = load();
  CHECK(x.server == 0);
  CHECK(x.cluster_id.empty());
  CHECK(x.boot_counter == 0);
  CHECK(x.founders.empty());
  CHECK_FALSE(x.bootstrapped);
  CHECK_FALSE(x.abandoned);
  CHECK_FALSE(x.join_only);
}

TEST_CASE_METHOD(identity_fixture, "an identity comes back after a restart",
                 "[storage][identity]") {
  for (bool bootstrapped : {false, true})
    for (bool abandoned : {false, true}) {
      auto x = sample();
      x.bootstrapped = bootstrapped;
      x.abandoned = abandoned;
      x.join_only = bootstrapped != abandoned;
      REQUIRE(store_identity(*db, x));
      reopen();
      auto back = load();
      CHECK(back.server == x.server);
      CHECK(back.cluster_id == x.cluster_id);
      CHECK(back.boot_counter == x.boot_counter);
      CHECK(back.founders == x.founders);
      CHECK(back.bootstrapped == bootstrapped);
      CHECK(back.abandoned == abandoned);
      CHECK(back.boots == x.boots);
      CHECK(back.join_only == x.join_only);
      // It is of one start of the process.
      CHECK(back.boot_id == 0);
    }
}

TEST_CASE_METHOD(identity_fixture,
                 "the rows of identity and peer are the frozen bytes",
                 "[storage][identity][golden]") {
  REQUIRE(store_identity(*db, sample()));
  CHECK(hex(row(identity_key)) == hex(golden("row_identity")));
  CHECK(hex(row(boots_key)) == hex(golden("row_own_boots")));
  REQUIRE(store_peer_boot(*db, other, {300, 0xfedcba9876543210}));
  std::string rest;
  put_big_endian(rest, other);
  auto key = state_key(state_row::peer_boot, shard_id{0}, rest);
  CHECK(hex(row(key)) == hex(golden("row_peer_boot")));
}

TEST_CASE_METHOD(identity_fixture,
                 "a node that began before clusters is known by its older row",
                 "[storage][identity]") {
  put(node_key, golden("row_node")); // Node 1.
  auto x = load();
  CHECK(x.server == 1);
  CHECK(node_of(x.server) == 1);
  CHECK(x.bootstrapped);
  CHECK(x.cluster_id.empty());
  CHECK(x.boot_counter == 0);
  // What is stored from now on counts.
  REQUIRE(store_identity(*db, sample()));
  CHECK(load().server == self);
}

TEST_CASE_METHOD(identity_fixture,
                 "bootstrap with servers gives every shard its first entry",
                 "[storage][identity]") {
  auto x = sample();
  x.bootstrapped = false;
  REQUIRE(bootstrap_shards(*db, x, x.founders));
  CHECK(x.bootstrapped);
  reopen();
  CHECK(load().bootstrapped);
  CHECK(load().founders == x.founders);
  for (uint32_t i = 0; i < db->shards(); ++i) {
    auto raft = load_shard(i);
    CHECK(raft.term == raft_term{1});
    CHECK(raft.last == raft_index{1});
    REQUIRE(raft.configurations.size() == 1);
    auto servers = decode_configuration(raft.configurations[0].second);
    REQUIRE(servers);
    CHECK(*servers == x.founders);
  }
}

TEST_CASE_METHOD(identity_fixture,
                 "bootstrap without servers leaves every shard empty",
                 "[storage][identity]") {
  auto x = sample();
  x.bootstrapped = false;
  x.founders.clear();
  REQUIRE(bootstrap_shards(*db, x, {}));
  CHECK(x.bootstrapped);
  reopen();
  CHECK(load().bootstrapped);
  for (uint32_t i = 0; i < db->shards(); ++i) {
    auto raft = load_shard(i);
    CHECK(raft.term == raft_term{0});
    CHECK(raft.last == raft_index{0});
    CHECK(raft.terms.empty());
    CHECK(raft.configurations.empty());
  }
}

TEST_CASE_METHOD(identity_fixture,
                 "bootstrap with one server twice writes nothing",
                 "[storage][identity]") {
  auto x = sample();
  x.bootstrapped = false;
  auto done = bootstrap_shards(*db, x, {{self, "a"}, {self, "b"}});
  REQUIRE_FALSE(done);
  CHECK(done.error() == ec::raft_failed);
  CHECK_FALSE(x.bootstrapped);
  CHECK(load().server == 0);
  for (uint32_t i = 0; i < db->shards(); ++i)
    CHECK_FALSE(load_raft(*db, shard_id{i})->has_value());
}

TEST_CASE_METHOD(identity_fixture, "the newest start of each peer is kept",
                 "[storage][identity]") {
  auto none = load_peer_boot(*db, other);
  REQUIRE(none);
  CHECK(none->counter == 0);
  CHECK(none->id == 0);
  REQUIRE(store_peer_boot(*db, other, {1, 11}));
  REQUIRE(store_peer_boot(*db, self, {7, 70}));
  REQUIRE(store_peer_boot(*db, other, {2, 22}));
  reopen();
  CHECK(load_peer_boot(*db, other)->counter == 2);
  CHECK(load_peer_boot(*db, other)->id == 22);
  CHECK(load_peer_boot(*db, self)->counter == 7);
  // The same node with a new directory is another peer.
  CHECK(load_peer_boot(*db, server_id(2, 10))->counter == 0);
}

TEST_CASE_METHOD(identity_fixture,
                 "the last starts are remembered, and no more than that",
                 "[storage][identity]") {
  identity x;
  x.server = self;
  const uint64_t starts = limits::boots_remembered_max + 3;
  for (uint64_t i = 1; i <= starts; ++i) {
    count_start(x, 100 + i);
    CHECK(x.boot_counter == i);
    CHECK(x.boot_id == 100 + i);
  }
  REQUIRE(x.boots.size() == limits::boots_remembered_max);
  CHECK(x.boots.front() == 100 + starts);
  CHECK(x.boots.back() == 104);
  REQUIRE(store_identity(*db, x));
  reopen();
  CHECK(load().boots == x.boots);
}

TEST_CASE_METHOD(identity_fixture,
                 "starts that another eventd counted are not taken for these",
                 "[storage][identity]") {
  REQUIRE(store_identity(*db, sample()));
  auto boots = row(boots_key);
  auto x = sample();
  ++x.boot_counter;
  x.boots.clear();
  REQUIRE(store_identity(*db, x));
  put(boots_key, boots);
  CHECK(load().boot_counter == x.boot_counter);
  CHECK(load().boots.empty());
  // More starts than bytes.
  std::string many;
  put_varint(many, x.boot_counter);
  put_varint(many, std::numeric_limits<uint64_t>::max());
  put(boots_key, seal_row(many));
  CHECK(load_identity(*db).error() == ec::corrupt_record);
}

TEST_CASE("a copy of a directory does not come after a start of the original",
          "[storage][identity]") {
  const peer_boot known{5, 55};
  auto follows = [&](uint64_t counter, std::vector<uint64_t> boots) {
    return comes_after(known, counter, boots.at(0), boots);
  };
  CHECK(follows(5, {55}));
  CHECK(follows(5, {55, 44}));
  CHECK(follows(6, {66, 55}));
  CHECK(follows(7, {77, 66, 55, 44}));
  CHECK_FALSE(follows(4, {44}));
  CHECK_FALSE(follows(5, {56}));
  CHECK_FALSE(follows(6, {66, 56}));
  CHECK_FALSE(follows(7, {77, 66, 56, 44}));
  // What it does not remember is believed, and so is one that tells nothing.
  CHECK(follows(7, {77, 66}));
  CHECK(comes_after(known, 6, 66, {}));
  CHECK_FALSE(comes_after(known, 5, 56, {}));
  CHECK_FALSE(comes_after(known, 4, 55, {}));
  // Nobody was seen yet.
  CHECK(comes_after({}, 1, 11, {11}));
}

TEST_CASE_METHOD(identity_fixture, "flipped bits of the rows are refused",
                 "[storage][identity]") {
  std::string rest;
  put_big_endian(rest, other);
  auto peer_key = state_key(state_row::peer_boot, shard_id{0}, rest);
  REQUIRE(store_identity(*db, sample()));
  REQUIRE(store_peer_boot(*db, other, {2, 22}));
  auto load_damaged = [&](const std::string& key) {
    return key == peer_key ? load_peer_boot(*db, other).has_value()
                           : load_identity(*db).has_value();
  };
  for (const auto& key : {identity_key, boots_key, peer_key}) {
    auto good = row(key);
    for (size_t i = 0; i < good.size(); ++i) {
      INFO("byte " << i);
      auto bad = good;
      bad[i] = static_cast<char>(bad[i] ^ 0x10);
      put(key, bad);
      CHECK_FALSE(load_damaged(key));
    }
    put(key, good);
    CHECK(load_damaged(key));
  }
  auto newer = row(identity_key);
  newer[0] = 2;
  put(identity_key, newer);
  CHECK(load_identity(*db).error() == ec::format_too_new);
}

TEST_CASE_METHOD(identity_fixture,
                 "rows of another length or without a server are refused",
                 "[storage][identity]") {
  auto refused = [&] {
    auto x = load_identity(*db);
    return !x && x.error() == ec::corrupt_record;
  };
  REQUIRE(store_identity(*db, sample()));
  std::string body{*open_row(row(identity_key))};
  for (size_t n = 0; n < body.size(); ++n) {
    put(identity_key, seal_row(body.substr(0, n)));
    REQUIRE(refused());
  }
  put(identity_key, seal_row(body + "x"));
  CHECK(refused());
  put(identity_key, seal_row(std::string(8, '\0') + body.substr(8)));
  CHECK(refused());
  // More founders than bytes.
  std::string many;
  put_fixed(many, self);
  put_string(many, "c-1");
  put_varint(many, 1);
  put_varint(many, 0);
  put_varint(many, std::numeric_limits<uint64_t>::max());
  put(identity_key, seal_row(many));
  CHECK(refused());
}

TEST_CASE_METHOD(identity_fixture,
                 "an older row or a peer's that is damaged is refused",
                 "[storage][identity]") {
  for (const auto& row :
       {std::string{"damaged"}, seal_row(""), seal_row(std::string(2, '\0'))}) {
    put(node_key, row);
    CHECK(load_identity(*db).error() == ec::corrupt_record);
  }
  std::string rest;
  put_big_endian(rest, other);
  auto key = state_key(state_row::peer_boot, shard_id{0}, rest);
  for (size_t n : {0, 8, 15, 17}) {
    put(key, seal_row(std::string(n, 'x')));
    CHECK(load_peer_boot(*db, other).error() == ec::corrupt_record);
  }
}
