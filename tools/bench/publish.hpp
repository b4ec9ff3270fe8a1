// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tools/client/command_line.hpp"

namespace eventd::bench {

/// Adds `publish`: how fast, and how late, events are acknowledged.
void add_publish(CLI::App& app, tools::action& chosen);

} // namespace eventd::bench
