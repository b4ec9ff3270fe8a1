// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/link/link.hpp"

#include <catch2/catch_test_macros.hpp>

#include "actors/cluster/forwarder.hpp"
#include "storage/model/limits.hpp"
#include "tests/actors/link/link_world.hpp"
#include "tests/fixtures/node_fixture.hpp"

using namespace eventd;
using namespace eventd::tests;

namespace {

constexpr int64_t patience_ms = int64_t{limits::ask_timeout_s} * 1'000;

} // namespace

// -- calls and answers --------------------------------------------------------

TEST_CASE_METHOD(link_world, "a call reaches an actor of the other node",
                 "[actors][link]") {
  spawn_channel();
  auto first = append("a");
  auto second = append("b");
  CHECK(appended.empty());
  REQUIRE(one.outlet.sent.size() == 2);
  CHECK(one.outlet.sent[0].node == 2);
  CHECK(kind_of(one.outlet.sent[0].bytes) == peer_message::call);
  pump();
  REQUIRE(first.code() == ec::none);
  REQUIRE(second.code() == ec::none);
  CHECK(first.value().first == log_offset{0});
  CHECK(first.value().stored == 1);
  CHECK(second.value().first == log_offset{1});
  CHECK(appended == std::vector<std::string>{"a", "b"});
}

TEST_CASE_METHOD(link_world, "answers find their askers in any order",
                 "[actors][link]") {
  spawn_channel();
  auto first = append("a");
  auto second = append("b");
  auto a = one.outlet.take().bytes;
  REQUIRE(two.take(1, one.outlet.take().bytes)); // The second overtakes.
  REQUIRE(two.take(1, a));
  pump();
  CHECK(first.value().first == log_offset{1});
  CHECK(second.value().first == log_offset{0});
}

TEST_CASE_METHOD(link_world,
                 "a typed question goes over forwarder and link and back",
                 "[actors][link]") {
  spawn_channel();
  auto map = std::make_shared<shard_map>(1, 1);
  map->set(shard_id{0}, 2);
  auto hand = system.spawn(forwarder,
                           forwarder_wiring{map, one.locals, one.link.handle()},
                           to_channel());
  made.push_back(hand);
  auto proxy = caf::actor_cast<channel_actor>(hand);
  auto where = inquire<log_offset>(system, proxy, atom::locate_v, log_time{41});
  pump();
  REQUIRE(where.code() == ec::none);
  CHECK(where.value() == log_offset{42});
}

TEST_CASE_METHOD(link_world,
                 "requests that came together come over, and their answers",
                 "[actors][link]") {
  spawn_channel();
  joined_append what{node_fixture::events({"a", "b", "c"}), {2, 1}};
  auto x
    = call<std::vector<append_result>>(to_channel(), atom::append_v, what);
  pump();
  REQUIRE(x.code() == ec::none);
  REQUIRE(x.value().size() == 2);
  CHECK(x.value()[0].first == log_offset{3});
  CHECK(x.value()[0].stored == 2);
  CHECK(x.value()[1].stored == 1);
}

TEST_CASE_METHOD(link_world, "an error comes over with all its words",
                 "[actors][link]") {
  spawn_channel();
  auto append
    = call<append_result>(to_channel(), atom::append_v, event_batch{});
  auto read = call<read_result>(to_channel(), atom::read_v, read_request{});
  pump();
  REQUIRE(append.code() == ec::offset_trimmed);
  CHECK(append.answer().error().detail == "below the start");
  CHECK(append.answer().error().offset == 12);
  REQUIRE(read.code() == ec::corrupt_record);
  CHECK(read.answer().error().field == "from");
  CHECK_FALSE(read.answer().error().offset);
}

