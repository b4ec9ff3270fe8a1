// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <atomic>
#include <iostream>
#include <memory>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "runtime/gateway/times.hpp"
#include "tests/system/fake_clock.hpp"
#include "tests/system/leader_watch.hpp"
#include "tests/system/sink.hpp"
#include "tests/system/trial.hpp"

/// wall clocks that jump. Windows, retention and retries go by clocks
/// that do not.
namespace eventd::tests {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

const std::string channel = "test/clock";

/// Retention looks at the channel each 12 s, a tenth of its age.
constexpr auto retention_look = 13s;

/// Sanitizers do not bear a library that is loaded before them.
void skip_where_sanitized() {
  if (is_sanitized)
    SKIP("NOT RUN: libfaketime can not be loaded before a sanitizer");
}

/// One node of no cluster whose clock can be set, with a channel.
struct clock_world {
  clock_world() {
    auto made = nodes->send(channel_request(
      channel, {{"retention-age", "PT2M"}, {"dedup-window", "PT10M"}}));
    REQUIRE(made.status == 201);
  }

  tools::http_answer publish(const std::string& id) {
    auto given = nodes->send(binary_event(channel, id));
    INFO(given.body);
    CHECK(given.status == 202);
    return given;
  }

  /// When eventd says that the event was stored. Unit: ms since 1970.
  int64_t stored_at(size_t offset) {
    auto events = nodes->read_all(channel);
    REQUIRE(events.size() > offset);
    auto text = text_at(events[offset].line, "/eventdtime");
    auto at = runtime::parse_rfc3339(text);
    INFO(events[offset].line);
    REQUIRE(at);
    return *at;
  }

  void restart() {
    REQUIRE(nodes->stop(1) == 0);
    nodes->start(1);
    nodes->wait_ready(1);
  }

  /// All is there, and is known to be.
  void check_kept(size_t events) {
    std::this_thread::sleep_for(retention_look);
    CHECK(nodes->read_all(channel).size() == events);
    for (size_t i = 0; i < events; ++i)
      CHECK(publish(std::to_string(i)).header("Eventd-Duplicates") == "1");
  }

  fake_clock time;
  std::unique_ptr<cluster> nodes = std::make_unique<cluster>(
    1, std::vector<std::string>{}, [this](cluster& x) {
      x.how(1).alone = true;
      x.how(1).environment = time.environment();
    });
};

/// Sets a clock to and fro, ten times a second. Threads: one of its own.
class strobe {
public:
  explicit strobe(fake_clock& time) : time_(time), thread_([this] { run(); }) {}

  ~strobe() {
    done_ = true;
    thread_.join();
    time_.set(0s);
  }

private:
  void run() {
    for (int i = 0; !done_; ++i) {
      time_.set(i % 2 == 0 ? 2s : -2s);
      std::this_thread::sleep_for(100ms);
    }
  }

  fake_clock& time_;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

} // namespace

TEST_CASE("R-13: an hour's jump of the wall clock expires no event and no "
          "dedup window",
          "[system][clock][.soak]") {
  skip_where_sanitized();
  clock_world world;
  world.publish("0");
  world.time.set(1h);
  world.publish("1");
  // The clock did jump.
  CHECK(world.stored_at(1) - world.stored_at(0) > 55 * 60'000);
  world.check_kept(2);
  world.time.set(-1h);
  world.publish("2");
  world.check_kept(3);
  // A start with a wrong clock, and one after it was set right.
  world.time.set(1h);
  world.restart();
  world.publish("3");
  world.check_kept(4);
  world.time.set(0s);
  world.restart();
  world.publish("4");
  world.check_kept(5);
}

TEST_CASE("R-13: retries keep their schedule while the wall clock jumps to and "
          "fro",
          "[system][clock][.soak]") {
  skip_where_sanitized();
  http_sink sink{[](const delivery&, size_t) { return answer(503); }};
  clock_world world;
  world.nodes->create_subscription(
    {"all",
     channel,
     sink.url(),
     {{"retry", 4}, {"backoffPolicy", "linear"}, {"backoffDelay", "PT1S"}}});
  {
    strobe jumps{world.time};
    world.publish("0");
    REQUIRE(sink.wait_count(5));
    std::this_thread::sleep_for(3s);
  }
  auto seen = sink.seen();
  REQUIRE(seen.size() == 5);
  for (size_t i = 1; i < seen.size(); ++i) {
    auto waited = seen[i].at - seen[i - 1].at;
    auto wanted = std::chrono::seconds{i};
    std::cout
      << "R-13: attempt " << i + 1 << " after "
      << std::chrono::duration_cast<std::chrono::milliseconds>(waited).count()
      << " ms\n";
    // A fifth of jitter, and a busy machine.
    CHECK(waited >= wanted * 8 / 10);
    CHECK(waited <= wanted * 12 / 10 + 1s);
  }
}

TEST_CASE("R-13: a cluster whose clocks differ by hours and jump elects nobody "
          "and loses nothing",
          "[system][clock][cluster][.soak]") {
  skip_where_sanitized();
  fake_clock times[3];
  trial world{"R-13 clocks of three nodes", {.prepare = [&](cluster& nodes) {
                for (size_t n = 1; n <= nodes.size(); ++n)
                  nodes.how(n).environment = times[n - 1].environment();
              }}};
  auto& nodes = world.nodes();
  auto shard = nodes.shard_of(world.channel());
  wait_settled(nodes, shard);
  leader_watch watch{nodes, shard, {1, 2, 3}};
  times[0].set(1h);
  times[1].set(-1h);
  {
    strobe jumps{times[2]};
    watch.look_until(clock::now() + 30s);
  }
  INFO(watch.text());
  CHECK(watch.changes() == 0);
  // The leader's death among such clocks is one like any other.
  auto leader = world.leader();
  nodes.kill(leader);
  CHECK(world.progresses(50, 8s));
  nodes.start(leader);
  nodes.wait_ready(leader);
  nodes.wait_healthy();
  world.settle();
}

} // namespace eventd::tests
