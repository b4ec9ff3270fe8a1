// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/rocks/synced_mark.hpp"

#include <filesystem>

#include <catch2/catch_test_macros.hpp>

#include "storage/rocks/database.hpp"
#include "tests/fixtures/damage.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using namespace eventd::storage;

namespace fs = std::filesystem;

namespace {

void put(database& db, const std::string& key, bool sync) {
  write_batch batch{db};
  batch.put(state_family, key, std::string(1'000, 'x'));
  REQUIRE(db.write(batch, sync));
}

} // namespace

TEST_CASE("a mark is read as it was noted, and not where it is damaged",
          "[storage][synced_mark]") {
  tests::temp_dir dir;
  {
    synced_mark mark{dir.path()};
    CHECK(mark.read() == 0);
    mark.note(7);
    mark.note(uint64_t{1} << 40);
    CHECK(mark.read() == uint64_t{1} << 40);
  }
  CHECK(synced_mark{dir.path()}.read() == uint64_t{1} << 40);
  for (size_t i = 0; i < 12; ++i) {
    tests::flip_bit(dir / "SYNCED", i);
    CHECK(synced_mark{dir.path()}.read() == 0);
    tests::flip_bit(dir / "SYNCED", i);
  }
  fs::resize_file(dir / "SYNCED", 11);
  CHECK(synced_mark{dir.path()}.read() == 0);
}

TEST_CASE("a write-ahead log that was cut behind a sync is refused where other "
          "nodes have the data",
          "[storage][synced_mark]") {
  tests::temp_dir dir;
  auto path = dir / "data";
  auto has_copies = true;
  auto open = [&] { return database::open({path, 1, false, {}, has_copies}); };
  uintmax_t synced = 0;
  fs::path log;
  {
    auto db = open();
    REQUIRE(db);
    for (auto* key : {"a", "b"})
      put(**db, key, true);
    log = tests::files_like(path, "", ".log").back();
    synced = fs::file_size(log);
    put(**db, "c", false);
  }
  // What was not synced may be torn off, as a loss of power does.
  auto lives = fs::file_size(log);
  REQUIRE(lives > synced);
  fs::copy(path, dir / "copy", fs::copy_options::recursive);
  fs::resize_file(log, synced + 10);
  CHECK(open());
  fs::remove_all(path);
  fs::copy(dir / "copy", path, fs::copy_options::recursive);
  fs::resize_file(log, synced - 10);
  auto refused = open();
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == ec::corrupt_store);
  CHECK(refused.error().detail.find("synced") != std::string::npos);
  // A node that is alone has nothing better.
  has_copies = false;
  CHECK(open());
}
