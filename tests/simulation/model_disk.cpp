// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/model_disk.hpp"

#include <memory>

#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "storage/model/assert.hpp"

namespace eventd::tests {

using storage::row_change;

namespace {

void change_row(model_disk::row_map& rows, const row_change& x) {
  if (x.what == row_change::kind::put)
    rows[x.key] = x.value;
  else if (x.what == row_change::kind::remove)
    rows.erase(x.key);
  else
    rows.erase(rows.lower_bound(x.key), rows.lower_bound(x.value));
}

} // namespace

void model_disk::write(const storage::write_job& job) {
  if (job.truncate.value != 0) {
    EVENTD_ASSERT(job.truncate <= job.log_end);
    // What was copied beyond the log's end stays, as on a real disk.
    log_.erase(log_.lower_bound(job.truncate.value),
               log_.upper_bound(job.log_end.value));
  }
  auto index = job.first;
  for (const auto& record : job.records) {
    log_[index.value] = record;
    ++index;
  }
  if (!job.records.empty())
    change(storage::log_end_row(job.shard, raft_index{index.value - 1}));
  for (const auto& row : job.rows)
    change(row);
}

void model_disk::change(const row_change& row) {
  if (row.where.which == storage::family::kind::state)
    return change_row(state_, row);
  if (row.where.which == storage::family::kind::idx)
    return change_row(idx_, row);
  // An entry that was copied.
  EVENTD_ASSERT(row.what == row_change::kind::put);
  auto header = storage::decode_record(row.value);
  EVENTD_ASSERT(header.has_value());
  log_[storage::index_of_log_key(row.key).value]
    = {header->type, header->term,
       std::make_shared<const std::string>(
         row.value.substr(storage::record_header_bytes))};
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
  auto at = state_.find(key);
  if (at == state_.end())
    return std::optional<std::string>{};
  return std::optional{at->second};
}

result<std::vector<std::pair<std::string, std::string>>>
model_disk::all_with_prefix(const std::string& prefix) const {
  std::vector<std::pair<std::string, std::string>> out;
  for (auto at = state_.lower_bound(prefix);
       at != state_.end() && at->first.starts_with(prefix); ++at)
    out.push_back(*at);
  return out;
}

} // namespace eventd::tests
