// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/fixtures/crash_file_system.hpp"

#include <filesystem>

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using eventd::tests::crash_file_system;

TEST_CASE("the crash file system forgets bytes, names and removals not synced",
          "[storage][power_cut]") {
  tests::temp_dir dir;
  crash_file_system files{dir / "attic"};
  std::filesystem::create_directory(dir / "data");
  auto write = [&](std::string_view name, std::string_view text, bool sync) {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    REQUIRE(files
              .NewWritableFile(dir / "data" + "/" + std::string{name}, {},
                               &file, nullptr)
              .ok());
    REQUIRE(
      file->Append(rocksdb::Slice{text.data(), text.size()}, {}, nullptr).ok());
    if (sync)
      REQUIRE(file->Sync({}, nullptr).ok());
    REQUIRE(file->Append("tail", {}, nullptr).ok());
    REQUIRE(file->Close({}, nullptr).ok());
  };
  auto image = [&](uint64_t torn = 0) {
    files.power_cut(dir / "data", dir / "image", torn);
    std::string out;
    for (auto* name : {"a", "b", "c"}) {
      auto path = dir / "image" + "/" + name;
      if (std::filesystem::exists(path))
        out += std::string{name}
               + std::to_string(std::filesystem::file_size(path)) + " ";
    }
    return out;
  };
  std::unique_ptr<rocksdb::FSDirectory> folder;
  REQUIRE(files.NewDirectory(dir / "data", {}, &folder, nullptr).ok());
  write("a", "synced", true);
  write("b", "not synced", false);
  CHECK(image().empty());
  REQUIRE(folder->Fsync({}, nullptr).ok());
  CHECK(image() == "a6 b0 ");
  CHECK(image(3) == "a9 b3 ");
  CHECK(image(100) == "a10 b14 ");
  REQUIRE(files.RenameFile(dir / "data/a", dir / "data/c", {}, nullptr).ok());
  REQUIRE(files.DeleteFile(dir / "data/b", {}, nullptr).ok());
  CHECK(image() == "a6 b0 ");
  REQUIRE(folder->Fsync({}, nullptr).ok());
  CHECK(image() == "c6 ");
}
