// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/log/write_job.hpp"
#include "storage/model/error.hpp"
#include "storage/model/units.hpp"
#include "storage/raft/configuration.hpp"

/// The rows in which a shard keeps what Raft must not forget.
namespace eventd::storage {

/// Where the Raft log begins. Entries at and below `index` are committed and
/// not part of what Raft looks at.
struct raft_start_point {
  raft_index index; ///< 0: at the very beginning.
  raft_term term;
  raft_index configuration_index;
  std::string configuration;
};

/// Entries from `first` on were written in `term`, up to the next row.
struct term_row {
  raft_index first;
  raft_term term;
};

/// What a shard has on disk when its driver starts.
struct persisted_raft {
  raft_term term;
  uint64_t voted_for = 0;
  raft_start_point start;
  raft_index last;
  std::vector<term_row> terms; ///< Covers (start.index, last].
  /// Configuration entries above the start.
  std::vector<std::pair<raft_index, std::string>> configurations;
};

row_change hard_state_row(shard_id shard, raft_term term, uint64_t voted_for);
row_change terms_row(shard_id shard, const std::vector<term_row>& terms);
row_change configuration_row(shard_id shard, raft_index index,
                             std::string_view configuration);
row_change start_row(shard_id shard, const raft_start_point& x);
row_change log_end_row(shard_id shard, raft_index last);

/// The rows and the first entry of a new group. Each of its servers must begin
/// with exactly these.
/// @errors `ec::raft_failed`
result<write_job> bootstrap_job(shard_id shard,
                                const std::vector<raft_server>& servers);

/// The rows of a shard that has no entries yet and knows no servers: it waits
/// for a leader that takes this server into its group.
write_job empty_shard_job(shard_id shard);

/// Where rows of the state family are read from: the database, or a model of
/// a disk in simulations.
class row_source {
public:
  virtual ~row_source() = default;
  virtual result<std::optional<std::string>>
  get(const std::string& key) const = 0;
  /// All rows whose keys begin so, in the order of their keys.
  virtual result<std::vector<std::pair<std::string, std::string>>>
  all_with_prefix(const std::string& prefix) const = 0;
};

/// Reads what `raft_driver::start` needs. None: the shard is not bootstrapped.
/// @errors `ec::corrupt_record`, `ec::corrupt_store`
result<std::optional<persisted_raft>> load_raft(const row_source& from,
                                                shard_id shard);
result<std::optional<persisted_raft>> load_raft(const database& from,
                                                shard_id shard);

} // namespace eventd::storage
