// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/state/recover.hpp"

#include <catch2/catch_test_macros.hpp>

#include "storage/codec/bytes.hpp"
#include "storage/codec/key.hpp"
#include "storage/log/channel_reader.hpp"
#include "storage/rocks/reclaim.hpp"
#include "tests/fixtures/golden.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/storage_node.hpp"
#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using namespace eventd::storage;

namespace {

constexpr shard_id shard{1};
constexpr channel_id channel{1};

struct recover_fixture {
  tests::temp_dir dir;
  std::unique_ptr<database> db
    = std::move(database::open({dir / "data", 2, false, {}}).value());

  result<recovered_shard> recover_shard() {
    raft_driver::options options;
    options.shard = shard;
    return recover(*db, options, 1'000);
  }

  /// What a node wrote before it ended; the database is opened again.
  template <class Function>
  void run_node(Function function) {
    db.reset();
    {
      auto node = tests::storage_node::open({dir / "data", 2, false, {}});
      REQUIRE(node);
      function(**node);
    }
    db = std::move(database::open({dir / "data", 2, false, {}}).value());
  }

  void put_applied(uint64_t index) {
    std::string body;
    put_fixed(body, index);
    write_batch batch{*db};
    batch.put(state_family, state_key(state_row::applied, shard),
              seal_row(body));
    REQUIRE(db->write(batch, false));
  }
};

} // namespace

TEST_CASE_METHOD(recover_fixture, "a shard that was never made is refused",
                 "[storage][recover]") {
  auto recovered = recover_shard();
  REQUIRE_FALSE(recovered);
  CHECK(recovered.error() == ec::corrupt_store);
}

TEST_CASE_METHOD(recover_fixture, "bootstrap makes all shards, once",
                 "[storage][recover][golden]") {
  REQUIRE(bootstrap(*db, 1));
  auto row = db->get(state_family, state_key(state_row::node, shard_id{0}));
  CHECK(tests::hex(row->value()) == tests::hex(tests::golden("row_node")));
  auto first = recover_shard();
  REQUIRE(first);
  CHECK(first->state.applied() == raft_index{0});
  CHECK(first->unapplied.size() == 1);
  run_node([](tests::storage_node& node) {
    REQUIRE(node.commit(shard, tests::open_payload(channel)));
  });
  REQUIRE(bootstrap(*db, 1));
  auto again = recover_shard();
  REQUIRE(again);
  CHECK(again->state.channel(channel) != nullptr);
}

TEST_CASE_METHOD(recover_fixture, "a damaged row of the node is refused",
                 "[storage][recover]") {
  REQUIRE(bootstrap(*db, 1));
  write_batch batch{*db};
  batch.put(state_family, state_key(state_row::identity, shard_id{0}),
            "damaged");
  REQUIRE(db->write(batch, false));
  CHECK(bootstrap(*db, 1).error() == ec::corrupt_record);
}

TEST_CASE_METHOD(recover_fixture,
                 "entries whose state was not written come back to be applied",
                 "[storage][recover]") {
  raft_index last;
  run_node([&](tests::storage_node& node) {
    REQUIRE(node.commit(shard, tests::open_payload(channel)));
    last = node.driver(shard).last();
    for (auto* data : {"a", "b", "c"})
      REQUIRE(node.write_half(
        shard,
        tests::events_payload(channel, incarnation{1},
                              log_offset{uint64_t(data[0] - 'a')}, 1, {data})));
  });
  auto recovered = recover_shard();
  REQUIRE(recovered);
  CHECK(recovered->state.applied() == last);
  CHECK(recovered->unapplied.size() == 3);
  CHECK(recovered->driver.last() >= last + 3);
  // All that is persisted on the only voter gets committed.
  run_node([](tests::storage_node& node) {
    CHECK(node.read_all(shard, channel).value()
          == std::vector<std::string>{"a", "b", "c"});
    CHECK(node.append(shard, channel, {"d"}).value() == log_offset{3});
  });
}

TEST_CASE_METHOD(recover_fixture, "an applied index outside the log is refused",
                 "[storage][recover]") {
  raft_index last;
  run_node([&](tests::storage_node& node) {
    REQUIRE(node.commit(shard, tests::open_payload(channel)));
    REQUIRE(node.move_start(shard));
    REQUIRE(node.append(shard, channel, {"x"}));
    last = node.driver(shard).last();
  });
  REQUIRE(recover_shard());
  for (auto bad : {last.value + 1, uint64_t{1}}) {
    put_applied(bad);
    auto recovered = recover_shard();
    REQUIRE_FALSE(recovered);
    CHECK(recovered.error() == ec::corrupt_store);
  }
}

TEST_CASE_METHOD(recover_fixture,
                 "an entry to be applied that is missing is named",
                 "[storage][recover]") {
  raft_index last;
  run_node([&](tests::storage_node& node) {
    REQUIRE(node.commit(shard, tests::open_payload(channel)));
    last = node.driver(shard).last();
    REQUIRE(node.write_half(shard, tests::open_payload(channel_id{3})));
  });
  write_batch batch{*db};
  batch.remove(log_family(shard), log_key(last + 1));
  REQUIRE(db->write(batch, false));
  auto recovered = recover_shard();
  REQUIRE_FALSE(recovered);
  CHECK(recovered.error() == ec::corrupt_store);
  CHECK(recovered.error().detail.find("shard 1") != std::string::npos);
}

TEST_CASE_METHOD(recover_fixture,
                 "recovery tells compaction what was hidden before the start",
                 "[storage][recover]") {
  std::string record;
  run_node([&](tests::storage_node& node) {
    REQUIRE(node.commit(shard, tests::open_payload(channel)));
    REQUIRE(node.append(shard, channel, {"x"}));
    record
      = **node.db().get(log_family(shard), log_key(node.driver(shard).last()));
    REQUIRE(
      node.commit(shard, encode(trim_channel{channel, log_offset{1}, 100})));
    REQUIRE(node.move_start(shard));
  });
  CHECK_FALSE(db->rules().removable(shard, raft_index{3}, record));
  auto recovered = recover_shard();
  REQUIRE(recovered);
  CHECK(db->rules().removable(shard, raft_index{3}, record));
  CHECK_FALSE(
    db->rules().removable(shard, recovered->driver.start().index, record));
}
