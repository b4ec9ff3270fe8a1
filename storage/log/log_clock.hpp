// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <cstdint>

#include "storage/model/units.hpp"

namespace eventd::storage {

/// Time for windows and retention, which must neither jump with the wall clock
/// nor go back. It goes on from the last entry's log time with the steady
/// clock; where the wall clock is ahead it runs at most twice as fast until it
/// has caught up. With the last entry at 100 s, a wall clock at
/// 160 s and 10 s of steady time gone by, it shows 120 s.
class log_clock {
public:
  log_clock() = default;

  /// Nothing is stored yet: `last` is zero, and the wall clock is believed.
  log_clock(log_time last, int64_t wall_ms, int64_t steady_ms)
    : base_(last.value == 0 ? static_cast<uint64_t>(wall_ms) : last.value),
      steady_(steady_ms),
      ahead_(std::max<int64_t>(0, wall_ms - static_cast<int64_t>(base_))) {}

  log_time now(int64_t steady_ms) const {
    auto gone = std::max<int64_t>(0, steady_ms - steady_);
    auto caught_up = std::min(gone, ahead_);
    return log_time{base_ + static_cast<uint64_t>(gone + caught_up)};
  }

private:
  uint64_t base_ = 0;
  int64_t steady_ = 0;
  int64_t ahead_ = 0;
};

} // namespace eventd::storage
