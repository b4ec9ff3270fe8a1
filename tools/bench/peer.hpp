// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tools/client/command_line.hpp"

namespace eventd::bench {

/// Adds `peer redis` and `peer nats`: the same measurements of other stores.
void add_peer(CLI::App& app, tools::action& chosen);

} // namespace eventd::bench
