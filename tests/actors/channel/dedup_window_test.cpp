// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/channel/dedup_window.hpp"

#include <deque>
#include <map>
#include <random>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "tests/fixtures/print.hpp"
#include "tests/fixtures/test_events.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

/// A window of 10 s for 4 events.
struct window_world {
  dedup_window window{10'000, 4};

  void add(const std::string& id, uint64_t at, uint64_t now) {
    window.add(one_event(id)[0], log_offset{at}, log_time{now});
  }
  /// The offset found, or -1.
  int64_t find(const std::string& id, uint64_t now) {
    auto at = window.find(one_event(id)[0], log_time{now});
    return at ? static_cast<int64_t>(at->value) : -1;
  }
};

} // namespace

TEST_CASE_METHOD(window_world, "a dedup window finds what it was told",
                 "[actors][dedup_window]") {
  add("a", 7, 1'000);
  CHECK(find("a", 1'000) == 7);
  CHECK(find("a", 10'999) == 7);
  CHECK(find("b", 1'000) == -1);
}

TEST_CASE_METHOD(window_world, "a dedup window ends at its length",
                 "[actors][dedup_window]") {
  add("a", 7, 1'000);
  CHECK(find("a", 11'000) == -1);
  window.expire(log_time{10'999});
  CHECK(window.size() == 1);
  window.expire(log_time{11'000});
  CHECK(window.size() == 0);
}

TEST_CASE_METHOD(window_world, "a dedup window forgets the oldest when full",
                 "[actors][dedup_window]") {
  for (uint64_t i = 0; i < 5; ++i)
    add(std::to_string(i), i, 1'000);
  CHECK(window.size() == 4);
  CHECK(find("0", 1'000) == -1);
  CHECK(find("1", 1'000) == 1);
  CHECK(find("4", 1'000) == 4);
}

TEST_CASE_METHOD(window_world,
                 "a dedup window tells sources and ids apart by both",
                 "[actors][dedup_window]") {
  std::string records;
  for (auto [id, source] : {std::pair{"a", "bc"}, std::pair{"ca", "b"}}) {
    event_writer out{records, spec_version::v1_0, data_kind::none, 3};
    out.attribute({"id", id, {}, {}});
    out.attribute({"source", source, {}, {}});
    out.attribute({"type", "test", {}, {}});
    out.data("");
  }
  auto batch = open_events(std::move(records), 2);
  window.add(batch[0], log_offset{1}, log_time{1'000});
  CHECK(window.find(batch[0], log_time{1'000}));
  CHECK_FALSE(window.find(batch[1], log_time{1'000}));
}

TEST_CASE_METHOD(window_world,
                 "a dedup window keeps a key that came twice after its first "
                 "copy left",
                 "[actors][dedup_window]") {
  // As when the window is filled again from a log that holds both copies.
  // Long, so that no string stands inside its entry.
  std::string id(100, 'k');
  add(id, 1, 1'000);
  add(id, 2, 1'000);
  CHECK(find(id, 1'000) == 2);
  for (uint64_t i = 0; i < 3; ++i)
    add(std::to_string(i), 10 + i, 1'000);
  CHECK(window.size() == 4);
  CHECK(find(id, 1'000) == 2);
  add("last", 20, 1'000);
  CHECK(find(id, 1'000) == -1);
}

TEST_CASE_METHOD(window_world, "a dedup window forgets what was taken back",
                 "[actors][dedup_window]") {
  add("a", 1, 1'000);
  add("b", 2, 1'000);
  add("c", 3, 1'000);
  window.forget_from(log_offset{2});
  CHECK(find("a", 1'000) == 1);
  CHECK(find("b", 1'000) == -1);
  CHECK(find("c", 1'000) == -1);
  CHECK(window.size() == 1);
  add("b", 2, 1'000);
  CHECK(find("b", 1'000) == 2);
}

TEST_CASE_METHOD(window_world,
                 "a dedup window tells dead letters of one event apart",
                 "[actors][dedup_window]") {
  std::string records;
  for (auto failed_at : {"http://one/", "http://two/"}) {
    event_writer out{records, spec_version::v1_0, data_kind::none, 4};
    out.attribute({"id", "a", {}, {}});
    out.attribute({"source", "/tests", {}, {}});
    out.attribute({"type", "test", {}, {}});
    out.attribute({"knativeerrordest", failed_at, {}, {}});
    out.data("");
  }
  auto batch = open_events(std::move(records), 2);
  add("a", 1, 1'000);
  CHECK_FALSE(window.find(batch[0], log_time{1'000}));
  window.add(batch[0], log_offset{2}, log_time{1'000});
  CHECK(window.find(batch[0], log_time{1'000}) == log_offset{2});
  CHECK_FALSE(window.find(batch[1], log_time{1'000}));
}

TEST_CASE("a dedup window of length 0 is off", "[actors][dedup_window]") {
  dedup_window window{0, 4};
  CHECK_FALSE(window.enabled());
  window.add(one_event("a")[0], log_offset{1}, log_time{1'000});
  CHECK_FALSE(window.find(one_event("a")[0], log_time{1'000}));
  CHECK(window.size() == 0);
}

TEST_CASE_METHOD(window_world, "a dedup window takes a new length at once",
                 "[actors][dedup_window]") {
  add("a", 7, 1'000);
  window.set_window(100);
  CHECK(find("a", 1'099) == 7);
  CHECK(find("a", 1'100) == -1);
  window.set_window(10'000);
  CHECK(find("a", 10'999) == 7);
  window.clear();
  CHECK(find("a", 1'000) == -1);
}

TEST_CASE_METHOD(window_world, "a dedup window finds an event or takes it",
                 "[actors][dedup_window]") {
  auto find_or_add = [&](const std::string& id, uint64_t at, uint64_t now) {
    return window.find_or_add(one_event(id)[0], log_offset{at}, log_time{now});
  };
  CHECK_FALSE(find_or_add("a", 7, 1'000));
  CHECK(find_or_add("a", 8, 1'000) == log_offset{7});
  CHECK(window.size() == 1);
  // After its time it is an event like any other.
  CHECK_FALSE(find_or_add("a", 9, 11'000));
  CHECK(find("a", 11'000) == 9);
}

namespace {

/// What a dedup window is, told plainly.
struct plain_window {
  struct known {
    std::string id;
    uint64_t at, seen;
  };

  void expire(uint64_t now) {
    while (!list.empty() && list.front().seen + window_ms <= now)
      pop_front();
  }
  void add(const std::string& id, uint64_t at, uint64_t now) {
    expire(now);
    if (list.size() == events_max)
      pop_front();
    list.push_back({id, at, now});
    newest[id] = at;
  }
  void forget_from(uint64_t first) {
    for (; !list.empty() && list.back().at >= first; list.pop_back())
      forget(list.back());
  }
  void pop_front() {
    forget(list.front());
    list.pop_front();
  }
  void forget(const known& x) {
    if (auto found = newest.find(x.id);
        found != newest.end() && found->second == x.at)
      newest.erase(found);
  }

  static constexpr uint64_t window_ms = 500;
  static constexpr size_t events_max = 200;
  std::deque<known> list; ///< Oldest first.
  std::map<std::string, uint64_t> newest;
};

} // namespace

TEST_CASE("a dedup window says what a plain list would say",
          "[actors][dedup_window]") {
  auto seed = GENERATE(1u, 2u, 3u);
  CAPTURE(seed);
  std::minstd_rand dice{seed};
  dedup_window window{plain_window::window_ms, plain_window::events_max};
  plain_window plain;
  uint64_t now = 1'000;
  uint64_t next = 10;
  for (int i = 0; i < 20'000; ++i) {
    now += dice() % 5;
    auto id = std::to_string(dice() % 300);
    auto event = one_event(id);
    switch (dice() % 20) {
    case 0: // The last few were given offsets and refused.
      next -= dice() % 5;
      plain.forget_from(next);
      window.forget_from(log_offset{next});
      break;
    case 1: // As when the window is filled again: the newest counts.
      plain.add(id, next, now);
      window.add(event[0], log_offset{next++}, log_time{now});
      break;
    default:
      plain.expire(now);
      auto known = plain.newest.find(id);
      auto found
        = window.find_or_add(event[0], log_offset{next}, log_time{now});
      REQUIRE(found.has_value() == (known != plain.newest.end()));
      if (found)
        REQUIRE(found->value == known->second);
      else
        plain.add(id, next++, now);
    }
    window.expire(log_time{now});
    plain.expire(now);
    REQUIRE(window.size() == plain.list.size());
  }
  window.clear();
  CHECK(window.size() == 0);
}
