// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/body_pace.hpp"

#include <vector>

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::runtime;

namespace {

constexpr uint64_t begin_s = 1'000;

/// When a body is cut that brings so many bytes in the second it begins in, in
/// the next, and so on, and then nothing. Unit: s since it began.
uint64_t cut_after(const std::vector<uint64_t>& bytes) {
  body_pace pace{1'024};
  pace.begin(begin_s);
  for (uint64_t s = 0;; ++s) {
    if (pace.is_slow(begin_s + s))
      return s;
    if (s < bytes.size())
      pace.add(begin_s + s, bytes[s]);
  }
}

} // namespace

TEST_CASE("a body of exactly the least pace is not slow, of a byte less it is",
          "[gateway][body_pace]") {
  // The last window without any silence ends with the last second.
  CHECK(cut_after(std::vector<uint64_t>(30, 1'024)) == 31);
  CHECK(cut_after(std::vector<uint64_t>(30, 1'023)) == 11);
  std::vector<uint64_t> once_less(30, 1'024);
  once_less[15] = 1'023;
  CHECK(cut_after(once_less) == 16);
}

TEST_CASE("a body that does not come is slow after a whole window",
          "[gateway][body_pace]") {
  CHECK(cut_after({}) == 11);
}

TEST_CASE("what comes in the second it begins in excuses no later one",
          "[gateway][body_pace]") {
  CHECK(cut_after({1'000'000}) == 11);
}

TEST_CASE("a burst is good for the windows it stands in, and for no other",
          "[gateway][body_pace]") {
  CHECK(cut_after({0, 10'240}) == 12);
  CHECK(cut_after({0, 10'000'000}) == 12);
  CHECK(cut_after({0, 10'239}) == 11);
  CHECK(cut_after({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10'240}) == 21);
  // Each ten seconds from the start have enough, those between have one byte.
  std::vector<uint64_t> tricky(30, 0);
  tricky[1] = 10'239;
  tricky[10] = 1;
  tricky[20] = 10'239;
  tricky[21] = 1;
  CHECK(cut_after(tricky) == 12);
}

TEST_CASE("a body's pace is its own, and nobody's behind its end",
          "[gateway][body_pace]") {
  body_pace pace{1'024};
  CHECK_FALSE(pace.is_slow(100)); // None was begun.
  pace.begin(100);
  pace.end();
  CHECK_FALSE(pace.is_slow(200));
  pace.begin(300);
  pace.add(300, 5);
  CHECK_FALSE(pace.is_slow(310));
  CHECK(pace.is_slow(311));
  pace.begin(320); // Nothing of the one before is left.
  CHECK_FALSE(pace.is_slow(330));
  CHECK(pace.is_slow(331));
}

TEST_CASE("seconds in which nobody looks are seconds all the same",
          "[gateway][body_pace]") {
  body_pace pace{1'024};
  pace.begin(0);
  pace.add(1, 10'240);
  pace.add(8, 1);
  CHECK_FALSE(pace.is_slow(11));
  pace.add(40, 10'240);
  CHECK(pace.is_slow(40)); // Its second has not ended.
  CHECK_FALSE(pace.is_slow(41));
  CHECK_FALSE(pace.is_slow(50));
  CHECK(pace.is_slow(51));
}
