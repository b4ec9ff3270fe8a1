// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

namespace eventd::storage {

/// Says when so little of the disk is free that publishing must stop, so that
/// what is needed to go on (flushes, a compaction, cursors, trims) still fits.
/// Threads: any. Blocking: one `statvfs` every 200 ms at most.
class disk_reserve {
public:
  /// Free bytes of the file system a path lies on; tests bring their own.
  using free_bytes_function = std::function<uint64_t(const std::string& path)>;

  /// What `statvfs` says is free to us; all of it where it can not tell, for
  /// then the first failed write speaks.
  static uint64_t free_bytes(const std::string& path);

  disk_reserve(std::string path, uint64_t bytes,
               free_bytes_function free = free_bytes);

  /// True while less than the reserve is free, as of at most 200 ms ago.
  bool low(int64_t now_ms);

  /// The same for the reserve without `limits::disk_in_flight_bytes`: what
  /// others sent before they knew is not to be taken any more either.
  bool spent(int64_t now_ms);

private:
  uint64_t look(int64_t now_ms);

  static constexpr int64_t check_every_ms = 200;

  const std::string path_;
  const uint64_t bytes_;
  const free_bytes_function free_;
  std::atomic<int64_t> next_check_ms_{INT64_MIN};
  std::atomic<uint64_t> free_bytes_{UINT64_MAX};
};

} // namespace eventd::storage
