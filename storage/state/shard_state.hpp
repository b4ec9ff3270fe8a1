// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/codec/entry.hpp"
#include "storage/log/write_job.hpp"
#include "storage/model/error.hpp"
#include "storage/model/units.hpp"
#include "storage/rocks/database.hpp"
#include "storage/state/command.hpp"

namespace eventd::storage {

/// What a shard knows of one of its channels.
struct channel_row {
  channel_id id;
  incarnation epoch;
  std::string namespace_name;
  std::string name;
  bool in_memory = false;
  log_offset start;         ///< First readable offset.
  log_offset end;           ///< Offset the next event gets.
  uint64_t bytes_below = 0; ///< Payload bytes below `start`.
  uint64_t bytes_end = 0;   ///< Payload bytes ever stored.
  log_time logged_at;       ///< Of the last entry.
  log_time stored_at;       ///< Of the last entry.
};

struct resource_row {
  std::string document;
  raft_index index; ///< Of the entry that wrote it: its resourceVersion.
};

/// The state that a shard's log builds, in memory, with the rows that keep it.
/// Applying the same log gives the same state on every node: no clock, no
/// chance. Threads: its owner's. Blocking: only `load`.
class shard_state {
public:
  /// Reads the state as of the applied index.
  /// @errors `ec::corrupt_record`, `ec::corrupt_store`
  static result<shard_state> load(const database& from, shard_id shard);

  /// The channels of a shard as their own rows tell: without ends, for which
  /// `load` reads `idx`.
  /// @errors `ec::corrupt_record`, `ec::corrupt_store`
  static result<std::vector<channel_row>> channel_rows(const database& from,
                                                       shard_id shard);

  /// Applies the entry at `index` and appends the rows to write with it.
  /// @pre `index == applied() + 1`
  /// @errors `ec::corrupt_record`: the entry contradicts the state; nothing
  ///   may be acknowledged after that.
  result<void> apply(raft_index index, entry_type type,
                     std::string_view payload, std::vector<row_change>& rows);

  raft_index applied() const { return applied_; }
  uint64_t channel_ids_end() const { return channel_ids_end_; }

  /// None: no such channel, or deleted.
  const channel_row* channel(channel_id id) const;
  const std::unordered_map<channel_id, channel_row>& channels() const {
    return channels_;
  }
  /// Empty: none.
  std::string cursor_of(std::string_view subscription_uid) const;
  const std::map<std::string, resource_row>& resources() const {
    return resources_;
  }

  /// Row that records `applied()`.
  row_change applied_row() const;

private:
  result<void> load_channels(const database& from);
  result<void> load_rows(const database& from);
  struct idx_place {
    log_offset first;
    idx_row row;
  };
  static result<std::optional<idx_place>> idx_before(cursor& idx, channel_id id,
                                                     log_offset offset);
  result<void> find_end(cursor& idx, channel_row& row) const;
  result<void> apply_events(raft_index index, std::string_view payload,
                            std::vector<row_change>& rows);
  struct command_applier;
  row_change row_of(const channel_row& x) const;

  shard_id shard_;
  raft_index applied_;
  uint64_t channel_ids_end_ = 1;
  std::unordered_map<channel_id, channel_row> channels_;
  std::unordered_map<std::string, put_cursors::row> cursors_;
  std::map<std::string, resource_row> resources_;
};

} // namespace eventd::storage
