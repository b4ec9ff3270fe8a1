// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tools/client/command_line.hpp"
#include "tools/eventctl/globals.hpp"

namespace eventd::eventctl {

/// Adds the flags that every command understands, and all commands.
void add_commands(CLI::App& app, globals& shared, tools::action& chosen);

} // namespace eventd::eventctl
