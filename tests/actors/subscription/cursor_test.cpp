// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/subscription/cursor.hpp"

#include <catch2/catch_test_macros.hpp>

#include "storage/model/limits.hpp"
#include "tests/fixtures/test_events.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

/// One of everything that a cursor can hold.
cursor sample() {
  cursor x;
  x.epoch = incarnation{3};
  x.low = log_offset{300};
  x.done
    = {{log_offset{302}, log_offset{305}}, {log_offset{306}, log_offset{600}}};
  x.given_up = 12;
  x.skipped = 130;
  x.gone = true;
  waiting_event retried;
  retried.offset = log_offset{300};
  retried.attempts = 2;
  retried.due_in_ms = 1'000;
  retried.last_status = 503;
  retried.key = 5;
  waiting_event replied;
  replied.offset = log_offset{301};
  replied.leg = delivery_leg::reply;
  replied.attempts = 1;
  replied.reply = one_event("r");
  replied.reply_headers = {{"x-request-id", "7"}};
  waiting_event dead;
  dead.offset = log_offset{305};
  dead.leg = delivery_leg::dead_letter;
  dead.error = {"http://a/", 500, "Zm9v"};
  x.waiting = {retried, replied, dead};
  x.last_given_up = {{log_offset{9}, 400, "bad"}};
  return x;
}

std::string hex(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (auto c : bytes) {
    out.push_back(digits[static_cast<unsigned char>(c) >> 4]);
    out.push_back(digits[static_cast<unsigned char>(c) & 15]);
  }
  return out;
}

} // namespace

TEST_CASE("a cursor keeps its bytes of format version 1",
          "[actors][cursor][golden]") {
  CHECK(hex(encode(sample()))
        == "01" // version
           "03"
           "ac02"
           "01" // epoch 3, low 300, gone
           "0c"
           "8201" // 12 given up, 130 skipped
           "02"
           "0203"
           "01a602" // done: [302, 305), [306, 600)
           "01"
           "09687474703a2f2f612f" // one URL: http://a/
           "03"                   // three waiting
           "00"
           "00"
           "02"
           "e807"
           "ee07"
           "05" // 300: leg, 2, 1000 ms, 503, key
           "01"
           "01"
           "01"
           "00"
           "00"
           "00" // 301: reply, 1, 0 ms, no status
           "28"
           "24000000"
           "0300"
           "03" // its record: 36 bytes, 1.0, no data
           "00"
           "026964"
           "0172" // id r
           "00"
           "06736f75726365"
           "062f7465737473" // source /tests
           "00"
           "0474797065"
           "0474657374" // type test
           "00"         // data
           "01"
           "0c782d726571756573742d6964"
           "0137" // x-request-id: 7
           "04"
           "02"
           "00"
           "00"
           "00"
           "00" // 305: dead letter
           "00"
           "e807"
           "045a6d3976" // URL 0, code 500, Zm9v
           "01"
           "09"
           "a006"
           "03626164"); // given up: 9, 400, bad
}

TEST_CASE("a cursor comes back as it was written", "[actors][cursor]") {
  auto x = decode_cursor(encode(sample()));
  REQUIRE(x.has_value());
  CHECK(x->epoch == incarnation{3});
  CHECK(x->low == log_offset{300});
  CHECK(x->done == sample().done);
  CHECK(x->given_up == 12);
  CHECK(x->skipped == 130);
  CHECK(x->gone);
  REQUIRE(x->waiting.size() == 3);
  CHECK(x->waiting[0].offset == log_offset{300});
  CHECK(x->waiting[0].attempts == 2);
  CHECK(x->waiting[0].due_in_ms == 1'000);
  CHECK(x->waiting[0].last_status == 503);
  CHECK(x->waiting[0].key == 5);
  CHECK(x->waiting[1].leg == delivery_leg::reply);
  REQUIRE(x->waiting[1].reply.size() == 1);
  CHECK(x->waiting[1].reply[0].id() == "r");
  CHECK(x->waiting[1].reply_headers == sample().waiting[1].reply_headers);
  CHECK(x->waiting[2].offset == log_offset{305});
  CHECK(x->waiting[2].error.dest == "http://a/");
  CHECK(x->waiting[2].error.code == 500);
  CHECK(x->waiting[2].error.data == "Zm9v");
  REQUIRE(x->last_given_up.size() == 1);
  CHECK(x->last_given_up[0].offset == log_offset{9});
  CHECK(x->last_given_up[0].code == 400);
  CHECK(x->last_given_up[0].reason == "bad");
}

TEST_CASE("an empty cursor is ten bytes", "[actors][cursor]") {
  CHECK(encode(cursor{}).size() == 10);
  CHECK(decode_cursor(encode(cursor{})).has_value());
}

TEST_CASE("a cursor cut at any byte is refused", "[actors][cursor]") {
  auto bytes = encode(sample());
  for (size_t n = 0; n < bytes.size(); ++n) {
    CAPTURE(n);
    auto x = decode_cursor(std::string_view{bytes}.substr(0, n));
    REQUIRE_FALSE(x.has_value());
    CHECK(x.error() == ec::corrupt_record);
  }
  CHECK_FALSE(decode_cursor(bytes + '\0').has_value());
}

TEST_CASE("a cursor with any byte changed is read or refused, never worse",
          "[actors][cursor]") {
  auto bytes = encode(sample());
  size_t refused = 0;
  for (size_t i = 0; i < bytes.size(); ++i)
    for (int flip : {0x01, 0x7f, 0x80, 0xff}) {
      auto changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      if (!decode_cursor(changed))
        ++refused;
    }
  CHECK(refused > 0);
}

TEST_CASE("a cursor of a newer format is refused as such", "[actors][cursor]") {
  auto bytes = encode(cursor{});
  bytes[0] = 2;
  auto x = decode_cursor(bytes);
  REQUIRE_FALSE(x.has_value());
  CHECK(x.error() == ec::format_too_new);
}

TEST_CASE("a cursor of a thousand dead letters stays small",
          "[actors][cursor]") {
  cursor x;
  for (uint64_t i = 0; i < limits::waiting_events_max; ++i) {
    waiting_event dead;
    dead.offset = log_offset{i};
    dead.leg = delivery_leg::dead_letter;
    dead.error
      = {"http://subscriber.example/path", 500, std::string(1'024, 'A')};
    x.waiting.push_back(dead);
  }
  auto bytes = encode(x);
  CHECK(bytes.size() < limits::cursor_payload_bytes_max + 16'384);
  auto back = decode_cursor(bytes);
  REQUIRE(back.has_value());
  REQUIRE(back->waiting.size() == limits::waiting_events_max);
  CHECK(back->waiting.front().error.data.size() == 1'024);
  CHECK(back->waiting.back().error.data.empty());
  CHECK(back->waiting.back().error.dest == "http://subscriber.example/path");
}

TEST_CASE("a reply too large for the cursor is left out, its event is not",
          "[actors][cursor]") {
  cursor x;
  waiting_event replied;
  replied.leg = delivery_leg::reply;
  replied.attempts = 4;
  replied.reply = one_event("r", std::string(100'000, 'x'));
  x.waiting = {replied};
  auto back = decode_cursor(encode(x));
  REQUIRE(back.has_value());
  REQUIRE(back->waiting.size() == 1);
  CHECK(back->waiting[0].reply.empty());
  CHECK(back->waiting[0].attempts == 4);
}
