// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/rocks/database.hpp"

#include <array>
#include <set>

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "storage/codec/key.hpp"
#include "storage/model/assert.hpp"
#include "storage/rocks/failure_of.hpp"
#include "storage/rocks/on_disk.hpp"
#include "storage/rocks/reclaim.hpp"
#include "storage/rocks/set_aside.hpp"
#include "storage/rocks/synced_mark.hpp"
#include "storage/rocks/table_damage.hpp"

namespace eventd::storage {

namespace {

/// All memtables together; one of a busy family may take half. Small
/// ones make opening after a kill quick.
constexpr size_t memtable_bytes = size_t{16} << 20;
constexpr size_t memtables_bytes = size_t{32} << 20;
constexpr size_t wal_bytes_max = size_t{64} << 20;
constexpr size_t block_cache_bytes = size_t{8} << 20;

/// RocksDB compares bytes even of empty slices: they must point somewhere.
rocksdb::Slice slice(std::string_view x) {
  return {x.data() == nullptr ? "" : x.data(), x.size()};
}

rocksdb::ColumnFamilyOptions family_options() {
  rocksdb::ColumnFamilyOptions x;
  x.write_buffer_size = memtable_bytes;
  x.max_write_buffer_number = 4;
  x.compression = rocksdb::kNoCompression;
  x.paranoid_file_checks = false;
  rocksdb::BlockBasedTableOptions table;
  table.block_size = size_t{16} << 10;
  table.format_version = 5;
  table.block_cache = rocksdb::NewLRUCache(block_cache_bytes);
  x.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return x;
}

rocksdb::DBOptions database_options() {
  rocksdb::DBOptions x;
  x.create_if_missing = true;
  x.create_missing_column_families = true;
  // The default mode drops acknowledged data behind a damaged record.
  x.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  x.track_and_verify_wals_in_manifest = true;
  x.paranoid_checks = true;
  x.recycle_log_file_num = 0; // Excluded by the recovery mode.
  x.max_total_wal_size = wal_bytes_max;
  x.db_write_buffer_size = memtables_bytes;
  x.max_background_jobs = 2;
  x.max_open_files = -1; // Index blocks are read, and checked, at start.
  x.keep_log_file_num = 4;
  x.max_log_file_size = size_t{4} << 20;
  x.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  x.skip_stats_update_on_db_open = true;
  x.avoid_flush_during_shutdown = false;
  x.manual_wal_flush = false;
  return x;
}

std::string log_family_name(uint32_t shard) {
  return "log-" + std::to_string(shard);
}

} // namespace

// -- database
// -------------------------------------------------------------------

struct database::impl {
  explicit impl(uint32_t n_shards) : rules(n_shards), shards(n_shards) {}

  /// Opens with this many shards; families that are missing are made.
  static result<std::unique_ptr<impl>> open(const rocksdb::DBOptions& options,
                                            const database::options& x,
                                            uint32_t n_shards);

  /// Whether all is there that was synced once; from now on it is noted.
  result<void> check_mark(const std::string& path) {
    mark = std::make_unique<synced_mark>(path);
    auto wanted = mark->read();
    auto found = db->GetLatestSequenceNumber();
    if (found < wanted)
      return failure{ec::corrupt_store, path + ": the write-ahead log ends at "
                                          + std::to_string(found)
                                          + ", and was synced up to "
                                          + std::to_string(wanted)};
    return {};
  }

  ~impl() {
    if (!db)
      return;
    for (auto* handle : handles)
      db->DestroyColumnFamilyHandle(handle);
    // Waits for compactions, which use `rules`.
    db->Close();
  }

  rocksdb::ColumnFamilyHandle* handle_of(family where) const {
    switch (where.which) {
    case family::kind::state:
      return handles[1];
    case family::kind::idx:
      return handles[2];
    case family::kind::log:
      EVENTD_ASSERT(where.shard.value < shards);
      return handles[3 + where.shard.value];
    }
    return nullptr;
  }

