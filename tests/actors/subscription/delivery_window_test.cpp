// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/subscription/delivery_window.hpp"

#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "storage/model/limits.hpp"
#include "tests/actors/subscription/window_world.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

TEST_CASE("a window sends up to its limit, in offset order",
          "[actors][delivery_window]") {
  window_world x{plain(4)};
  auto steps = x.send_all();
  REQUIRE(steps.size() == 4);
  for (uint64_t i = 0; i < 4; ++i) {
    CHECK(steps[i].offset == log_offset{i});
    CHECK(steps[i].attempt == 1);
    CHECK(steps[i].leg == delivery_leg::subscriber);
  }
  CHECK(x.next().what == kind::idle);
  CHECK(x.answer(steps[1], answered(200)) == event_fate::delivered);
  CHECK(x.send().offset == log_offset{4});
  CHECK(x.next().what == kind::idle);
}

TEST_CASE("a failed attempt is not repeated before its count is durable",
          "[actors][delivery_window]") {
  auto spec = plain(1);
  spec.delivery.retry = 5;
  window_world x{spec, 1};
  auto step = x.send();
  auto before = x.window.urgent_version();
  CHECK(x.answer(step, answered(500)) == event_fate::goes_on);
  CHECK(x.window.urgent_version() > before);
  auto failed_at = x.window.version();
  CHECK(x.next().what == kind::idle);
  x.window.on_committed(failed_at - 1);
  CHECK(x.next().what == kind::idle);
  x.window.on_committed(failed_at);
  auto again = x.send();
  CHECK(again.offset == log_offset{0});
  CHECK(again.attempt == 2);
}

TEST_CASE("a retry waits for its time", "[actors][delivery_window]") {
  window_world x{plain(1), 1};
  x.answer(x.send(), answered(503));
  x.commit();
  auto step = x.next();
  CHECK(step.what == kind::wait);
  CHECK(step.until_ms == 500);
  x.now = 499;
  CHECK(x.next().what == kind::wait);
  x.now = 500;
  CHECK(x.send().attempt == 2);
}

TEST_CASE("retry N without a sink gives the event up and records it",
          "[actors][delivery_window]") {
  auto spec = plain(1);
  spec.delivery.retry = 2;
  window_world x{spec, 1};
  for (uint32_t attempt = 1; attempt <= 2; ++attempt) {
    CHECK(x.answer(x.send(), answered(500)) == event_fate::goes_on);
    x.commit();
  }
  CHECK(x.answer(x.send(), answered(502)) == event_fate::given_up);
  CHECK(x.window.low() == log_offset{1});
  CHECK(x.window.given_up() == 1);
  REQUIRE(x.window.last_given_up().size() == 1);
  CHECK(x.window.last_given_up()[0].offset == log_offset{0});
  CHECK(x.window.last_given_up()[0].code == 502);
  CHECK(x.window.last_given_up()[0].reason
        == "status 502 from http://subscriber/");
}

TEST_CASE("only the newest ten of the given up are named",
          "[actors][delivery_window]") {
  window_world x{plain(1), 25};
  for (int i = 0; i < 25; ++i)
    CHECK(x.answer(x.send(), answered(400)) == event_fate::given_up);
  CHECK(x.window.given_up() == 25);
  REQUIRE(x.window.last_given_up().size() == 10);
  CHECK(x.window.last_given_up().front().offset == log_offset{15});
  CHECK(x.window.last_given_up().back().offset == log_offset{24});
}

TEST_CASE("a poison event goes to the sink with its cause",
          "[actors][delivery_window]") {
  auto spec = plain(1);
  spec.delivery.retry = 1;
  spec.dead_letter_uri = "http://sink/";
  window_world x{spec, 1};
  x.answer(x.send(), answered(500));
  x.commit();
  auto bad = answered(500);
  bad.body = "foo";
  CHECK(x.answer(x.send(), bad) == event_fate::goes_on);
  CHECK(x.next().what == kind::idle); // The decision is not durable yet.
  x.commit();
  auto step = x.send();
  CHECK(step.leg == delivery_leg::dead_letter);
  CHECK(step.attempt == 1);
  CHECK(x.window.at(step).error.dest == "http://subscriber/");
  CHECK(x.window.at(step).error.code == 500);
  CHECK(x.window.at(step).error.data == "Zm9v");
  CHECK(x.answer(step, answered(200)) == event_fate::dead_lettered);
  CHECK(x.window.totals().dead_lettered == 1);
  CHECK(x.window.low() == log_offset{1});
}

