// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/rocks/set_aside.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch_test_macros.hpp>

#include "storage/rocks/database.hpp"
#include "tests/fixtures/damage.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using namespace eventd::storage;

namespace fs = std::filesystem;

namespace {

/// A directory with a database that has a row.
struct set_aside_fixture {
  tests::temp_dir dir = tests::temp_dir::in_memory();
  std::string path = dir / "data";

  set_aside_fixture() { write("mine"); }

  result<std::unique_ptr<database>> open(const std::string& at) {
    return database::open({at, 2, false, {}, false});
  }
  void write(const std::string& value) {
    auto db = open(path);
    REQUIRE(db);
    write_batch batch{**db};
    batch.put(state_family, "key", value);
    REQUIRE((*db)->write(batch, true));
  }
  std::string value_in(const std::string& at) {
    auto db = open(at);
    REQUIRE(db);
    return (*db)->get(state_family, "key")->value_or("none");
  }
};

} // namespace

TEST_CASE_METHOD(set_aside_fixture,
                 "what is set aside is whole, and an empty directory begins",
                 "[storage][set_aside]") {
  CHECK_FALSE(was_set_aside(path));
  auto folder = set_aside(path, "it is bad");
  REQUIRE(folder);
  CHECK(*folder == path + "/damaged-1");
  CHECK(was_set_aside(path));
  CHECK(waits_for_its_cluster(path));
  CHECK(tests::bytes_of(*folder + "/REASON") == "it is bad\n");
  CHECK(value_in(path) == "none");
  CHECK_FALSE(waits_for_its_cluster(path));
  CHECK(value_in(*folder) == "mine");
}

TEST_CASE_METHOD(set_aside_fixture,
                 "a second time is refused and says what to do, and nothing is "
                 "lost",
                 "[storage][set_aside]") {
  REQUIRE(set_aside(path, "first"));
  write("second life");
  auto again = set_aside(path, "second");
  REQUIRE_FALSE(again);
  CHECK(again.error() == ec::corrupt_store);
  CHECK(again.error().detail.find("second") == 0);
  CHECK(again.error().detail.find("remove them") != std::string::npos);
  CHECK(value_in(path) == "second life");
  CHECK(value_in(path + "/damaged-1") == "mine");
  fs::remove_all(path + "/damaged-1");
  REQUIRE(set_aside(path, "second"));
  CHECK(value_in(path + "/damaged-1") == "second life");
}

TEST_CASE_METHOD(set_aside_fixture,
                 "what is not the database's stays where it is",
                 "[storage][set_aside]") {
  // As at the root of a file system of its own.
  fs::create_directory(path + "/lost+found");
  REQUIRE(mark_damaged(path, "it is bad"));
  REQUIRE(set_aside(path, "it is bad"));
  CHECK(fs::exists(path + "/lost+found"));
  CHECK_FALSE(fs::exists(path + "/damaged-1/lost+found"));
  CHECK_FALSE(damage_mark(path));
  CHECK(value_in(path + "/damaged-1") == "mine");
}

TEST_CASE_METHOD(set_aside_fixture, "a directory in use is not set aside",
                 "[storage][set_aside]") {
  auto db = open(path);
  REQUIRE(db);
  auto refused = set_aside(path, "why");
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == ec::data_dir_in_use);
  CHECK((*db)->get(state_family, "key")->value() == "mine");
}

TEST_CASE_METHOD(set_aside_fixture,
                 "an interrupted start goes on where it was, with its reason",
                 "[storage][set_aside]") {
  CHECK_FALSE(damage_mark(path));
  auto partial = path + "/damaged-1.partial";
  fs::create_directory(partial);
  CHECK_FALSE(damage_mark(path));
  std::ofstream{partial + "/REASON"} << "because\n";
  fs::rename(path + "/CURRENT", partial + "/CURRENT");
  CHECK(damage_mark(path) == "because");
  CHECK(was_set_aside(path));
  REQUIRE(set_aside(path, *damage_mark(path)));
  CHECK_FALSE(damage_mark(path));
  CHECK_FALSE(fs::exists(partial));
  CHECK(value_in(path + "/damaged-1") == "mine");
  CHECK(value_in(path) == "none");
}

TEST_CASE_METHOD(set_aside_fixture, "a mark stays until it is acted upon",
                 "[storage][set_aside]") {
  REQUIRE(mark_damaged(path, "a table"));
  CHECK(damage_mark(path) == "a table");
  CHECK_FALSE(was_set_aside(path));
  CHECK(value_in(path) == "mine");
  REQUIRE(set_aside(path, *damage_mark(path)));
  CHECK_FALSE(damage_mark(path));
}
