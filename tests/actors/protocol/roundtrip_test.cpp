// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/protocol/messages.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/pfr.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/exit_reason.hpp>
#include <caf/message.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <catch2/catch_test_macros.hpp>

#include "actors/protocol/interfaces.hpp"
#include "tests/fixtures/actor_fixture.hpp"
#include "tests/fixtures/test_events.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

// -- equal, and different in every field --------------------------------------

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

/// What is compared field by field: our structs, which have no operator==.
template <class T>
inline constexpr bool has_fields
  = std::is_aggregate_v<T>&&
      std::is_class_v<T> && !std::is_same_v<T, shared_bytes>;

template <class T>
bool same(const T& x, const T& y);

template <class T, class F, size_t... Is>
bool all_fields(const T& x, const T& y, F f, std::index_sequence<Is...>) {
  return (f(boost::pfr::get<Is>(x), boost::pfr::get<Is>(y)) && ...);
}

template <class T, class F>
bool all_fields(const T& x, const T& y, F f) {
  return all_fields(x, y, f,
                    std::make_index_sequence<boost::pfr::tuple_size_v<T>>{});
}

template <class T>
bool same(const T& x, const T& y) {
  if constexpr (std::is_same_v<T, event_batch>) {
    return x.records() == y.records() && x.size() == y.size()
           && x.first_offset == y.first_offset && x.stored_at == y.stored_at;
  } else if constexpr (std::is_same_v<T, shared_bytes>) {
    return *x.data == *y.data;
  } else if constexpr (is_vector<T>::value) {
    return x.size() == y.size()
           && std::equal(
             x.begin(), x.end(), y.begin(),
             [](const auto& a, const auto& b) { return same(a, b); });
  } else if constexpr (is_optional<T>::value) {
    return x.has_value() == y.has_value() && (!x || same(*x, *y));
  } else if constexpr (has_fields<T>) {
    return all_fields(x, y,
                      [](const auto& a, const auto& b) { return same(a, b); });
  } else {
    return x == y;
  }
}

/// True where no field of `x`, however deep, is what it is in `T{}`: then a
/// field that `inspect` forgets can not go unseen.
template <class T>
bool fully_set(const T& x, const T& fresh = {}) {
  if constexpr (std::is_same_v<T, event_batch>) {
    return !x.empty() && x.first_offset != log_offset{}
           && x.stored_at != log_time{};
  } else if constexpr (std::is_same_v<T, shared_bytes>) {
    return x.data && !x.data->empty();
  } else if constexpr (is_vector<T>::value) {
    return !x.empty() && std::all_of(x.begin(), x.end(), [](const auto& a) {
      return fully_set(a);
    });
  } else if constexpr (is_optional<T>::value) {
    return x && fully_set(*x);
  } else if constexpr (has_fields<T>) {
    return all_fields(
      x, fresh, [](const auto& a, const auto& b) { return fully_set(a, b); });
  } else {
    return !(x == fresh);
  }
}

// -- there and back -----------------------------------------------------------

struct roundtrip_world : actor_fixture {
  /// Through the serialiser that messages between nodes go through.
  template <class T>
  T roundtrip(const T& x) {
    std::vector<char> bytes;
    caf::binary_serializer out{system, bytes};
    auto sent = caf::make_message(x);
    auto failed = out(sent);
    REQUIRE_FALSE(failed);
    REQUIRE_FALSE(bytes.empty());
    caf::binary_deserializer in{system, bytes};
    caf::message got;
    failed = in(got);
    REQUIRE_FALSE(failed);
    REQUIRE(got.match_elements<T>());
    seen.insert(system.types().portable_name(0, &typeid(T)));
    return got.get_as<T>(0);
  }

  template <class T>
  void check(const T& x) {
    INFO(system.types().portable_name(0, &typeid(T)));
    CHECK(fully_set(x));
    CHECK(same(roundtrip(x), x));
    CHECK(same(roundtrip(T{}), T{}));
  }

