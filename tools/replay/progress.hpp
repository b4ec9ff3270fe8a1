// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace eventd::replay {

/// How far a replay is; all since its start in this process.
struct progress_state {
  uint64_t events = 0;
  uint64_t bytes = 0;
  uint64_t failures = 0;
  std::optional<uint64_t> total = {}; ///< Events to come in all, if known.
  int64_t elapsed_ms = 0;
};

/// One line that tells it: with a bar and the time left where the total is
/// known. "[=====>    ] 52%  5200/10000  1040 events/s  410 kB/s  ETA 4 s".
std::string progress_line(const progress_state& x, bool with_bar);

/// 1234567 as "1.2 M", 950 as "950".
std::string short_number(double x);

/// 75 000 ms as "1 min 15 s".
std::string short_duration(int64_t ms);

/// Says when a line is due: ten times a second on a terminal, else each ten
/// seconds. Reads no clock.
class progress_clock {
public:
  explicit progress_clock(bool terminal)
    : interval_ms_(terminal ? 100 : 10'000) {}

  bool due(int64_t elapsed_ms) {
    if (elapsed_ms < next_ms_)
      return false;
    next_ms_ = elapsed_ms + interval_ms_;
    return true;
  }

private:
  int64_t interval_ms_;
  int64_t next_ms_ = interval_ms_;
};

} // namespace eventd::replay
