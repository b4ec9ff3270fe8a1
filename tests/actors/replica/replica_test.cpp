// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/replica/replica.hpp"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "storage/model/limits.hpp"
#include "tests/fixtures/node_fixture.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/test_events.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

constexpr shard_id shard{1};

/// A node with one channel of shard 1, and cursors for it.
struct replica_world : node_fixture {
  replica_world() {
    start();
    orders = open("orders");
    REQUIRE(orders.shard == shard);
  }

  inquiry<caf::unit_t> commit(const std::string& uid, const std::string& text,
                              bool urgent = false) {
    return ask<caf::unit_t>(replicas[shard.value], atom::commit_v,
                            cursor_commit{uid, orders.id, text, urgent});
  }
  std::string cursor_of(const std::string& uid) {
    auto x = ask<std::string>(replicas[shard.value], atom::cursor_v, uid);
    REQUIRE(x.code() == ec::none);
    return x.value();
  }
  channel_place place(channel_id id) {
    auto x = ask<channel_place>(replicas[shard.value], atom::place_v, id);
    REQUIRE(x.code() == ec::none);
    return x.value();
  }
  inquiry<proposed> propose_events(uint64_t first) {
    std::string payload;
    storage::events_header header;
    header.channel = orders.id;
    header.epoch = orders.epoch;
    header.first = log_offset{first};
    header.count = 1;
    header.logged_at = header.stored_at = log_time{77};
    storage::put_events_header(payload, header);
    payload += one_event(std::to_string(first)).records();
    return ask<proposed>(
      replicas[shard.value], atom::propose_v,
      shared_bytes{std::make_shared<const std::string>(payload)});
  }

  channel_info orders;
};

} // namespace

// -- proposing ----------------------------------------------------------------

TEST_CASE_METHOD(replica_world,
                 "a replica answers a proposal when it is durable and applied",
                 "[actors][replica]") {
  hold_writes();
  auto x = propose_events(0);
  CHECK_FALSE(x.answered());
  release_writes();
  REQUIRE(x.code() == ec::none);
  CHECK(x.value().stored_at == log_time{77});
  CHECK(place(orders.id).end == log_offset{1});
  auto next = propose_events(1);
  REQUIRE(next.code() == ec::none);
  CHECK(next.value().index == x.value().index + 1);
}

TEST_CASE_METHOD(replica_world,
                 "a replica takes a channel's entries in offset order only",
                 "[actors][replica]") {
  CHECK(propose_events(1).code() == ec::conflict);
  hold_writes();
  auto first = propose_events(0);
  CHECK(propose_events(2).code() == ec::conflict);
  CHECK(propose_events(0).code() == ec::conflict);
  auto second = propose_events(1);
  // Who asks for the place ends what the older owner had in mind.
  auto asked
    = ask<channel_place>(replicas[shard.value], atom::place_v, orders.id);
  CHECK(propose_events(2).code() == ec::conflict);
  CHECK_FALSE(asked.answered());
  release_writes();
  CHECK(first.code() == ec::none);
  CHECK(second.code() == ec::none);
  REQUIRE(asked.code() == ec::none);
  CHECK(asked.value().known);
  CHECK(asked.value().end == log_offset{2});
  CHECK(asked.value().logged_at == log_time{77});
  CHECK(propose_events(2).code() == ec::none);
}

TEST_CASE_METHOD(
  replica_world,
  "a replica lets a place wait for entries that have no room yet",
  "[actors][replica]") {
  hold_writes();
  std::vector<inquiry<proposed>> sent;
  auto n = limits::shard_inflight_entries_max + 10;
  for (uint64_t i = 0; i < n; ++i)
    sent.push_back(propose_events(i));
  CHECK(gate->waiting.size() == limits::shard_inflight_entries_max);
  auto asked
    = ask<channel_place>(replicas[shard.value], atom::place_v, orders.id);
  release_writes();
  for (const auto& x : sent)
    CHECK(x.code() == ec::none);
  REQUIRE(asked.code() == ec::none);
  CHECK(asked.value().end == log_offset{n});
}

TEST_CASE_METHOD(replica_world, "a replica knows no place of other channels",
                 "[actors][replica]") {
  CHECK_FALSE(place(channel_id{99}).known);
  REQUIRE(propose(shard, storage::close_channel{orders.id}).code() == ec::none);
  CHECK_FALSE(place(orders.id).known);
}

