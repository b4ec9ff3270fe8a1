// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/log/write_job.hpp"
#include "storage/model/units.hpp"

namespace eventd::storage {

/// The six messages of Raft. Values are on the wire between nodes.
enum class raft_message_kind : uint8_t {
  append = 1,
  append_answer = 2,
  vote = 3,
  vote_answer = 4,
  install = 5, ///< The receiver's log begins too late: it needs a snapshot.
  timeout_now = 6,
};

/// One message between the replicas of a shard. Which fields mean something
/// depends on the kind, as named; the others are zero.
struct raft_message {
  raft_message_kind kind = raft_message_kind::append;
  uint8_t version = 0; ///< libraft's version of the kind.
  uint64_t peer = 0;   ///< Server it goes to; once received: it came from.
  raft_term term;      ///< The sender's.
  /// append: the entry before the first; append_answer, vote, timeout_now: the
  /// sender's last entry; install: the last entry of the snapshot.
  raft_index index;
  raft_term index_term;   ///< Term of the entry at `index`. Not in answers.
  raft_index commit;      ///< append.
  raft_index rejected;    ///< append_answer: 0 means that all was taken.
  uint64_t candidate = 0; ///< vote.
  raft_index configuration_index; ///< install.
  std::string configuration;      ///< install: as of `configuration_index`.
  bool pre_vote = false;          ///< vote, vote_answer.
  bool flag = false;              ///< vote: a transfer; vote_answer: granted.
  uint16_t features = 0;          ///< Answers.
  uint16_t capacity = 0;          ///< Answers.
  /// append: how many entries follow `index`. As the driver gives the message
  /// out `records` is empty: `with_records` puts them in.
  uint32_t n_records = 0;
  std::vector<log_record> records;
};

/// Puts the entries into an append and cuts it where it becomes larger than
/// `bytes_max` (but one entry always goes), and around each change of the
/// configuration, which must travel alone (decision 8).
/// @pre `records` are the `n_records` entries that follow `index`
std::vector<raft_message> with_records(raft_message append,
                                       std::vector<log_record> records,
                                       size_t bytes_max);

} // namespace eventd::storage
