// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>

#include "tools/bench/publisher.hpp"
#include "tools/client/exit_code.hpp"

namespace eventd::bench {

struct delivery_options {
  int subscribers = 1;
  std::string ordering = "unordered";
  std::string listen = "127.0.0.1:0"; ///< Of the sink, in this process.
  int max_in_flight = 0;
  int slow_subscribers = 0; ///< So many of them answer late; not waited for.
  int64_t slow_ms = 1'000;  ///< How late.
  bool keep = false;
};

/// Makes a Channel and Subscriptions, publishes, and measures when each event
/// arrives. Prints one line for publishing and one for delivery.
/// Blocking: for the plan's time, and until all has arrived (at most 30 s
/// without an arrival).
/// @returns `partial` where not all arrived
tools::exit_code run_delivery(publish_plan plan,
                              const tools::channel_name& channel,
                              const delivery_options& how);

} // namespace eventd::bench