TEST_CASE_METHOD(replica_world, "a replica whose queue is full is overloaded",
                 "[actors][replica]") {
  hold_writes();
  storage::put_resource big;
  big.key = "k";
  big.document = std::string(limits::shard_queue_bytes_max / 8, 'x');
  size_t taken = 0;
  std::vector<inquiry<proposed>> sent;
  for (int i = 0; i < 16; ++i) {
    sent.push_back(propose(shard, big));
    if (!sent.back().answered())
      ++taken;
    else
      CHECK(sent.back().code() == ec::overloaded);
  }
  CHECK(taken < sent.size());
  CHECK(taken >= 8);
  release_writes();
  for (size_t i = 0; i < taken; ++i)
    CHECK(sent[i].code() == ec::none);
  CHECK(propose(shard, big).code() == ec::none);
}

TEST_CASE_METHOD(replica_world, "a stopped replica takes nothing more",
                 "[actors][replica]") {
  auto waiting = commit("uid", "waits");
  auto stopped = ask<caf::unit_t>(replicas[shard.value], atom::stop_v);
  CHECK(stopped.code() == ec::none);
  // What waited for the interval was written first.
  CHECK(waiting.code() == ec::none);
  CHECK(propose_events(0).code() == ec::shutting_down);
  CHECK(commit("uid", "late").code() == ec::shutting_down);
  restart();
  CHECK(cursor_of("uid") == "waits");
}

// -- cursors ------------------------------------------------------------------

TEST_CASE_METHOD(replica_world, "cursors of one interval are one entry",
                 "[actors][replica][cursor]") {
  auto before = stats->entries_committed.load();
  auto a1 = commit("a", "1");
  auto b1 = commit("b", "1");
  advance(limits::cursor_interval_ms - 1);
  auto a2 = commit("a", "2");
  CHECK_FALSE(a1.answered());
  CHECK_FALSE(a2.answered());
  CHECK(stats->entries_committed.load() == before);
  advance(1);
  CHECK(a1.code() == ec::none);
  CHECK(b1.code() == ec::none);
  CHECK(a2.code() == ec::none);
  CHECK(stats->entries_committed.load() == before + 1);
  CHECK(cursor_of("a") == "2");
  CHECK(cursor_of("b") == "1");
  CHECK(cursor_of("c").empty());
  // The next interval begins with the next commit.
  auto a3 = commit("a", "3");
  advance(limits::cursor_interval_ms - 1);
  CHECK_FALSE(a3.answered());
  advance(1);
  CHECK(a3.code() == ec::none);
}

TEST_CASE_METHOD(replica_world, "an urgent cursor is written at once",
                 "[actors][replica][cursor]") {
  auto patient = commit("a", "1");
  hold_writes();
  auto urgent = commit("b", "1", true);
  CHECK_FALSE(urgent.answered());
  release_writes();
  CHECK(urgent.code() == ec::none);
  CHECK(patient.code() == ec::none);
}

TEST_CASE_METHOD(replica_world,
                 "a cursor survives a restart once it is answered",
                 "[actors][replica][cursor]") {
  REQUIRE(commit("a", "1", true).code() == ec::none);
  commit("a", "2");
  CHECK(cursor_of("a") == "2");
  restart();
  CHECK(cursor_of("a") == "1");
  REQUIRE(commit("a", "", true).code() == ec::none);
  CHECK(cursor_of("a").empty());
  restart();
  CHECK(cursor_of("a").empty());
}

TEST_CASE_METHOD(replica_world,
                 "many large cursors are written in entries of bounded size",
                 "[actors][replica][cursor]") {
  auto before = stats->entries_committed.load();
  std::string large(limits::cursor_entry_bytes_max / 4, 'c');
  std::vector<inquiry<caf::unit_t>> sent;
  for (int i = 0; i < 8; ++i)
    sent.push_back(commit(std::to_string(i), large));
  advance(limits::cursor_interval_ms);
  for (const auto& x : sent)
    CHECK(x.code() == ec::none);
  CHECK(stats->entries_committed.load() - before == 4);
  restart();
  CHECK(cursor_of("7") == large);
}

