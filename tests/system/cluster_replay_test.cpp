// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <csignal>
#include <filesystem>
#include <map>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/trial.hpp"
#include "tools/client/event_text.hpp"

namespace eventd::tests {

namespace {

using namespace std::chrono_literals;

/// Sends until it is acknowledged, by any node.
tools::http_answer insist(const cluster& nodes,
                          const tools::http_request& what) {
  tools::http_answer out;
  REQUIRE(eventually([&] {
    out = nodes.send(what);
    return out.status != 429;
  }));
  INFO(out.body);
  REQUIRE(out.status == 202);
  return out;
}

/// The same keys before and after the leader's death are stored once.
void resend(size_t rounds, size_t events) {
  cluster nodes;
  const std::string channel = "test/resend";
  nodes.create_channel(channel);
  std::map<std::string, std::string> offsets;
  size_t moved = 0, stored_again = 0;
  for (size_t round = 0; round < rounds; ++round) {
    std::vector<std::string> ids;
    for (size_t i = 0; i < events; ++i)
      ids.push_back(std::to_string(round) + "-" + std::to_string(i));
    for (auto& id : ids)
      offsets[id] = offset_of(insist(nodes, binary_event(channel, id)));
    auto leader = nodes.leader_of_channel(channel);
    nodes.kill(leader);
    for (auto& id : ids) {
      auto again = insist(nodes, binary_event(channel, id));
      moved += offset_of(again) != offsets[id];
      stored_again += again.header("Eventd-Duplicates") != "1";
    }
    nodes.start(leader);
    nodes.wait_ready(leader);
    nodes.wait_healthy();
  }
  CHECK(moved == 0);
  CHECK(stored_again == 0);
  CHECK(nodes.read_all(channel).size() == rounds * events);
}

/// A replay of the log so far, from the leader, which dies meanwhile. It is
/// begun again from its token until it is complete.
void replay_once(trial& world) {
  auto& nodes = world.nodes();
  auto so_far = nodes.read_all(world.channel()).size();
  auto server = world.leader();
  auto output = nodes.file("replay.ndjson").string();
  auto token = nodes.file("replay.token").string();
  std::filesystem::remove(output);
  // Slow enough to be under way when the node dies.
  std::vector<std::string> args{
    "--channel", world.channel(),
    "--to",      std::to_string(so_far),
    "--speed",   std::to_string(so_far / 4 + 1) + "/s",
    "--output",  output,
    "--resume",  token};
  args.insert(args.begin(), {"--server", nodes.url(server)});
  process first{"replay", args};
  std::this_thread::sleep_for(1s);
  nodes.kill(server);
  std::this_thread::sleep_for(1s);
  first.signal(SIGINT);
  auto code = first.wait();
  INFO(first.err());
  REQUIRE(code.has_value());
  CHECK(*code != 0);
  nodes.start(server);
  nodes.wait_ready(server);
  auto second = run("replay", args, {}, {}, 60s);
  INFO(second.err);
  CHECK(second.code == 0);
  nodes.wait_healthy();
  std::string wanted;
  auto log = nodes.read_all(world.channel());
  REQUIRE(log.size() >= so_far);
  for (size_t i = 0; i < so_far; ++i) {
    REQUIRE(tools::append_unmarked(wanted, log[i].line).has_value());
    wanted += '\n';
  }
  auto held = file_text(output);
  INFO(held.size() << " and " << wanted.size() << " bytes");
  auto same = held == wanted;
  CHECK(same);
}

void replay_under_faults(size_t rounds) {
  trial world{"R-40 replay while nodes die"};
  for (size_t i = 0; i < rounds; ++i) {
    REQUIRE(world.progresses(1'000, patience));
    replay_once(world);
  }
  world.settle();
}

} // namespace

TEST_CASE("R-39: the same key sent again after a change of leader is stored "
          "once",
          "[system][cluster]") {
  resend(3, 100);
}

TEST_CASE("R-40: a replay is exact and goes on from its token while nodes die",
          "[system][cluster]") {
  replay_under_faults(1);
}

TEST_CASE("R-39, 10 000 keys", "[system][cluster][.soak]") {
  resend(50, 200);
}

TEST_CASE("R-40, 20 replays", "[system][cluster][.soak]") {
  replay_under_faults(20);
}

} // namespace eventd::tests
