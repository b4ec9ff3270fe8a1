// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/rocks/on_disk.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/sst_file_reader.h>

#include "storage/rocks/failure_of.hpp"
#include "storage/rocks/frame_check.hpp"

namespace eventd::storage {

namespace {

/// Without CURRENT RocksDB would begin anew beside the old files. Making a
/// database that was cut short leaves no CURRENT either, but none of these.
result<void> refuse_lost_current(rocksdb::Env& env, const std::string& path) {
  std::vector<std::string> names;
  if (env.FileExists(path).IsNotFound())
    return {};
  if (auto s = env.GetChildren(path, &names); !s.ok())
    return failure_of(s, path);
  for (const auto& name : names)
    if (name.ends_with(".sst") || name.ends_with(".log"))
      return failure{ec::corrupt_store, path + "/CURRENT: is missing, though "
                                          + name + " is there"};
  return {};
}

/// Under the lock, because a running node appends to what is checked.
result<void> check_under_lock(rocksdb::Env& env, const std::string& path,
                              bool read_only) {
  rocksdb::FileLock* lock = nullptr;
  if (!read_only)
    if (auto s = env.LockFile(path + "/LOCK", &lock); !s.ok())
      return failure_of(s, path);
  auto done = check_frames(*env.GetFileSystem(), path);
  if (lock != nullptr)
    env.UnlockFile(lock);
  return done;
}

/// A database that is not ours has its data in the default family.
result<bool> has_foreign_data(const rocksdb::DBOptions& options,
                              const std::string& path,
                              const std::vector<std::string>& names) {
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& name : names) {
    if (name != rocksdb::kDefaultColumnFamilyName && name != "state"
        && name != "idx")
      return true;
    families.emplace_back(name, rocksdb::ColumnFamilyOptions{});
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  auto s
    = rocksdb::DB::OpenForReadOnly(options, path, families, &handles, &opened);
  if (!s.ok())
    return failure_of(s, path);
  std::unique_ptr<rocksdb::DB> db{opened};
  std::unique_ptr<rocksdb::Iterator> rows{db->NewIterator({})};
  rows->SeekToFirst();
  auto found = rows->Valid();
  auto read = rows->status();
  rows.reset();
  for (auto* handle : handles)
    db->DestroyColumnFamilyHandle(handle);
  if (!read.ok())
    return failure_of(read, path);
  return found;
}

} // namespace

result<std::optional<uint32_t>>
shards_on_disk(const rocksdb::DBOptions& options, const std::string& path,
               bool read_only) {
  auto& env = *options.env;
  if (env.FileExists(path + "/CURRENT").IsNotFound()) {
    if (auto ok = refuse_lost_current(env, path); !ok)
      return ok.error();
    return std::optional<uint32_t>{};
  }
  if (auto ok = check_under_lock(env, path, read_only); !ok)
    return ok.error();
  std::vector<std::string> names;
  if (auto s = rocksdb::DB::ListColumnFamilies(options, path, &names); !s.ok())
    return failure_of(s, path);
  auto n = std::count_if(names.begin(), names.end(), [](const auto& name) {
    return name.starts_with("log-");
  });
  if (n == 0) {
    auto foreign = has_foreign_data(options, path, names);
    if (!foreign)
      return foreign.error();
    if (*foreign)
      return failure{ec::invalid_config,
                     path + " holds a database that is not eventd's"};
  }
  return std::optional<uint32_t>{static_cast<uint32_t>(n)};
}

failure name_damaged_table(const rocksdb::DBOptions& options,
                           const std::string& path, failure why) {
  std::vector<std::string> names;
  if (why != ec::corrupt_store || !options.env->GetChildren(path, &names).ok())
    return why;
  std::sort(names.begin(), names.end());
  rocksdb::Options reading{options, {}};
  for (const auto& name : names) {
    if (!name.ends_with(".sst") || why.detail.find(name) != std::string::npos)
      continue;
    rocksdb::SstFileReader table{reading};
    if (auto s = table.Open(path + "/" + name); !s.ok())
      why.detail += "; " + path + "/" + name + ": " + s.ToString();
  }
  return why;
}

} // namespace eventd::storage
