// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/ack_ledger.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::bench;

namespace {

std::string line(uint64_t offset, const std::string& id) {
  return R"({"id":")" + id + R"(","eventdoffset":")" + std::to_string(offset)
         + R"("})";
}

ack_ledger ledger() {
  return *ack_ledger::parse("4 a\n5 b\n");
}

} // namespace

TEST_CASE("what was acknowledged and read once in place is fine",
          "[bench][ledger]") {
  auto x = ledger();
  x.note_read(line(3, "other"));
  x.note_read(line(4, "a"));
  x.note_read(line(5, "b"));
  CHECK(x.read_problems().empty());
  CHECK(x.acked() == 2);
}

TEST_CASE("a lost, a doubled and a moved event are told", "[bench][ledger]") {
  auto lost = ledger();
  lost.note_read(line(4, "a"));
  CHECK(lost.read_problems()
        == std::vector<std::string>{"b, acknowledged at 5, was not read"});
  auto doubled = ledger();
  for (auto id : {"a", "b", "b"})
    doubled.note_read(std::string{R"({"id":")"} + id + "\"}");
  CHECK(doubled.read_problems()
        == std::vector<std::string>{"b, acknowledged at 5, was read 2 times"});
  auto moved = ledger();
  moved.note_read(line(4, "b"));
  moved.note_read(line(5, "a"));
  CHECK(moved.read_problems().size() == 2);
}

TEST_CASE("a hole between offsets and a broken line are told",
          "[bench][ledger]") {
  auto x = ledger();
  x.note_read(line(4, "a"));
  x.note_read(line(6, "c"));
  x.note_read("{");
  x.note_read(line(7, "b"));
  CHECK(x.read_problems().size() == 3);
}

TEST_CASE("a delivery may come twice but must come", "[bench][ledger]") {
  auto x = ledger();
  x.note_delivered(R"({"id":"a","body":"x"})");
  x.note_delivered(R"({"id":"a","body":"x"})");
  CHECK(x.delivery_problems()
        == std::vector<std::string>{"b, acknowledged at 5, was not delivered"});
  x.note_delivered(R"({"id":"b"})");
  CHECK(x.delivery_problems().empty());
}

TEST_CASE("a last line that was cut off is left out, a bad one refused",
          "[bench][ledger]") {
  CHECK(ack_ledger::parse("4 a\n5 ")->acked() == 1);
  CHECK(ack_ledger::parse("x a\n").error() == ec::invalid_request);
  CHECK(ack_ledger::parse("4\n").error() == ec::invalid_request);
}