TEST_CASE_METHOD(replica_world, "a closed channel's cursors are gone",
                 "[actors][replica][cursor]") {
  REQUIRE(commit("a", "1", true).code() == ec::none);
  REQUIRE(propose(shard, storage::close_channel{orders.id}).code() == ec::none);
  CHECK(cursor_of("a").empty());
}

// -- resources ----------------------------------------------------------------

TEST_CASE_METHOD(replica_world, "resources stand after a restart as before",
                 "[actors][replica]") {
  auto a = propose(shard_id{0}, storage::put_resource{"a", "{1}", 5});
  auto b = propose(shard_id{0}, storage::put_resource{"b", "{2}", 3});
  auto removed = propose(shard_id{0}, storage::remove_resource{"a"});
  REQUIRE(removed.code() == ec::none);
  auto check = [&] {
    auto x = ask<resource_snapshot>(replicas[0], atom::resource_v);
    REQUIRE(x.code() == ec::none);
    CHECK(x.value().keys == std::vector<std::string>{"b"});
    CHECK(x.value().documents == std::vector<std::string>{"{2}"});
    CHECK(x.value().indexes == std::vector<raft_index>{b.value().index});
    CHECK(x.value().channel_ids_end == 5);
  };
  CHECK(b.value().index > a.value().index);
  check();
  restart();
  check();
}

// -- the Raft start -----------------------------------------------------------

namespace {

raft_index start_of(const storage::database& db) {
  auto x = storage::load_raft(db, shard);
  REQUIRE(x);
  REQUIRE(*x);
  return (**x).start.index;
}

} // namespace

TEST_CASE_METHOD(replica_world,
                 "the Raft start moves up with the log, and all is readable "
                 "after it",
                 "[actors][replica]") {
  auto settings = channel_settings{};
  settings.dedup_window_ms = 0;
  settings.retention_age_ms = 0;
  configure(orders, settings);
  CHECK(start_of(*database) == raft_index{0});
  std::string big(size_t{15} << 20, 'x');
  // One entry each; a little more than the distance with its step.
  for (int i = 0; i < 21; ++i)
    REQUIRE(append(orders, events({std::to_string(i)}, big)).code()
            == ec::none);
  advance(20);
  auto start = start_of(*database);
  CHECK(start > raft_index{0});
  restart();
  CHECK(start_of(*database) == start);
  CHECK(ids(orders).size() == 21);
  CHECK(publish(orders, {"more"}).first == log_offset{21});
  restart();
  CHECK(ids(orders).back() == "more");
}

TEST_CASE_METHOD(replica_world,
                 "what a trim hides makes the Raft start move and the disk "
                 "be given back",
                 "[actors][replica]") {
  auto settings = channel_settings{};
  settings.dedup_window_ms = 0;
  settings.retention_age_ms = 600'000;
  configure(orders, settings);
  std::string big(size_t{1} << 20, 'x');
  for (int i = 0; i < 20; ++i)
    REQUIRE(append(orders, events({std::to_string(i)}, big)).code()
            == ec::none);
  advance(20);
  REQUIRE(database->flush());
  auto log = storage::log_family(shard);
  CHECK(database->disk_bytes(log) > 20 * big.size());
  // One trim hides all of it.
  advance(700'000);
  CHECK(status(orders).earliest == log_offset{20});
  CHECK(start_of(*database) > raft_index{0});
  CHECK(database->disk_bytes(log) < big.size());
  restart();
  CHECK(publish(orders, {"next"}).first == log_offset{20});
  CHECK(ids(orders) == std::vector<std::string>{"next"});
}

// -- recovery -----------------------------------------------------------------

TEST_CASE_METHOD(replica_world,
                 "entries that were durable and not applied are applied at the "
                 "next start",
                 "[actors][replica]") {
  publish(orders, {"a"});
  // The rows of these linger when the node is killed.
  publish(orders, {"b"});
  publish(orders, {"c"});
  restart();
  CHECK(ids(orders) == std::vector<std::string>{"a", "b", "c"});
  for (int i = 0; i < 5; ++i) {
    publish(orders, {std::to_string(i)});
    restart();
  }
  CHECK(ids(orders).size() == 8);
}

TEST_CASE_METHOD(replica_world, "the death of a replica is fatal",
                 "[actors][replica][supervisor]") {
  kill(replicas[shard.value]);
  REQUIRE(fatal.size() == 1);
  CHECK(fatal[0].first == "shard 1");
}
