// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "storage/model/error.hpp"
#include "tools/client/http_client.hpp"

namespace eventd::eventctl {

enum class output_format : uint8_t { table, json, yaml };

/// Flags that every command understands.
struct globals {
  std::string server = {};
  std::string ns = "default";
  std::string output = {}; ///< As typed: "table", "json", "yaml" or empty.
  bool no_color = false;
};

/// Opens no connection yet. A signal ends its calls, whatever `how` says.
/// @errors `ec::invalid_config`: not a URL.
result<tools::http_client> client_of(const globals& x,
                                     tools::client_options how = {});

/// What `-o` says; without it a table on a terminal, else JSON.
output_format format_of(const globals& x);

/// Whether stdout takes colours: a terminal, and neither NO_COLOR nor
/// `--no-color` is set.
bool colors_of(const globals& x);

} // namespace eventd::eventctl
