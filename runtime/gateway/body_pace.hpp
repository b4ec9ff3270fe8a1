// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "storage/model/limits.hpp"

namespace eventd::runtime {

/// Watches how quickly a body comes in: on average at least so many bytes a
/// second, over any `limits::body_window_s` seconds. Time is counted in whole
/// seconds, and the one in which the body begins is not judged alone.
///
/// With 1 024 bytes a second and a body that begins in second 3: at second 14
/// it is slow where less than 10 240 bytes came in the seconds 4 to 13. At
/// second 15 those of 5 to 14 are looked at: what came in a burst before is
/// no excuse.
class body_pace {
public:
  explicit body_pace(uint64_t bytes_per_s_min)
    : window_bytes_min_(bytes_per_s_min * limits::body_window_s) {}

  /// Bytes are expected from now on.
  void begin(uint64_t now_s);
  void add(uint64_t now_s, uint64_t bytes);

  /// None is expected any more.
  void end() { expects_ = false; }

  /// Whether the last whole seconds brought too little. Before a first window
  /// is over, and where nothing is expected: no.
  [[nodiscard]] bool is_slow(uint64_t now_s);

private:
  /// Of each second, beside the one that has not ended.
  static constexpr size_t slots = limits::body_window_s + 1;

  void pass_to(uint64_t now_s);

  uint64_t window_bytes_min_;
  uint64_t begin_s_ = 0;
  uint64_t now_s_ = 0;
  std::array<uint64_t, slots> bytes_{}; ///< Of second `s` in `s % slots`.
  bool expects_ = false;
};

} // namespace eventd::runtime
