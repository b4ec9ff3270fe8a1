// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>

#include "storage/model/limits.hpp"

namespace CLI {
class App;
}

namespace eventd::runtime {

/// What the header of one message may hold.
struct header_bounds {
  size_t bytes_max = limits::header_bytes_max; ///< With its line ends.
  size_t fields_max = limits::header_fields_max;
};

/// What a node takes from its clients at most (S-11). The reasons and what
/// happens beyond each stand in limits.hpp.
struct gateway_limits {
  header_bounds header;
  size_t body_bytes_max = limits::body_bytes_default;
  size_t batch_events_max = limits::batch_events_max;
  size_t json_depth_max = limits::json_depth_max; ///< In events.
  size_t connections_max = 0; ///< 0: by the files that may be open.
  /// Attempts of deliveries, and idle connections to subscribers, per I/O
  /// thread. No options: by the files, too.
  size_t deliveries_max = limits::deliveries_max;
  size_t idle_connections_max = limits::idle_connections_max;
  size_t connections_per_address_max = limits::connections_per_address_max;
  uint64_t header_timeout_s = limits::header_timeout_s;
  uint64_t body_bytes_per_s_min = limits::body_bytes_per_s_min;
  uint64_t idle_timeout_s = limits::idle_timeout_s;
};

/// Adds `--header-bytes-max` and its kin, which write into `x` and check their
/// ranges.
/// @pre `x` outlives `app`
void add_gateway_options(CLI::App& app, gateway_limits& x);

} // namespace eventd::runtime
