// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <cstdint>

namespace eventd::actors {

/// Decides how long a dead actor stays dead: at once the first time, then 50 ms
/// doubling to 5 s; an actor that lived for a minute starts over.
class restart_policy {
public:
  static constexpr int64_t first_ms = 50;
  static constexpr int64_t longest_ms = 5'000;
  static constexpr int64_t healthy_ms = 60'000;

  /// The actor was started.
  void started(int64_t now_ms) { started_ms_ = now_ms; }

  /// The actor died; answers how long to wait. Unit: ms.
  int64_t died(int64_t now_ms) {
    if (now_ms - started_ms_ >= healthy_ms)
      deaths_ = 0;
    if (deaths_++ == 0)
      return 0;
    auto doublings = std::min(deaths_ - 2, 10);
    return std::min(first_ms << doublings, longest_ms);
  }

private:
  int64_t started_ms_ = 0;
  int deaths_ = 0;
};

} // namespace eventd::actors
