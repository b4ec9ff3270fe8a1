// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "tools/bench/publisher.hpp"
#include "tools/client/address.hpp"
#include "tools/client/exit_code.hpp"

namespace CLI {
class App;
}

namespace eventd::bench {

/// Flags that `publish`, `load` and `deliver` share, as typed.
struct plan_flags {
  std::string server = {};
  std::string channel = "default/bench";
  std::string mode = "binary";
  publish_plan plan = {};
};

/// Adds --server, --channel, --connections, --size, --mode, --batch,
/// --threads and --pid.
void add_plan_flags(CLI::App& command, plan_flags& out);

/// Adds --rate, --duration and --warmup.
void add_time_flags(CLI::App& command, plan_flags& out);

/// Checks the flags; ids get a prefix of their own for each run.
/// @errors `ec::invalid_config`
result<publish_plan> check(const plan_flags& x);

/// Names what was asked for in a measurement.
void describe(const publish_plan& plan, measurement& out);

/// Reports an outcome: the line on stdout, the last error on stderr.
tools::exit_code conclude(const publish_outcome& x);

} // namespace eventd::bench
