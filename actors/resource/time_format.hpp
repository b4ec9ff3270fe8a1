// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Times in manifests. Pure; any thread; never blocks.
namespace eventd::actors {

/// RFC 3339 in UTC, whole seconds: 0 is "1970-01-01T00:00:00Z". Kubernetes
/// writes creationTimestamp and lastTransitionTime so. Unit of `ms`: since
/// 1970.
std::string format_time(int64_t ms);

/// Reads an RFC 3339 time with its zone; what is finer than a millisecond is
/// cut off. None: it is not one, or lies before 1970.
std::optional<int64_t> parse_time(std::string_view text);

} // namespace eventd::actors
