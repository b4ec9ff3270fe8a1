// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace eventd::bench {

/// What a process has used so far.
struct process_sample {
  double cpu_s = 0;       ///< User and system time.
  uint64_t rss_bytes = 0; ///< Resident now.
};

/// Reads `/proc/PID/stat`; none where there is no such process.
std::optional<process_sample> sample_process(int pid);

/// Reads the text of `/proc/PID/stat`. The command's name may hold spaces and
/// brackets. Pure.
std::optional<process_sample>
parse_stat(std::string_view text, int64_t ticks_per_s, int64_t page_bytes);

} // namespace eventd::bench
