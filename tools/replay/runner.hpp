// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tools/client/exit_code.hpp"
#include "tools/replay/options.hpp"

namespace eventd::replay {

/// Replays what the options say; prints progress, and a summary at the end, on
/// stderr.
/// @returns `ok` only if every event was delivered; `partial` after failures
///   or an interruption
tools::exit_code run(const options& what);

} // namespace eventd::replay
