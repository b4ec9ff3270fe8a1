// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/rocks/frame_check.hpp"

#include <fstream>
#include <set>

#include <catch2/catch_test_macros.hpp>
#include <rocksdb/file_system.h>

#include "tests/fixtures/crash_file_system.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/storage_node.hpp"
#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using namespace eventd::storage;

namespace fs = std::filesystem;

namespace {

constexpr shard_id shard{0};
constexpr channel_id channel{1};

std::string bytes_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write_file(const fs::path& file, std::string_view bytes) {
  std::ofstream{file, std::ios::binary} << bytes;
}

/// Flips one bit where it stands, or back: quicker than a file written anew.
void flip(const fs::path& path, size_t bit) {
  std::fstream file{path, std::ios::binary | std::ios::in | std::ios::out};
  file.seekg(static_cast<std::streamoff>(bit / 8));
  auto byte = file.get();
  file.seekp(static_cast<std::streamoff>(bit / 8));
  file.put(static_cast<char>(byte ^ (1 << (bit % 8))));
}

std::string flipped(std::string bytes, size_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  return bytes;
}

/// What a power loss left of a node: all its events are in the WAL.
struct image_fixture {
  tests::temp_dir dir = tests::temp_dir::in_memory();
  std::string image = dir / "image";
  static constexpr size_t events = 15;

  explicit image_fixture(size_t event_bytes = 20) {
    auto files = std::make_shared<tests::crash_file_system>(dir / "attic");
    auto node = std::move(
      tests::storage_node::open({dir / "data", 1, true, files}).value());
    REQUIRE(node->commit(shard, tests::open_payload(channel)));
    for (size_t i = 0; i < events; ++i)
      REQUIRE(node->append(shard, channel, {std::string(event_bytes, 'x')}));
    files->power_cut(dir / "data", image);
  }

  fs::path file(std::string_view part) const {
    for (const auto& entry : fs::directory_iterator(image))
      if (auto name = entry.path().filename().string();
          name.find(part) != std::string::npos && entry.file_size() > 0)
        return entry.path();
    return {};
  }

  result<void> check() const {
    return check_frames(*rocksdb::FileSystem::Default(), image);
  }

  /// Every `step`th bit flipped: always refused, with the file's name.
  void refuse_flips(const fs::path& path, size_t step) {
    auto bits = fs::file_size(path) * 8;
    REQUIRE(bits > 800);
    for (size_t bit = 0; bit < bits; bit += step) {
      flip(path, bit);
      auto done = check();
      flip(path, bit);
      if (done)
        FAIL("bit " << bit << " of " << path << " passed");
      REQUIRE(done.error() == ec::corrupt_store);
      REQUIRE(done.error().detail.find(path.string()) != std::string::npos);
    }
    REQUIRE(check());
  }
};

struct big_image_fixture : image_fixture {
  // Frames in several blocks of 32 KiB, some of them in pieces.
  big_image_fixture() : image_fixture(14'000) {}
};

} // namespace

TEST_CASE_METHOD(image_fixture,
                 "every flipped bit of the write-ahead log is refused by name",
                 "[storage][frame_check]") {
  refuse_flips(file(".log"), 1);
}

TEST_CASE_METHOD(image_fixture,
                 "every flipped bit of the MANIFEST is refused by name",
                 "[storage][frame_check]") {
  refuse_flips(file("MANIFEST"), 1);
}

TEST_CASE_METHOD(big_image_fixture,
                 "flipped bits of a log of many blocks are refused by name",
                 "[storage][frame_check]") {
  REQUIRE(bytes_of(file(".log")).size() > 200'000);
  refuse_flips(file(".log"), 1'009);
}

TEST_CASE_METHOD(
  image_fixture,
  "the node refuses to start on a flipped bit anywhere in the log",
  "[storage][frame_check]") {
  auto path = file(".log");
  auto good = bytes_of(path);
  for (size_t bit = 5; bit < good.size() * 8; bit += 97) {
    write_file(path, flipped(good, bit));
    auto node = tests::storage_node::open({image, 1, true, {}});
    REQUIRE_FALSE(node);
    REQUIRE(node.error() == ec::corrupt_store);
    REQUIRE(node.error().detail.find(path.string()) != std::string::npos);
  }
  write_file(path, good);
  auto node = tests::storage_node::open({image, 1, true, {}});
  REQUIRE(node);
  CHECK((*node)->read_all(shard, channel)->size() == events);
}

TEST_CASE_METHOD(
  big_image_fixture,
  "a log that ends anywhere is what a power loss leaves, and passes",
  "[storage][frame_check]") {
  auto path = file(".log");
  auto good = bytes_of(path);
  for (size_t n = 0; n < good.size(); n += 211) {
    write_file(path, good.substr(0, n));
    if (!check())
      FAIL(n << " bytes are refused");
  }
  // So do zeros behind its end: space reserved and never written.
  write_file(path, good + std::string(70'000, '\0'));
  CHECK(check());
  write_file(path, good + std::string(70'000, '\0') + "x");
  CHECK_FALSE(check());
}

TEST_CASE_METHOD(big_image_fixture,
                 "a hole of zeros before data in the log is refused",
                 "[storage][frame_check]") {
  auto path = file(".log");
  auto bad = bytes_of(path);
  bad.replace(100'000, 4'096, std::string(4'096, '\0'));
  write_file(path, bad);
  auto done = check();
  REQUIRE_FALSE(done);
  CHECK(done.error().detail.find(path.string()) != std::string::npos);
}

TEST_CASE_METHOD(image_fixture, "a CURRENT that names nothing is refused",
                 "[storage][frame_check]") {
  write_file(image + "/CURRENT", "MANIFEST-999999\n");
  auto done = check();
  REQUIRE_FALSE(done);
  CHECK(done.error().detail.find("CURRENT") != std::string::npos);
}

TEST_CASE_METHOD(
  image_fixture,
  "damage in blocks of an SST file is refused or named, never served",
  "[storage][frame_check]") {
  {
    auto node = tests::storage_node::open({image, 1, true, {}});
    REQUIRE(node);
    REQUIRE((*node)->db().flush());
  }
  size_t refused = 0;
  size_t reported = 0;
  std::set<fs::path> tables;
  for (const auto& entry : fs::directory_iterator(image))
    if (entry.path().extension() == ".sst")
      tables.insert(entry.path());
  REQUIRE_FALSE(tables.empty());
  for (const auto& path : tables) {
    auto good = bytes_of(path);
    for (size_t bit = 3; bit < good.size() * 8; bit += 1'201) {
      write_file(path, flipped(good, bit));
      auto node = tests::storage_node::open({image, 1, true, {}});
      if (!node) {
        ++refused;
        auto name = path.filename().string();
        INFO(node.error().detail);
        REQUIRE((node.error() == ec::corrupt_store
                 || node.error() == ec::corrupt_record));
        REQUIRE(node.error().detail.find(name) != std::string::npos);
        continue;
      }
      auto all = (*node)->read_all(shard, channel);
      if (!all) {
        ++reported;
        REQUIRE(all.error() == ec::corrupt_record);
        REQUIRE(all.error().offset.has_value());
        continue;
      }
      REQUIRE(*all == std::vector<std::string>(events, std::string(20, 'x')));
    }
    write_file(path, good);
  }
  CHECK(refused > 0);
  CHECK(reported > 0);
}
