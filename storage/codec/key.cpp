// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/codec/key.hpp"

#include "storage/codec/bytes.hpp"

namespace eventd::storage {

std::string log_key(raft_index index) {
  std::string key;
  put_big_endian(key, index.value);
  return key;
}

raft_index index_of_log_key(std::string_view key) {
  return raft_index{byte_reader{key}.big_endian<uint64_t>()};
}

std::string idx_key(channel_id channel, log_offset first) {
  std::string key;
  key.reserve(idx_key_bytes);
  put_big_endian(key, static_cast<uint32_t>(channel.value));
  put_big_endian(key, first.value);
  return key;
}

std::optional<idx_position> position_of_idx_key(std::string_view key) {
  if (key.size() != idx_key_bytes)
    return {};
  byte_reader in{key};
  idx_position x;
  x.channel = channel_id{in.big_endian<uint32_t>()};
  x.first = log_offset{in.big_endian<uint64_t>()};
  return x;
}

std::string state_key(state_row row, shard_id shard, std::string_view rest) {
  std::string key;
  key.reserve(state_key_prefix_bytes + rest.size());
  key.push_back(static_cast<char>(row));
  put_big_endian(key, static_cast<uint16_t>(shard.value));
  key.append(rest);
  return key;
}

std::string state_key(state_row row, shard_id shard, channel_id channel) {
  std::string rest;
  put_big_endian(rest, static_cast<uint32_t>(channel.value));
  return state_key(row, shard, rest);
}

std::string state_key(state_row row, shard_id shard, raft_index index) {
  return state_key(row, shard, log_key(index));
}

} // namespace eventd::storage
