// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tools/client/command_line.hpp"

namespace eventd::bench {

/// Adds `deliver`: how fast and how late events reach subscribers.
void add_deliver(CLI::App& app, tools::action& chosen);

} // namespace eventd::bench
