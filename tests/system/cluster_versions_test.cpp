// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <catch2/catch_test_macros.hpp>

#include "storage/codec/key.hpp"
#include "storage/rocks/database.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/system/trial.hpp"

/// Nodes of two versions in one cluster, and data of a version to come. The
/// programs `eventd_next` and `eventd_next_only` speak the next version of the
/// protocol between nodes, the one beside today's, the other no other.
namespace eventd::tests {

namespace {

using namespace std::chrono_literals;

/// As hello.cpp has them.
constexpr uint32_t today = 1;
constexpr uint32_t next = 2;

std::string connected_by(uint32_t version) {
  return "is connected, with protocol version " + std::to_string(version);
}

/// Restarts each node as this program, one after the other, under load.
void roll(trial& world, const std::string& program) {
  auto& nodes = world.nodes();
  for (size_t n = 1; n <= nodes.size(); ++n) {
    nodes.how(n).program = program;
    INFO("node " << n << " as " << program << "\n" << nodes.last_words());
    CHECK(nodes.stop(n) == 0);
    auto before = world.work().acknowledged();
    nodes.start(n);
    nodes.wait_ready(n);
    nodes.wait_healthy();
    CHECK(world.work().acknowledged() > before);
  }
}

/// Gives a row of the stopped node's state the format that comes next.
void make_newer(const std::filesystem::path& data_dir,
                storage::state_row which) {
  auto db = storage::database::open({data_dir.string(), 8, false, {}});
  REQUIRE(db);
  auto key = storage::state_key(which, shard_id{0});
  auto row = (*db)->get(storage::state_family, key);
  REQUIRE(row);
  REQUIRE(*row);
  auto newer = **row;
  REQUIRE(newer.at(0) == 1);
  newer[0] = 2;
  storage::write_batch batch{**db};
  batch.put(storage::state_family, key, newer);
  REQUIRE((*db)->write(batch, true));
}

void check_too_new(const finished& x) {
  INFO(x.err);
  CHECK(x.code == 2);
  CHECK(x.out.empty());
  CHECK(lines_with(x.err, {"eventd: "}) == 1);
  CHECK(x.err.find("has format 2, written by a newer eventd")
        != std::string::npos);
}

} // namespace

TEST_CASE("nodes of two protocol versions are one cluster, and an upgrade of "
          "all, one by one, loses nothing",
          "[system][cluster][versions]") {
  trial world{"mixed versions and a rolling upgrade",
              {.again = retries::all, .prepare = [](cluster& nodes) {
                 nodes.how(3).program = "eventd_next";
               }}};
  auto& nodes = world.nodes();
  CHECK(nodes.log_of(3).find(connected_by(today)) != std::string::npos);
  CHECK(nodes.logs().find(connected_by(next)) == std::string::npos);
  // Each leads something and follows the others: the mixture works.
  CHECK(world.progresses(200, patience));
  roll(world, "eventd_next");
  CHECK(nodes.log_of(1).find(connected_by(next)) != std::string::npos);
  auto found = world.settle();
  CHECK(found.unknown == 0);
}

TEST_CASE("a cluster is upgraded and taken back again, three times",
          "[system][cluster][.soak][versions]") {
  trial world{"upgrades and downgrades", {.again = retries::all}};
  for (int i = 0; i < 3; ++i) {
    roll(world, "eventd_next");
    roll(world, "eventd");
  }
  auto found = world.settle();
  CHECK(found.unknown == 0);
}

TEST_CASE("a node that has no version in common is refused, and both sides say "
          "so",
          "[system][cluster][versions]") {
  trial world{"no version in common"};
  auto& nodes = world.nodes();
  auto n = nodes.add_place();
  nodes.how(n).program = "eventd_next_only";
  nodes.start(n);
  const std::string why = "node 4 speaks protocol versions 2 to 2 and node ";
  for (size_t other = 1; other < n; ++other) {
    auto text = why + std::to_string(other) + " speaks 1 to 1";
    INFO(text << "\n" << nodes.last_words());
    CHECK(
      eventually([&] { return lines_with(nodes.log_of(other), {text}) == 1; }));
    // What it waits for is told beside it.
    CHECK(eventually([&] {
      return lines_with(nodes.log_of(n), {text, "can not be used"}) == 1;
    }));
    CHECK_FALSE(nodes.sees(other, n));
  }
  // It dials on, and is told so once a minute.
  CHECK(world.progresses(200, patience));
  for (size_t other = 1; other < n; ++other)
    CHECK(lines_with(nodes.log_of(other), {why}) == 1);
  CHECK(nodes.is_running(n));
  CHECK(nodes.running(n).out().empty());
  CHECK(nodes.stop(n) == 0);
  world.settle();
}

TEST_CASE("a data directory of a newer format is refused and left as it is",
          "[system][start][versions]") {
  {
    eventd_node node;
    node.create_channel("test/x");
    REQUIRE(node.stop() == 0);
    make_newer(node.data_dir(), storage::state_row::hard_state);
    check_too_new(run("eventd", {"--listen", "127.0.0.1:0", "--data-dir",
                                 node.data_dir().string()}));
  }
  cluster one{1};
  REQUIRE(one.stop(1) == 0);
  make_newer(one.data_dir(1), storage::state_row::identity);
  auto own = one.peer(1);
  check_too_new(
    run("eventd",
        {"--listen", "127.0.0.1:0", "--data-dir", one.data_dir(1).string(),
         "--node-id", "1", "--cluster-listen", own.substr(2), "--peers", own}));
}

} // namespace eventd::tests
