// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/node.hpp"
#include "tests/system/sink.hpp"

namespace eventd::tests {

namespace {

constexpr int connections = 8;

/// What the publishers were told.
class ledger {
public:
  void attempted(const std::string& id) {
    std::lock_guard hold{lock_};
    attempted_.insert(id);
  }

  void acknowledged(const std::string& id, uint64_t offset) {
    std::lock_guard hold{lock_};
    acknowledged_[id] = offset;
  }

  size_t size() const {
    std::lock_guard hold{lock_};
    return acknowledged_.size();
  }

  /// @pre the publishers have ended
  const std::map<std::string, uint64_t>& all() const { return acknowledged_; }
  const std::set<std::string>& attempts() const { return attempted_; }

private:
  mutable std::mutex lock_;
  std::set<std::string> attempted_;
  std::map<std::string, uint64_t> acknowledged_;
};

/// One connection that publishes on and on: single events in both modes, and
/// batches of three. Every second publisher repeats what had no answer, as a
/// careful source does; the others leave it open.
class publisher {
public:
  publisher(int number, const eventd_node& node, ledger& book)
    : number_(number), client_(node.client()), book_(book) {}

  void run(const std::atomic<bool>& done) {
    std::vector<std::string> ids;
    while (!done) {
      if (ids.empty())
        ids = next_ids();
      auto given = client_.send(request(ids));
      auto stored = given && given->status == 202;
      if (stored)
        note(ids, *given);
      else
        unexpected_ += given && given->status != 503 && given->status != 429;
      if (stored || number_ % 2 == 0)
        ids.clear();
      if (!stored)
        std::this_thread::yield();
    }
  }

  int unexpected() const { return unexpected_; }

private:
  std::vector<std::string> next_ids() {
    std::vector<std::string> ids;
    for (int i = 0; i < (number_ % 4 == 3 ? 3 : 1); ++i) {
      ids.push_back(std::to_string(number_) + "-" + std::to_string(counter_++));
      book_.attempted(ids.back());
    }
    return ids;
  }

  tools::http_request request(const std::vector<std::string>& ids) const {
    if (ids.size() == 1 && number_ % 4 != 2)
      return binary_event("test/crash", ids.front(), "\"" + ids.front() + "\"");
    std::string joined;
    for (auto& id : ids)
      joined += (joined.empty() ? "" : ",") + event_json(id);
    auto single = ids.size() == 1;
    return {"POST",
            "/test/crash",
            {{"Content-Type", single ? "application/cloudevents+json"
                                     : "application/cloudevents-batch+json"}},
            single ? joined : "[" + joined + "]"};
  }

  void note(const std::vector<std::string>& ids,
            const tools::http_answer& given) {
    // The events of one request stay together, whichever sending stored them.
    auto first = std::stoull(offset_of(given));
    for (size_t i = 0; i < ids.size(); ++i)
      book_.acknowledged(ids[i], first + i);
  }

  int number_;
  tools::http_client client_;
  ledger& book_;
  uint64_t counter_ = 0;
  int unexpected_ = 0;
};

struct publishers {
  std::vector<publisher> all;
  std::vector<std::thread> threads;
  std::atomic<bool> done = false;

  publishers(const eventd_node& node, ledger& book) {
    for (int i = 0; i < connections; ++i)
      all.emplace_back(i, node, book);
    for (auto& x : all)
      threads.emplace_back([this, &x] { x.run(done); });
  }

  void finish() {
    done = true;
    for (auto& x : threads)
      x.join();
    threads.clear();
  }

