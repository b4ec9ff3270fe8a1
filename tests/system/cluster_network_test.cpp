// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <functional>
#include <iostream>
#include <memory>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/delay_proxy.hpp"
#include "tests/system/leader_watch.hpp"
#include "tests/system/trial.hpp"
#include "tools/client/address.hpp"

namespace eventd::tests {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

/// Acknowledgements that a cut, which a majority survives, leaves at least.
constexpr size_t progress_min = 100;

uint64_t shard(trial& world) {
  return world.nodes().shard_of(world.channel());
}

std::vector<size_t> all_but(const cluster& nodes, size_t n) {
  std::vector<size_t> out;
  for (size_t i = 1; i <= nodes.size(); ++i)
    if (i != n)
      out.push_back(i);
  return out;
}

std::vector<link_end> links(const cluster& nodes) {
  std::vector<link_end> out;
  for (size_t n = 1; n <= nodes.size(); ++n)
    out.push_back(nodes.link(n));
  return out;
}

// -- R-06 ---------------------------------------------------------------------

/// What a node can still do.
enum class one_way { hears, speaks };

/// Cuts all that a node says, or all that is said to it.
void cut_half(trial& world, size_t n, one_way left) {
  auto& nodes = world.nodes();
  for (auto other : all_but(nodes, n))
    if (left == one_way::hears)
      world.network().cut_one_way(nodes.link(n), nodes.link(other));
    else
      world.network().cut_one_way(nodes.link(other), nodes.link(n));
}

void half_cut(trial& world, bool leader, one_way left,
              std::chrono::seconds length) {
  auto& nodes = world.nodes();
  wait_settled(nodes, shard(world));
  auto n = leader ? world.leader() : world.follower();
  leader_watch watch{nodes, shard(world), all_but(nodes, n)};
  auto before = world.work().acknowledged();
  cut_half(world, n, left);
  watch.look_until(clock::now() + length);
  auto gained = world.work().acknowledged() - before;
  std::cout << "R-06 " << (leader ? "leader" : "follower") << " that only "
            << (left == one_way::hears ? "hears: " : "speaks: ") << watch.text()
            << ", acknowledged " << gained << "\n";
  INFO(watch.text() << "\n" << nodes.last_words());
  CHECK(watch.changes() <= (leader ? 1u : 0u));
  CHECK(gained >= progress_min);
  world.network().heal();
  nodes.wait_healthy();
  // It comes back without an election; it may be given its shards again.
  watch.look_until(clock::now() + 1s);
  INFO(watch.text());
  CHECK(watch.changes() <= (leader ? 2u : 0u));
}

void half_cuts(std::vector<bool> leaders, std::chrono::seconds length) {
  trial world{"R-06 one-way partition", {.own_net = true}};
  for (auto leader : leaders)
    for (auto left : {one_way::hears, one_way::speaks})
      half_cut(world, leader, left, length);
  world.settle();
}

// -- R-11 ---------------------------------------------------------

void flap(std::chrono::seconds length) {
  trial world{"R-09 flapping link", {.own_net = true}};
  auto& nodes = world.nodes();
  wait_settled(nodes, shard(world));
  auto leader = world.leader();
  auto follower = world.follower();
  leader_watch watch{nodes, shard(world), all_but(nodes, 0)};
  for (auto end = clock::now() + length; clock::now() < end;) {
    auto before = world.work().acknowledged();
    for (int i = 0; i < 5; ++i) {
      world.network().cut(nodes.link(leader), nodes.link(follower));
      watch.look_until(clock::now() + 1s);
      world.network().heal();
      watch.look_until(clock::now() + 1s);
    }
    CHECK(world.work().acknowledged() >= before + progress_min);
  }
  std::cout << "R-09: " << watch.text() << "\n";
  auto allowed = static_cast<size_t>(length.count() / 10);
  CHECK(watch.changes() <= std::max<size_t>(allowed, 1));
  world.settle();
}

size_t gain(trial& world, std::chrono::seconds length) {
  auto before = world.work().acknowledged();
  std::this_thread::sleep_for(length);
  return world.work().acknowledged() - before;
}

/// @param maltreat what is done to the links
/// @param share of the events without that are wanted with it. Unit: percent.
void disturb(const std::string& name, size_t share,
             const std::function<void(trial&)>& maltreat,
             std::chrono::seconds length) {
  trial world{name, {.own_net = true}};
  auto& nodes = world.nodes();
  wait_settled(nodes, shard(world));
  auto calm = gain(world, length);
  leader_watch watch{nodes, shard(world), all_but(nodes, 0)};
  maltreat(world);
  auto before = world.work().acknowledged();
  watch.look_until(clock::now() + length);
  auto disturbed = world.work().acknowledged() - before;
  world.network().heal();
  nodes.wait_healthy();
  std::cout << name << ": acknowledged " << disturbed << " of " << calm
            << " without in " << length.count() << " s; " << watch.text()
            << "\n";
  CHECK((is_sanitized || disturbed * 100 >= calm * share));
  world.settle();
}

/// Proxies stand between any two nodes.
struct delayed_links {
  std::vector<std::unique_ptr<delay_proxy>> proxies = {};

