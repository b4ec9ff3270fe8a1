// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/faulty/fault_file_system.hpp"

#include <csignal>
#include <filesystem>
#include <sstream>
#include <thread>
#include <utility>

#include <unistd.h>

#include "tests/faulty/wal_kinds.hpp"

namespace eventd::tests {

namespace fs = std::filesystem;

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

namespace {

std::string attic_of(const std::string& data_dir) {
  return data_dir + ".attic";
}

/// What an earlier life left in the attic counts no more.
std::shared_ptr<crash_file_system> fresh_disk(const std::string& data_dir) {
  fs::remove_all(attic_of(data_dir));
  return std::make_shared<crash_file_system>(attic_of(data_dir));
}

/// Empty for files that are none of the database.
std::string class_of(const std::string& path) {
  auto name = fs::path{path}.filename().string();
  if (name == "LOCK" || name.starts_with("LOG"))
    return {};
  if (name.ends_with(".log"))
    return "wal";
  if (name.ends_with(".sst"))
    return "table";
  return name.starts_with("MANIFEST-") ? "manifest" : "other";
}

void say(const std::string& text) {
  auto line = "faulty: " + text + "\n";
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0)
    return;
}

[[noreturn]] void die_now() {
  ::kill(::getpid(), SIGKILL);
  for (;;)
    ::pause();
}

} // namespace

// -- files and folders
// ----------------------------------------------------------

class fault_file_system::writable_file
  : public rocksdb::FSWritableFileOwnerWrapper {
public:
  writable_file(std::unique_ptr<rocksdb::FSWritableFile> target,
                fault_file_system& owner, std::string kind)
    : FSWritableFileOwnerWrapper(std::move(target)), owner_(owner),
      kind_(std::move(kind)) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  IODebugContext* debug) override {
    IOStatus why;
    if (!starts(data, why))
      return why;
    return FSWritableFileOwnerWrapper::Append(data, options, debug);
  }

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& check,
                  IODebugContext* debug) override {
    IOStatus why;
    if (!starts(data, why))
      return why;
    return FSWritableFileOwnerWrapper::Append(data, options, check, debug);
  }

  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return sync(
      [&] { return FSWritableFileOwnerWrapper::Sync(options, debug); });
  }

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return sync(
      [&] { return FSWritableFileOwnerWrapper::Fsync(options, debug); });
  }

private:
  bool starts(const rocksdb::Slice& data, IOStatus& why) {
    if (kind_ == "wal") {
      auto kinds = contents_.append({data.data(), data.size()});
      for (auto& x : kinds)
        owner_.pass(x + "/append");
      unsynced_.merge(kinds);
    }
    return !owner_.refuses(why);
  }

  template <class Call>
  IOStatus sync(Call call) {
    auto kinds = std::exchange(unsynced_, {});
    kinds.insert(kind_);
    for (auto& x : kinds)
      owner_.pass(x + "/sync");
    IOStatus out;
    if (owner_.refuses(out))
      return out;
    if (kind_ == "wal" && owner_.loses())
      return IOStatus::IOError("While fdatasync", "Input/output error");
    owner_.delay();
    out = call();
    for (auto& x : kinds)
      owner_.pass(x + "/synced");
    owner_.answer_if_alive();
    return out;
  }

  fault_file_system& owner_;
  const std::string kind_;
  wal_kinds contents_;
  std::set<std::string> unsynced_; ///< Kinds.
};

class fault_file_system::directory : public rocksdb::FSDirectoryWrapper {
public:
  directory(std::unique_ptr<rocksdb::FSDirectory> target,
            fault_file_system& owner)
    : FSDirectoryWrapper(std::move(target)), owner_(owner) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return sync([&] { return FSDirectoryWrapper::Fsync(options, debug); });
  }

  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& how) override {
    return sync([&] {
      return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, how);
    });
  }

private:
  template <class Call>
  IOStatus sync(Call call) {
    owner_.pass("folder/sync");
    auto out = call();
    owner_.pass("folder/synced");
    owner_.answer_if_alive();
    return out;
  }

  fault_file_system& owner_;
};

// -- the disk
// -------------------------------------------------------------------

fault_file_system::fault_file_system(std::string data_dir)
  : FileSystemWrapper(fresh_disk(data_dir)), data_dir_(std::move(data_dir)),
    disk_(dynamic_cast<crash_file_system&>(*target_)) {}

