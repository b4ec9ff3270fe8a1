// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace eventd::runtime {

/// Bytes that something may hold in all of the node. Threads: any.
class byte_budget {
public:
  explicit byte_budget(size_t bytes_max) : bytes_max_(bytes_max) {}

  /// @returns false, and takes nothing, where more than `upto` would be held;
  ///   nothing can always be taken
  bool take(size_t bytes, size_t upto) {
    if (used_.fetch_add(bytes) + bytes <= upto || bytes == 0)
      return true;
    used_ -= bytes;
    return false;
  }
  bool take(size_t bytes) { return take(bytes, bytes_max_); }
  void give_back(size_t bytes) { used_ -= bytes; }

  size_t used() const { return used_; }
  size_t bytes_max() const { return bytes_max_; }

private:
  const size_t bytes_max_;
  std::atomic<size_t> used_{0};
};

/// What one holder took of two budgets, of all and of those that it shares one
/// with, and gives back at its end.
class held_bytes {
public:
  /// @pre both outlive it
  held_bytes(byte_budget& all, byte_budget& own) : all_(&all), own_(&own) {}
  held_bytes(held_bytes&& other) noexcept
    : all_(other.all_), own_(other.own_),
      bytes_(std::exchange(other.bytes_, 0)) {}
  held_bytes& operator=(held_bytes&&) = delete;
  ~held_bytes() {
    all_->give_back(bytes_);
    own_->give_back(bytes_);
  }

  /// @returns false, and keeps what it has, where so many are too many
  bool grow_to(size_t bytes) {
    if (bytes <= bytes_)
      return true;
    auto more = bytes - bytes_;
    if (!own_->take(more))
      return false;
    if (!all_->take(more)) {
      own_->give_back(more);
      return false;
    }
    bytes_ = bytes;
    return true;
  }

private:
  byte_budget* all_;
  byte_budget* own_;
  size_t bytes_ = 0;
};

} // namespace eventd::runtime
