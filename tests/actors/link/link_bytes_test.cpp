// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <catch2/catch_test_macros.hpp>

#include "storage/codec/bytes.hpp"
#include "tests/actors/link/link_world.hpp"

using namespace eventd;
using namespace eventd::tests;

namespace {

struct bytes_world : link_world {
  /// What the second node answers to a call.
  std::string answer_to_call() {
    REQUIRE(two.take(1, one.outlet.take().bytes));
    run();
    return two.outlet.take().bytes;
  }

  /// How a call ends whose answer is cut after `n` bytes, and then the
  /// connection with it.
  template <class Call>
  ec end_of_cut(Call call, size_t n) {
    auto x = call();
    auto answer = answer_to_call();
    auto taken = one.take(2, answer.substr(0, n));
    if (!taken)
      CHECK(taken.error() == ec::corrupt_record);
    one.link->lost(2);
    run();
    REQUIRE(x.answered());
    return x.code();
  }
};

} // namespace

TEST_CASE_METHOD(bytes_world,
                 "a call that is cut is refused and not carried out",
                 "[actors][link]") {
  spawn_channel();
  auto x = append("a");
  auto message = one.outlet.take().bytes;
  for (size_t n = 1; n < message.size(); ++n) {
    INFO("cut after " << n);
    auto taken = two.take(1, message.substr(0, n));
    REQUIRE_FALSE(taken);
    CHECK(taken.error() == ec::corrupt_record);
    run();
  }
  CHECK(appended.empty());
  // The last cuts spared the head: the asker hears why.
  REQUIRE_FALSE(two.outlet.sent.empty());
  REQUIRE(one.take(2, two.outlet.take().bytes));
  run();
  CHECK(x.code() == ec::corrupt_record);
}

TEST_CASE_METHOD(bytes_world, "an answer that is cut never counts as one",
                 "[actors][link]") {
  spawn_channel();
  auto good = [this] { return append("a"); };
  auto bad = [this] {
    return call<append_result>(to_channel(), atom::append_v, event_batch{});
  };
  good();
  auto good_size = answer_to_call().size();
  bad();
  auto bad_size = answer_to_call().size();
  constexpr size_t head = 1 + 2 + 1; // Kind, call as a varint, kind of answer.
  for (size_t n = 1; n + 2 < good_size; ++n) {
    INFO("cut after " << n);
    auto end = end_of_cut(good, n);
    CHECK((end == ec::corrupt_record || (end == ec::unreachable && n < head)));
  }
  for (size_t n = 1; n + 2 < bad_size; ++n) {
    INFO("cut after " << n);
    auto end = end_of_cut(bad, n);
    CHECK((end == ec::corrupt_record || (end == ec::unreachable && n < head)));
  }
}

TEST_CASE_METHOD(bytes_world, "flipped bits of a call never crash",
                 "[actors][link]") {
  append("a");
  auto message = one.outlet.take().bytes;
  size_t refused = 0;
  for (size_t bit = 8; bit < message.size() * 8; ++bit) {
    auto damaged = message;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    refused += two.take(1, damaged) ? 0 : 1;
    run();
  }
  // The transport's checksum detects all; the call itself what breaks its form.
  CHECK(refused > 0);
  CHECK(appended.empty()); // There is no such actor.
}

TEST_CASE_METHOD(bytes_world, "flipped bits of an answer never crash",
                 "[actors][link]") {
  spawn_channel();
  append("a");
  auto bits = answer_to_call().size() * 8;
  size_t refused = 0;
  for (size_t bit = 8; bit < bits; ++bit) {
    auto x = append("a");
    auto damaged = answer_to_call();
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    refused += one.take(2, damaged) ? 0 : 1;
    one.link->lost(2);
    run();
    REQUIRE(x.answered());
  }
  CHECK(refused > 0);
}

TEST_CASE_METHOD(bytes_world, "garbage between nodes is refused",
                 "[actors][link]") {
  spawn_channel();
  for (const auto& body :
       {std::string{}, std::string(1, '\xff'), std::string(64, '\xff'),
        std::string(64, 'x'), std::string(11, '\x80')}) {
    CHECK(two.link->receive(1, peer_message::call, body).error()
          == ec::corrupt_record);
    CHECK(two.link->receive(1, peer_message::answer, body.substr(0, 1)).error()
          == ec::corrupt_record);
  }
  CHECK(appended.empty());
}

TEST_CASE_METHOD(bytes_world, "an answer to no call of ours is passed over",
                 "[actors][link]") {
  std::string body;
  storage::put_varint(body, 123'456);
  body += std::string("\1\0\0", 3);
  CHECK(one.link->receive(2, peer_message::answer, body));
}

TEST_CASE_METHOD(bytes_world,
                 "a target that only a newer node knows is refused",
                 "[actors][link]") {
  spawn_channel();
  auto to = to_channel();
  to.kind = static_cast<call_target>(99);
  auto x = call<channel_status>(to, atom::status_v);
  pump();
  CHECK(x.code() == ec::not_leader);
}

TEST_CASE_METHOD(bytes_world,
                 "an error that only a newer node knows is internal",
                 "[actors][link]") {
  auto x = append("a");
  one.outlet.sent.clear();
  std::string body;
  storage::put_varint(body, 1); // The first call.
  body.push_back(1);            // A failure.
  storage::put_varint(body, 200);
  storage::put_string(body, "news");
  storage::put_string(body, "");
  storage::put_varint(body, 0);
  storage::put_varint(body, 0);
  REQUIRE(one.link->receive(2, peer_message::answer, body));
  run();
  REQUIRE(x.code() == ec::internal);
  CHECK(x.answer().error().detail == "news");
}

TEST_CASE_METHOD(link_world,
                 "a link takes the word of a node that stops for an answer to "
                 "nothing, as nodes did before there was that word",
                 "[actors][link]") {
  spawn_channel();
  auto waits = append("a");
  CHECK(one.take(2, std::string{4, 0, 0}));
  CHECK_FALSE(waits.answered());
  pump();
  CHECK(waits.code() == ec::none);
}
