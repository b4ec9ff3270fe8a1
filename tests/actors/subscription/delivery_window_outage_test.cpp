// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/subscription/delivery_window.hpp"

#include <map>
#include <random>
#include <set>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include "storage/model/limits.hpp"
#include "tests/actors/subscription/window_world.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

TEST_CASE("a subscriber that is down is probed with one event",
          "[actors][delivery_window]") {
  window_world x{plain(8)};
  for (const auto& step : x.send_all())
    x.answer(step, answered(0));
  x.commit();
  CHECK(x.window.probing());
  // What was read ahead is forgotten; a new event is shown in a minute.
  CHECK_FALSE(x.window.wants_more(0).has_value());
  auto plan = x.window.wants_more(60'000);
  REQUIRE(plan.has_value());
  CHECK(plan->from == log_offset{8});
  CHECK(plan->events_max == 1);
  x.now = 10'000;
  auto probe = x.send();
  CHECK(probe.offset < log_offset{8});
  CHECK(x.next().what != kind::send);
  x.answer(probe, answered(0));
  x.commit();
  probe = x.send();
  x.answer(probe, answered(200));
  CHECK_FALSE(x.window.probing());
  auto two = x.send_all();
  CHECK(two.size() == 2);
  for (const auto& step : two)
    x.answer(step, answered(200));
  CHECK(x.send_all().size() == 8);
}

TEST_CASE("an hour of outage keeps about one window waiting",
          "[actors][delivery_window]") {
  window_world x{plain(32), 1'000'000};
  size_t attempts = 0;
  while (x.now < 3'600'000) {
    auto step = x.next();
    if (step.what == kind::send) {
      ++attempts;
      x.answer(step, answered(0));
      x.commit();
    } else {
      REQUIRE(step.what == kind::wait);
      x.now = step.until_ms;
    }
    REQUIRE(x.window.waiting() <= 32 + 62);
  }
  CHECK(attempts < 20'000);
  // It is back: each event once, and never more than the window at a time.
  std::map<log_offset, int> delivered;
  while (delivered.size() < 2'000) {
    auto steps = x.send_all();
    REQUIRE(steps.size() <= 32);
    for (const auto& step : steps) {
      x.answer(step, answered(200));
      ++delivered[step.offset];
    }
    x.now += 100;
  }
  x.now += 60'000;
  for (const auto& step : x.send_all()) {
    x.answer(step, answered(200));
    ++delivered[step.offset];
  }
  for (uint64_t i = 0; i < 1'900; ++i)
    REQUIRE(delivered[log_offset{i}] == 1);
}

TEST_CASE("one poison event does not keep new ones from an idle subscriber",
          "[actors][delivery_window]") {
  window_world x{plain(32), 1};
  for (int i = 0; i < 100; ++i) {
    x.answer(x.send(), answered(500));
    x.commit();
    x.now += 33'000;
  }
  CHECK(x.window.probing());
  x.answer(x.send(), answered(500));
  x.commit();
  x.end = log_offset{2};
  auto step = x.send();
  CHECK(step.offset == log_offset{1});
  CHECK(x.answer(step, answered(200)) == event_fate::delivered);
}

TEST_CASE("a window full of poison still lets a new event through",
          "[actors][delivery_window]") {
  window_world x{plain(4), 4};
  auto fail_for = [&](int64_t ms) {
    for (auto end = x.now + ms; x.now < end;) {
      auto step = x.next();
      if (step.what == kind::send) {
        if (step.offset >= log_offset{4})
          return true;
        x.answer(step, answered(500));
        x.commit();
      } else {
        x.now = step.what == kind::wait ? step.until_ms : end;
      }
    }
    return false;
  };
  CHECK_FALSE(fail_for(600'000));
  x.end = log_offset{5};
  CHECK(fail_for(61'000));
}

TEST_CASE("a window with a thousand waiting stops advancing",
          "[actors][delivery_window]") {
  auto spec = plain(32);
  spec.dead_letter_uri = "http://sink/";
  window_world x{spec, 5'000};
  // The subscriber refuses every event and the sink is down.
  while (x.now < 100'000) {
    auto step = x.next();
    if (step.what == kind::send) {
      auto to_sink = step.leg == delivery_leg::dead_letter;
      x.answer(step, answered(to_sink ? 0 : 400));
      x.commit();
    } else {
      x.now = step.what == kind::wait ? step.until_ms : 100'000;
    }
  }
  CHECK(x.window.waiting() == limits::waiting_events_max);
  CHECK(x.window.low() == log_offset{0});
  CHECK_FALSE(x.window.wants_more(x.now));
}

TEST_CASE("whatever happens, no event is lost and none overtakes its key",
          "[actors][delivery_window][random]") {
  auto seed = GENERATE(range(1u, 41u));
  CAPTURE(seed);
  std::minstd_rand dice{seed};
  auto spec = plain(1 + dice() % 6);
  spec.ordering = static_cast<delivery_ordering>(dice() % 3);
  spec.reply_uri = "http://reply/";
  if (dice() % 2)
    spec.dead_letter_uri = "http://sink/";
  constexpr uint64_t events = 300;
  window_world x{spec, events};
  for (uint64_t i = 0; i < events; ++i)
    x.keys.push_back(spec.ordering == delivery_ordering::by_key ? dice() % 5
                                                                : 0);
  std::vector<delivery_step> wire;
  std::set<log_offset> ended;
  std::map<uint64_t, log_offset> newest; // Of each key that ended.
  auto is_keyed = spec.ordering != delivery_ordering::unordered;
  for (int round = 0; round < 200'000 && ended.size() < events; ++round) {
    auto step = x.next();
    if (step.what == kind::send)
      wire.push_back(step);
    REQUIRE(wire.size() <= spec.max_in_flight);
    auto outage = round / 500 % 3 == 1;
    if (!wire.empty() && (step.what != kind::send || dice() % 2)) {
      auto i = dice() % wire.size();
      auto sent = wire[i];
      wire.erase(wire.begin() + static_cast<ptrdiff_t>(i));
      auto how = answered(outage || dice() % 4 == 0 ? 503 : 200);
      if (how.status == 200 && sent.leg == delivery_leg::subscriber
          && dice() % 3 == 0)
        how.reply = one_event("r");
      auto fate = x.answer(sent, how);
      if (fate == event_fate::delivered || fate == event_fate::dead_lettered) {
        ended.insert(sent.offset);
        auto key = x.key_at(sent.offset.value);
        if (is_keyed) {
          // A restart may repeat an event; it never goes back behind one.
          REQUIRE((!newest.contains(key) || newest[key] <= sent.offset));
          newest[key] = sent.offset;
        }
      }
      REQUIRE(fate != event_fate::given_up);
    }
    if (dice() % 3 == 0)
      x.commit();
    if (step.what == kind::wait)
      x.now += 1 + static_cast<int64_t>(dice() % 2'000);
    if (dice() % 200 == 0) {
      x.restart(spec);
      wire.clear();
    }
  }
  CHECK(ended.size() == events);
  CHECK(x.window.low() == log_offset{events});
}
