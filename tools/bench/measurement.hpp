// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "tools/bench/latency.hpp"
#include "tools/bench/process_sample.hpp"

namespace eventd::bench {

/// One measurement, as it is printed.
struct measurement {
  std::string name = {}; ///< "publish", "deliver", "replay", "load".
  /// What was asked for: connections, size, mode…
  std::vector<std::pair<std::string, boost::json::value>> parameters = {};
  uint64_t events = 0;
  uint64_t requests = 0; ///< 0: not counted.
  uint64_t bytes = 0;    ///< 0: not counted.
  uint64_t errors = 0;
  double seconds = 0;
  latency_histogram latency = {};
  latency_histogram refusals = {}; ///< How long those took that failed in time.
  /// The server at the begin and at the end, where its pid is known.
  std::optional<process_sample> server_begin = {};
  std::optional<process_sample> server_end = {};
};

/// The measurement as one line of JSON, without a line feed:
/// {"bench":"publish",…,"events_per_s":21345.5,"p50_ms":1.2,"p99_ms":…,
///  "p999_ms":…,"cpu_s_per_million":61.0,"rss_bytes":52428800}. Pure.
std::string to_json_line(const measurement& x);

/// Prints the line on stdout.
void print(const measurement& x);

} // namespace eventd::bench
