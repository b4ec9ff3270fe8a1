// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/model/error.hpp"

namespace eventd::actors {

/// Reads an ISO 8601 duration: `PnW` or `PnDTnHnMnS`, a fraction in the last
/// number only. "P7D" is 604 800 000, "PT0.5S" is 500, "PT0S" is 0; what is
/// finer than a millisecond is cut off. Unit: ms, never negative.
/// Threads: any. Blocking: never.
/// @errors `ec::invalid_resource`: not a duration, negative, years or months
///   (they have no fixed length), or longer than 36 500 days.
result<int64_t> parse_duration(std::string_view text);

/// The shortest ISO 8601 form of `ms` in days, hours, minutes and seconds.
/// @pre `ms >= 0`
std::string format_duration(int64_t ms);

} // namespace eventd::actors
