// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/raft/rows.hpp"

#include <catch2/catch_test_macros.hpp>

#include "storage/codec/key.hpp"
#include "tests/fixtures/golden.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using namespace eventd::storage;
using eventd::tests::golden;
using eventd::tests::hex;

namespace {

constexpr shard_id shard{1};

const raft_start_point start{raft_index{500}, raft_term{7}, raft_index{1},
                             "configuration"};
const std::vector<term_row> terms{{raft_index{501}, raft_term{7}},
                                  {raft_index{900}, raft_term{12}}};

struct rows_fixture {
  tests::temp_dir dir;
  std::unique_ptr<database> db
    = std::move(database::open({dir / "data", 2, false, {}}).value());

  void write(const write_job& job) {
    write_batch batch{*db};
    stage(job, batch);
    REQUIRE(db->write(batch, true));
  }
};

} // namespace

TEST_CASE("Raft's rows are the frozen bytes", "[storage][rows][golden]") {
  CHECK(hex(hard_state_row(shard, raft_term{7}, 3).value)
        == hex(golden("row_hard_state")));
  CHECK(hex(terms_row(shard, terms).value) == hex(golden("row_terms")));
  CHECK(hex(start_row(shard, start).value) == hex(golden("row_raft_start")));
  CHECK(hex(configuration_row(shard, raft_index{1}, "configuration").value)
        == hex(golden("row_configuration")));
}

TEST_CASE("the first entry of a group is the frozen bytes",
          "[storage][rows][golden]") {
  auto job = bootstrap_job(shard, {{1, "1"}});
  REQUIRE(job);
  REQUIRE(job->records.size() == 1);
  CHECK(job->records[0].type == entry_type::change);
  CHECK(hex(*job->records[0].payload) == hex(golden("raft_configuration")));
}

TEST_CASE_METHOD(rows_fixture,
                 "a shard that was never bootstrapped has no Raft",
                 "[storage][rows]") {
  auto raft = load_raft(*db, shard);
  REQUIRE(raft);
  CHECK_FALSE(raft->has_value());
}

TEST_CASE_METHOD(rows_fixture, "Raft's rows come back from the disk",
                 "[storage][rows]") {
  auto job = bootstrap_job(shard, {{1, "1"}});
  REQUIRE(job);
  write(*job);
  auto fresh = load_raft(*db, shard);
  REQUIRE(fresh);
  REQUIRE(*fresh);
  CHECK((*fresh)->term == raft_term{1});
  CHECK((*fresh)->voted_for == 0);
  CHECK((*fresh)->last == raft_index{1});
  CHECK((*fresh)->start.index == raft_index{0});
  REQUIRE((*fresh)->configurations.size() == 1);

  write_job moved;
  moved.shard = shard;
  moved.log_end = raft_index{1};
  moved.rows = {hard_state_row(shard, raft_term{12}, 1),
                start_row(shard, start), terms_row(shard, terms)};
  write(moved);
  auto raft = load_raft(*db, shard);
  REQUIRE(raft);
  CHECK((*raft)->term == raft_term{12});
  CHECK((*raft)->voted_for == 1);
  CHECK((*raft)->start.index == start.index);
  CHECK((*raft)->start.term == start.term);
  CHECK((*raft)->start.configuration_index == start.configuration_index);
  CHECK((*raft)->start.configuration == start.configuration);
  REQUIRE((*raft)->terms.size() == 2);
  CHECK((*raft)->terms[1].first == raft_index{900});
  CHECK((*raft)->terms[1].term == raft_term{12});
  // It lies below the start, which carries its own copy.
  CHECK((*raft)->configurations.empty());
}

TEST_CASE_METHOD(rows_fixture, "a damaged or missing Raft row is refused",
                 "[storage][rows]") {
  auto job = bootstrap_job(shard, {{1, "1"}});
  REQUIRE(job);
  write(*job);
  for (auto row :
       {state_row::hard_state, state_row::log_end, state_row::terms}) {
    auto key = state_key(row, shard);
    auto good = db->get(state_family, key)->value();
    auto bad = good;
    bad.back() = static_cast<char>(bad.back() ^ 0x10);
    write_batch batch{*db};
    batch.put(state_family, key, bad);
    REQUIRE(db->write(batch, false));
    auto raft = load_raft(*db, shard);
    REQUIRE_FALSE(raft);
    CHECK(raft.error() == ec::corrupt_record);
    batch.clear();
    if (row != state_row::hard_state) {
      batch.remove(state_family, key);
      REQUIRE(db->write(batch, false));
      CHECK_FALSE(load_raft(*db, shard));
      batch.clear();
    }
    batch.put(state_family, key, good);
    REQUIRE(db->write(batch, false));
  }
  CHECK(load_raft(*db, shard));
}
