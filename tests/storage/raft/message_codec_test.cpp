// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/raft/message_codec.hpp"

#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "storage/codec/bytes.hpp"
#include "storage/raft/server_id.hpp"
#include "tests/fixtures/golden.hpp"
#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::storage;
using eventd::tests::golden;
using eventd::tests::hex;

namespace {

log_record record(entry_type type, uint64_t term, std::string payload) {
  return {type, raft_term{term},
          std::make_shared<const std::string>(std::move(payload))};
}

raft_packet packet(raft_message_kind kind) {
  raft_packet x;
  x.shard = shard_id{300};
  x.from = server_id(1, 0x0a0b0c0d);
  x.to = server_id(2, 0xfffffffe);
  x.message.kind = kind;
  x.message.version = 2;
  x.message.term = raft_term{7};
  x.message.index = raft_index{1'000};
  return x;
}

raft_packet append() {
  auto x = packet(raft_message_kind::append);
  x.stamp_us = 1'000'000;
  x.message.index_term = raft_term{6};
  x.message.commit = raft_index{998};
  x.message.records = {record(entry_type::command, 6, "payload"),
                       record(entry_type::barrier, 7, ""),
                       record(entry_type::change, 7, std::string(300, 'c'))};
  x.message.n_records = 3;
  return x;
}

/// One of each kind, with all fields that mean something in it.
std::vector<raft_packet> examples() {
  auto beat = packet(raft_message_kind::append);
  beat.message.index_term = raft_term{6};
  auto append_answer = packet(raft_message_kind::append_answer);
  append_answer.stamp_us = ~uint64_t{0};
  append_answer.message.rejected = raft_index{999};
  append_answer.message.features = 0x8001;
  append_answer.message.capacity = 0xffff;
  auto vote = packet(raft_message_kind::vote);
  vote.message.candidate = vote.from;
  vote.message.index_term = raft_term{~uint64_t{0}};
  vote.message.flag = true;
  auto vote_answer = packet(raft_message_kind::vote_answer);
  vote_answer.message.pre_vote = true;
  vote_answer.message.features = 1;
  vote_answer.message.capacity = 2;
  auto install = packet(raft_message_kind::install);
  install.message.index_term = raft_term{5};
  install.message.configuration_index = raft_index{400};
  install.message.configuration = std::string{"\0configuration\xff", 15};
  auto timeout_now = packet(raft_message_kind::timeout_now);
  timeout_now.message.index_term = raft_term{7};
  return {append(),    beat,    append_answer, vote,
          vote_answer, install, timeout_now};
}

void check_same(const raft_packet& x, const raft_packet& y) {
  const auto& a = x.message;
  const auto& b = y.message;
  CHECK(x.shard == y.shard);
  CHECK(x.from == y.from);
  CHECK(x.stamp_us == y.stamp_us);
  CHECK(x.to == y.to);
  CHECK(a.kind == b.kind);
  CHECK(a.version == b.version);
  CHECK(a.term == b.term);
  CHECK(a.index == b.index);
  CHECK(a.index_term == b.index_term);
  CHECK(a.commit == b.commit);
  CHECK(a.rejected == b.rejected);
  CHECK(a.candidate == b.candidate);
  CHECK(a.configuration_index == b.configuration_index);
  CHECK(a.configuration == b.configuration);
  CHECK(a.pre_vote == b.pre_vote);
  CHECK(a.flag == b.flag);
  CHECK(a.features == b.features);
  CHECK(a.capacity == b.capacity);
  CHECK(a.n_records == b.n_records);
  REQUIRE(a.records.size() == b.records.size());
  for (size_t i = 0; i < a.records.size(); ++i) {
    CHECK(a.records[i].type == b.records[i].type);
    CHECK(a.records[i].term == b.records[i].term);
    CHECK(*a.records[i].payload == *b.records[i].payload);
  }
}

/// The bytes of a packet up to its list of records, which is empty.
std::string without_count(const raft_packet& x) {
  auto bytes = encode(x);
  REQUIRE(bytes.back() == 0);
  bytes.pop_back();
  return bytes;
}

} // namespace

TEST_CASE("a Raft message of each kind comes back as it was",
          "[storage][raft][codec]") {
  for (const auto& x : examples()) {
    INFO("kind " << static_cast<int>(x.message.kind));
    auto back = decode_raft_packet(encode(x));
    REQUIRE(back);
    check_same(x, *back);
    CHECK(back->message.peer == x.from);
  }
}

TEST_CASE("a Raft message is the frozen bytes, which are still read",
          "[storage][raft][codec][golden]") {
  CHECK(hex(encode(append())) == hex(golden("raft_packet_append")));
  auto back = decode_raft_packet(golden("raft_packet_append"));
  REQUIRE(back);
  check_same(append(), *back);
}

TEST_CASE("a Raft message that is cut, or has bytes behind it, is refused",
          "[storage][raft][codec]") {
  for (const auto& x : examples()) {
    INFO("kind " << static_cast<int>(x.message.kind));
    auto bytes = encode(x);
    for (size_t n = 0; n < bytes.size(); ++n) {
      auto back = decode_raft_packet(std::string_view{bytes}.substr(0, n));
      REQUIRE_FALSE(back);
      REQUIRE(back.error() == ec::corrupt_record);
    }
    CHECK_FALSE(decode_raft_packet(bytes + '\0'));
  }
}

TEST_CASE("flipped bits of a Raft message never crash",
          "[storage][raft][codec]") {
  size_t refused = 0;
  for (const auto& x : examples()) {
    auto bytes = encode(x);
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      auto damaged = bytes;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      auto back = decode_raft_packet(damaged);
      refused += back ? 0 : 1;
      if (back)
        REQUIRE(back->message.n_records == back->message.records.size());
    }
  }
  // The link's checksum detects all; the message itself what breaks its form.
  CHECK(refused > 0);
}

TEST_CASE("an unknown kind of Raft message or entry is refused",
          "[storage][raft][codec]") {
  // Behind the shard, 300, both servers, and the time, 1 000 000.
  constexpr size_t kind_position = 2 + 8 + 8 + 3;
  auto bytes = encode(append());
  for (uint8_t kind : {0, 7, 255}) {
    bytes[kind_position] = static_cast<char>(kind);
    CHECK(decode_raft_packet(bytes).error() == ec::corrupt_record);
  }
  auto head = without_count(packet(raft_message_kind::append));
  for (uint8_t type : {0, 4, 255}) {
    auto one = head;
    put_varint(one, 1);
    put_fixed(one, type);
    put_varint(one, 7);
    put_string(one, "payload");
    CHECK(decode_raft_packet(one).error() == ec::corrupt_record);
  }
}

TEST_CASE("a count of entries beyond the bytes is refused before they are read",
          "[storage][raft][codec]") {
  auto head = without_count(packet(raft_message_kind::append));
  for (uint64_t n : {uint64_t{1}, uint64_t{1} << 32, ~uint64_t{0}}) {
    auto bytes = head;
    put_varint(bytes, n);
    CHECK(decode_raft_packet(bytes).error() == ec::corrupt_record);
  }
}
