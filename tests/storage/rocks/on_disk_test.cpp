// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/rocks/on_disk.hpp"

#include <fstream>

#include <catch2/catch_test_macros.hpp>
#include <rocksdb/db.h>

#include "storage/state/recover.hpp"
#include "tests/fixtures/crash_file_system.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using namespace eventd::storage;

namespace fs = std::filesystem;

namespace {

result<std::unique_ptr<database>> open(const std::string& path,
                                       uint32_t shards) {
  return database::open({path, shards, false, {}});
}

} // namespace

TEST_CASE("a folder that is empty or not there has no shards yet",
          "[storage][on_disk]") {
  auto dir = tests::temp_dir::in_memory();
  rocksdb::DBOptions options;
  auto none = shards_on_disk(options, dir / "data", false);
  REQUIRE(none);
  CHECK_FALSE(none->has_value());
  fs::create_directory(dir / "data");
  CHECK_FALSE(shards_on_disk(options, dir / "data", false)->has_value());
  REQUIRE(open(dir / "data", 3));
  CHECK(shards_on_disk(options, dir / "data", false)->value() == 3);
}

TEST_CASE("a database that is not eventd's is refused and left as it is",
          "[storage][on_disk]") {
  auto dir = tests::temp_dir::in_memory();
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* other = nullptr;
  REQUIRE(rocksdb::DB::Open(options, dir / "data", &other).ok());
  REQUIRE(other->Put({}, "theirs", "1").ok());
  delete other;
  auto refused = open(dir / "data", 2);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == ec::invalid_config);
  CHECK(refused.error().detail.find("not eventd's") != std::string::npos);
  std::vector<std::string> names;
  REQUIRE(rocksdb::DB::ListColumnFamilies(options, dir / "data", &names).ok());
  CHECK(names.size() == 1);
}

TEST_CASE("a lost CURRENT is refused, never answered with a new database",
          "[storage][on_disk]") {
  auto dir = tests::temp_dir::in_memory();
  REQUIRE(open(dir / "data", 2));
  fs::remove(dir / "data/CURRENT");
  auto refused = open(dir / "data", 2);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == ec::corrupt_store);
  CHECK(refused.error().detail.find("CURRENT") != std::string::npos);
}

TEST_CASE("a damaged CURRENT is named", "[storage][on_disk]") {
  auto dir = tests::temp_dir::in_memory();
  REQUIRE(open(dir / "data", 2));
  std::ifstream in{dir / "data/CURRENT"};
  std::string good;
  std::getline(in, good);
  good += "\n";
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    std::ofstream{dir / "data/CURRENT"} << bad;
    auto refused = open(dir / "data", 2);
    if (refused)
      FAIL("bit " << bit << " passed");
    CHECK(refused.error().detail.find("CURRENT") != std::string::npos);
  }
  std::ofstream{dir / "data/CURRENT"} << good;
  CHECK(open(dir / "data", 2));
}

TEST_CASE("a power cut at any step of making a database harms nothing",
          "[storage][on_disk]") {
  auto dir = tests::temp_dir::in_memory();
  auto files = std::make_shared<tests::crash_file_system>(dir / "attic");
  std::vector<std::string> images;
  files->before_each_step([&] {
    images.push_back(dir / ("image-" + std::to_string(images.size())));
    files->power_cut(dir / "data", images.back());
  });
  auto db = database::open({dir / "data", 3, false, files});
  REQUIRE(db);
  REQUIRE(bootstrap(**db, 1));
  files->before_each_step({});
  CHECK(images.size() > 20);
  for (const auto& image : images) {
    INFO(image);
    auto again = open(image, 3);
    REQUIRE(again);
    CHECK((*again)->shards() == 3);
    REQUIRE(bootstrap(**again, 1));
    for (uint32_t i = 0; i < 3; ++i) {
      raft_driver::options options;
      options.shard = shard_id{i};
      REQUIRE(recover(**again, options, 1'000));
    }
  }
}
