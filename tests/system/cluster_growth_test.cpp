// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <catch2/catch_test_macros.hpp>

#include "tests/system/trial.hpp"

/// Clusters that become larger, and directories that come back from the past.
namespace eventd::tests {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// A node that was refused for its old directory ends with this.
constexpr int exit_stale = 3;

constexpr std::chrono::milliseconds takeover_max{8'000};

void command(const cluster& nodes, size_t n, std::vector<std::string> args) {
  args.insert(args.begin(), "cluster");
  auto x = nodes.eventctl(n, args, 60s);
  INFO(x.out << x.err << nodes.last_words());
  REQUIRE(x.code == 0);
}

/// All that the backup has, in the place of the node's directory.
void put_back(cluster& nodes, size_t n, const fs::path& backup) {
  nodes.wipe(n);
  fs::copy(backup, nodes.data_dir(n), fs::copy_options::recursive);
}

/// Starts a node whose directory the others must refuse; then once more.
void check_refused_and_back(trial& world, size_t n) {
  auto& nodes = world.nodes();
  auto before = nodes.server(n);
  nodes.start(n);
  auto code = nodes.running(n).wait();
  {
    INFO(nodes.log_of(n));
    CHECK(code == exit_stale);
    CHECK(nodes.running(n).err().find("later state of the data directory")
          != std::string::npos);
    CHECK(nodes.running(n).out().empty());
  }
  nodes.start(n);
  nodes.wait_ready(n, 60s);
  nodes.wait_healthy(60s);
  CHECK(nodes.server(n) != before);
}

/// Its copy counts again: without it there is no majority.
void check_counts(trial& world, size_t n) {
  auto& nodes = world.nodes();
  auto third = nodes.other_than({n});
  nodes.kill(third);
  CHECK(world.progresses(50, takeover_max));
  nodes.start(third);
  nodes.wait_ready(third);
  nodes.wait_healthy();
}

} // namespace

TEST_CASE("one node becomes three and keeps its channels",
          "[system][cluster][growth]") {
  trial world{"one node becomes three",
              {.again = retries::all,
               .nodes = 1,
               .prepare = [](cluster& nodes) { nodes.how(1).alone = true; }}};
  auto& nodes = world.nodes();
  CHECK(world.progresses(500, patience));
  auto alone = nodes.read_all(world.channel()).size();
  CHECK(alone >= 500);
  // Of a channel where little happens, so that it stays known.
  const std::string quiet = "test/quiet";
  nodes.create_channel(quiet);
  REQUIRE(nodes.send(binary_event(quiet, "once")).status == 202);
  CHECK(nodes.stop(1) == 0);
  nodes.add_place();
  nodes.add_place();
  nodes.how(1).alone = false;
  for (size_t n = 1; n <= 3; ++n)
    nodes.start(n);
  nodes.wait_ready(1);
  CHECK(world.progresses(100, patience));
  command(nodes, 1, {"add", nodes.peer(2)});
  command(nodes, 1, {"add", nodes.peer(3)});
  for (size_t n = 1; n <= 3; ++n)
    nodes.wait_ready(n, 60s);
  nodes.wait_healthy(60s);
  // What began on node 1 is there without it.
  auto before = world.work().acknowledged();
  nodes.kill(1);
  CHECK(nodes.read_all(world.channel()).size() >= before);
  // And so is what it knew to be sent twice.
  auto again = nodes.send(binary_event(quiet, "once"));
  CHECK(again.status == 202);
  CHECK(again.header("Eventd-Duplicates") == "1");
  nodes.start(1);
  nodes.wait_ready(1);
  nodes.wait_healthy();
  world.settle();
}

TEST_CASE("five nodes bear the death of two", "[system][cluster][.soak]") {
  trial world{"five nodes, two killed", {.nodes = 5}};
  auto& nodes = world.nodes();
  for (int i = 0; i < 5; ++i) {
    auto leader = world.leader();
    auto other = nodes.other_than({leader});
    nodes.kill(leader);
    nodes.kill(other);
    CHECK(world.progresses(100, takeover_max));
    for (auto n : {leader, other})
      nodes.start(n);
    for (auto n : {leader, other})
      nodes.wait_ready(n);
    nodes.wait_healthy();
  }
  world.settle();
}

TEST_CASE("a restored backup of a node is refused, and joins anew",
          "[system][cluster][growth]") {
  trial world{"a restored backup"};
  auto& nodes = world.nodes();
  auto n = world.follower();
  auto backup = nodes.file("backup");
  CHECK(nodes.stop(n) == 0);
  fs::copy(nodes.data_dir(n), backup, fs::copy_options::recursive);
  nodes.start(n);
  nodes.wait_ready(n);
  nodes.wait_healthy();
  nodes.kill(n);
  put_back(nodes, n, backup);
  check_refused_and_back(world, n);
  check_counts(world, n);
  world.settle();
}

TEST_CASE("a restored backup that was started more often than the original, "
          "out of the others' sight, is refused too",
          "[system][cluster][growth][.soak]") {
  trial world{"a restored backup, started alone", {.own_net = true}};
  auto& nodes = world.nodes();
  auto n = world.follower();
  auto backup = nodes.file("backup");
  CHECK(nodes.stop(n) == 0);
  fs::copy(nodes.data_dir(n), backup, fs::copy_options::recursive);
  nodes.start(n);
  nodes.wait_ready(n);
  nodes.wait_healthy();
  nodes.kill(n);
  put_back(nodes, n, backup);
  for (size_t other = 1; other <= nodes.size(); ++other)
    if (other != n)
      world.network().cut(nodes.link(n), nodes.link(other));
  // Twice where nobody sees it: more often than the original.
  for (int i = 0; i < 2; ++i) {
    nodes.start(n);
    CHECK(eventually([&] {
      return nodes.running(n).err().find("can not be used")
             != std::string::npos;
    }));
    nodes.kill(n);
  }
  world.network().heal();
  check_refused_and_back(world, n);
  world.settle();
}

} // namespace eventd::tests
