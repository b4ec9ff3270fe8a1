// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

#include "storage/model/error.hpp"

namespace eventd::runtime {

inline constexpr std::string_view problem_media_type
  = "application/problem+json";

/// An error as RFC 9457 tells it. With `offset_trimmed`, "gone" and offset 7:
/// `{"type":"/errors/offset_trimmed","title":"offset trimmed","status":410,
/// "detail":"gone","offset":7,"earliest":7}`.
/// Pure; any text in `what` is escaped.
std::string problem_json(const failure& what, unsigned status);

/// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8
/// become U+FFFD, so that the answer is always valid JSON.
void append_json_string(std::string& out, std::string_view text);

} // namespace eventd::runtime
