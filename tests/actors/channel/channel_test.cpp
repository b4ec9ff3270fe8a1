// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/channel/channel.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "storage/model/limits.hpp"
#include "tests/fixtures/crash_file_system.hpp"
#include "tests/fixtures/node_fixture.hpp"
#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

uint64_t entries(const node_fixture& node) {
  return node.stats->entries_committed.load();
}

} // namespace

// -- durable before the answer ------------------------------------------------

TEST_CASE_METHOD(node_fixture,
                 "a channel answers an append only after its synced write",
                 "[actors][channel]") {
  start();
  auto orders = open("orders");
  hold_writes();
  auto a = append(orders, {"a", "b"});
  CHECK_FALSE(a.answered());
  CHECK(read(orders, 0)->batches.empty());
  CHECK(status(orders).end == log_offset{0});
  auto syncs = stats->fsyncs.load();
  release_writes();
  REQUIRE(a.code() == ec::none);
  CHECK(a.value().first == log_offset{0});
  CHECK(a.value().stored == 2);
  CHECK(stats->fsyncs.load() > syncs);
  CHECK(ids(orders) == std::vector<std::string>{"a", "b"});
  CHECK(status(orders).published == 2);
}

TEST_CASE_METHOD(node_fixture,
                 "an event that a channel acknowledged survives a power cut, "
                 "one it did not may be lost",
                 "[actors][channel]") {
  temp_dir image;
  auto disk = std::make_shared<crash_file_system>(attic.path());
  file_system = disk;
  start();
  auto orders = open("orders");
  publish(orders, {"kept"});
  hold_writes();
  auto lost = append(orders, {"lost"});
  CHECK_FALSE(lost.answered());
  disk->power_cut(dir / "data", image / "data");
  crash();
  file_system.reset();
  std::filesystem::remove_all(dir / "data");
  std::filesystem::rename(image / "data", dir / "data");
  start();
  CHECK(ids(orders) == std::vector<std::string>{"kept"});
}

// -- entries ------------------------------------------------------------------

TEST_CASE_METHOD(node_fixture,
                 "a channel joins what arrives while entries are on their way",
                 "[actors][channel]") {
  start();
  auto orders = open("orders");
  auto before = entries(*this);
  hold_writes();
  std::vector<inquiry<append_result>> asked;
  for (int i = 0; i < 24; ++i)
    asked.push_back(
      append(orders, {std::to_string(2 * i), std::to_string(2 * i + 1)}));
  release_writes();
  for (size_t i = 0; i < asked.size(); ++i) {
    REQUIRE(asked[i].code() == ec::none);
    CHECK(asked[i].value().first == log_offset{2 * i});
  }
  // Four on their way at a time; the other twenty requests are one entry.
  CHECK(entries(*this) - before == limits::channel_inflight_entries_max + 1);
  CHECK(ids(orders).size() == 48);
}

TEST_CASE_METHOD(node_fixture, "a request never spans entries",
                 "[actors][channel]") {
  tail_bytes = limits::tail_cache_bytes_max;
  start();
  auto orders = open("orders");
  hold_writes();
  for (size_t i = 0; i < limits::channel_inflight_entries_max; ++i)
    append(orders, {"first" + std::to_string(i)});
  // Two of these do not go into one entry, and the last is larger than one.
  std::string half(limits::entry_bytes_max / 5 * 2, 'h');
  append(orders, events({"a0"}, half));
  append(orders, events({"b0", "b1"}, half));
  append(orders, events({"c0"}, half));
  append(orders, events({"d0", "d1", "d2", "d3"}, half));
  append(orders, {"e0"});
  release_writes();
  auto page = read(orders, limits::channel_inflight_entries_max, 100,
                   limits::read_bytes_max);
  REQUIRE(page);
  std::vector<std::string> found;
  for (const auto& batch : page->batches)
    found.push_back(std::string{batch[0].id()} + "+"
                    + std::to_string(batch.size()));
  CHECK(found
        == std::vector<std::string>{"a0+1", "b0+2", "c0+1", "d0+4", "e0+1"});
}

TEST_CASE_METHOD(node_fixture,
                 "offsets are dense under interleaved appends to many channels",
                 "[actors][channel]") {
  start();
  std::vector<channel_info> channels;
  for (auto name : {"a", "b", "c"})
    channels.push_back(open(name));
  struct sent {
    std::vector<std::string> ids;
    inquiry<append_result> answer;
  };
  std::map<uint64_t, std::vector<sent>> requests;
  std::minstd_rand random{42};
  int next = 0;
  for (int i = 0; i < 300; ++i) {
    const auto& channel = channels[random() % channels.size()];
    std::vector<std::string> ids;
    for (auto n = 1 + random() % 4; n > 0; --n)
      ids.push_back(std::to_string(next++));
    requests[channel.id.value].push_back({ids, append(channel, ids)});
    if (random() % 8 == 0)
      hold_writes();
    if (random() % 8 == 0)
      release_writes();
    if (random() % 16 == 0)
      advance(5);
  }
  release_writes();
  auto check = [&](const channel_info& channel) {
    auto stored = ids(channel);
    std::vector<bool> taken(stored.size());
    for (const auto& x : requests[channel.id.value]) {
      REQUIRE(x.answer.code() == ec::none);
      auto first = x.answer.value().first.value;
      REQUIRE(first + x.ids.size() <= stored.size());
      for (size_t i = 0; i < x.ids.size(); ++i) {
        CHECK(stored[first + i] == x.ids[i]);
        CHECK_FALSE(taken[first + i]);
        taken[first + i] = true;
      }
    }
    CHECK(std::count(taken.begin(), taken.end(), false) == 0);
  };
  for (const auto& x : channels)
    check(x);
  restart();
  for (const auto& x : channels)
    check(x);
}

