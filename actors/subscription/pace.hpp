// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <cstdint>

/// How fast one target gets requests. Pure; any thread; never blocks.
namespace eventd::actors {

/// Lets so many requests a second pass. With rate 10, one may pass at once and
/// then one every 100 ms; with rate 100, ten at once at most.
class token_bucket {
public:
  /// @param rate requests a second; 0: no limit
  void configure(uint32_t rate) {
    rate_ = rate;
    // A tenth of a second may be caught up on, and one request always.
    full_ = std::max<uint64_t>(one, uint64_t{rate} * 100);
    tokens_ = full_;
  }

  /// Whether a request may pass now.
  bool ready(int64_t now_ms) {
    refill(now_ms);
    return rate_ == 0 || tokens_ >= one;
  }

  /// Counts a request. @pre `ready(now_ms)` said yes
  void take() {
    if (rate_ != 0)
      tokens_ -= one;
  }

  /// When the next request may pass. @pre `ready(now_ms)` said no
  int64_t ready_at_ms(int64_t now_ms) const {
    return now_ms + static_cast<int64_t>((one - tokens_ + rate_ - 1) / rate_);
  }

private:
  static constexpr uint64_t one = 1'000; ///< A request; a ms brings `rate_`.

  void refill(int64_t now_ms) {
    auto passed = static_cast<uint64_t>(
      std::clamp<int64_t>(now_ms - filled_ms_, 0, 1'000));
    tokens_ = std::min(full_, tokens_ + passed * rate_);
    filled_ms_ = std::max(filled_ms_, now_ms);
  }

  uint64_t rate_ = 0;
  uint64_t full_ = one;
  uint64_t tokens_ = one;
  int64_t filled_ms_ = 0;
};

/// How many requests a target may have at once, by how its last ones ended. A
/// target whose last attempts all failed is probed with one request; each
/// answer then doubles the window.
class leg_health {
public:
  /// So many failures in a row, and the target counts as down: fewer are
  /// usual when one server behind a name restarts.
  static constexpr uint32_t failures_until_probing = 5;

  explicit leg_health(uint32_t window_max = 1) : window_(window_max) {}

  /// The target answered, whatever it thinks of the event.
  void on_answer(uint32_t window_max) {
    window_ = std::min(window_max, window_ * 2);
    failures_ = 0;
  }

  /// No answer, or one that asks to try again later.
  /// @returns whether probing begins with this
  bool on_failure() {
    if (++failures_ < failures_until_probing)
      return false;
    window_ = 1;
    return failures_ == failures_until_probing;
  }

  bool probing() const { return failures_ >= failures_until_probing; }

  /// Requests that may be on the wire; at least 1.
  uint32_t window() const { return window_; }

  void limit(uint32_t window_max) { window_ = probing() ? 1 : window_max; }

private:
  uint32_t window_;
  uint64_t failures_ = 0;
};

} // namespace eventd::actors
