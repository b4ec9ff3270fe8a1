// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/replay/progress.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace eventd::replay {

std::string short_number(double x) {
  static constexpr std::array units{"", " k", " M", " G", " T"};
  size_t unit = 0;
  for (; x >= 1'000 && unit + 1 < units.size(); ++unit)
    x /= 1'000;
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f" : "%.1f", x);
  return std::string{text} + units[unit];
}

std::string short_duration(int64_t ms) {
  auto s = (ms + 500) / 1'000;
  if (s < 60)
    return std::to_string(s) + " s";
  if (s < 3'600)
    return std::to_string(s / 60) + " min " + std::to_string(s % 60) + " s";
  return std::to_string(s / 3'600) + " h " + std::to_string(s % 3'600 / 60)
         + " min";
}

std::string progress_line(const progress_state& x, bool with_bar) {
  constexpr size_t bar_width = 24;
  auto seconds = std::max<double>(static_cast<double>(x.elapsed_ms), 1) / 1'000;
  auto rate = static_cast<double>(x.events) / seconds;
  std::string line;
  auto handled = x.events + x.failures;
  if (x.total && *x.total > 0) {
    auto part = std::min(1.0, static_cast<double>(handled)
                                / static_cast<double>(*x.total));
    if (with_bar) {
      auto full = static_cast<size_t>(part * bar_width);
      line = "[" + std::string(full, '=') + (full < bar_width ? ">" : "")
             + std::string(full < bar_width ? bar_width - full - 1 : 0, ' ')
             + "] ";
    }
    line += std::to_string(static_cast<int>(part * 100)) + "%  ";
  }
  line += std::to_string(handled);
  if (x.total)
    line += "/" + std::to_string(*x.total);
  line += " events  " + short_number(rate) + "/s  "
          + short_number(static_cast<double>(x.bytes) / seconds) + "B/s";
  if (x.failures > 0)
    line += "  " + std::to_string(x.failures) + " failed";
  if (x.total && *x.total > handled && rate > 0)
    line += "  ETA "
            + short_duration(static_cast<int64_t>(
              1'000 * static_cast<double>(*x.total - handled) / rate));
  return line;
}

} // namespace eventd::replay