  ~publishers() { finish(); }
};

/// Every acknowledged event is there once, at its offset; offsets have no
/// gap; nothing is there that nobody sent.
void check_log(const eventd_node& node, const ledger& book) {
  auto stored = node.read_all("test/crash");
  std::map<std::string, uint64_t> found;
  size_t twice = 0, strangers = 0, gaps = 0;
  for (size_t i = 0; i < stored.size(); ++i) {
    twice += !found.emplace(stored[i].id, stored[i].offset).second;
    strangers += !book.attempts().contains(stored[i].id);
    gaps += stored[i].offset != i;
  }
  size_t lost = 0, moved = 0;
  for (auto& [id, offset] : book.all()) {
    auto at = found.find(id);
    lost += at == found.end();
    moved += at != found.end() && at->second != offset;
  }
  CHECK(lost == 0);
  CHECK(moved == 0);
  CHECK(twice == 0);
  CHECK(strangers == 0);
  CHECK(gaps == 0);
}

size_t missing(const http_sink& sink, const ledger& book) {
  auto ids = sink.ids();
  std::set<std::string> came{ids.begin(), ids.end()};
  return static_cast<size_t>(
    std::count_if(book.all().begin(), book.all().end(),
                  [&](auto& x) { return !came.contains(x.first); }));
}

void survive(int kills, unsigned seed) {
  http_sink first{{}, false};
  http_sink second{{}, false};
  eventd_node node;
  node.create_channel("test/crash");
  node.create_subscription({"first",
                            "test/crash",
                            first.url(),
                            {},
                            {{"start", "earliest"}, {"ordering", "ordered"}}});
  node.create_subscription(
    {"second", "test/crash", second.url(), {}, {{"start", "earliest"}}});
  ledger book;
  publishers work{node, book};
  std::mt19937 random{seed};
  for (int i = 0; i < kills; ++i) {
    auto wanted = book.size() + 50 + random() % 250;
    INFO("kill " << i);
    REQUIRE(eventually([&] { return book.size() >= wanted; }));
    node.kill();
    node.start();
  }
  auto wanted = book.size() + 100;
  REQUIRE(eventually([&] { return book.size() >= wanted; }));
  work.finish();
  for (auto& x : work.all)
    CHECK(x.unexpected() == 0);
  CHECK(book.size() > static_cast<size_t>(kills) * 50);
  check_log(node, book);
  CHECK(eventually([&] { return missing(first, book) == 0; }));
  CHECK(eventually([&] { return missing(second, book) == 0; }));
}

} // namespace

TEST_CASE("events acknowledged while eventd is killed 20 times are all there, "
          "once, and reach both subscribers",
          "[system][crash]") {
  survive(20, 20'250'101);
}

TEST_CASE("500 kills lose nothing", "[system][.soak]") {
  auto seed = std::random_device{}();
  INFO("seed " << seed);
  survive(500, seed);
}

TEST_CASE("SIGTERM under load ends with 0 within 10 s and loses nothing "
          "acknowledged",
          "[system][drain]") {
  http_sink sink{{}, false};
  eventd_node node;
  node.create_channel("test/crash");
  node.create_subscription(
    {"first", "test/crash", sink.url(), {}, {{"start", "earliest"}}});
  ledger book;
  publishers work{node, book};
  for (int i = 0; i < 3; ++i) {
    auto wanted = book.size() + 500;
    REQUIRE(eventually([&] { return book.size() >= wanted; }));
    auto begun = std::chrono::steady_clock::now();
    auto code = node.stop();
    INFO(node.running().err());
    CHECK(code == 0);
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds{10});
    node.start();
  }
  work.finish();
  for (auto& x : work.all)
    CHECK(x.unexpected() == 0);
  check_log(node, book);
  CHECK(eventually([&] { return missing(sink, book) == 0; }));
}

TEST_CASE("SIGTERM does not wait for a subscriber that hangs",
          "[system][drain]") {
  http_sink sink{[](auto&, size_t) { return reply{"", reply::then::hang}; }};
  eventd_node node;
  node.create_channel("test/hang");
  node.create_subscription(
    {"first", "test/hang", sink.url(), {}, {{"start", "earliest"}}});
  node.publish("test/hang", "a");
  REQUIRE(sink.wait_count(1));
  CHECK(node.stop() == 0);
  sink.set_script({});
  node.start();
  // It was on the wire without an answer: it comes again.
  CHECK(sink.wait_count(2));
}

} // namespace eventd::tests