TEST_CASE("a sink that is down keeps the event for ever",
          "[actors][delivery_window]") {
  auto spec = plain(1);
  spec.dead_letter_uri = "http://sink/";
  window_world x{spec, 1};
  x.answer(x.send(), answered(400));
  x.commit();
  for (uint32_t i = 1; i <= 200; ++i) {
    auto step = x.send();
    CHECK(step.leg == delivery_leg::dead_letter);
    CHECK(step.attempt == i);
    CHECK(x.answer(step, answered(i % 2 ? 0 : 400)) == event_fate::goes_on);
    x.commit();
    x.now += 30'000;
  }
  CHECK(x.window.given_up() == 0);
  CHECK(x.answer(x.send(), answered(204)) == event_fate::dead_lettered);
}

TEST_CASE("a reply is handed on, and only its leg is retried",
          "[actors][delivery_window]") {
  auto spec = plain(1);
  spec.reply_uri = "http://reply/";
  spec.delivery.retry = 3;
  window_world x{spec, 1};
  CHECK(x.answer(x.send(), replied(one_event("r"))) == event_fate::goes_on);
  for (uint32_t attempt = 1; attempt <= 3; ++attempt) {
    auto step = x.send();
    CHECK(step.leg == delivery_leg::reply);
    CHECK(step.attempt == attempt);
    REQUIRE(x.window.at(step).reply.size() == 1);
    CHECK(x.window.at(step).reply[0].id() == "r");
    CHECK(x.window.at(step).reply_headers.size() == 1);
    x.answer(step, answered(503));
    x.commit();
  }
  CHECK(x.answer(x.send(), answered(200)) == event_fate::delivered);
  CHECK(x.window.totals().delivered == 1);
}

TEST_CASE("a reply that fails for good dead-letters the original",
          "[actors][delivery_window]") {
  auto spec = plain(1);
  spec.reply_uri = "http://reply/";
  spec.dead_letter_uri = "http://sink/";
  window_world x{spec, 1};
  x.answer(x.send(), replied(one_event("r")));
  x.answer(x.send(), answered(400));
  x.commit();
  auto step = x.send();
  CHECK(step.leg == delivery_leg::dead_letter);
  CHECK(x.window.at(step).error.dest == "http://reply/");
  CHECK(x.window.at(step).error.code == 400);
  CHECK(x.window.at(step).reply.empty());
}

TEST_CASE("a reply without a reply address, or of a 202, is dropped",
          "[actors][delivery_window]") {
  auto spec = plain(1);
  auto how = replied(one_event("r"));
  SECTION("no address") {}
  SECTION("202") {
    spec.reply_uri = "http://reply/";
    how.status = 202;
  }
  window_world x{spec, 1};
  CHECK(x.answer(x.send(), how) == event_fate::delivered);
}

TEST_CASE("replies that pile up stop new attempts, not the reply leg",
          "[actors][delivery_window]") {
  auto spec = plain(2);
  spec.reply_uri = "http://reply/";
  window_world x{spec};
  auto big = one_event("r", std::string(limits::replies_held_bytes_max, 'x'));
  x.answer(x.send(), replied(big));
  auto step = x.send();
  CHECK(step.leg == delivery_leg::reply);
  CHECK(x.next().what == kind::idle);
  x.answer(step, answered(200));
  CHECK(x.send().leg == delivery_leg::subscriber);
}

