// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

#include "actors/protocol/messages.hpp"

/// Says why an event is dead-lettered. Pure; any thread; never blocks.
namespace eventd::actors {

/// RFC 4648 base64 with padding. "any" gives "YW55".
std::string to_base64(std::string_view bytes);

/// The `knativeerror…` extensions of an event whose last attempt went to `url`
/// and ended with `outcome`. No answer counts as 500, and its data is the
/// dispatcher's own words. events.md 1.3.
error_extensions make_error_extensions(std::string url,
                                       const delivery_outcome& outcome);

/// What a person reads about a failed attempt: "503 from URL", or the words
/// why there was no answer; at most `limits::given_up_reason_bytes_max` bytes.
std::string describe(std::string_view url, const delivery_outcome& outcome);

} // namespace eventd::actors
