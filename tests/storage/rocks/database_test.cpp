// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/rocks/database.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <rocksdb/db.h>

#include "storage/rocks/failure_of.hpp"
#include "tests/fixtures/crash_file_system.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using namespace eventd::storage;

namespace {

std::unique_ptr<database> open(const std::string& path, uint32_t shards = 2) {
  return std::move(database::open({path, shards, false, {}}).value());
}

void put(database& db, std::string_view key, std::string_view value) {
  write_batch batch{db};
  batch.put(state_family, key, value);
  REQUIRE(db.write(batch, true));
}

} // namespace

TEST_CASE("a batch is written as a whole and read after a restart",
          "[storage][database]") {
  tests::temp_dir dir;
  auto db = open(dir / "data");
  write_batch batch{*db};
  CHECK(batch.empty());
  batch.put(state_family, "k", "1");
  batch.put(idx_family, "k", "2");
  batch.put(log_family(shard_id{0}), "k", "3");
  batch.put(log_family(shard_id{1}), "k", "4", "5");
  CHECK_FALSE(batch.empty());
  CHECK(batch.bytes() > 4);
  REQUIRE(db->write(batch, true));
  db.reset();
  db = open(dir / "data");
  CHECK(db->get(state_family, "k")->value() == "1");
  CHECK(db->get(idx_family, "k")->value() == "2");
  CHECK(db->get(log_family(shard_id{0}), "k")->value() == "3");
  CHECK(db->get(log_family(shard_id{1}), "k")->value() == "45");
  CHECK_FALSE(db->get(state_family, "other")->has_value());
  batch.clear();
  CHECK(batch.empty());
}

TEST_CASE("a walk sees one family in key order, from both sides",
          "[storage][database]") {
  tests::temp_dir dir;
  auto db = open(dir / "data");
  for (auto* key : {"b", "a", "d"})
    put(*db, key, key);
  for (bool background : {false, true}) {
    auto walk = db->walk(state_family, background);
    std::string seen;
    for (walk.seek(""); walk.valid(); walk.next())
      seen += walk.key();
    CHECK(seen == "abd");
    CHECK(walk.status());
    walk.seek_for_previous("c");
    REQUIRE(walk.valid());
    CHECK(walk.value() == "b");
    walk.seek("e");
    CHECK_FALSE(walk.valid());
  }
  auto empty = db->walk(idx_family);
  empty.seek("");
  CHECK_FALSE(empty.valid());
}

TEST_CASE("an old database keeps its number of shards", "[storage][database]") {
  tests::temp_dir dir;
  auto db = open(dir / "data", 3);
  // A node that was bootstrapped has its row.
  put(*db, std::string{"z\0\0", 3}, "node");
  db.reset();
  CHECK(open(dir / "data", 8)->shards() == 3);
  CHECK(open(dir / "data", 1)->shards() == 3);
}

TEST_CASE("a data directory in use is refused, by this process and by another",
          "[storage][database]") {
  tests::temp_dir dir;
  auto db = open(dir / "data");
  auto second = database::open({dir / "data", 2, false, {}});
  REQUIRE_FALSE(second);
  CHECK(second.error() == ec::data_dir_in_use);
  auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto third = database::open({dir / "data", 2, false, {}});
    ::_exit(!third && third.error() == ec::data_dir_in_use ? 0 : 1);
  }
  int status = 1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  // The refused ones did no harm.
  put(*db, "k", "v");
  db.reset();
  CHECK(open(dir / "data")->get(state_family, "k")->value() == "v");
}

TEST_CASE("an error of a path with lock in its name is no lock that is held",
          "[storage][database]") {
  auto io = rocksdb::Status::IOError("While open a file: /clock/000004.log",
                                     "Input/output error");
  CHECK(failure_of(io, "/clock") == ec::io_error);
  auto held = rocksdb::Status::IOError("While lock file: /data/LOCK",
                                       "Resource temporarily unavailable");
  CHECK(failure_of(held, "/data") == ec::data_dir_in_use);
  CHECK(failure_of(rocksdb::Status::NoSpace(), "/data") == ec::no_space);
  CHECK(failure_of(rocksdb::Status::Corruption("x"), "/data")
        == ec::corrupt_store);
}

TEST_CASE("a read-only open changes nothing and makes nothing",
          "[storage][database]") {
  tests::temp_dir dir;
  auto none = database::open({dir / "data", 2, true, {}});
  REQUIRE_FALSE(none);
  CHECK(none.error() == ec::not_found);
  CHECK_FALSE(std::filesystem::exists(dir / "data/CURRENT"));
  put(*open(dir / "data"), "k", "v");
  auto db = database::open({dir / "data", 2, true, {}});
  REQUIRE(db);
  CHECK((*db)->get(state_family, "k")->value() == "v");
  write_batch batch{**db};
  batch.put(state_family, "k", "w");
  CHECK_FALSE((*db)->write(batch, true));
}

TEST_CASE("a path that can not be made is an error with its name",
          "[storage][database]") {
  auto db = database::open({"/proc/eventd/data", 2, false, {}});
  REQUIRE_FALSE(db);
  CHECK(db.error().detail.find("/proc/eventd/data") != std::string::npos);
}

TEST_CASE("a sync that fails once fails the write and every write after it",
          "[storage][database]") {
  tests::temp_dir dir;
  auto files = std::make_shared<tests::crash_file_system>(dir / "attic");
  auto db = std::move(database::open({dir / "data", 2, false, files}).value());
  put(*db, "before", "1");
  files->fail_syncs(1);
  write_batch batch{*db};
  batch.put(state_family, "failed", "1");
  auto done = db->write(batch, true);
  REQUIRE_FALSE(done);
  CHECK(done.error() == ec::io_error);
  CHECK(done.error().detail.find("Input/output error") != std::string::npos);
  // The disk is well again; nothing may build on what it dropped.
  batch.clear();
  batch.put(state_family, "after", "1");
  CHECK_FALSE(db->write(batch, true));
  CHECK_FALSE(db->write(batch, false));
  files->power_cut(dir / "data", dir / "image");
  db.reset();
  auto image = open(dir / "image");
  CHECK(image->get(state_family, "before")->has_value());
  CHECK_FALSE(image->get(state_family, "failed")->has_value());
  CHECK_FALSE(image->get(state_family, "after")->has_value());
}

TEST_CASE("a full disk is no_space, and what was acknowledged stays",
          "[storage][database]") {
  tests::temp_dir dir;
  auto files = std::make_shared<tests::crash_file_system>(dir / "attic");
  auto db = std::move(database::open({dir / "data", 2, false, files}).value());
  put(*db, "before", "1");
  files->fill_disk(true);
  write_batch batch{*db};
  batch.put(state_family, "failed", "1");
  auto done = db->write(batch, true);
  REQUIRE_FALSE(done);
  CHECK(done.error() == ec::no_space);
  files->power_cut(dir / "data", dir / "image");
  files->fill_disk(false);
  db.reset();
  auto image = open(dir / "image");
  CHECK(image->get(state_family, "before")->has_value());
  CHECK_FALSE(image->get(state_family, "failed")->has_value());
}
