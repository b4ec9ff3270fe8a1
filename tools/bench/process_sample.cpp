// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/process_sample.hpp"

#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

namespace eventd::bench {

std::optional<process_sample>
parse_stat(std::string_view text, int64_t ticks_per_s, int64_t page_bytes) {
  // proc(5): the fields after the name count from 3; utime is 14, stime 15,
  // rss 24.
  auto name_end = text.rfind(')');
  if (name_end == std::string_view::npos)
    return std::nullopt;
  std::istringstream fields{std::string{text.substr(name_end + 1)}};
  std::string field;
  uint64_t ticks = 0;
  uint64_t pages = 0;
  for (int number = 3; number <= 24; ++number) {
    if (!(fields >> field))
      return std::nullopt;
    if (number != 14 && number != 15 && number != 24)
      continue;
    if (field.find_first_not_of("0123456789") != std::string::npos)
      return std::nullopt;
    (number == 24 ? pages : ticks) += std::stoull(field);
  }
  return process_sample{static_cast<double>(ticks)
                          / static_cast<double>(ticks_per_s),
                        pages * static_cast<uint64_t>(page_bytes)};
}

std::optional<process_sample> sample_process(int pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  std::stringstream text;
  text << file.rdbuf();
  return parse_stat(text.str(), sysconf(_SC_CLK_TCK), sysconf(_SC_PAGESIZE));
}

} // namespace eventd::bench
