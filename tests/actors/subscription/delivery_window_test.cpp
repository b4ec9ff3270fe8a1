// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/subscription/delivery_window.hpp"

#include <map>
#include <random>
#include <set>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include "storage/model/limits.hpp"
#include "tests/fixtures/test_events.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

using kind = delivery_step::kind;

subscription_spec plain(uint32_t max_in_flight = 4) {
  subscription_spec x;
  x.subscriber_uri = "http://subscriber/";
  x.max_in_flight = max_in_flight;
  return x;
}

cursor at_offset(uint64_t low) {
  cursor x;
  x.epoch = incarnation{1};
  x.low = log_offset{low};
  return x;
}

delivery_outcome answered(int32_t status) {
  delivery_outcome x;
  x.status = status;
  return x;
}

delivery_outcome replied(const event_batch& event) {
  auto x = answered(200);
  x.reply = event;
  x.headers = {{"x-request-id", "7"}};
  return x;
}

/// A window over a log whose event `i` has key `keys[i]`, or 0.
struct world {
  explicit world(subscription_spec spec, uint64_t events = 1'000,
                 const cursor& from = at_offset(0))
    : window(std::move(spec), from, 0), end{events} {}

  void read() {
    while (auto plan = window.wants_more(now)) {
      if (plan->from >= end)
        return;
      auto n = std::min<uint64_t>(plan->events_max, end - plan->from);
      std::vector<uint64_t> offered;
      for (uint64_t i = 0; i < n; ++i)
        offered.push_back(key_at(plan->from.value + i));
      REQUIRE(window.offer(plan->from, offered));
      window.check_invariants();
    }
  }

  uint64_t key_at(uint64_t offset) const {
    return offset < keys.size() ? keys[offset] : 0;
  }

  /// Next step, with reading.
  delivery_step next() {
    read();
    auto step = window.next(now);
    window.check_invariants();
    return step;
  }

  /// Next step, which must be an attempt.
  delivery_step send() {
    auto step = next();
    REQUIRE(step.what == kind::send);
    return step;
  }

  event_fate answer(const delivery_step& step, const delivery_outcome& how) {
    auto fate = window.on_outcome(step, how, now, 500);
    window.check_invariants();
    return fate;
  }

  void commit() { window.on_committed(window.version()); }

  /// All attempts that may be made now.
  std::vector<delivery_step> send_all() {
    std::vector<delivery_step> steps;
    for (auto step = next(); step.what == kind::send; step = next())
      steps.push_back(step);
    return steps;
  }

  /// A restart: the cursor through its bytes, and time that passed.
  void restart(subscription_spec spec) {
    auto stored = decode_cursor(encode(window.to_cursor(now)));
    REQUIRE(stored.has_value());
    now = 0;
    window = delivery_window{std::move(spec), *stored, now};
    window.check_invariants();
  }

  delivery_window window;
  log_offset end;
  std::vector<uint64_t> keys;
  int64_t now = 0;
};

} // namespace

TEST_CASE("a window sends up to its limit, in offset order",
          "[actors][delivery_window]") {
  world x{plain(4)};
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

TEST_CASE("the low offset moves when the lowest event is done",
          "[actors][delivery_window]") {
  world x{plain(4)};
  auto steps = x.send_all();
  x.answer(steps[1], answered(200));
  x.answer(steps[2], answered(200));
  CHECK(x.window.low() == log_offset{0});
  auto here = x.window.to_cursor(0);
  CHECK(here.low == log_offset{0});
  CHECK(here.done
        == std::vector<offset_range>{{log_offset{1}, log_offset{3}}});
  CHECK(here.waiting.empty());
  x.answer(steps[0], answered(202));
  CHECK(x.window.low() == log_offset{3});
}

TEST_CASE("a failed attempt is not repeated before its count is durable",
          "[actors][delivery_window]") {
  auto spec = plain(1);
  spec.delivery.retry = 5;
  world x{spec, 1};
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
  world x{plain(1), 1};
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
  world x{spec, 1};
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
  world x{plain(1), 25};
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
  world x{spec, 1};
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
  world x{spec, 1};
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
  world x{spec, 1};
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
  world x{spec, 1};
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
  world x{spec, 1};
  CHECK(x.answer(x.send(), how) == event_fate::delivered);
}

TEST_CASE("replies that pile up stop new attempts, not the reply leg",
          "[actors][delivery_window]") {
  auto spec = plain(2);
  spec.reply_uri = "http://reply/";
  world x{spec};
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
  world x{spec};
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
  world x{spec};
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
  world x{spec};
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
  world x{spec, 7};
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
  world x{spec};
  auto key = [&](const event_batch& batch) { return x.window.key_of(batch[0]); };
  CHECK(key(one_event("a", "", "k")) == key(one_event("b", "", "k")));
  CHECK(key(one_event("a", "", "k")) != key(one_event("a", "", "l")));
  CHECK(key(one_event("a")) != key(one_event("b")));
  // The hash stands in cursors: FNV-1a of "k".
  CHECK(key(one_event("a", "", "k")) == 0xaf63e64c8601fd8aULL);
}

TEST_CASE("order by key survives a restart", "[actors][delivery_window]") {
  auto spec = plain(3);
  spec.ordering = delivery_ordering::by_key;
  world x{spec, 4};
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

TEST_CASE("a rate is kept over all requests", "[actors][delivery_window]") {
  auto spec = plain(32);
  spec.rate = 10;
  world x{spec};
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

TEST_CASE("a subscriber that is down is probed with one event",
          "[actors][delivery_window]") {
  world x{plain(8)};
  for (const auto& step : x.send_all())
    x.answer(step, answered(0));
  x.commit();
  CHECK(x.window.probing());
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
  world x{plain(32), 1'000'000};
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
    REQUIRE(x.window.waiting() <= 32 + 60);
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
  world x{plain(32), 1};
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
  world x{plain(4), 4};
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
  world x{spec, 5'000};
  // The subscriber refuses every event and the sink is down.
  while (x.now < 600'000) {
    auto step = x.next();
    if (step.what == kind::send) {
      auto to_sink = step.leg == delivery_leg::dead_letter;
      x.answer(step, answered(to_sink ? 0 : 400));
      x.commit();
    } else {
      x.now = step.what == kind::wait ? step.until_ms : 600'000;
    }
  }
  CHECK(x.window.waiting() == limits::waiting_events_max);
  CHECK(x.window.low() == log_offset{0});
  CHECK_FALSE(x.window.wants_more(x.now));
}

TEST_CASE("a restart keeps counts of attempts and what was left to wait",
          "[actors][delivery_window]") {
  auto spec = plain(4);
  spec.delivery.retry = 3;
  spec.delivery.backoff = backoff_policy::linear;
  spec.delivery.backoff_delay_ms = 10'000;
  world x{spec, 6};
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
  world x{spec, 1};
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
  world x{spec, 1};
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
  world x{plain(2), 0};
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
  world x{plain(1), 5};
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
  world x{plain(2), 100};
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
  world x{plain(1), 1};
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
  world x{plain(4), 10};
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
  world x{spec, 1};
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
  world x{spec, events};
  for (uint64_t i = 0; i < events; ++i)
    x.keys.push_back(
      spec.ordering == delivery_ordering::by_key ? dice() % 5 : 0);
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