TEST_CASE("410 ends requests to the subscriber but not to the sink",
          "[actors][delivery_window]") {
  auto spec = plain(1);
  spec.dead_letter_uri = "http://sink/";
  window_world x{spec};
  x.answer(x.send(), answered(410));
  CHECK(x.window.gone());
  x.commit();
  auto step = x.send();
  CHECK(step.leg == delivery_leg::dead_letter);
  x.answer(step, answered(200));
  CHECK(x.next().what == kind::idle);
  CHECK_FALSE(x.window.wants_more(x.now));

  SECTION("also after a restart") {
    x.restart(spec);
    CHECK(x.window.gone());
    CHECK(x.next().what == kind::idle);
  }
  SECTION("until it is configured again") {
    x.window.configure(spec, x.now);
    CHECK_FALSE(x.window.gone());
    CHECK(x.send().offset == log_offset{1});
  }
}

TEST_CASE("a paused window sends and reads nothing",
          "[actors][delivery_window]") {
  auto spec = plain(4);
  spec.paused = true;
  window_world x{spec};
  CHECK(x.next().what == kind::idle);
  CHECK_FALSE(x.window.wants_more(0));
  spec.paused = false;
  x.window.configure(spec, 0);
  CHECK(x.send_all().size() == 4);
}

TEST_CASE("an ordered window has one event under way, to its end",
          "[actors][delivery_window]") {
  auto spec = plain(32);
  spec.ordering = delivery_ordering::ordered;
  spec.delivery.retry = 1;
  spec.dead_letter_uri = "http://sink/";
  window_world x{spec};
  auto step = x.send();
  CHECK(x.next().what == kind::idle);
  x.answer(step, answered(500));
  CHECK(x.next().what == kind::idle);
  x.commit();
  step = x.send();
  CHECK(step.offset == log_offset{0});
  x.answer(step, answered(500));
  x.commit();
  step = x.send();
  CHECK(step.leg == delivery_leg::dead_letter);
  CHECK(x.next().what == kind::idle);
  x.answer(step, answered(200));
  CHECK(x.send().offset == log_offset{1});
}

TEST_CASE("events of one key never overtake, other keys go on",
          "[actors][delivery_window]") {
  auto spec = plain(3);
  spec.ordering = delivery_ordering::by_key;
  window_world x{spec, 7};
  x.keys = {1, 1, 2, 1, 3, 2, 4};
  auto steps = x.send_all();
  REQUIRE(steps.size() == 3);
  CHECK(steps[0].offset == log_offset{0});
  CHECK(steps[1].offset == log_offset{2});
  CHECK(steps[2].offset == log_offset{4});
  x.answer(steps[0], answered(503)); // 1 and 3 wait behind 0.
  CHECK(x.send().offset == log_offset{6});
  x.commit();
  x.answer(steps[1], answered(200));
  CHECK(x.send().offset == log_offset{5});
  x.answer(steps[2], answered(200));
  CHECK(x.next().what == kind::wait);
  x.now = 500;
  auto again = x.send();
  CHECK(again.offset == log_offset{0});
  x.answer(again, answered(200));
  CHECK(x.send().offset == log_offset{1});
  CHECK(x.next().what == kind::idle);
}

TEST_CASE("keys come from partitionkey, else from the id",
          "[actors][delivery_window]") {
  auto spec = plain();
  spec.ordering = delivery_ordering::by_key;
  window_world x{spec};
  auto key
    = [&](const event_batch& batch) { return x.window.key_of(batch[0]); };
  CHECK(key(one_event("a", "", "k")) == key(one_event("b", "", "k")));
  CHECK(key(one_event("a", "", "k")) != key(one_event("a", "", "l")));
  CHECK(key(one_event("a")) != key(one_event("b")));
  // The hash stands in cursors: FNV-1a of "k".
  CHECK(key(one_event("a", "", "k")) == 0xaf63e64c8601fd8aULL);
}

TEST_CASE("a rate is kept over all requests", "[actors][delivery_window]") {
  auto spec = plain(32);
  spec.rate = 10;
  window_world x{spec};
  uint64_t sent = 0;
  while (x.now < 5'000) {
    auto step = x.next();
    if (step.what == kind::send) {
      ++sent;
      x.answer(step, answered(200));
    } else {
      REQUIRE(step.what == kind::wait);
      REQUIRE(step.until_ms > x.now);
      x.now = step.until_ms;
    }
  }
  CHECK(sent == 50);
}
