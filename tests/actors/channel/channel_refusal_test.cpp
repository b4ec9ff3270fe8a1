// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <catch2/catch_test_macros.hpp>

#include "actors/channel/channel.hpp"
#include "storage/model/limits.hpp"
#include "tests/actors/channel/fake_shard.hpp"
#include "tests/fixtures/node_fixture.hpp"
#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

/// One channel of a shard that refuses when told to.
struct refusing_world : actor_fixture {
  refusing_world() {
    shard->tail = std::make_shared<storage::tail_cache>(1 << 20);
    shard_handle = system.spawn(run_fake_shard, shard);
    wiring.shard = shard_handle;
    wiring.tail = shard->tail;
    wiring.stats = std::make_shared<node_stats>();
    wiring.wall_ms = [this] { return 1'700'000'000'000 + now_ms(); };
  }

  ~refusing_world() {
    caf::anon_send_exit(channel_handle, caf::exit_reason::kill);
    run();
    shard->waiting.clear();
    shard->questions.clear();
    caf::anon_send_exit(shard_handle, caf::exit_reason::kill);
    run();
  }

  void spawn() {
    channel_info info;
    info.id = channel_id{1};
    channel_handle
      = system.spawn(actors::channel, info, channel_settings{}, wiring);
    run();
  }

  inquiry<append_result> append(const std::string& id) {
    auto x = inquire<append_result>(system, channel_handle, atom::append_v,
                                    node_fixture::events({id}));
    run();
    return x;
  }

  /// Begins with a lease that does not end, and stores "a".
  std::shared_ptr<shard_map> lead_with_one_event(raft_term term) {
    auto map = std::make_shared<shard_map>(1, 1);
    wiring.map = map;
    shard->term = term;
    map->set_lease(shard_id{0}, term, std::numeric_limits<int64_t>::max());
    spawn();
    REQUIRE(append("a").code() == ec::none);
    return map;
  }

  void release() {
    caf::anon_send(shard_handle, atom::flush_v);
    run();
  }

  std::shared_ptr<fake_shard> shard = std::make_shared<fake_shard>();
  shard_actor shard_handle;
  channel_wiring wiring;
  channel_actor channel_handle;
};

} // namespace

TEST_CASE_METHOD(refusing_world,
                 "a refused entry refuses all behind it and nothing before it, "
                 "and the channel goes on",
                 "[actors][channel]") {
  spawn();
  shard->holds = true;
  auto before = append("before");
  auto copy = append("before");
  shard->refusal = failure{ec::no_space, "the disk is full"};
  // All three reach the channel before it hears of the refusal.
  std::vector<inquiry<append_result>> behind;
  for (auto id : {"refused", "behind", "last", "queued", "refused"})
    behind.push_back(inquire<append_result>(
      system, channel_handle, atom::append_v, node_fixture::events({id})));
  run();
  for (const auto& x : behind) {
    CHECK(x.code() == ec::no_space);
    CHECK(x.answer().error().detail == "the disk is full");
  }
  // What is on its way still is not called refused: it is stored in the end.
  CHECK_FALSE(before.answered());
  CHECK_FALSE(copy.answered());
  auto parked = append("parked");
  CHECK_FALSE(parked.answered());
  release();
  REQUIRE(before.code() == ec::none);
  CHECK(before.value().first == log_offset{0});
  REQUIRE(copy.code() == ec::none);
  CHECK(copy.value().stored == 0);
  CHECK(copy.value().duplicates == 1);
  REQUIRE(parked.code() == ec::none);
  CHECK(parked.value().first == log_offset{1});
  // What was refused is no duplicate now; what was stored is one.
  auto again = append("refused");
  REQUIRE(again.code() == ec::none);
  CHECK(again.value().first == log_offset{2});
  CHECK(again.value().stored == 1);
  auto stored = append("before");
  REQUIRE(stored.code() == ec::none);
  CHECK(stored.value().duplicates == 1);
  CHECK(stored.value().first == log_offset{0});
  for (size_t i = 0; i < shard->accepted.size(); ++i)
    CHECK(shard->accepted[i].first == log_offset{i});
}

TEST_CASE_METHOD(refusing_world,
                 "what a channel is asked before it has its place waits for it",
                 "[actors][channel]") {
  shard->holds_places = true;
  shard->end = log_offset{40};
  wiring.supervisor = nullptr;
  spawn();
  auto stored = append("a");
  auto status = inquire<channel_status>(system, channel_handle, atom::status_v);
  auto beyond = inquire<read_result>(system, channel_handle, atom::read_v,
                                     read_request{log_offset{41}, 1, 1});
  auto at_end = inquire<read_result>(system, channel_handle, atom::read_v,
                                     read_request{log_offset{40}, 1, 1});
  auto end = inquire<log_offset>(system, channel_handle, atom::await_v,
                                 await_request{log_offset{0}, 0});
  run();
  CHECK_FALSE(stored.answered());
  CHECK_FALSE(status.answered());
  CHECK_FALSE(beyond.answered());
  CHECK_FALSE(end.answered());
  shard->holds_places = false;
  // No window, so that nothing is read back.
  caf::anon_send(channel_handle, atom::configure_v,
                 channel_settings{0, 0, 0, 0});
  run();
  release();
  REQUIRE(status.code() == ec::none);
  CHECK(status.value().end == log_offset{40});
  CHECK(beyond.code() == ec::offset_out_of_range);
  CHECK(at_end.code() == ec::none);
  REQUIRE(end.code() == ec::none);
  CHECK(end.value() == log_offset{40});
  REQUIRE(stored.code() == ec::none);
  CHECK(stored.value().first == log_offset{40});
}

