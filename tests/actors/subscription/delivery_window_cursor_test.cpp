// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/subscription/delivery_window.hpp"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tests/actors/subscription/window_world.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

TEST_CASE("the low offset moves when the lowest event is done",
          "[actors][delivery_window]") {
  window_world x{plain(4)};
  auto steps = x.send_all();
  x.answer(steps[1], answered(200));
  x.answer(steps[2], answered(200));
  CHECK(x.window.low() == log_offset{0});
  auto here = x.window.to_cursor(0);
  CHECK(here.low == log_offset{0});
  CHECK(here.done == std::vector<offset_range>{{log_offset{1}, log_offset{3}}});
  CHECK(here.waiting.empty());
  x.answer(steps[0], answered(202));
  CHECK(x.window.low() == log_offset{3});
}

TEST_CASE("order by key survives a restart", "[actors][delivery_window]") {
  auto spec = plain(3);
  spec.ordering = delivery_ordering::by_key;
  window_world x{spec, 4};
  x.keys = {1, 1, 2, 1};
  auto steps = x.send_all();
  REQUIRE(steps.size() == 2);
  x.answer(steps[0], answered(503));
  x.answer(steps[1], answered(200));
  x.restart(spec);
  CHECK(x.next().what == kind::wait); // 1 and 3 are behind 0, 2 is done.
  x.now = 500;
  auto step = x.send();
  CHECK(step.offset == log_offset{0});
  CHECK(step.attempt == 2);
  x.answer(step, answered(200));
  CHECK(x.send().offset == log_offset{1});
}

