// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>

/// The clocks and the chance of a real node; tests bring their own.
namespace eventd::runtime {

/// Milliseconds since 1970 UTC. May jump.
int64_t wall_ms();

/// Microseconds of a clock that never goes back.
int64_t steady_us();

/// A random UUID, version 4 (RFC 9562 5.4). Threads: any.
std::string new_uuid();

} // namespace eventd::runtime
