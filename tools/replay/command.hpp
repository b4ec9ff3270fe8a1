// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tools/client/command_line.hpp"

namespace eventd::replay {

/// Adds the flags of `replay` to its parser; the callback fills `chosen`.
void add_replay(CLI::App& app, tools::action& chosen);

} // namespace eventd::replay