TEST_CASE_METHOD(node_fixture,
                 "a channel with too much waiting answers overloaded and takes "
                 "more when the disk has caught up",
                 "[actors][channel]") {
  start();
  auto orders = open("orders");
  hold_writes();
  std::string big(size_t{1} << 20, 'x');
  std::vector<inquiry<append_result>> asked;
  for (int i = 0; i < 40; ++i)
    asked.push_back(append(orders, events({std::to_string(i)}, big)));
  size_t accepted = 0;
  for (const auto& x : asked) {
    if (!x.answered())
      ++accepted;
    else
      CHECK(x.code() == ec::overloaded);
  }
  CHECK(accepted
        == limits::channel_inflight_entries_max
             + limits::channel_queue_bytes_max / big.size() - 1);
  release_writes();
  for (size_t i = 0; i < accepted; ++i)
    CHECK(asked[i].code() == ec::none);
  CHECK(status(orders).end == log_offset{accepted});
  CHECK(publish(orders, {"more"}).first == log_offset{accepted});
}

TEST_CASE_METHOD(node_fixture,
                 "a channel takes nothing while the disk is nearly full",
                 "[actors][channel]") {
  uint64_t free_bytes = 1'000;
  reserve = std::make_shared<storage::disk_reserve>(
    dir.path(), 500, [&](const std::string&) { return free_bytes; });
  start();
  auto orders = open("orders");
  auto in_memory = open("events", {}, true);
  publish(orders, {"a"});
  free_bytes = 499;
  advance(1'000);
  CHECK(append(orders, {"b"}).code() == ec::no_space);
  CHECK(publish(in_memory, {"b"}).stored == 1);
  CHECK(ids(orders) == std::vector<std::string>{"a"});
  // What may free space is still written.
  CHECK(
    propose(orders.shard, storage::trim_channel{orders.id, log_offset{1}, 1})
      .code()
    == ec::none);
  free_bytes = 500;
  advance(1'000);
  CHECK(publish(orders, {"b"}).first == log_offset{1});
}

TEST_CASE_METHOD(node_fixture, "an empty append stores nothing",
                 "[actors][channel]") {
  start();
  auto orders = open("orders");
  publish(orders, {"a"});
  auto x = append(orders, event_batch{});
  REQUIRE(x.code() == ec::none);
  CHECK(x.value().stored == 0);
  CHECK(status(orders).end == log_offset{1});
}

// -- death and restart (R-48) -------------------------------------------------

TEST_CASE_METHOD(node_fixture,
                 "a channel that dies is started again and loses nothing that "
                 "was acknowledged",
                 "[actors][channel][supervisor]") {
  start();
  auto orders = open("orders");
  publish(orders, {"a", "b"});
  hold_writes();
  auto unanswered = append(orders, {"c"});
  kill(owner(orders));
  CHECK(stats->actor_restarts.load() == 1);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("channel default/orders died") == 0);
  // Its place is asked for: the entry of the dead one is on its way still.
  advance(1);
  auto next = append(orders, {"d"});
  CHECK_FALSE(next.answered());
  release_writes();
  REQUIRE(next.code() == ec::none);
  CHECK(next.value().first == log_offset{3});
  CHECK(ids(orders) == std::vector<std::string>{"a", "b", "c", "d"});
  // The dead actor did not know how it would end. The event is there, so that
  // the repetition of the request is a duplicate.
  CHECK(unanswered.code() != ec::none);
  auto again = publish(orders, {"c"});
  CHECK(again.duplicates == 1);
  CHECK(again.first == log_offset{2});
  CHECK(fatal.empty());
}

TEST_CASE_METHOD(node_fixture,
                 "an exception in a channel ends that channel's actor alone",
                 "[actors][channel][supervisor]") {
  start();
  auto orders = open("orders");
  auto others = open("others");
  publish(orders, {"a"});
  clock_throws = true;
  auto failed = append(orders, {"b"});
  CHECK(failed.code() != ec::none);
  CHECK(stats->actor_restarts.load() == 1);
  CHECK(fatal.empty());
  advance(1);
  CHECK(publish(orders, {"b"}).stored == 1);
  CHECK(ids(orders) == std::vector<std::string>{"a", "b"});
  CHECK(publish(others, {"a"}).stored == 1);
}

TEST_CASE_METHOD(node_fixture,
                 "a channel that dies again and again is given time",
                 "[actors][channel][supervisor]") {
  start();
  auto orders = open("orders");
  auto dead = owner(orders);
  kill(dead);
  advance(1);
  auto second = owner(orders);
  CHECK(second != dead);
  kill(second);
  advance(49);
  CHECK(owner(orders) == second);
  advance(1);
  CHECK(owner(orders) != second);
  CHECK(publish(orders, {"a"}).first == log_offset{0});
  CHECK(stats->actor_restarts.load() == 2);
}

TEST_CASE_METHOD(node_fixture, "a stopped node has everything after its start",
                 "[actors][channel]") {
  start();
  auto orders = open("orders");
  publish(orders, {"a", "b"});
  auto epoch = status(orders).info.epoch;
  stop();
  start();
  CHECK(ids(orders) == std::vector<std::string>{"a", "b"});
  CHECK(status(orders).info.epoch == epoch);
  CHECK(publish(orders, {"c"}).first == log_offset{2});
}
