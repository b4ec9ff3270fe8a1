// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tools/client/command_line.hpp"
#include "tools/eventctl/globals.hpp"

namespace eventd::eventctl {

/// Adds `cluster` and `cluster add|remove|replace`.
void add_cluster(CLI::App& app, const globals& shared, tools::action& chosen);

} // namespace eventd::eventctl
