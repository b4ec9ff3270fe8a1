// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tools/client/command_line.hpp"
#include "tools/eventctl/globals.hpp"

namespace eventd::eventctl {

/// Adds `subscription pause|resume|seek`.
void add_subscription(CLI::App& app, const globals& shared,
                      tools::action& chosen);

} // namespace eventd::eventctl