  void put_between(cluster& nodes) {
    for (size_t n = 1; n <= nodes.size(); ++n) {
      auto& peers = nodes.how(n).peers;
      peers = nodes.peer(n);
      for (auto other : all_but(nodes, n)) {
        link_end at{"127.0.0." + std::to_string(n),
                    free_port(static_cast<uint32_t>(n))};
        proxies.push_back(
          std::make_unique<delay_proxy>(at, nodes.link(other), 100ms, 50ms));
        peers += "," + std::to_string(other) + "=" + at.host + ":"
                 + std::to_string(at.port);
      }
    }
  }
};

/// How long single events take, one after the other, through any node.
std::vector<std::chrono::milliseconds> ack_times(const cluster& nodes,
                                                 const std::string& channel,
                                                 history& into,
                                                 clock::time_point end) {
  std::vector<std::chrono::milliseconds> out;
  std::vector<record> records;
  auto urls = nodes.urls();
  for (uint64_t i = 0; clock::now() < end; ++i) {
    auto id = "500-" + std::to_string(i);
    tools::http_client to{*tools::parse_url(urls[i % urls.size()])};
    auto begin = clock::now();
    records.push_back({begin, outcome::invoke, id});
    auto given = to.send(binary_event(channel, id, own_data(id)));
    auto now = clock::now();
    bool stored = given && given->status == 202;
    records.push_back({now, stored ? outcome::ok : outcome::info, id,
                       stored ? std::stoull(offset_of(*given)) : 0});
    CHECK(stored);
    out.push_back(
      std::chrono::duration_cast<std::chrono::milliseconds>(now - begin));
  }
  into.publishers.push_back(std::move(records));
  return out;
}

void delay(std::chrono::seconds length) {
  delayed_links links;
  trial world{"R-11 delay of 100 ms, give or take 50",
              {.prepare = [&](cluster& nodes) { links.put_between(nodes); }}};
  auto& nodes = world.nodes();
  wait_settled(nodes, shard(world));
  leader_watch watch{nodes, shard(world), all_but(nodes, 0)};
  history extra;
  auto times = ack_times(nodes, world.channel(), extra, clock::now() + length);
  watch.look();
  world.also(std::move(extra));
  REQUIRE(!times.empty());
  std::sort(times.begin(), times.end());
  auto p99 = times[times.size() * 99 / 100];
  std::cout << "R-11: " << times.size() << " single events, p50 "
            << times[times.size() / 2].count() << " ms, p99 " << p99.count()
            << " ms, worst " << times.back().count() << " ms; " << watch.text()
            << "\n";
  CHECK((is_sanitized || p99 <= 1'000ms));
  CHECK(watch.changes() == 0);
  world.settle();
}

// -- R-30 ---------------------------------------------------------------------

/// Whether node `n` says that `other` has a copy of any shard. Its `--peers`
/// name it still. A node that does not answer says nothing against it.
bool is_member(const cluster& nodes, size_t n, size_t other) {
  auto now = nodes.view(n);
  if (!now)
    return true;
  for (auto& shard : now->at("shards").as_array())
    for (auto& x : shard.at("replicas").as_array())
      if (x.at("node").to_number<uint64_t>() == other)
        return true;
  return false;
}

/// Members change while a follower is cut off and a leader dies.
void change_members_in_trouble() {
  trial world{"R-30 add and remove, with a cut and a kill", {.own_net = true}};
  auto& nodes = world.nodes();
  auto command = [&](size_t n, std::vector<std::string> args) {
    args.insert(args.begin(), "cluster");
    auto x = nodes.eventctl(n, args, 120s);
    INFO(x.out << x.err << nodes.last_words());
    REQUIRE(x.code == 0);
  };
  auto added = nodes.add_place();
  nodes.start(added);
  auto cut_off = world.follower();
  for (size_t other = 1; other <= nodes.size(); ++other)
    if (other != cut_off)
      world.network().cut(nodes.link(cut_off), nodes.link(other));
  // A command that is on its way to it now would get no answer.
  auto asked = nodes.other_than({cut_off, added});
  CHECK(eventually([&] {
    return !nodes.sees(asked, cut_off) && nodes.leader_of(0) != cut_off;
  }));
  // A majority takes it in while one is away.
  auto before = world.work().acknowledged();
  command(asked, {"add", nodes.peer(added)});
  CHECK(world.work().acknowledged() > before);
  world.network().heal();
  nodes.wait_ready(added, 60s);
  nodes.wait_healthy(60s);
  // The leader dies while another node is being removed.
  auto leader = world.leader();
  auto removed = nodes.other_than({leader, added});
  process removal{"eventctl",
                  {"--server", nodes.url(nodes.other_than({leader, removed})),
                   "cluster", "remove", std::to_string(removed), "--yes"}};
  nodes.kill(leader);
  CHECK(world.progresses(50, 15s));
  nodes.start(leader);
  nodes.wait_ready(leader, 60s);
  auto ended = removal.wait(120s);
  INFO(removal.out() << removal.err());
  // Another node coordinates now; the change goes on.
  CHECK(ended == 0);
  CHECK(eventually(
    [&] {
      std::this_thread::sleep_for(100ms);
      return !is_member(nodes, leader, removed);
    },
    60s));
  nodes.kill(removed);
  nodes.wait_healthy(60s);
  world.settle();
}

} // namespace

TEST_CASE("R-06: a leader that only hears or only speaks is replaced once",
          "[system][cluster][partition]") {
  half_cuts({true}, 4s);
}

TEST_CASE("R-06, leaders and followers, 30 s each",
          "[system][cluster][.soak]") {
  half_cuts({true, false}, 30s);
}

TEST_CASE("R-09: a link that comes and goes hardly moves the leader",
          "[system][cluster][.soak]") {
  flap(60s);
}

TEST_CASE("R-10: with a tenth of all packets lost a fifth of the events get "
          "through",
          "[system][cluster][.soak]") {
  disturb(
    "R-10 10 % loss", 20,
    [](trial& world) { world.network().lose(links(world.nodes()), 0.10); },
    30s);
}

TEST_CASE("R-10: with connections that are reset after some 200 packets a "
          "fifth of the events get through",
          "[system][cluster][.soak]") {
  disturb(
    "R-10 0.5 % reset", 20,
    [](trial& world) { world.network().reset(links(world.nodes()), 0.005); },
    30s);
}

TEST_CASE("R-10: with connections that are reset after some 20 packets a "
          "fifth of the events get through",
          "[system][cluster][.soak]") {
  disturb(
    "R-10 5 % reset", 20,
    [](trial& world) { world.network().reset(links(world.nodes()), 0.05); },
    30s);
}

TEST_CASE("R-11: nodes far from each other answer within a second and elect "
          "nobody",
          "[system][cluster][.soak]") {
  delay(60s);
}

TEST_CASE("R-30: members change while a node is cut off and a leader dies",
          "[system][cluster][.soak]") {
  change_members_in_trouble();
}

} // namespace eventd::tests
