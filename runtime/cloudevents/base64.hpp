// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/cloudevents/text.hpp"

namespace eventd::runtime::cloudevents {

/// Appends `bytes` as base64 with padding (RFC 4648 section 4).
void append_base64(std::string& out, std::string_view bytes);

/// The octets that `text` stands for, in `memory`.
/// @returns none where `text` is not base64 with padding; spaces, line ends
///   and the URL alphabet are refused.
std::optional<std::string_view> decode_base64(std::string_view text,
                                              arena& memory);

} // namespace eventd::runtime::cloudevents