TEST_CASE_METHOD(link_world,
                 "a handle as answer says that there is one, and no more",
                 "[actors][link]") {
  auto x = spawn_channel();
  auto boss = system.spawn(
    [](caf::event_based_actor*, const channel_actor& opened) -> caf::behavior {
      return {
        [opened](atom::open, const channel_info&, const channel_settings&) {
          return opened;
        },
        [](atom::follow, const subscription_spec&) {
          return subscription_actor{};
        },
        [](atom::shut, channel_id) { return caf::unit; },
      };
    },
    x);
  made.push_back(boss);
  two.locals->set_supervisor(boss);
  call_address to;
  to.node = 2;
  to.kind = call_target::supervisor;
  auto opened
    = call<channel_actor>(to, atom::open_v, channel_info{}, channel_settings{});
  auto followed
    = call<subscription_actor>(to, atom::follow_v, subscription_spec{});
  auto shut = call<caf::unit_t>(to, atom::shut_v, channel);
  pump();
  REQUIRE(opened.code() == ec::none);
  CHECK_FALSE(opened.value());
  REQUIRE(followed.code() == ec::none);
  CHECK_FALSE(followed.value());
  CHECK(shut.code() == ec::none);
}

// -- nobody there -------------------------------------------------------------

TEST_CASE_METHOD(link_world, "a call to what does not run there is not_leader",
                 "[actors][link]") {
  auto x = append("a");
  pump();
  CHECK(x.code() == ec::not_leader);
}

TEST_CASE_METHOD(link_world, "a call to an actor that died is not_leader",
                 "[actors][link]") {
  auto before = spawn_channel();
  caf::anon_send_exit(before, caf::exit_reason::kill);
  run();
  auto late = append("a");
  pump();
  CHECK(late.code() == ec::not_leader);
  // It dies with the call in its mailbox.
  auto now = spawn_channel();
  auto unread = append("b");
  caf::anon_send_exit(now, caf::exit_reason::kill);
  REQUIRE(two.take(1, one.outlet.take().bytes));
  pump();
  CHECK(unread.code() == ec::not_leader);
  CHECK(appended.empty());
}

TEST_CASE_METHOD(link_world, "a call without a connection is not_leader",
                 "[actors][link]") {
  spawn_channel();
  one.outlet.up = false;
  auto x = append("a");
  REQUIRE(x.code() == ec::not_leader);
  CHECK(x.answer().error().detail.find("node 2") != std::string::npos);
  one.outlet.up = true;
  auto y = append("b");
  pump();
  CHECK(y.code() == ec::none);
  CHECK(appended == std::vector<std::string>{"b"});
}

// -- connections that end -----------------------------------------------------

TEST_CASE_METHOD(link_world,
                 "a lost connection leaves the outcome of its calls unknown",
                 "[actors][link]") {
  spawn_channel();
  auto once = append("a");
  auto often = append("b", true);
  auto elsewhere = to_channel();
  elsewhere.node = 3;
  auto other = call<log_offset>(elsewhere, atom::locate_v, log_time{});
  one.link->lost(2);
  run();
  CHECK(once.code() == ec::unreachable);
  CHECK(often.code() == ec::not_leader); // It may be asked again.
  CHECK_FALSE(other.answered());
  one.link->lost(3);
  run();
  CHECK(other.code() == ec::unreachable);
}

TEST_CASE_METHOD(link_world, "an answer behind a lost connection does no harm",
                 "[actors][link]") {
  spawn_channel();
  auto x = append("a");
  REQUIRE(two.take(1, one.outlet.take().bytes));
  run();
  one.link->lost(2);
  run();
  REQUIRE(x.code() == ec::unreachable);
  pump();
  CHECK(x.code() == ec::unreachable);
  CHECK(appended.size() == 1);
  auto y = append("b");
  pump();
  CHECK(y.code() == ec::none);
}

TEST_CASE_METHOD(link_world,
                 "a connection lost while a call is sent answers it once",
                 "[actors][link]") {
  one.outlet.up = false;
  one.outlet.before_send = [this] { one.link->lost(2); };
  auto x = append("a");
  CHECK(x.code() == ec::unreachable);
}

