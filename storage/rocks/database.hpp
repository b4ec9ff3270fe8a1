// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/model/error.hpp"
#include "storage/model/units.hpp"

namespace rocksdb {
class FileSystem;
class Iterator;
} // namespace rocksdb

namespace eventd::storage {

class reclaim_rules;

/// One of the database's column families.
struct family {
  enum class kind : uint8_t { state, idx, log } which = kind::state;
  shard_id shard{}; ///< Of `log` only: each shard has its own.
};

inline constexpr family state_family{family::kind::state, {}};
inline constexpr family idx_family{family::kind::idx, {}};
constexpr family log_family(shard_id shard) {
  return {family::kind::log, shard};
}

class database;

/// Changes that become visible and durable together, or not at all. Made for
/// one database, which must outlive it.
class write_batch {
public:
  explicit write_batch(const database& owner);
  ~write_batch();
  write_batch(write_batch&&) noexcept;
  write_batch& operator=(write_batch&&) noexcept;

  void put(family where, std::string_view key, std::string_view value);
  /// The value is `head` and `tail` together, copied once.
  void put(family where, std::string_view key, std::string_view head,
           std::string_view tail);
  void remove(family where, std::string_view key);
  /// Removes keys from `first` up to, not including, `end`.
  void remove_range(family where, std::string_view first, std::string_view end);

  size_t bytes() const;
  bool empty() const;
  void clear();

private:
  friend class database;
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// Walks one family in key order. Not for two threads at once.
class cursor {
public:
  explicit cursor(std::unique_ptr<rocksdb::Iterator> it);
  ~cursor();
  cursor(cursor&&) noexcept;

  void seek(std::string_view key); ///< First key at or after `key`.
  void seek_for_previous(std::string_view key); ///< Last key at or before.
  void next();
  bool valid() const; ///< False at the end, and after an error.
  std::string_view key() const;
  std::string_view value() const;
  /// @errors `ec::corrupt_store`, `ec::io_error`
  result<void> status() const;

private:
  std::unique_ptr<rocksdb::Iterator> it_;
};

/// The node's RocksDB: all shards, one write-ahead log. Options and their
/// reasons: database.cpp. Threads: any. Blocking: all calls.
class database {
public:
  struct options {
    std::string path;
    uint32_t shards = 8; ///< For a new database; an old one keeps its own.
    bool read_only = false;
    /// Tests put a file system here that fails or forgets.
    std::shared_ptr<rocksdb::FileSystem> file_system;
    /// Other nodes have the data, too: a damaged table that a compaction of a
    /// log or of `idx` meets does not end all writes, but its family is not
    /// compacted any more; and where the database is damaged for good, the
    /// directory is marked (set_aside.hpp).
    bool has_copies = false;
  };

  /// Opens or creates. A damaged write-ahead log, manifest or index block is
  /// refused, never repaired by dropping data.
  /// @errors `ec::corrupt_store` naming the file, `ec::data_dir_in_use`,
  ///   `ec::format_too_new`, `ec::io_error`
  static result<std::unique_ptr<database>> open(const options& x);

  ~database();

  uint32_t shards() const;

  /// Writes all of `batch`; with `sync` it is on the disk when this returns.
  /// @errors `ec::io_error`, `ec::no_space`: what was written is unknown, the
  ///   caller must stop the node.
  result<void> write(write_batch& batch, bool sync);

  /// None where the key is not there.
  result<std::optional<std::string>> get(family where,
                                         std::string_view key) const;

  /// `background` reads leave the block cache alone.
  cursor walk(family where, bool background = false) const;

  /// Rewrites the keys of a range so that what `rules()` gives up leaves the
  /// disk. Takes long: for a thread of its own.
  result<void> compact(family where, std::string_view first,
                       std::string_view end);

  /// Ends the compactions of families in which one met a damaged table since
  /// the last call. Takes a moment: not for an actor that may not block.
  /// @returns how many families are not compacted any more
  /// @errors `ec::io_error`
  result<uint32_t> spare_damaged_families();

  /// Removes whole files that lie inside the range, at once.
  result<void> drop_files(family where, std::string_view first,
                          std::string_view end);

  /// Ends a running `compact` soon and refuses further ones, so that a stop
  /// does not wait for it. Does not block.
  void stop_compacting();

  /// What compaction may remove from the logs.
  reclaim_rules& rules();

  /// Bytes of all files of the family, as RocksDB counts them.
  uint64_t disk_bytes(family where) const;

  /// Waits for nothing, writes memtables to files.
  result<void> flush();

private:
  friend class write_batch;
  struct impl;
  explicit database(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

} // namespace eventd::storage