  reclaim_rules rules;
  uint32_t shards;
  std::unique_ptr<rocksdb::Env> env;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  std::unique_ptr<rocksdb::DB> db;
  std::shared_ptr<table_damage> damage; ///< Null: there are no copies.
  std::set<std::string> spared;         ///< Families not compacted any more.
  std::unique_ptr<synced_mark> mark;    ///< Null: there are no copies.
};

struct write_batch::impl {
  explicit impl(const database& x) : owner(x) {}
  const database& owner;
  rocksdb::WriteBatch rows;
};

database::database(std::unique_ptr<impl> x) : impl_(std::move(x)) {}
database::~database() = default;

result<std::unique_ptr<database::impl>>
database::impl::open(const rocksdb::DBOptions& options,
                     const database::options& x, uint32_t n_shards) {
  auto self = std::make_unique<impl>(n_shards);
  auto plain = family_options();
  std::vector<rocksdb::ColumnFamilyDescriptor> families{
    {rocksdb::kDefaultColumnFamilyName, plain},
    {"state", plain},
    {"idx", plain}};
  for (uint32_t i = 0; i < n_shards; ++i) {
    auto log = plain;
    log.compaction_filter_factory = reclaiming_filter(self->rules, shard_id{i});
    families.emplace_back(log_family_name(i), log);
  }
  rocksdb::DB* opened = nullptr;
  auto s = x.read_only ? rocksdb::DB::OpenForReadOnly(options, x.path, families,
                                                      &self->handles, &opened)
                       : rocksdb::DB::Open(options, x.path, families,
                                           &self->handles, &opened);
  if (!s.ok()) {
    auto why = failure_of(s, x.path);
    // A file that the MANIFEST names is not there.
    if (s.IsPathNotFound())
      why.code = ec::corrupt_store;
    return name_damaged_table(options, x.path, std::move(why));
  }
  self->db.reset(opened);
  return self;
}

result<std::unique_ptr<database>> database::open(const options& x) {
  auto db_options = database_options();
  std::unique_ptr<rocksdb::Env> env;
  if (x.file_system) {
    env = rocksdb::NewCompositeEnv(x.file_system);
    db_options.env = env.get();
  }
  std::shared_ptr<table_damage> damage;
  if (x.has_copies) {
    damage = std::make_shared<table_damage>();
    db_options.listeners.push_back(damage);
  }
  auto known = shards_on_disk(db_options, x.path, x.read_only);
  if (!known)
    return known.error();
  auto on_disk = known->value_or(0);
  if (x.read_only && on_disk == 0)
    return failure{ec::not_found, x.path + " holds no eventd database"};
  auto opened = impl::open(db_options, x, on_disk != 0 ? on_disk : x.shards);
  if (!opened)
    return opened.error();
  if (!x.read_only && on_disk != 0 && on_disk < x.shards) {
    // RocksDB makes families one by one. A node that ended in between never
    // wrote a row, and gets the number of shards that it was meant to have.
    std::string row;
    auto s = (*opened)->db->Get({}, (*opened)->handles[1],
                                state_key(state_row::node, shard_id{0}), &row);
    if (!s.ok() && !s.IsNotFound())
      return failure_of(s, x.path);
    if (s.IsNotFound()) {
      opened->reset();
      opened = impl::open(db_options, x, x.shards);
      if (!opened)
        return opened.error();
    }
  }
  (*opened)->env = std::move(env);
  (*opened)->damage = std::move(damage);
  if (x.has_copies)
    if (auto done = (*opened)->check_mark(x.path); !done)
      return done.error();
  return std::unique_ptr<database>{new database(std::move(*opened))};
}

uint32_t database::shards() const {
  return impl_->shards;
}
reclaim_rules& database::rules() {
  return impl_->rules;
}

result<void> database::write(write_batch& batch, bool sync) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  // Whatever else is written at the same time, ours ends here or later.
  auto end = impl_->db->GetLatestSequenceNumber()
             + static_cast<uint64_t>(batch.impl_->rows.Count());
  auto s = impl_->db->Write(options, &batch.impl_->rows);
  if (s.ok() && sync && impl_->mark)
    impl_->mark->note(end);
  if (s.ok())
    return {};
  auto why = failure_of(s, impl_->db->GetName());
  // It would fail at each start, too.
  if (impl_->damage && s.IsCorruption())
    if (auto done = mark_damaged(impl_->db->GetName(), why.detail); !done)
      why.detail += "; " + done.error().detail;
  return why;
}

