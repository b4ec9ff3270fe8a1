// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>

namespace eventd::actors {

/// Bounds the lines about one matter in a log: so many in a window of time,
/// and then one that counts what was left out. A value; the caller brings the
/// time.
class line_budget {
public:
  line_budget(uint32_t lines_max, int64_t window_ms)
    : lines_max_(lines_max), window_ms_(window_ms) {}

  /// How many lines were left out in a window that is over; none: no window
  /// ended, or nothing was. Ask it before `take`, and now and then.
  std::optional<uint64_t> left_out(int64_t now_ms) {
    if (now_ms < end_ms_)
      return std::nullopt;
    auto n = taken_ > lines_max_ ? taken_ - lines_max_ : 0;
    taken_ = 0;
    if (n == 0)
      return std::nullopt;
    return n;
  }

  /// Whether lines were left out, of which `left_out` will tell.
  bool is_open() const { return taken_ > lines_max_; }

  /// Whether a line may be written now. With two lines a minute, of three in
  /// a minute the third is left out.
  bool take(int64_t now_ms) {
    if (taken_ == 0)
      end_ms_ = now_ms + window_ms_;
    return ++taken_ <= lines_max_;
  }

private:
  uint32_t lines_max_;
  int64_t window_ms_;
  int64_t end_ms_ = 0;
  uint64_t taken_ = 0;
};

} // namespace eventd::actors
