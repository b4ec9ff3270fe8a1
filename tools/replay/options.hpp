// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string>

#include "storage/model/error.hpp"
#include "tools/client/address.hpp"
#include "tools/replay/retrying_client.hpp"
#include "tools/replay/speed.hpp"

namespace eventd::replay {

/// The command line of `replay` as it was typed.
struct raw_options {
  std::string server = {};
  std::string data_dir = {};
  std::string channel = {};
  std::string from = {};
  std::string to = {};
  std::string speed = "max";
  std::string sink = {};
  std::string into = {};
  std::string output = {};
  std::string resume = {};
};

/// The same, checked. Exactly one of `sink`, `into` and `output` is set.
struct options {
  std::string server = {};   ///< URL; empty when `data_dir` is read.
  std::string data_dir = {}; ///< Offline: directory of a stopped node.
  tools::channel_name channel = {};
  std::string from = "earliest";
  std::string to = {};    ///< Empty: the end of the log at the start.
  std::string epoch = {}; ///< From a `--from EPOCH:OFFSET`.
  replay::speed speed = {};
  std::optional<tools::url> sink = {};
  std::optional<tools::channel_name> into = {};
  std::string output = {};
  std::string resume = {}; ///< File of the resume token; empty: none.
  retry_options retry = {};
};

/// Checks what was typed.
/// @errors `ec::invalid_config`, with the flag.
result<options> check(const raw_options& raw);

} // namespace eventd::replay
