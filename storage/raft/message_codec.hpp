// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

#include "storage/model/error.hpp"
#include "storage/raft/message.hpp"

namespace eventd::storage {

/// A message and the replicas it goes between, as it travels between nodes.
struct raft_packet {
  shard_id shard;
  uint64_t from = 0; ///< Raft server id of the sender.
  uint64_t to = 0;   ///< Of the receiver: messages to an older life go nowhere.
  /// append, install: the sender's steady clock; append_answer: that of the
  /// newest such message the sender took in this term, as it came. 0: none.
  /// Unit: microseconds.
  uint64_t stamp_us = 0;
  raft_message message;
};

/// Bytes of protocol version 1. The link below checks them against damage.
std::string encode(const raft_packet& x);

/// `message.peer` is the sender. The payloads are copied.
/// @errors `ec::corrupt_record`: not what `encode` makes
result<raft_packet> decode_raft_packet(std::string_view bytes);

} // namespace eventd::storage