TEST_CASE("a restart keeps counts of attempts and what was left to wait",
          "[actors][delivery_window]") {
  auto spec = plain(4);
  spec.delivery.retry = 3;
  spec.delivery.backoff = backoff_policy::linear;
  spec.delivery.backoff_delay_ms = 10'000;
  window_world x{spec, 6};
  auto steps = x.send_all();
  x.answer(steps[1], answered(500));
  x.answer(steps[3], answered(200));
  x.commit();
  x.now = 4'000;
  x.restart(spec);
  // 0 and 2 were on the wire, 4 and 5 are new; 1 waits 6 s more.
  auto again = x.send_all();
  REQUIRE(again.size() == 4);
  CHECK(again[0].offset == log_offset{0});
  CHECK(again[0].attempt == 1);
  CHECK(again[1].offset == log_offset{2});
  CHECK(again[2].offset == log_offset{4});
  CHECK(again[3].offset == log_offset{5});
  x.answer(again[0], answered(200));
  auto step = x.next();
  CHECK(step.what == kind::wait);
  CHECK(step.until_ms == 6'000);
  x.now = 6'000;
  step = x.send();
  CHECK(step.offset == log_offset{1});
  CHECK(step.attempt == 2);
}

TEST_CASE("a restart on the dead letter leg stays on it",
          "[actors][delivery_window]") {
  auto spec = plain(1);
  spec.dead_letter_uri = "http://sink/";
  window_world x{spec, 1};
  x.answer(x.send(), answered(400));
  x.restart(spec);
  auto step = x.send();
  CHECK(step.leg == delivery_leg::dead_letter);
  CHECK(x.window.at(step).error.code == 400);
}

TEST_CASE("a reply lost in a restart is asked for again, its count goes on",
          "[actors][delivery_window]") {
  auto spec = plain(1);
  spec.reply_uri = "http://reply/";
  spec.delivery.retry = 5;
  window_world x{spec, 1};
  auto big = one_event("r", std::string(100'000, 'x'));
  x.answer(x.send(), replied(big));
  x.answer(x.send(), answered(500));
  x.restart(spec);
  auto step = x.send();
  CHECK(step.leg == delivery_leg::subscriber);
  CHECK(step.attempt == 2);
  x.answer(step, replied(big));
  step = x.send();
  CHECK(step.leg == delivery_leg::reply);
  CHECK(step.attempt == 2);
}

TEST_CASE("what left retention is skipped and counted",
          "[actors][delivery_window]") {
  window_world x{plain(2), 0};
  x.end = log_offset{2};
  auto steps = x.send_all();
  x.answer(steps[0], answered(503));
  x.commit();
  CHECK(x.window.on_trimmed(log_offset{10}) == 9); // 0 and [2, 10).
  x.window.check_invariants();
  CHECK(x.window.skipped() == 9);
  CHECK(x.window.low() == log_offset{1}); // Still on the wire.
  x.answer(steps[1], answered(200));
  CHECK(x.window.low() == log_offset{10});
  x.end = log_offset{11};
  CHECK(x.send().offset == log_offset{10});
  CHECK(x.window.on_trimmed(log_offset{5}) == 0);
}

TEST_CASE("a jump behind what was read ahead leaves no hole in the cursor",
          "[actors][delivery_window]") {
  window_world x{plain(1), 5};
  auto step = x.send(); // 1 to 4 are read ahead.
  CHECK(x.window.on_trimmed(log_offset{8}) == 3);
  auto here = x.window.to_cursor(0);
  CHECK(here.low == log_offset{0});
  CHECK(here.done == std::vector<offset_range>{{log_offset{5}, log_offset{8}}});
  x.end = log_offset{20};
  x.answer(step, answered(200));
  for (uint64_t offset : {1, 2, 3, 4, 8, 9}) {
    step = x.send();
    CHECK(step.offset == log_offset{offset});
    x.answer(step, answered(200));
  }
  CHECK(x.window.low() == log_offset{10});
}

TEST_CASE("a reset forgets what waits and counts what is on the wire",
          "[actors][delivery_window]") {
  window_world x{plain(2), 100};
  auto steps = x.send_all();
  REQUIRE(steps.size() == 2);
  x.window.reset(incarnation{1}, log_offset{50});
  CHECK(x.next().what == kind::idle);
  CHECK(x.window.in_flight() == 2);
  CHECK(x.answer(steps[0], answered(500)) == event_fate::forgotten);
  CHECK(x.send().offset == log_offset{50});
  x.window.put_back(steps[1], 0);
  CHECK(x.send().offset == log_offset{51});
  CHECK(x.window.low() == log_offset{50});
  CHECK(x.window.totals().attempts_failed == 0);
}

TEST_CASE("an attempt put back does not count", "[actors][delivery_window]") {
  window_world x{plain(1), 1};
  auto step = x.send();
  x.window.put_back(step, 700);
  auto wait = x.next();
  CHECK(wait.what == kind::wait);
  CHECK(wait.until_ms == 700);
  x.now = 700;
  CHECK(x.send().attempt == 1);
  CHECK(x.window.totals().attempts_failed == 0);
}

TEST_CASE("a changed order begins from the cursor",
          "[actors][delivery_window]") {
  window_world x{plain(4), 10};
  auto steps = x.send_all();
  x.answer(steps[2], answered(200));
  auto ordered = plain(4);
  ordered.ordering = delivery_ordering::ordered;
  x.window.configure(ordered, 0);
  x.window.check_invariants();
  CHECK(x.window.in_flight() == 3);
  CHECK(x.next().what == kind::idle);
  for (auto i : {0, 1, 3})
    CHECK(x.answer(steps[static_cast<size_t>(i)], answered(200))
          == event_fate::forgotten);
  std::vector<uint64_t> order;
  for (int i = 0; i < 9; ++i) {
    auto step = x.send();
    order.push_back(step.offset.value);
    x.answer(step, answered(200));
  }
  CHECK(order == std::vector<uint64_t>{0, 1, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("a sink taken away lets its events be given up, a reply be dropped",
          "[actors][delivery_window]") {
  auto spec = plain(1);
  spec.dead_letter_uri = "http://sink/";
  spec.reply_uri = "http://reply/";
  window_world x{spec, 1};
  auto without = plain(1);
  SECTION("sink") {
    x.answer(x.send(), answered(400));
    x.commit();
    x.window.configure(without, 0);
    CHECK(x.answer(x.send(), answered(0)) == event_fate::given_up);
  }
  SECTION("reply") {
    x.answer(x.send(), replied(one_event("r")));
    x.window.configure(without, 0);
    CHECK(x.answer(x.send(), answered(0)) == event_fate::delivered);
  }
}
