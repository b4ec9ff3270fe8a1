// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/system/history.hpp"

#include <sstream>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/load.hpp"
#include "tests/system/sink.hpp"

namespace eventd::tests {

namespace {

using namespace std::chrono_literals;

const std::chrono::steady_clock::time_point zero{};

std::vector<record> sent(const std::string& id, outcome what,
                         uint64_t offset = 0) {
  return {{zero, outcome::invoke, id}, {zero + 1ms, what, id, offset}};
}

/// One publisher whose events 1-0 to 1-4 are at the offsets 0 to 4.
history five() {
  history out;
  auto& x = out.publishers.emplace_back();
  for (uint64_t i = 0; i < 5; ++i)
    for (auto& y : sent("1-" + std::to_string(i), outcome::ok, i))
      x.push_back(y);
  return out;
}

std::vector<sighting> five_stored() {
  return {{0, "1-0"}, {1, "1-1"}, {2, "1-2"}, {3, "1-3"}, {4, "1-4"}};
}

} // namespace

TEST_CASE("a history that the log agrees with is clean", "[system][history]") {
  auto what = five();
  what.readers.push_back(five_stored());
  what.publishers.push_back(sent("2-0", outcome::info));
  what.publishers.push_back(sent("3-0", outcome::fail));
  auto log = five_stored();
  CHECK(judge(what, log).clean());
  // What had no answer may be there.
  log.push_back({5, "2-0"});
  auto found = judge(what, log);
  CHECK(found.clean());
  CHECK(found.acknowledged == 5);
  CHECK(found.unknown == 1);
  CHECK(found.refused == 1);
}

TEST_CASE("losses are located within their publisher", "[system][history]") {
  auto found = judge(five(), {{0, "1-1"}, {1, "1-3"}});
  CHECK(found.lost_prefix == 1);
  CHECK(found.lost_middle == 1);
  CHECK(found.lost_postfix == 1);
  CHECK(found.lost() == 3);
  CHECK_FALSE(found.clean());
  CHECK(judge(five(), {}).lost() == 5);
}

TEST_CASE("what must not be in the log is found there", "[system][history]") {
  auto what = five();
  what.publishers.push_back(sent("3-0", outcome::fail));
  auto log = five_stored();
  log.push_back({5, "3-0"});
  log.push_back({6, "4-0"});
  log.push_back({7, "1-2"});
  auto found = judge(what, log);
  CHECK(found.aborted == 1);
  CHECK(found.unexpected == 1);
  CHECK(found.duplicates == 1);
  CHECK(found.lost() == 0);
}

TEST_CASE("an offset with two values is inconsistent, for an acknowledgement "
          "and for a read",
          "[system][history]") {
  auto log = five_stored();
  std::swap(log[1].id, log[2].id);
  CHECK(judge(five(), log).inconsistent == 2);
  auto what = five();
  what.readers.push_back({{0, "1-0"}, {1, "9-9"}});
  CHECK(judge(what, five_stored()).inconsistent == 1);
}

TEST_CASE("a reader that goes back or skips is found", "[system][history]") {
  auto what = five();
  what.readers.push_back({{0, "1-0"}, {1, "1-1"}, {0, "1-0"}, {1, "1-1"}});
  what.readers.push_back({{0, "1-0"}, {3, "1-3"}});
  what.readers.push_back({{2, "1-2"}});
  auto found = judge(what, five_stored());
  CHECK(found.nonmonotonic == 1);
  CHECK(found.skips == 2);
  CHECK(found.inconsistent == 0);
}

TEST_CASE("the longest gap counts both ends", "[system][history]") {
  CHECK(longest_gap({zero + 1s, zero + 4s}, zero, zero + 5s) == 3s);
  CHECK(longest_gap({zero + 1s, zero + 2s}, zero, zero + 9s) == 7s);
  CHECK(longest_gap({zero + 3s}, zero, zero + 4s) == 3s);
  CHECK(longest_gap({zero + 9s}, zero, zero + 4s) == 4s);
}

TEST_CASE("the longest gap of one client is not hidden by another's events",
          "[system][history]") {
  history x;
  x.publishers
    = {{{zero + 1s, outcome::ok, "1-0"}, {zero + 4s, outcome::ok, "1-1"}},
       {{zero + 2s, outcome::ok, "2-0"}, {zero + 3s, outcome::ok, "2-1"}}};
  CHECK(longest_gap(x.acks(), zero, zero + 5s) == 1s);
  CHECK(x.client_gap(zero, zero + 5s) == 3s);
  x.publishers.push_back({{zero + 1s, outcome::fail, "3-0"}});
  CHECK(x.client_gap(zero, zero + 5s) == 5s);
}

TEST_CASE("a subscriber that begins again at offset 0 is found",
          "[system][history]") {
  std::vector<sighting> log;
  std::vector<std::string> delivered;
  for (uint64_t i = 0; i < 20'000; ++i) {
    log.push_back({i, "1-" + std::to_string(i)});
    delivered.push_back(log.back().id);
  }
  CHECK(zero_resets(delivered, log) == 0);
  // A little back, from anywhere.
  for (uint64_t i = 19'000; i < 20'000; ++i)
    delivered.push_back(log[i].id);
  CHECK(zero_resets(delivered, log) == 0);
  for (uint64_t i = 0; i < 1'000; ++i)
    delivered.push_back(log[i].id);
  CHECK(zero_resets(delivered, log) == 1);
  // Before the first cursor was committed.
  CHECK(zero_resets({"1-0", "1-1", "1-300", "1-0", "1-1"}, log) == 0);
}

TEST_CASE("a consumer that is stuck is found", "[system][history]") {
  auto nobody = "http://127.0.0.1:" + std::to_string(free_port());
  load stuck{{nobody}, "test/a", {.publishers = 0, .readers = 1}};
  CHECK(stuck.readers_reach(0, 10ms));
  CHECK_FALSE(stuck.readers_reach(1, 100ms));
  http_sink idle;
  CHECK(idle.wait_distinct(0, 10ms));
  CHECK_FALSE(idle.wait_distinct(1, 100ms));
}

TEST_CASE("latency is from the first sending to the acknowledgement",
          "[system][history]") {
  history what;
  auto& x = what.publishers.emplace_back();
  for (uint64_t i = 1; i <= 100; ++i) {
    auto id = "1-" + std::to_string(i);
    x.push_back({zero, outcome::invoke, id});
    x.push_back({zero + i * 1ms, outcome::ok, id, i});
  }
  CHECK(latency(what, 0.5, zero, zero + 1s) == 50ms);
  CHECK(latency(what, 1, zero, zero + 1s) == 100ms);
  CHECK(latency(what, 0.99, zero, zero + 11ms) == 9ms);
  CHECK(latency(what, 0.99, zero + 1s, zero + 2s) == 0ms);
}

TEST_CASE("a term that was won twice is found, on one node too",
          "[system][history]") {
  auto won = [](int shard, int term) {
    return "level=info msg=\"shard " + std::to_string(shard)
           + ": elected in term " + std::to_string(term) + "\"\n";
  };
  CHECK(double_elections({won(0, 1) + won(1, 2), won(1, 1) + won(0, 2)}) == "");
  CHECK(double_elections({won(0, 1) + won(1, 7), won(1, 8) + won(1, 7)})
        == "shard 1, term 7: nodes 1 and 2\n");
  CHECK(double_elections({won(3, 4) + won(3, 4)})
        == "shard 3, term 4: nodes 1 and 1\n");
}

TEST_CASE("a history is written in the order of time", "[system][history]") {
  history what;
  what.publishers.push_back(sent("1-0", outcome::ok, 7));
  what.publishers.push_back({{zero + 500us, outcome::invoke, "2-0"}});
  std::ostringstream out;
  what.write(out);
  CHECK(out.str()
        == R"({"time_us":0,"process":1,"type":"invoke","f":"publish",)"
           R"("value":"1-0"})"
           "\n"
           R"({"time_us":500,"process":2,"type":"invoke","f":"publish",)"
           R"("value":"2-0"})"
           "\n"
           R"({"time_us":1000,"process":1,"type":"ok","f":"publish",)"
           R"("value":"1-0","offset":7})"
           "\n");
}

} // namespace eventd::tests
