// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <functional>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/trial.hpp"

namespace eventd::tests {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds short_run{10};
constexpr std::chrono::seconds long_run{180};

/// Time between a fault's end and the next one.
constexpr std::chrono::seconds calm{2};

/// A new leader serves at the latest.
constexpr std::chrono::milliseconds takeover_max{3'000};

void repeat(std::chrono::seconds length, const std::function<void()>& round) {
  auto end = clock::now() + length;
  do {
    round();
    std::this_thread::sleep_for(calm);
  } while (clock::now() < end);
}

void bring_back(trial& world, size_t n) {
  world.nodes().start(n);
  world.nodes().wait_ready(n);
  world.nodes().wait_healthy();
}

void no_fault(std::chrono::seconds length) {
  trial world{"R-00 none"};
  std::this_thread::sleep_for(length);
  auto found = world.settle();
  CHECK(found.unknown == 0);
  CHECK(world.work().unanswered() == 0);
  auto wanted = static_cast<size_t>(length.count()) * 500;
  CHECK((is_sanitized || found.acknowledged >= wanted));
}

void kill_one(std::chrono::seconds length, bool leader) {
  trial world{leader ? "R-01 SIGKILL of the leader"
                     : "R-01 SIGKILL of a follower"};
  repeat(length, [&] {
    auto n = leader ? world.leader() : world.follower();
    world.nodes().kill(n);
    std::this_thread::sleep_for(2s);
    bring_back(world, n);
  });
  world.settle();
  CHECK((is_sanitized || world.gap() <= (leader ? takeover_max : 500ms)));
}

void kill_many(std::chrono::seconds length) {
  trial world{"R-02 SIGKILL of a majority and of all"};
  size_t round = 0;
  repeat(length, [&] {
    auto& nodes = world.nodes();
    auto spared = round++ % 2 == 0 ? world.follower() : 0;
    std::vector<size_t> dead;
    for (size_t n = 1; n <= nodes.size(); ++n)
      if (n != spared)
        dead.push_back(n);
    for (auto n : dead)
      nodes.kill(n);
    std::this_thread::sleep_for(1s);
    for (auto n : dead)
      nodes.start(n);
    CHECK(world.progresses(10, 10s));
    for (auto n : dead)
      nodes.wait_ready(n);
    nodes.wait_healthy();
  });
  world.settle();
}

/// Of one client while leadership moves: 500 ms, and what the machine, which
/// the nodes, clients and subscribers share, adds to one of thousands of
/// requests.
constexpr std::chrono::milliseconds client_pause_max{1'000};

void roll(size_t rounds) {
  trial world{"R-03 rolling restart", {.again = retries::all}};
  for (size_t i = 0; i < rounds; ++i)
    for (size_t n = 1; n <= world.nodes().size(); ++n) {
      INFO("node " << n << "\n" << world.nodes().last_words());
      CHECK(world.nodes().stop(n) == 0);
      bring_back(world, n);
    }
  auto found = world.settle();
  CHECK(found.unknown == 0);
  CHECK((is_sanitized || world.gap() <= 500ms));
  CHECK((is_sanitized || world.client_gap() <= client_pause_max));
}

void pause_one(std::vector<std::chrono::seconds> pauses, bool leader) {
  trial world{leader ? "R-04 SIGSTOP of the leader"
                     : "R-04 SIGSTOP of a follower"};
  for (auto length : pauses) {
    auto n = leader ? world.leader() : world.follower();
    world.nodes().pause(n);
    std::this_thread::sleep_for(length);
    world.nodes().go_on(n);
    world.nodes().wait_healthy();
    std::this_thread::sleep_for(calm);
  }
  world.settle();
  CHECK((is_sanitized || world.gap() <= takeover_max));
}

/// Beside that of the trial: what becomes of its events is not judged.
const std::string asked_channel = "test/minority";

/// What a node that is cut off tells who asks it: after the patience of a
/// request, and for its readiness at once.
void check_minority(const cluster& nodes, size_t n) {
  tools::http_client client{*tools::parse_url(nodes.url(n)), {2s, 8s, nullptr}};
  auto publish = client.send(binary_event(asked_channel, "e"));
  REQUIRE(publish.has_value());
  CHECK(publish->status == 503);
  CHECK(publish->header("Retry-After") == "1");
  INFO(publish->body);
  CHECK((publish->body.find("leads") != std::string::npos
         || publish->body.find("outcome is unknown") != std::string::npos
         || publish->body.find("can not be reached") != std::string::npos));
  auto ready = client.send({"GET", "/readyz", {}, {}});
  REQUIRE(ready.has_value());
  CHECK(ready->status == 503);
  CHECK(ready->body.find("no leader that serves") != std::string::npos);
}

/// Cuts one node off, with clients of its own that know no other address.
void isolate(trial& world, size_t n, std::chrono::seconds length,
             size_t first_process) {
  auto& nodes = world.nodes();
  for (size_t other = 1; other <= nodes.size(); ++other)
    if (other != n)
      world.network().cut(nodes.link(n), nodes.link(other));
  auto healed_at = clock::now() + length;
  auto other = nodes.other_than({n});
  INFO("node " << n << " from " << other << "\n" << nodes.last_words());
  CHECK(eventually([&] { return !nodes.sees(n, other); }, 3s));
  CHECK(eventually([&] { return !nodes.sees(other, n); }, 3s));
  auto before = world.work().acknowledged();
  load minority{{nodes.url(n)},
                world.channel(),
                {.publishers = 2,
                 .readers = 0,
                 .again = retries::none,
                 .first_process = first_process}};
  check_minority(nodes, n);
  std::this_thread::sleep_until(healed_at);
  CHECK(world.work().acknowledged() >= before + 100);
  CHECK(minority.acknowledged() == 0);
  CHECK(minority.unanswered() > 0);
  CHECK(minority.strange() == 0);
  world.network().heal();
  minority.stop_publishers();
  world.also(minority.take());
  nodes.wait_healthy();
}

void partition(std::vector<std::chrono::seconds> cuts, size_t rounds) {
  trial world{"R-05, R-07 partition and its minority", {.own_net = true}};
  world.nodes().create_channel(asked_channel);
  size_t first_process = 100;
  for (size_t i = 0; i < rounds; ++i)
    for (auto length : cuts) {
      isolate(world, world.leader(), length, first_process);
      std::this_thread::sleep_for(calm);
      first_process += 10;
      if (rounds > 1)
        isolate(world, world.follower(), length, first_process);
      first_process += 10;
    }
  world.settle();
  CHECK((is_sanitized || world.gap() <= takeover_max));
}

/// One link is cut: each node still speaks with a majority.
void cut_link(std::chrono::seconds length) {
  trial world{"R-05 one link cut", {.own_net = true}};
  repeat(length, [&] {
    auto& nodes = world.nodes();
    auto before = world.work().acknowledged();
    world.network().cut(nodes.link(world.leader()),
                        nodes.link(world.follower()));
    std::this_thread::sleep_for(6s);
    CHECK(world.work().acknowledged() >= before + 100);
    world.network().heal();
    nodes.wait_healthy();
  });
  world.settle();
  CHECK((is_sanitized || world.gap() <= takeover_max));
}

/// The node comes back with an empty disk, and counts again.
void wipe_one(std::chrono::seconds length) {
  trial world{"R-26 a node with a wiped disk"};
  repeat(length, [&] {
    auto& nodes = world.nodes();
    auto n = world.follower();
    auto before = nodes.server(n);
    nodes.kill(n);
    nodes.wipe(n);
    nodes.start(n);
    nodes.wait_ready(n, 60s);
    nodes.wait_healthy(60s);
    CHECK(nodes.server(n) != before);
    // Without its vote there is no majority now.
    auto third = nodes.other_than({n});
    nodes.kill(third);
    CHECK(world.progresses(50, takeover_max + 5s));
    bring_back(world, third);
  });
  world.settle();
}

void change_members() {
  trial world{"R-30 add, remove, replace"};
  auto& nodes = world.nodes();
  auto command = [&](size_t n, std::vector<std::string> args) {
    args.insert(args.begin(), "cluster");
    auto x = nodes.eventctl(n, args, 60s);
    INFO(x.out << x.err << nodes.last_words());
    REQUIRE(x.code == 0);
  };
  auto added = nodes.add_place();
  nodes.start(added);
  command(1, {"add", nodes.peer(added)});
  nodes.wait_ready(added, 60s);
  nodes.wait_healthy(60s);
  // Four voters bear the death of one.
  auto killed = world.leader();
  nodes.kill(killed);
  CHECK(world.progresses(50, takeover_max + 5s));
  bring_back(world, killed);
  auto removed = world.leader();
  command(nodes.other_than({removed}),
          {"remove", std::to_string(removed), "--yes"});
  nodes.kill(removed);
  CHECK(world.progresses(50, takeover_max + 5s));
  nodes.wait_healthy(60s);
  auto replaced = world.follower();
  nodes.kill(replaced);
  nodes.wipe(replaced);
  nodes.start(replaced);
  command(nodes.other_than({replaced}), {"replace", std::to_string(replaced)});
  nodes.wait_ready(replaced, 60s);
  nodes.wait_healthy(60s);
  world.settle();
}

} // namespace

TEST_CASE("R-00: a cluster without a fault loses and repeats nothing",
          "[system][cluster]") {
  no_fault(short_run);
}

TEST_CASE("R-01: the leader's death loses nothing and costs 3 s",
          "[system][cluster]") {
  kill_one(short_run, true);
}

TEST_CASE("R-01: a follower's death loses nothing and is hardly felt",
          "[system][cluster]") {
  kill_one(short_run, false);
}

TEST_CASE("R-02: the death of a majority, and of all, loses nothing",
          "[system][cluster]") {
  kill_many(short_run);
}

TEST_CASE("R-03: a rolling restart fails no publish that is sent again",
          "[system][cluster]") {
  roll(1);
}

TEST_CASE("R-04: a leader that stands still is replaced, and acknowledges "
          "nothing wrong when it goes on",
          "[system][cluster]") {
  pause_one({1s, 5s}, true);
}

TEST_CASE("R-04: a follower that stands still is not missed",
          "[system][cluster]") {
  pause_one({1s, 5s}, false);
}

TEST_CASE("R-05, R-07: the majority goes on and the minority acknowledges "
          "nothing",
          "[system][cluster][partition]") {
  partition({8s}, 1);
}

TEST_CASE("R-05: a link that is cut between two of three stops nothing",
          "[system][cluster][partition]") {
  cut_link(8s);
}

TEST_CASE("R-26: a node whose disk was wiped comes back and counts again",
          "[system][cluster]") {
  wipe_one(5s);
}

TEST_CASE("R-30: nodes are added, removed and replaced under load",
          "[system][cluster]") {
  change_members();
}

TEST_CASE("R-00, 3 minutes", "[system][cluster][.soak]") {
  no_fault(long_run);
}

TEST_CASE("R-01 of the leader, 3 minutes", "[system][cluster][.soak]") {
  kill_one(long_run, true);
}

TEST_CASE("R-01 of a follower, 3 minutes", "[system][cluster][.soak]") {
  kill_one(long_run, false);
}

TEST_CASE("R-02, 3 minutes", "[system][cluster][.soak]") {
  kill_many(long_run);
}

TEST_CASE("R-03, five times around", "[system][cluster][.soak]") {
  roll(5);
}

TEST_CASE("R-04 of the leader, up to 30 s", "[system][cluster][.soak]") {
  pause_one({1s, 5s, 30s, 1s, 5s, 30s, 5s, 30s}, true);
}

TEST_CASE("R-04 of a follower, up to 30 s", "[system][cluster][.soak]") {
  pause_one({1s, 5s, 30s, 1s, 5s, 30s, 5s, 30s}, false);
}

TEST_CASE("R-05, R-07, cuts of 10 s and 30 s", "[system][cluster][.soak]") {
  partition({10s, 30s}, 3);
}

TEST_CASE("R-05 of one link, 3 minutes", "[system][cluster][.soak]") {
  cut_link(long_run);
}

TEST_CASE("R-26, 3 minutes", "[system][cluster][.soak]") {
  wipe_one(long_run);
}

} // namespace eventd::tests
