// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tools/client/command_line.hpp"

namespace eventd::bench {

/// Adds `sink`: a subscriber that stands alone.
void add_sink(CLI::App& app, tools::action& chosen);

} // namespace eventd::bench
