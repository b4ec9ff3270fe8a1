// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tools/client/command_line.hpp"

namespace eventd::bench {

/// Adds `verify`: whether what was acknowledged is there.
void add_verify(CLI::App& app, tools::action& chosen);

} // namespace eventd::bench
