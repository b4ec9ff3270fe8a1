// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/rocks/frame_check.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include <rocksdb/file_system.h>

#include "storage/codec/bytes.hpp"
#include "storage/codec/crc32c.hpp"
#include "storage/rocks/failure_of.hpp"

namespace eventd::storage {

namespace {

/// RocksDB's log format (db/log_format.h): blocks of 32 KiB, in each frames of
/// [4 masked CRC32C of type and data][2 length][1 type][data], LE. No frame
/// spans blocks; what is left of a block and too short for a header is zero.
constexpr size_t block_bytes = 32'768;
constexpr size_t header_bytes = 7;
constexpr size_t type_position = 6;
/// Full, first, middle, last. Others are written with options we do not use.
constexpr uint8_t type_max = 4;

uint32_t masked(uint32_t crc) {
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

bool all_zero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

/// Whether the frame would be whole if its length were another: then the
/// length is damaged. A torn frame has no such length.
bool whole_at_other_length(std::string_view frame, uint32_t expected) {
  auto crc = crc32c(frame.substr(type_position, 1));
  for (size_t n = header_bytes;; ++n) {
    if (masked(crc) == expected)
      return true;
    if (n >= frame.size())
      return false;
    crc = crc32c(frame.substr(n, 1), crc);
  }
}

enum class verdict { good, damaged, ended };

/// Judges the frame at the head of `rest`, a block's remaining bytes, and
/// says in `bytes` how long it is.
verdict judge(std::string_view rest, size_t room, size_t& bytes) {
  byte_reader in{rest};
  auto crc = in.fixed<uint32_t>();
  auto length = in.fixed<uint16_t>();
  auto type = in.fixed<uint8_t>();
  if (!in.ok())
    return verdict::ended;
  bytes = header_bytes + length;
  // Space reserved and never written, or lost with the power.
  if (all_zero(rest.substr(0, header_bytes)))
    return all_zero(rest) ? verdict::ended : verdict::damaged;
  if (type == 0 || type > type_max || bytes > room)
    return verdict::damaged;
  if (bytes > rest.size())
    return whole_at_other_length(rest, crc) ? verdict::damaged : verdict::ended;
  auto checked = rest.substr(type_position, 1 + length);
  return masked(crc32c(checked)) == crc ? verdict::good : verdict::damaged;
}

/// Reads one block, or what the file still has.
rocksdb::IOStatus read_block(rocksdb::FSSequentialFile& file,
                             std::string& block) {
  block.clear();
  std::vector<char> scratch(block_bytes);
  while (block.size() < block_bytes) {
    rocksdb::Slice part;
    auto s = file.Read(block_bytes - block.size(), {}, &part, scratch.data(),
                       nullptr);
    if (!s.ok() || part.empty())
      return s;
    block.append(part.data(), part.size());
  }
  return rocksdb::IOStatus::OK();
}

failure damaged(const std::string& path, uint64_t position) {
  return {ec::corrupt_store,
          path + ": damaged at byte " + std::to_string(position)};
}

result<void> check_file(rocksdb::FileSystem& files, const std::string& path) {
  std::unique_ptr<rocksdb::FSSequentialFile> file;
  if (auto s = files.NewSequentialFile(path, {}, &file, nullptr); !s.ok())
    return failure_of(s, path);
  uint64_t begin = 0;
  bool ended = false;
  std::string block;
  for (;; begin += block.size()) {
    if (auto s = read_block(*file, block); !s.ok())
      return failure_of(s, path);
    if (block.empty())
      return {};
    if (ended && !all_zero(block))
      return damaged(path, begin);
    for (size_t at = 0;
         !ended && at + header_bytes <= block_bytes && at < block.size();) {
      size_t bytes = 0;
      auto found
        = judge(std::string_view{block}.substr(at), block_bytes - at, bytes);
      if (found == verdict::damaged)
        return damaged(path, begin + at);
      ended = found == verdict::ended;
      at += bytes;
    }
    if (block.size() < block_bytes)
      return {};
  }
}

} // namespace

result<void> check_frames(rocksdb::FileSystem& files, const std::string& dir) {
  std::vector<std::string> names;
  if (auto s = files.GetChildren(dir, {}, &names, nullptr); !s.ok())
    return failure_of(s, dir);
  std::sort(names.begin(), names.end());
  std::string manifest;
  if (auto s = rocksdb::ReadFileToString(&files, dir + "/CURRENT", &manifest);
      !s.ok())
    return failure_of(s, dir + "/CURRENT");
  while (!manifest.empty() && manifest.back() == '\n')
    manifest.pop_back();
  if (std::find(names.begin(), names.end(), manifest) == names.end())
    return failure{ec::corrupt_store,
                   dir + "/CURRENT: names a MANIFEST that is not there"};
  if (auto done = check_file(files, dir + "/" + manifest); !done)
    return done;
  for (const auto& name : names)
    if (name.ends_with(".log"))
      if (auto done = check_file(files, dir + "/" + name); !done)
        return done;
  return {};
}

} // namespace eventd::storage
