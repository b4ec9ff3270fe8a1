// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/replay/speed.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace eventd::replay {

result<speed> parse_speed(std::string_view text) {
  if (text == "max")
    return speed{};
  if (text == "original")
    return speed{speed::kind::factor, 1};
  double value = 0;
  auto [end, wrong]
    = std::from_chars(text.data(), text.data() + text.size(), value);
  auto unit = text.substr(static_cast<size_t>(end - text.data()));
  if (wrong == std::errc{} && std::isfinite(value) && value > 0) {
    if (unit == "x")
      return speed{speed::kind::factor, value};
    if (unit == "/s")
      return speed{speed::kind::rate, value};
  }
  return failure{ec::invalid_config,
                 "'" + std::string{text}
                   + "' is not a speed: max, original, 2x or 1000/s"};
}

int64_t pacer::next_due_ns(std::optional<int64_t> stored_ms) {
  constexpr double ns_per_s = 1e9;
  constexpr double ns_per_ms = 1e6;
  auto n = static_cast<double>(count_++);
  if (how_.how == speed::kind::rate)
    due_ns_ = static_cast<int64_t>(n * ns_per_s / how_.value);
  if (how_.how == speed::kind::factor && stored_ms) {
    if (!first_ms_)
      first_ms_ = stored_ms;
    auto after = static_cast<double>(*stored_ms - *first_ms_);
    due_ns_
      = std::max(due_ns_, static_cast<int64_t>(after * ns_per_ms / how_.value));
  }
  return due_ns_;
}

} // namespace eventd::replay
