// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/model_disk.hpp"

#include "storage/model/assert.hpp"

namespace eventd::tests {

using storage::row_change;

void model_disk::write(const storage::write_job& job) {
  if (job.truncate.value != 0)
    log_.erase(log_.lower_bound(job.truncate.value), log_.end());
  auto index = job.first;
  for (const auto& record : job.records) {
    log_[index.value] = record;
    ++index;
  }
  if (!job.records.empty()) {
    auto row = storage::log_end_row(job.shard, raft_index{index.value - 1});
    rows_[row.key] = row.value;
  }
  for (const auto& row : job.rows) {
    EVENTD_ASSERT(row.what != row_change::kind::remove_range);
    if (row.what == row_change::kind::put)
      rows_[row.key] = row.value;
    else
      rows_.erase(row.key);
  }
}

void model_disk::replace_log(const std::vector<storage::log_record>& entries) {
  for (size_t i = 0; i < entries.size(); ++i)
    log_[i + 1] = entries[i];
}

const storage::log_record& model_disk::at(raft_index index) const {
  return log_.at(index.value);
}

raft_index model_disk::last() const {
  return raft_index{log_.empty() ? 0 : log_.rbegin()->first};
}

const storage::log_record* model_disk::find(raft_index index) const {
  auto found = log_.find(index.value);
  return found == log_.end() ? nullptr : &found->second;
}

result<std::optional<std::string>>
model_disk::get(const std::string& key) const {
  auto at = rows_.find(key);
  if (at == rows_.end())
    return std::optional<std::string>{};
  return std::optional{at->second};
}

result<std::vector<std::pair<std::string, std::string>>>
model_disk::all_with_prefix(const std::string& prefix) const {
  std::vector<std::pair<std::string, std::string>> out;
  for (auto at = rows_.lower_bound(prefix);
       at != rows_.end() && at->first.starts_with(prefix); ++at)
    out.push_back(*at);
  return out;
}

} // namespace eventd::tests
