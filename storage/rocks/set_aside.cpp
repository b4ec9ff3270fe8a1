// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/rocks/set_aside.hpp"

#include <filesystem>
#include <vector>

#include <rocksdb/env.h>

#include "storage/rocks/failure_of.hpp"

namespace eventd::storage {

namespace {

namespace fs = std::filesystem;

constexpr const char* mark_name = "DAMAGED";
constexpr const char* lock_name = "LOCK";
constexpr const char* archive_name = "archive";
constexpr const char* reason_name = "REASON";
constexpr const char* folder_name = "damaged-1";
/// The folder while it is being filled.
constexpr const char* partial_name = "damaged-1.partial";

failure failed(const std::string& what, const std::error_code& code) {
  return {ec::io_error, what + ": " + code.message()};
}

bool is_there(const fs::path& x) {
  std::error_code code;
  return fs::exists(x, code);
}

result<void> sync_directory(const std::string& path) {
  std::unique_ptr<rocksdb::Directory> dir;
  auto* env = rocksdb::Env::Default();
  if (auto s = env->NewDirectory(path, &dir); !s.ok())
    return failure_of(s, path);
  if (auto s = dir->Fsync(); !s.ok())
    return failure_of(s, path);
  return {};
}

result<void> write_text(const std::string& path, const std::string& name,
                        const std::string& text) {
  auto* env = rocksdb::Env::Default();
  auto s
    = rocksdb::WriteStringToFile(env, text + "\n", path + "/" + name, true);
  if (!s.ok())
    return failure_of(s, path + "/" + name);
  return sync_directory(path);
}

/// RocksDB's own: its files, and the folder of its old logs. A folder that a
/// file system or somebody else put there (lost+found, a mount) stays.
bool is_of_database(const fs::directory_entry& x) {
  auto name = x.path().filename().string();
  std::error_code code;
  if (!x.is_regular_file(code))
    return name == archive_name && x.is_directory(code);
  return name != lock_name && name != mark_name;
}

/// Under the directory's lock.
result<void> move_files(const fs::path& from, const fs::path& partial) {
  std::error_code code;
  std::vector<fs::path> files;
  for (fs::directory_iterator x{from, code}; !code && x != fs::end(x);
       x.increment(code))
    if (is_of_database(*x))
      files.push_back(x->path());
  for (const auto& file : files) {
    if (code)
      break;
    fs::rename(file, partial / file.filename(), code);
  }
  if (code)
    return failed(from.string(), code);
  if (auto done = sync_directory(partial.string()); !done)
    return done;
  // What is left to be done is known by the partial folder from here on, and
  // the mark does not outlive it: it would have the next life set aside.
  fs::remove(from / mark_name, code);
  if (code)
    return failed((from / mark_name).string(), code);
  if (auto done = sync_directory(from.string()); !done)
    return done;
  // Only a whole folder has the name that is looked for.
  fs::rename(partial, from / folder_name, code);
  if (code)
    return failed(partial.string(), code);
  return sync_directory(from.string());
}

} // namespace

result<void> mark_damaged(const std::string& path, const std::string& why) {
  return write_text(path, mark_name, why);
}

std::optional<std::string> damage_mark(const std::string& path) {
  std::string text;
  auto* env = rocksdb::Env::Default();
  for (const auto& file : {fs::path{path} / mark_name,
                           fs::path{path} / partial_name / reason_name}) {
    if (!is_there(file))
      continue;
    if (!rocksdb::ReadFileToString(env, file.string(), &text).ok()
        || text.empty())
      return "it is marked as damaged";
    text.pop_back();
    return text;
  }
  return std::nullopt;
}

bool was_set_aside(const std::string& path) {
  return is_there(fs::path{path} / folder_name)
         || is_there(fs::path{path} / partial_name);
}

bool waits_for_its_cluster(const std::string& path) {
  return was_set_aside(path) && !is_there(fs::path{path} / "CURRENT");
}

result<std::string> set_aside(const std::string& path, const std::string& why) {
  auto folder = (fs::path{path} / folder_name).string();
  if (is_there(folder))
    return failure{ec::corrupt_store,
                   why + "; the data directory was set aside before, in "
                     + folder
                     + ": when its files are no longer needed, remove them, "
                       "and start again"};
  auto* env = rocksdb::Env::Default();
  rocksdb::FileLock* lock = nullptr;
  if (auto s = env->LockFile(path + "/" + lock_name, &lock); !s.ok())
    return failure_of(s, path);
  auto partial = fs::path{path} / partial_name;
  std::error_code code;
  fs::create_directory(partial, code);
  result<void> done;
  if (code)
    done = failed(partial.string(), code);
  else
    done = write_text(partial.string(), reason_name, why);
  if (done)
    done = move_files(path, partial);
  env->UnlockFile(lock);
  if (!done)
    return done.error();
  return folder;
}

} // namespace eventd::storage