TEST_CASE_METHOD(link_world, "an answer of another node is not taken",
                 "[actors][link]") {
  spawn_channel();
  auto x = append("a");
  REQUIRE(two.take(1, one.outlet.take().bytes));
  run();
  auto answer = two.outlet.take().bytes;
  REQUIRE(one.take(3, answer));
  run();
  CHECK_FALSE(x.answered());
  REQUIRE(one.take(2, answer));
  run();
  CHECK(x.code() == ec::none);
  REQUIRE(one.take(2, answer)); // Twice.
}

// -- time ---------------------------------------------------------------------

TEST_CASE_METHOD(link_world, "a call that is not answered ends by the sweeps",
                 "[actors][link]") {
  spawn_channel();
  auto x = append("a");
  clock_ms += patience_ms - 1;
  auto younger = append("b");
  one.link->sweep();
  run();
  CHECK_FALSE(x.answered());
  clock_ms += 1;
  one.link->sweep();
  run();
  REQUIRE(x.answered());
  CHECK(x.code() == ec::timeout);
  CHECK_FALSE(younger.answered());
  pump(); // The answers come all the same, one of them too late.
  CHECK(x.code() == ec::timeout);
  CHECK(younger.code() == ec::none);
}

TEST_CASE_METHOD(link_world, "what takes long by its nature may take longer",
                 "[actors][link]") {
  auto wait
    = call<log_offset>(to_channel(), atom::await_v,
                       await_request{log_offset{}, limits::wait_ms_max});
  auto change = call<raft_index>(to_channel(), atom::change_v, std::string{});
  auto promote = call<raft_index>(to_channel(), atom::promote_v, uint64_t{1});
  clock_ms += limits::wait_ms_max;
  one.link->sweep();
  run();
  CHECK_FALSE(wait.answered());
  clock_ms += patience_ms;
  one.link->sweep();
  run();
  CHECK(wait.answered());
  CHECK_FALSE(change.answered());
  CHECK_FALSE(promote.answered());
  clock_ms += 3'600'000;
  one.link->sweep();
  run();
  REQUIRE(change.answered());
  REQUIRE(promote.answered());
  CHECK(change.code() == ec::timeout);
}

// -- bounds -------------------------------------------------------------------

TEST_CASE_METHOD(link_world, "calls beyond the bound are refused, not kept",
                 "[actors][link]") {
  spawn_channel();
  for (size_t i = 0; i < limits::link_calls_max; ++i)
    caf::anon_send(one.link.handle(), atom::call_v, to_channel(),
                   caf::make_message(atom::status_v));
  CHECK(one.outlet.sent.size() == limits::link_calls_max);
  one.outlet.sent.clear();
  auto x = append("a");
  CHECK(x.code() == ec::overloaded);
  CHECK(one.outlet.sent.empty());
  one.link->lost(2);
  auto y = append("b");
  pump();
  CHECK(y.code() == ec::none);
}

TEST_CASE_METHOD(link_world,
                 "calls of another node beyond the bound are refused",
                 "[actors][link]") {
  auto busy = spawn_channel();
  auto first = append("a");
  auto message = one.outlet.take().bytes;
  for (size_t i = 0; i < limits::link_calls_max; ++i)
    REQUIRE(two.take(1, message)); // Nobody reads the mailbox meanwhile.
  CHECK(two.outlet.sent.empty());
  REQUIRE(two.take(1, message));
  REQUIRE(two.outlet.sent.size() == 1);
  REQUIRE(one.take(2, two.outlet.take().bytes));
  caf::anon_send_exit(busy, caf::exit_reason::kill);
  run();
  CHECK(first.code() == ec::overloaded);
  CHECK(two.outlet.sent.size() == limits::link_calls_max);
  two.outlet.sent.clear();
  spawn_channel();
  auto y = append("b");
  pump();
  CHECK(y.code() == ec::none);
}

TEST_CASE_METHOD(link_world, "a closed link fails what waits and takes no more",
                 "[actors][link]") {
  spawn_channel();
  auto waits = append("a");
  one.link->close();
  run();
  CHECK(waits.code() == ec::not_leader);
  one.outlet.sent.clear();
  auto late = append("b");
  REQUIRE(late.answered());
  CHECK_FALSE(late.answer());
  CHECK(one.outlet.sent.empty());
}
