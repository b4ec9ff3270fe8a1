// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <atomic>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/trial.hpp"
#include "tools/client/address.hpp"

/// What a leader that was replaced answers to those who still ask it.
namespace eventd::tests {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr tools::client_options patience_of_client{2'000ms, 7'000ms, nullptr};

/// Publishes through one node, one event after the other, and tells how far it
/// was acknowledged. Threads: one of its own.
class writer {
public:
  writer(const std::string& url, std::string channel, size_t process)
    : to_(*tools::parse_url(url), patience_of_client),
      channel_(std::move(channel)), process_(process),
      thread_([this] { run(); }) {}

  ~writer() {
    done_ = true;
    if (thread_.joinable())
      thread_.join();
  }

  /// What all who begin to read now must see: the offset after the last event
  /// that was acknowledged.
  uint64_t end() const { return end_; }

  history take() {
    done_ = true;
    thread_.join();
    return {{std::move(records_)}, {}};
  }

private:
  void run() {
    for (uint64_t i = 0; !done_; ++i) {
      auto id = std::to_string(process_) + "-" + std::to_string(i);
      records_.push_back({clock::now(), outcome::invoke, id});
      auto given = to_.send(binary_event(channel_, id, own_data(id)));
      if (!given || given->status != 202) {
        records_.push_back({clock::now(), outcome::info, id});
        continue;
      }
      auto offset = std::stoull(offset_of(*given));
      records_.push_back({clock::now(), outcome::ok, id, offset});
      end_ = offset + 1;
    }
  }

  tools::http_client to_;
  std::string channel_;
  size_t process_;
  std::vector<record> records_;
  std::atomic<uint64_t> end_ = 0;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

/// Reads from one node all the time, and compares what it is told with what was
/// acknowledged elsewhere before it asked. Threads: one of its own.
class reader {
public:
  reader(const std::string& url, const std::string& channel,
         const writer& acknowledged)
    : from_(*tools::parse_url(url), patience_of_client),
      path_(tools::parse_channel(channel)->events_path()),
      acknowledged_(acknowledged), thread_([this] { run(); }) {}

  ~reader() {
    done_ = true;
    thread_.join();
  }

  size_t answered() const { return answered_; } ///< With 200.
  size_t refused() const { return refused_; }   ///< With 503, or not at all.

  /// Answers that hide an event that was acknowledged before they were asked
  /// for: a read that ends before it, or says that there is no such offset.
  size_t stale() const { return stale_; }

private:
  void run() {
    for (uint64_t i = 0; !done_; ++i) {
      auto wanted = acknowledged_.end();
      // Of an old event, and of the newest.
      auto from = i % 2 == 0 || wanted == 0 ? 0 : wanted - 1;
      auto given
        = from_.send({"GET",
                      path_ + "?from=" + std::to_string(from) + "&limit=1",
                      {{"Accept", "application/x-ndjson"}},
                      {}});
      if (!given || (given->status != 200 && given->status != 416)) {
        ++refused_;
        std::this_thread::sleep_for(2ms);
        continue;
      }
      ++answered_;
      auto end = std::string{given->header("Eventd-End-Offset")};
      if (end.empty() || std::stoull(end) < wanted)
        ++stale_;
    }
  }

  tools::http_client from_;
  std::string path_;
  const writer& acknowledged_;
  std::atomic<size_t> answered_ = 0;
  std::atomic<size_t> refused_ = 0;
  std::atomic<size_t> stale_ = 0;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

enum class fault { cut, pause };

/// Readers of one node.
class readers {
public:
  readers(size_t n, const std::string& url, const std::string& channel,
          const writer& acknowledged) {
    for (size_t i = 0; i < n; ++i)
      all_.push_back(std::make_unique<reader>(url, channel, acknowledged));
  }

  size_t answered() const { return sum(&reader::answered); }
  size_t refused() const { return sum(&reader::refused); }
  size_t stale() const { return sum(&reader::stale); }

private:
  size_t sum(size_t (reader::*figure)() const) const {
    size_t out = 0;
    for (auto& x : all_)
      out += (x.get()->*figure)();
    return out;
  }

  std::vector<std::unique_ptr<reader>> all_;
};

/// Cuts the leader off, or stops it, while the others go on.
void replace_leader(trial& world, fault what, std::chrono::seconds length,
                    size_t process) {
  auto& nodes = world.nodes();
  auto leader = world.leader();
  auto other = nodes.other_than({leader});
  auto third = nodes.other_than({leader, other});
  writer majority{nodes.url(other), world.channel(), process};
  readers steady{2, nodes.url(leader), world.channel(), majority};
  REQUIRE(eventually([&] { return steady.answered() > 20; }));
  CHECK(steady.stale() == 0);
  auto end = majority.end();
  if (what == fault::cut)
    for (auto x : {other, third})
      world.network().cut(nodes.link(leader), nodes.link(x));
  else
    nodes.pause(leader);
  std::this_thread::sleep_for(length);
  CHECK(majority.end() > end);
  // Their requests wait for it when it goes on.
  readers late{what == fault::pause ? 8u : 0u, nodes.url(leader),
               world.channel(), majority};
  if (what == fault::cut) {
    world.network().heal();
  } else {
    std::this_thread::sleep_for(50ms);
    nodes.go_on(leader);
  }
  nodes.wait_healthy();
  auto stale = steady.stale() + late.stale();
  std::cout << "R-08 leader " << (what == fault::cut ? "cut off: " : "paused: ")
            << steady.answered() + late.answered() << " answers, "
            << steady.refused() + late.refused() << " refusals, " << stale
            << " stale\n";
  CHECK(stale == 0);
  world.also(majority.take());
}

void replace_leaders(fault what, size_t rounds, std::chrono::seconds length) {
  trial world{"R-08 reads at a leader that was replaced", {.own_net = true}};
  for (size_t i = 0; i < rounds; ++i)
    replace_leader(world, what, length, 200 + i);
  world.settle();
}

} // namespace

TEST_CASE("R-08: a leader that is cut off answers no read that lacks what was "
          "acknowledged before",
          "[system][cluster][partition][lease]") {
  replace_leaders(fault::cut, 1, 4s);
}

TEST_CASE("R-08: a leader that stood still answers no read that lacks what was "
          "acknowledged before",
          "[system][cluster][partition][lease]") {
  replace_leaders(fault::pause, 2, 2s);
}

TEST_CASE("R-08, cut off for 30 s and standing still for 5 s, many times",
          "[system][cluster][.soak][lease]") {
  replace_leaders(fault::cut, 3, 30s);
  replace_leaders(fault::pause, 10, 5s);
}

} // namespace eventd::tests
