// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/rocks/disk_reserve.hpp"

#include <algorithm>

#include <sys/statvfs.h>

#include "storage/model/limits.hpp"

namespace eventd::storage {

uint64_t disk_reserve::free_bytes(const std::string& path) {
  struct statvfs x {};
  if (::statvfs(path.c_str(), &x) != 0)
    return UINT64_MAX;
  return uint64_t{x.f_bavail} * x.f_frsize;
}

disk_reserve::disk_reserve(std::string path, uint64_t bytes,
                           free_bytes_function free)
  : path_(std::move(path)), bytes_(bytes), free_(std::move(free)) {}

uint64_t disk_reserve::look(int64_t now_ms) {
  auto due = next_check_ms_.load(std::memory_order_relaxed);
  if (now_ms >= due
      && next_check_ms_.compare_exchange_strong(due, now_ms + check_every_ms))
    free_bytes_.store(free_(path_), std::memory_order_relaxed);
  return free_bytes_.load(std::memory_order_relaxed);
}

bool disk_reserve::low(int64_t now_ms) {
  return look(now_ms) < bytes_;
}

bool disk_reserve::spent(int64_t now_ms) {
  return look(now_ms) < bytes_ - std::min(bytes_, limits::disk_in_flight_bytes);
}

} // namespace eventd::storage
