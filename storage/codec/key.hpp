// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/model/units.hpp"

/// Keys whose byte order is the order of what they name. All numbers in keys
/// are big-endian. Layout: docs/storage-format.md.
namespace eventd::storage {

/// Family `log-N`: [8 bytes raft index].
std::string log_key(raft_index index);
raft_index index_of_log_key(std::string_view key);

/// A channel id in a key.
inline constexpr size_t channel_id_bytes = 4;

/// Family `idx`: [4 bytes channel id][8 bytes first offset].
inline constexpr size_t idx_key_bytes = channel_id_bytes + 8;
std::string idx_key(channel_id channel, log_offset first);
struct idx_position {
  channel_id channel;
  log_offset first;
};
/// None where the key is not of the family's form.
std::optional<idx_position> position_of_idx_key(std::string_view key);

/// Family `state`: [1 byte row][2 bytes shard][rest].
enum class state_row : char {
  applied = 'a',       ///< Applied index.
  configuration = 'c', ///< Raft configuration; rest: 8 bytes raft index.
  copied = 'y',        ///< How far entries beyond the log's end are copied.
  log_end = 'e',       ///< Last index of the log.
  peer_boot = 'b',     ///< Newest start of another server; rest: its id.
  own_boots = 'B',     ///< The directory's own last starts; shard is 0.
  identity = 'i',      ///< Whose directory it is; shard is 0.
  hard_state = 'h',    ///< Term and vote.
  id_counter = 'k',    ///< Channel ids used up. Shard 0 only.
  channel = 'n',       ///< One channel; rest: 4 bytes channel id.
  raft_start = 'r',    ///< Where the Raft log begins.
  resource = 'R',      ///< One resource; rest: its key. Shard 0 only.
  terms = 't',         ///< First index of each term.
  cursor = 'u',        ///< One cursor; rest: the subscription's uid.
  node = 'z',          ///< The node itself; shard is 0.
};

std::string state_key(state_row row, shard_id shard,
                      std::string_view rest = {});
std::string state_key(state_row row, shard_id shard, channel_id channel);
std::string state_key(state_row row, shard_id shard, raft_index index);

/// Bytes of a state key before its rest.
inline constexpr size_t state_key_prefix_bytes = 1 + 2;

} // namespace eventd::storage
