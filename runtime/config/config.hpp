// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/config/cluster_config.hpp"
#include "runtime/config/gateway_limits.hpp"
#include "storage/model/error.hpp"

namespace eventd::runtime {

/// All that can be set about a node. A flag beats the environment
/// (`EVENTD_…`), which beats the file, which beats the default.
struct config {
  std::string listen = "127.0.0.1:8080";
  std::string data_dir = "./eventd-data";
  std::string log_level = "info";  ///< trace debug info warn error
  std::string log_format = "text"; ///< text json
  bool insecure = false;           ///< Allows a listener beyond loopback.
  std::optional<uint32_t> shards;  ///< Fixed when the data is made.
  gateway_limits bounds;
  uint32_t io_threads = 1;
  // From `listen`:
  std::string host;
  uint16_t port = 0;
  std::optional<cluster_config> cluster; ///< None: a node of its own.
};

/// What the command line asks for.
struct command_line {
  config settings;
  std::optional<std::string> print; ///< `--help`, `--version`: print and end.
};

/// Reads flags, environment and file, and checks them together. A variable
/// `EVENTD_…` that is no option is refused as an unknown flag is, except
/// `EVENTD_SERVER`, `EVENTD_LOG_…`, what tests are told by (`EVENTD_BIN_DIR`,
/// `EVENTD_WITHOUT_ROOT`), and what Kubernetes sets by itself where a Service
/// has the name eventd (`EVENTD_SERVICE_HOST`, `EVENTD_PORT_8080_TCP`…).
/// @errors `ec::invalid_config`, naming the flag, variable or line:column.
result<command_line> parse_command_line(int argc, const char* const* argv);

/// Versions of eventd and of what it is built on, as `--version` prints them.
std::string version_text();
/// The same as a JSON object, for `/version`.
std::string version_json();

} // namespace eventd::runtime
