// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/log/write_job.hpp"

#include <catch2/catch_test_macros.hpp>

#include "storage/codec/key.hpp"
#include "storage/log/channel_reader.hpp"
#include "tests/fixtures/golden.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using namespace eventd::storage;

namespace {

constexpr shard_id shard{1};

log_record record(uint64_t term, std::string payload) {
  return {entry_type::command, raft_term{term},
          std::make_shared<const std::string>(std::move(payload))};
}

struct write_job_fixture {
  tests::temp_dir dir;
  std::unique_ptr<database> db
    = std::move(database::open({dir / "data", 2, false, {}}).value());

  void write(const write_job& job) {
    write_batch batch{*db};
    stage(job, batch);
    REQUIRE(db->write(batch, true));
  }

  write_job first_three() {
    write_job job;
    job.shard = shard;
    job.first = raft_index{1};
    job.records = {record(1, "one"), record(1, "two"), record(1, "three")};
    return job;
  }
};

} // namespace

TEST_CASE_METHOD(write_job_fixture,
                 "staged records are read back, and the log's end with them",
                 "[storage][write_job][golden]") {
  write(first_three());
  auto records = read_records(*db, shard, raft_index{1}, raft_index{3});
  REQUIRE(records);
  REQUIRE(records->size() == 3);
  CHECK(*(*records)[2].payload == "three");
  CHECK((*records)[2].term == raft_term{1});
  CHECK(read_records(*db, shard_id{0}, raft_index{1}, raft_index{0})->empty());
  auto end = db->get(state_family, state_key(state_row::log_end, shard));
  REQUIRE(end);
  REQUIRE(*end);
  CHECK(tests::hex(**end) == tests::hex(tests::golden("row_log_end")));
}

TEST_CASE_METHOD(write_job_fixture,
                 "a truncation removes the tail before it writes the new one",
                 "[storage][write_job]") {
  write(first_three());
  write_job job;
  job.shard = shard;
  job.truncate = job.first = raft_index{2};
  job.log_end = raft_index{3};
  job.records = {record(2, "other")};
  write(job);
  auto records = read_records(*db, shard, raft_index{1}, raft_index{2});
  REQUIRE(records);
  CHECK(*(*records)[0].payload == "one");
  CHECK(*(*records)[1].payload == "other");
  auto beyond = read_records(*db, shard, raft_index{1}, raft_index{3});
  REQUIRE_FALSE(beyond);
  CHECK(beyond.error() == ec::corrupt_store);
}

TEST_CASE_METHOD(write_job_fixture,
                 "rows of a job are put, removed and removed by range",
                 "[storage][write_job]") {
  write_job job;
  job.rows = {{row_change::kind::put, state_family, "a", "1"},
              {row_change::kind::put, state_family, "b", "2"},
              {row_change::kind::put, state_family, "c", "3"},
              {row_change::kind::put, state_family, "d", "4"}};
  write(job);
  job.rows = {{row_change::kind::remove, state_family, "a", {}},
              {row_change::kind::remove_range, state_family, "b", "d"}};
  write(job);
  for (auto* gone : {"a", "b", "c"})
    CHECK_FALSE(db->get(state_family, gone)->has_value());
  CHECK(db->get(state_family, "d")->value() == "4");
}

TEST_CASE_METHOD(
  write_job_fixture,
  "a record that is missing or damaged is named by shard and entry",
  "[storage][write_job]") {
  write(first_three());
  write_batch batch{*db};
  batch.remove(log_family(shard), log_key(raft_index{2}));
  REQUIRE(db->write(batch, false));
  auto records = read_records(*db, shard, raft_index{1}, raft_index{3});
  REQUIRE_FALSE(records);
  CHECK(records.error() == ec::corrupt_store);
  CHECK(records.error().detail.find("shard 1, entry 2") != std::string::npos);
  batch.clear();
  batch.put(log_family(shard), log_key(raft_index{2}), "not a record");
  REQUIRE(db->write(batch, false));
  records = read_records(*db, shard, raft_index{1}, raft_index{3});
  REQUIRE_FALSE(records);
  CHECK(records.error() == ec::corrupt_record);
  CHECK(records.error().detail.find("shard 1, entry 2") != std::string::npos);
}
