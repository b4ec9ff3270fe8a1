// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/raft/message_codec.hpp"

#include <memory>

#include "storage/codec/bytes.hpp"

namespace eventd::storage {

namespace {

constexpr uint8_t flag_pre_vote = 1;
constexpr uint8_t flag_flag = 2;

/// Type, term and length of an entry take at least so much.
constexpr size_t record_bytes_min = 3;

size_t size_of(const raft_packet& x) {
  constexpr size_t fixed_part = 128;
  constexpr size_t record_head = 24;
  auto n = fixed_part + x.message.configuration.size();
  for (const auto& record : x.message.records)
    n += record_head + record.payload->size();
  return n;
}

failure damaged() {
  return {ec::corrupt_record, "a Raft message can not be understood"};
}

bool is_known(uint8_t kind) {
  return kind >= static_cast<uint8_t>(raft_message_kind::append)
         && kind <= static_cast<uint8_t>(raft_message_kind::timeout_now);
}

bool is_known_entry(uint8_t type) {
  return type >= static_cast<uint8_t>(entry_type::command)
         && type <= static_cast<uint8_t>(entry_type::change);
}

} // namespace

std::string encode(const raft_packet& x) {
  const auto& m = x.message;
  std::string out;
  out.reserve(size_of(x));
  put_varint(out, x.shard.value);
  put_fixed(out, x.from);
  put_fixed(out, x.to);
  put_varint(out, x.stamp_us);
  put_fixed(out, static_cast<uint8_t>(m.kind));
  put_fixed(out, m.version);
  put_fixed(out, static_cast<uint8_t>((m.pre_vote ? flag_pre_vote : 0)
                                      | (m.flag ? flag_flag : 0)));
  put_varint(out, m.features);
  put_varint(out, m.capacity);
  put_varint(out, m.term.value);
  put_varint(out, m.index.value);
  put_varint(out, m.index_term.value);
  put_varint(out, m.commit.value);
  put_varint(out, m.rejected.value);
  put_varint(out, m.candidate);
  put_varint(out, m.configuration_index.value);
  put_string(out, m.configuration);
  put_varint(out, m.records.size());
  for (const auto& record : m.records) {
    put_fixed(out, static_cast<uint8_t>(record.type));
    put_varint(out, record.term.value);
    put_string(out, *record.payload);
  }
  return out;
}

result<raft_packet> decode_raft_packet(std::string_view bytes) {
  byte_reader in{bytes};
  raft_packet x;
  auto& m = x.message;
  x.shard = shard_id{static_cast<uint32_t>(in.varint())};
  x.from = m.peer = in.fixed<uint64_t>();
  x.to = in.fixed<uint64_t>();
  x.stamp_us = in.varint();
  auto kind = in.fixed<uint8_t>();
  m.version = in.fixed<uint8_t>();
  auto flags = in.fixed<uint8_t>();
  m.pre_vote = (flags & flag_pre_vote) != 0;
  m.flag = (flags & flag_flag) != 0;
  m.features = static_cast<uint16_t>(in.varint());
  m.capacity = static_cast<uint16_t>(in.varint());
  m.term = raft_term{in.varint()};
  m.index = raft_index{in.varint()};
  m.index_term = raft_term{in.varint()};
  m.commit = raft_index{in.varint()};
  m.rejected = raft_index{in.varint()};
  m.candidate = in.varint();
  m.configuration_index = raft_index{in.varint()};
  m.configuration = in.string();
  auto n = in.varint();
  if (!in.ok() || !is_known(kind) || n > in.rest().size() / record_bytes_min)
    return damaged();
  m.kind = static_cast<raft_message_kind>(kind);
  m.records.reserve(n);
  for (uint64_t i = 0; i < n; ++i) {
    log_record record;
    auto type = in.fixed<uint8_t>();
    record.term = raft_term{in.varint()};
    record.payload = std::make_shared<const std::string>(in.string());
    if (!in.ok() || !is_known_entry(type))
      return damaged();
    record.type = static_cast<entry_type>(type);
    m.records.push_back(std::move(record));
  }
  m.n_records = static_cast<uint32_t>(n);
  if (!in.at_end())
    return damaged();
  return x;
}

} // namespace eventd::storage