bool fault_file_system::obey(const std::string& line) {
  std::istringstream words{line};
  std::string verb, what;
  words >> verb >> what;
  if (verb == "die" || verb == "cut-at") {
    uint64_t count = 0;
    if (!(words >> count) || count == 0)
      return false;
    std::lock_guard guard{mutex_};
    armed_[what] = {count, verb == "cut-at"};
  } else if (verb == "cut") {
    lose_power(what.empty() ? 0 : std::stoull(what), "the test's wish");
  } else if (verb == "fail-syncs") {
    disk_.fail_syncs(what == "always" ? crash_file_system::for_good
                                      : std::stoull(what));
  } else if (verb == "lose-sync") {
    lose_next_ = true;
  } else if (verb == "delay-syncs") {
    delay_ms_ = std::stoll(what);
  } else if (verb == "full") {
    disk_.fill_disk(what == "on");
  } else if (verb == "read-only") {
    read_only_ = true;
  } else {
    return false;
  }
  say(line + ": done");
  return true;
}

void fault_file_system::pass(const std::string& point) {
  armed found;
  {
    std::lock_guard guard{mutex_};
    auto at = armed_.find(point);
    if (at == armed_.end() || --at->second.count > 0)
      return;
    found = at->second;
    armed_.erase(at);
  }
  if (found.cut)
    lose_power(0, point);
  say("died at " + point);
  die_now();
}

/// From `dead_` on no sync is answered, so that what the others hear of this
/// process is in the image that is taken after it.
void fault_file_system::lose_power(uint64_t torn, const std::string& where) {
  if (dead_.exchange(true))
    for (;;)
      ::pause();
  auto image = data_dir_ + ".cut";
  auto lost = data_dir_ + ".lost";
  auto bytes = disk_.power_cut(data_dir_, image, torn);
  fs::remove_all(lost);
  fs::rename(data_dir_, lost);
  fs::rename(image, data_dir_);
  fs::remove_all(lost);
  say("lost its power at " + where + ", and " + std::to_string(bytes)
      + " bytes");
  die_now();
}

/// First no sync succeeds any more, then the image is taken: it has all that
/// was ever answered.
bool fault_file_system::loses() {
  if (!lose_next_.exchange(false))
    return false;
  disk_.fail_syncs(crash_file_system::for_good);
  disk_.power_cut(data_dir_, data_dir_ + ".cut");
  return true;
}

void fault_file_system::delay() const {
  if (auto ms = delay_ms_.load(); ms > 0)
    std::this_thread::sleep_for(std::chrono::milliseconds{ms});
}

void fault_file_system::answer_if_alive() const {
  while (dead_)
    ::pause();
}

bool fault_file_system::refuses(IOStatus& why) const {
  if (!read_only_)
    return false;
  why = IOStatus::IOError("Read-only file system");
  return true;
}

IOStatus fault_file_system::NewWritableFile(
  const std::string& name, const FileOptions& options,
  std::unique_ptr<rocksdb::FSWritableFile>* out, IODebugContext* debug) {
  auto kind = class_of(name);
  if (kind.empty())
    return FileSystemWrapper::NewWritableFile(name, options, out, debug);
  pass(kind + "/create");
  IOStatus s;
  if (refuses(s))
    return s;
  std::unique_ptr<rocksdb::FSWritableFile> file;
  s = FileSystemWrapper::NewWritableFile(name, options, &file, debug);
  if (s.ok())
    *out = std::make_unique<writable_file>(std::move(file), *this, kind);
  return s;
}

IOStatus fault_file_system::NewDirectory(
  const std::string& name, const IOOptions& options,
  std::unique_ptr<rocksdb::FSDirectory>* out, IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> target;
  auto s = FileSystemWrapper::NewDirectory(name, options, &target, debug);
  if (s.ok())
    *out = std::make_unique<directory>(std::move(target), *this);
  return s;
}

IOStatus fault_file_system::DeleteFile(const std::string& name,
                                       const IOOptions& options,
                                       IODebugContext* debug) {
  pass("file/delete");
  IOStatus s;
  if (refuses(s))
    return s;
  return FileSystemWrapper::DeleteFile(name, options, debug);
}

IOStatus fault_file_system::RenameFile(const std::string& from,
                                       const std::string& to,
                                       const IOOptions& options,
                                       IODebugContext* debug) {
  if (!class_of(from).empty())
    pass("file/rename");
  IOStatus s;
  if (refuses(s))
    return s;
  return FileSystemWrapper::RenameFile(from, to, options, debug);
}

} // namespace eventd::tests
