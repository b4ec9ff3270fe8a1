// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/raft/rows.hpp"

namespace eventd::tests {

/// A disk that keeps what was synced: the rows of one shard and its log. Rows
/// are the real bytes; only RocksDB is left out, which the power cuts of
/// tests/storage test.
class model_disk : public storage::row_source {
public:
  using row_map = std::map<std::string, std::string>;

  /// Makes one job durable.
  void write(const storage::write_job& job);

  /// Puts a log that was copied from elsewhere in the place of entries 1 to n.
  void replace_log(const std::vector<storage::log_record>& entries);

  /// The entry at an index from 1 on.
  const storage::log_record& at(raft_index index) const;
  raft_index last() const;
  /// Null: there is none.
  const storage::log_record* find(raft_index index) const;

  const row_map& state_rows() const { return state_; }
  const row_map& idx_rows() const { return idx_; }

  result<std::optional<std::string>> get(const std::string& key) const override;
  result<std::vector<std::pair<std::string, std::string>>>
  all_with_prefix(const std::string& prefix) const override;

private:
  void change(const storage::row_change& row);

  row_map state_;
  row_map idx_;
  std::map<uint64_t, storage::log_record> log_;
};

} // namespace eventd::tests
