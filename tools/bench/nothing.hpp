// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tools/client/command_line.hpp"

namespace eventd::bench {

/// Adds `nothing`: the do-nothing server that figures compare with.
void add_nothing(CLI::App& app, tools::action& chosen);

} // namespace eventd::bench