  std::set<std::string> seen;
};

event_batch some_events() {
  std::string records;
  add_event(records, "id-1", "some data", "key");
  add_event(records, "id-2");
  auto x = open_events(std::move(records), 2);
  x.first_offset = log_offset{41};
  x.stored_at = log_time{1'700'000'000'001};
  return x;
}

channel_info some_info() {
  return {channel_id{1}, incarnation{2}, shard_id{3}, "ns", "name", true};
}

channel_status some_channel_status() {
  return {some_info(), log_offset{1}, log_offset{2}, 3, 4, 5, 6};
}

delivery_policy some_policy() {
  return {7, backoff_policy::linear, 8, 9, 10, delivery_format::structured};
}

undelivered some_undelivered() {
  return {log_offset{5}, -3, "no answer"};
}

subscription_status some_subscription_status() {
  subscription_status x;
  x.uid = "uid";
  x.namespace_name = "ns";
  x.name = "name";
  x.channel = "channel";
  x.ready = true;
  x.paused = true;
  x.paused_reason = "Gone";
  x.low = log_offset{1};
  x.end = log_offset{2};
  x.in_flight = 3;
  x.waiting = 4;
  x.delivered = 5;
  x.attempts_failed = 6;
  x.dead_lettered = 7;
  x.given_up = 8;
  x.skipped = 9;
  x.last_given_up = {some_undelivered(), some_undelivered()};
  x.last_error = "why";
  return x;
}

shared_bytes some_bytes() {
  return {std::make_shared<const std::string>("a\0b", 3)};
}

} // namespace

TEST_CASE_METHOD(roundtrip_world,
                 "every payload goes through the serialiser unchanged",
                 "[actors][protocol]") {
  check(log_offset{~uint64_t{0}});
  check(log_time{7});
  check(channel_id{8});
  check(shard_id{9});
  check(raft_index{10});
  check(server_status{1, "127.0.0.1:1", 2, raft_index{3}});
  check(shard_status{shard_id{1},
                     2,
                     true,
                     3,
                     raft_term{4},
                     raft_index{5},
                     raft_index{6},
                     raft_index{7},
                     raft_index{8},
                     true,
                     {{1, "127.0.0.1:1", 2, raft_index{3}}}});
  check(call_address{1, call_target::replica, shard_id{2}, 3, "name", true});
  check(log_chunk{
    raft_index{9}, {raft_index{7}, raft_index{8}}, {"r7", "r8"}, {"k"}, {"v"}});
  check(state_chunk{1, raft_index{2}, 3, "bytes"});
  check(
    damaged_place{shard_id{1}, raft_index{2}, channel_id{3}, log_offset{4}, 5});
  check(some_events());
  check(std::vector<event_batch>{some_events(), some_events()});
  check(some_info());
  check(channel_settings{-1, 2, 3, 4});
  check(append_result{log_offset{1}, 2, 3});
  check(
    std::vector<append_result>{{log_offset{1}, 2, 3}, {log_offset{4}, 5, 6}});
  check(joined_append{some_events(), {1, 2}});
  check(read_request{log_offset{1}, 2, 3});
  check(stored_read_request{some_info(), {log_offset{1}, 2, 3}, log_offset{4}});
  check(read_result{{some_events()},
                    log_offset{1},
                    log_offset{2},
                    log_offset{3},
                    incarnation{4}});
  check(some_channel_status());
  check(await_request{log_offset{1}, -2});
  check(proposed{raft_index{1}, log_time{2}});
  check(channel_place{true, incarnation{1}, log_offset{2}, log_offset{3}, 4, 5,
                      log_time{6}, log_time{7}, raft_term{8}});
  check(trim_plan{log_offset{1}, 2});
  check(resource_snapshot{{"k1", "k2"}, {"d1", "d2"}, {raft_index{3}}, 4});
  check(cursor_commit{"uid", channel_id{1}, std::string{"\0c", 2}, true});
  check(some_policy());
  check(subscription_spec{"uid", "ns", "name", "channel", "http://s/",
                          "http://r/", "http://d/", some_policy(),
                          start_kind::time, -5, delivery_ordering::by_key, 6, 7,
                          true});
  check(error_extensions{"http://d/", 500, "data"});
  check(delivery_request{"ns",
                         "http://t/",
                         delivery_leg::dead_letter,
                         delivery_format::binary,
                         some_events(),
                         error_extensions{"http://d/", 500, "data"},
                         {{"a", "b"}, {"c", "d"}},
                         9});
  check(delivery_outcome{202, "why", 3, "body", some_events(), {{"a", "b"}}});
  check(some_undelivered());
  check(some_subscription_status());
  check(resource_request{resource_verb::remove, "group", "v1", "channels", "ns",
                         "name", "{}", true});
  check(resource_response{true, "{}"});
  check(std::vector<undelivered>{some_undelivered()});
  check(std::vector<subscription_status>{some_subscription_status()});
  check(std::vector<channel_status>{some_channel_status()});

  // No default: null data stands for nothing.
  CHECK(same(roundtrip(some_bytes()), some_bytes()));
  CHECK(roundtrip(shared_bytes{}).data->empty());

  // Whoever registers a payload adds it here; handles have a test of their own.
  for (const auto& [name, factory] : config.value_factories_by_name)
    if (name.find("eventd") != std::string::npos
        && name.find("_actor") == std::string::npos) {
      INFO(name);
      CHECK(seen.contains(name));
    }
}

