// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/log/offline.hpp"

#include <optional>

#include <rocksdb/env.h>

#include "storage/log/channel_reader.hpp"
#include "storage/raft/rows.hpp"
#include "storage/rocks/database.hpp"
#include "storage/rocks/failure_of.hpp"
#include "storage/state/shard_state.hpp"

namespace eventd::storage {

namespace {

/// RocksDB takes the lock only when it opens for writing.
class directory_lock {
public:
  directory_lock() = default;
  directory_lock(directory_lock&& x) noexcept
    : lock_(std::exchange(x.lock_, nullptr)) {}
  directory_lock& operator=(directory_lock&&) = delete;
  ~directory_lock() {
    if (lock_ != nullptr)
      rocksdb::Env::Default()->UnlockFile(lock_);
  }

  result<void> take(const std::string& path) {
    auto s = rocksdb::Env::Default()->LockFile(path + "/LOCK", &lock_);
    if (!s.ok())
      return failure{ec::data_dir_in_use,
                     path + " is in use by another process: " + s.ToString()};
    return {};
  }

private:
  rocksdb::FileLock* lock_ = nullptr;
};

} // namespace

struct offline_reader::impl {
  directory_lock lock;
  std::unique_ptr<database> db;
  channel_row row;                 ///< With what is not applied, too.
  log_offset applied_end;          ///< Below it idx knows every event.
  std::vector<event_batch> beyond; ///< Not applied when the node stopped.
  std::optional<channel_reader> reader;

  result<bool> find(shard_id shard, const std::string& namespace_name,
                    const std::string& name);
};

/// Looks for the channel in one shard; applies, in memory, what the node had
/// persisted and not yet applied.
result<bool> offline_reader::impl::find(shard_id shard,
                                        const std::string& namespace_name,
                                        const std::string& name) {
  auto state = shard_state::load(*db, shard);
  if (!state)
    return state.error();
  auto raft = load_raft(*db, shard);
  if (!raft)
    return raft.error();
  if (!*raft)
    return false;
  auto before = *state;
  auto records = read_records(*db, shard, state->applied() + 1, (*raft)->last);
  if (!records)
    return records.error();
  std::vector<row_change> ignored;
  for (const auto& record : *records)
    if (auto done = state->apply(state->applied() + 1, record.type,
                                 *record.payload, ignored);
        !done)
      return done.error();
  for (const auto& [id, x] : state->channels())
    if (x.namespace_name == namespace_name && x.name == name)
      row = x;
  if (row.name.empty())
    return false;
  auto* known = before.channel(row.id);
  applied_end = known != nullptr ? known->end : log_offset{0};
  for (const auto& record : *records) {
    auto header = decode_events_header(*record.payload);
    if (!header || header->channel != row.id)
      continue;
    auto batch = open_events(record.payload, 0);
    if (!batch)
      return batch.error();
    beyond.push_back(std::move(*batch));
  }
  return true;
}

offline_reader::offline_reader(std::unique_ptr<impl> x) : impl_(std::move(x)) {}
offline_reader::~offline_reader() = default;

result<std::unique_ptr<offline_reader>>
offline_reader::open(const std::string& path, const std::string& namespace_name,
                     const std::string& name) {
  auto x = std::make_unique<impl>();
  if (rocksdb::Env::Default()->FileExists(path + "/CURRENT").IsNotFound())
    return failure{ec::not_found, path + " holds no eventd database"};
  if (auto done = x->lock.take(path); !done)
    return done.error();
  database::options options;
  options.path = path;
  options.read_only = true;
  auto db = database::open(options);
  if (!db)
    return db.error();
  x->db = std::move(*db);
  for (uint32_t i = 0; i < x->db->shards(); ++i) {
    auto found = x->find(shard_id{i}, namespace_name, name);
    if (!found)
      return found.error();
    if (!*found)
      continue;
    x->reader.emplace(*x->db, x->row.id, namespace_name + "/" + name);
    return std::unique_ptr<offline_reader>{new offline_reader(std::move(x))};
  }
  return failure{ec::not_found,
                 path + " has no channel " + namespace_name + "/" + name};
}

incarnation offline_reader::epoch() const {
  return impl_->row.epoch;
}
log_offset offline_reader::earliest() const {
  return impl_->row.start;
}
log_offset offline_reader::end() const {
  return impl_->row.end;
}

result<std::vector<event_batch>>
offline_reader::read(log_offset from, uint32_t events_max, uint64_t bytes_max) {
  std::vector<event_batch> out;
  if (from < earliest())
    return failure{ec::offset_trimmed, "the offset left retention",
                   earliest().value};
  if (from > end())
    return failure{ec::offset_out_of_range,
                   "the offset is beyond the end of the channel", end().value};
  if (from < impl_->applied_end) {
    if (auto done = impl_->reader->read(from, impl_->applied_end, events_max,
                                        bytes_max, out);
        !done)
      return done.error();
    return out;
  }
  for (const auto& batch : impl_->beyond) {
    if (from >= batch.end_offset())
      continue;
    auto first = from - batch.first_offset;
    out.push_back(
      batch.slice(first, std::min<size_t>(batch.size(), first + events_max)));
    return out;
  }
  return out;
}

result<log_offset> offline_reader::locate(log_time when) {
  auto at = impl_->reader->locate(when, impl_->applied_end);
  if (!at || *at < impl_->applied_end)
    return at;
  for (const auto& batch : impl_->beyond)
    if (batch.stored_at >= when)
      return batch.first_offset;
  return end();
}

} // namespace eventd::storage
