// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include <rocksdb/file_system.h>

#include "tests/fixtures/crash_file_system.hpp"

namespace eventd::tests {

/// The disk of one real process, which fails as it is told. Each change of the
/// data directory passes points that have names, at which the process can die:
/// "KIND/append" before a write of this kind (`wal_kinds`) goes to the
/// write-ahead log, "KIND/sync" when it went there and before it is synced,
/// "KIND/synced" after that and before anyone hears of it; and for files
/// "table/create", "table/sync", "table/synced", the same of "wal", "manifest"
/// and "other", "file/rename", "file/delete", "folder/sync", "folder/synced".
/// Threads: any. Blocking: all calls.
class fault_file_system : public rocksdb::FileSystemWrapper {
public:
  /// `data_dir` need not exist yet; "DATA_DIR.attic" and "DATA_DIR.cut" beside
  /// it are this object's.
  explicit fault_file_system(std::string data_dir);

  const char* Name() const override { return "eventd.fault_file_system"; }

  /// Does what one line says:
  ///   die POINT N       SIGKILL at the Nth time that POINT is passed from now
  ///   cut-at POINT N    loses its power there
  ///   cut TORN          loses its power now, and keeps up to so many bytes of
  ///                     what was not synced of each file
  ///   fail-syncs N      so many syncs answer EIO; "always": all
  ///   lose-sync         the next sync of the write-ahead log and all after it
  ///                     answer EIO; what was synced before is in DATA_DIR.cut
  ///   delay-syncs MS    each sync takes so much longer
  ///   full on|off       appends answer ENOSPC
  ///   read-only         all changes answer EROFS
  /// After a loss of power the data directory holds what was synced, bytes and
  /// names, and the process is gone.
  /// @returns false: the line means nothing
  bool obey(const std::string& line);

  // -- rocksdb::FileSystem ----------------------------------------------------

  rocksdb::IOStatus
  NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                  std::unique_ptr<rocksdb::FSWritableFile>* out,
                  rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name,
                                 const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* out,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

private:
  class writable_file;
  class directory;

  struct armed {
    uint64_t count = 0;
    bool cut = false;
  };

  /// Does not return where the process dies here.
  void pass(const std::string& point);
  [[noreturn]] void lose_power(uint64_t torn, const std::string& where);
  /// @returns true: this sync is the one that `lose-sync` is about
  bool loses();
  void delay() const;
  /// A disk without power answers nobody.
  void answer_if_alive() const;
  bool refuses(rocksdb::IOStatus& why) const;

  const std::string data_dir_;
  crash_file_system& disk_; ///< Our target.
  std::mutex mutex_;
  std::map<std::string, armed> armed_;
  std::atomic<int64_t> delay_ms_ = 0;
  std::atomic<bool> read_only_ = false;
  std::atomic<bool> lose_next_ = false;
  std::atomic<bool> dead_ = false;
};

} // namespace eventd::tests
