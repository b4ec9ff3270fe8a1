// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/batches.hpp"

#include <algorithm>

#include "storage/model/limits.hpp"

namespace eventd::eventctl {

namespace {

constexpr size_t events_max = limits::batch_events_max / 2;
/// Leaves room in the server's default body limit.
constexpr size_t bytes_max = limits::body_bytes_default * 3 / 4;

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

} // namespace

std::vector<line_batch> batches_of(std::string_view text) {
  std::vector<line_batch> out;
  size_t events = events_max;
  for (size_t number = 1; !text.empty(); ++number) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (is_blank(line))
      continue;
    if (events == events_max
        || out.back().joined.size() + line.size() > bytes_max) {
      out.push_back({std::string{line}, number, number});
      events = 1;
      continue;
    }
    out.back().joined.append(",").append(line);
    out.back().last_line = number;
    ++events;
  }
  return out;
}

} // namespace eventd::eventctl