TEST_CASE_METHOD(roundtrip_world, "an optional field comes back as it was",
                 "[actors][protocol]") {
  delivery_policy x;
  x.retry = 0;
  auto y = roundtrip(x);
  CHECK(y.retry == 0u);
  CHECK_FALSE(y.backoff);
  CHECK_FALSE(y.backoff_delay_ms);
  CHECK_FALSE(y.retry_after_max_ms);
  x = some_policy();
  x.retry.reset();
  y = roundtrip(x);
  CHECK_FALSE(y.retry);
  CHECK(y.backoff == backoff_policy::linear);
}

TEST_CASE_METHOD(roundtrip_world, "a damaged batch is refused, not believed",
                 "[actors][protocol]") {
  std::vector<char> bytes;
  caf::binary_serializer out{system, bytes};
  auto x = some_events();
  REQUIRE_FALSE(out(x));
  for (size_t cut : {size_t{1}, bytes.size() / 2, bytes.size() - 1}) {
    std::vector<char> part{bytes.begin(),
                           bytes.end() - static_cast<std::ptrdiff_t>(cut)};
    caf::binary_deserializer in{system, part};
    event_batch y;
    CHECK(in(y));
  }
  // The number of events, which stands behind the records.
  auto records = std::string{x.records()};
  auto at
    = std::search(bytes.begin(), bytes.end(), records.begin(), records.end());
  REQUIRE(at != bytes.end());
  auto count = at + static_cast<std::ptrdiff_t>(records.size());
  for (auto i = 0; i < 4; ++i)
    count[i] = '\x11';
  caf::binary_deserializer in{system, bytes};
  event_batch y;
  CHECK(in(y));
}

TEST_CASE_METHOD(roundtrip_world, "handles go through the serialiser",
                 "[actors][protocol]") {
  auto x = system.spawn(
    [](route_watcher_actor::pointer,
       int) -> route_watcher_actor::behavior_type {
      return {[](atom::route, const std::string&, const channel_actor&) {},
              [](atom::unroute, const std::string&) {}};
    },
    0);
  std::vector<char> bytes;
  caf::binary_serializer out{system, bytes};
  auto sent = caf::make_message(route_watcher_actor{x});
  auto failed = out(sent);
  CHECK_FALSE(failed);
  CHECK_FALSE(bytes.empty());
  caf::anon_send_exit(x, caf::exit_reason::kill);
  run();
}