result<std::optional<std::string>> database::get(family where,
                                                 std::string_view key) const {
  std::string value;
  auto s = impl_->db->Get({}, impl_->handle_of(where), slice(key), &value);
  if (s.IsNotFound())
    return std::optional<std::string>{};
  if (!s.ok())
    return failure_of(s, impl_->db->GetName());
  return std::optional<std::string>{std::move(value)};
}

cursor database::walk(family where, bool background) const {
  rocksdb::ReadOptions options;
  options.fill_cache = !background;
  if (background)
    options.readahead_size = size_t{2} << 20;
  return cursor{std::unique_ptr<rocksdb::Iterator>{
    impl_->db->NewIterator(options, impl_->handle_of(where))}};
}

result<void> database::compact(family where, std::string_view first,
                               std::string_view end) {
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction
    = rocksdb::BottommostLevelCompaction::kForceOptimized;
  options.exclusive_manual_compaction = false;
  auto begin = slice(first);
  auto limit = slice(end);
  auto s
    = impl_->db->CompactRange(options, impl_->handle_of(where), &begin, &limit);
  if (!s.ok())
    return failure_of(s, impl_->db->GetName());
  return {};
}

result<uint32_t> database::spare_damaged_families() {
  if (!impl_->damage)
    return 0u;
  for (const auto& name : impl_->damage->found()) {
    if (impl_->spared.contains(name))
      continue;
    for (auto* handle : impl_->handles)
      if (handle->GetName() == name)
        if (auto s = impl_->db->SetOptions(
              handle, {{"disable_auto_compactions", "true"}});
            !s.ok())
          return failure_of(s, impl_->db->GetName());
    impl_->spared.insert(name);
  }
  return static_cast<uint32_t>(impl_->spared.size());
}

void database::stop_compacting() {
  impl_->db->DisableManualCompaction();
}

result<void> database::drop_files(family where, std::string_view first,
                                  std::string_view end) {
  auto begin = slice(first);
  auto limit = slice(end);
  auto s = rocksdb::DeleteFilesInRange(impl_->db.get(), impl_->handle_of(where),
                                       &begin, &limit, false);
  if (!s.ok())
    return failure_of(s, impl_->db->GetName());
  return {};
}

uint64_t database::disk_bytes(family where) const {
  uint64_t bytes = 0;
  impl_->db->GetIntProperty(impl_->handle_of(where),
                            rocksdb::DB::Properties::kTotalSstFilesSize,
                            &bytes);
  return bytes;
}

result<void> database::flush() {
  rocksdb::FlushOptions options;
  if (auto s = impl_->db->Flush(options, impl_->handles); !s.ok())
    return failure_of(s, impl_->db->GetName());
  return {};
}

// -- write_batch
// ------------------------------------------------------------------

write_batch::write_batch(const database& owner)
  : impl_(std::make_unique<impl>(owner)) {}
write_batch::~write_batch() = default;
write_batch::write_batch(write_batch&&) noexcept = default;
write_batch& write_batch::operator=(write_batch&&) noexcept = default;

void write_batch::put(family where, std::string_view key,
                      std::string_view value) {
  impl_->rows.Put(impl_->owner.impl_->handle_of(where), slice(key),
                  slice(value));
}

void write_batch::put(family where, std::string_view key, std::string_view head,
                      std::string_view tail) {
  auto key_slice = slice(key);
  std::array<rocksdb::Slice, 2> parts{slice(head), slice(tail)};
  impl_->rows.Put(impl_->owner.impl_->handle_of(where), {&key_slice, 1},
                  {parts.data(), static_cast<int>(parts.size())});
}

void write_batch::remove(family where, std::string_view key) {
  impl_->rows.Delete(impl_->owner.impl_->handle_of(where), slice(key));
}

void write_batch::remove_range(family where, std::string_view first,
                               std::string_view end) {
  impl_->rows.DeleteRange(impl_->owner.impl_->handle_of(where), slice(first),
                          slice(end));
}

size_t write_batch::bytes() const {
  return impl_->rows.GetDataSize();
}
bool write_batch::empty() const {
  return impl_->rows.Count() == 0;
}
void write_batch::clear() {
  impl_->rows.Clear();
}

} // namespace eventd::storage
