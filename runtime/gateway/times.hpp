// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Times as HTTP and CloudEvents write them. All pure; Unit: ms since 1970 UTC.
namespace eventd::runtime {

/// "2026-01-02T03:04:05.678Z" or with an offset such as "+01:00" (RFC 3339).
/// What is finer than a millisecond is cut. Years 1970 to 9999.
std::optional<int64_t> parse_rfc3339(std::string_view text);

/// 1767323045678 becomes "2026-01-02T03:04:05.678Z".
std::string to_rfc3339(int64_t ms);

/// The three forms of RFC 9110 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT",
/// "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994".
/// @param now_ms tells which century a two-digit year means.
std::optional<int64_t> parse_http_date(std::string_view text, int64_t now_ms);

/// "Sun, 06 Nov 1994 08:49:37 GMT", for header `Date`.
std::string to_http_date(int64_t ms);

/// What a `Retry-After` asks to wait: whole seconds, or until an HTTP date.
/// A date that has passed is 0; what can not be understood is none. Saturates
/// at one year.
std::optional<int64_t> parse_retry_after(std::string_view value,
                                         int64_t now_ms);

} // namespace eventd::runtime
