// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/system/history.hpp"

#include <sstream>

#include <catch2/catch_test_macros.hpp>

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