TEST_CASE_METHOD(refusing_world,
                 "what waits for a channel's place is bounded in bytes",
                 "[actors][channel]") {
  shard->holds_places = true;
  spawn();
  std::string big(limits::channel_queue_bytes_max / 2, 'x');
  auto ask = [&](const std::string& id) {
    auto x = inquire<append_result>(system, channel_handle, atom::append_v,
                                    node_fixture::events({id}, big));
    run();
    return x;
  };
  auto first = ask("a");
  CHECK_FALSE(first.answered());
  CHECK(ask("b").code() == ec::overloaded);
  shard->holds_places = false;
  release();
  CHECK(first.code() == ec::none);
  CHECK(ask("b").code() == ec::none);
}

TEST_CASE_METHOD(refusing_world,
                 "a channel that is closed answers all that waits",
                 "[actors][channel]") {
  spawn();
  shard->holds = true;
  std::vector<inquiry<append_result>> appends;
  for (auto id : {"a", "a", "b", "c", "d", "queued"})
    appends.push_back(append(id));
  auto wait = inquire<log_offset>(system, channel_handle, atom::await_v,
                                  await_request{log_offset{0}, 10'000});
  run();
  for (const auto& x : appends)
    CHECK_FALSE(x.answered());
  caf::anon_send_exit(channel_handle, caf::exit_reason::user_shutdown);
  run();
  // Its window finds what was stored after all, so they may try again.
  for (const auto& x : appends)
    CHECK(x.code() == ec::not_leader);
  CHECK(wait.code() == ec::not_leader);
}

TEST_CASE_METHOD(refusing_world,
                 "a channel that may not lead any more asks the others before "
                 "it answers a read",
                 "[actors][channel][read]") {
  auto map = std::make_shared<shard_map>(1, 1);
  wiring.map = map;
  shard->term = raft_term{1};
  map->set_lease(shard_id{0}, raft_term{1}, 0);
  spawn();
  REQUIRE(append("a").code() == ec::none);
  auto read = [&] {
    auto x = inquire<read_result>(system, channel_handle, atom::read_v,
                                  read_request{log_offset{0}, 10, 1'000});
    run();
    return x;
  };
  shard->confirmation = failure{ec::not_leader, "another leads"};
  CHECK(read().code() == ec::not_leader);
  CHECK(shard->confirmed == 1);
  shard->confirmation.reset();
  REQUIRE(read().code() == ec::none);
  CHECK(shard->confirmed == 2);
  // With the lease nobody is asked.
  map->set_lease(shard_id{0}, raft_term{1},
                 std::numeric_limits<int64_t>::max());
  REQUIRE(read().code() == ec::none);
  CHECK(read().value().next == log_offset{1});
  CHECK(shard->confirmed == 2);
}

TEST_CASE_METHOD(refusing_world,
                 "a channel that may not lead any more does not say where it "
                 "stands either",
                 "[actors][channel][read]") {
  auto map = lead_with_one_event(raft_term{3});
  map->set_lease(shard_id{0}, raft_term{3}, 0);
  shard->confirmation = failure{ec::not_leader, "another leads"};
  auto ask = [&] {
    auto x = inquire<channel_status>(system, channel_handle, atom::status_v);
    auto y = inquire<log_offset>(system, channel_handle, atom::locate_v,
                                 log_time{0});
    run();
    CHECK(x.code() == y.code());
    return x;
  };
  CHECK(ask().code() == ec::not_leader);
  CHECK(shard->confirmed == 2);
  shard->confirmation.reset();
  auto standing = ask();
  REQUIRE(standing.code() == ec::none);
  CHECK(standing.value().end == log_offset{1});
  CHECK(shard->confirmed == 4);
}

TEST_CASE_METHOD(refusing_world,
                 "a channel of an earlier term answers no read and stores "
                 "nothing",
                 "[actors][channel][read]") {
  auto map = lead_with_one_event(raft_term{3});
  CHECK(shard->confirmed == 0);
  // Another led, stored "b", and this node leads again.
  map->set_lease(shard_id{0}, {}, 0);
  shard->term = raft_term{5};
  map->set_lease(shard_id{0}, raft_term{5},
                 std::numeric_limits<int64_t>::max());
  SECTION("a read") {
    auto x = inquire<read_result>(system, channel_handle, atom::read_v,
                                  read_request{log_offset{0}, 10, 1'000});
    run();
    CHECK(x.code() == ec::not_leader);
    CHECK(shard->confirmed == 1);
  }
  SECTION("an append") {
    shard->expected.reset();
    auto before = shard->accepted.size();
    shard->refusal = failure{ec::conflict, "nothing passes before a place"};
    CHECK(append("b").code() == ec::conflict);
    // It asked for its place, and ended.
    CHECK(append("b").code() != ec::none);
    CHECK(shard->accepted.size() == before);
  }
}

TEST_CASE_METHOD(refusing_world,
                 "a read that came before the channel began is refused when "
                 "the channel ends",
                 "[actors][channel][read]") {
  shard->holds_places = true;
  spawn();
  auto x = inquire<read_result>(system, channel_handle, atom::read_v,
                                read_request{log_offset{0}, 10, 1'000});
  run();
  CHECK_FALSE(x.answered());
  shard->holds_places = false;
  shard->place_refusal = failure{ec::not_leader, "not any more"};
  release();
  CHECK(x.code() == ec::not_leader);
}
