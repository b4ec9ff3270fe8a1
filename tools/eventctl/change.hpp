// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

#include <cstdint>

namespace eventd::eventctl {

/// What applying a manifest did.
enum class change : uint8_t { created, configured, unchanged };

constexpr std::string_view word_of(change x) {
  switch (x) {
  case change::created:
    return "created";
  case change::configured:
    return "configured";
  case change::unchanged:
    break;
  }
  return "unchanged";
}

/// Tells it from the resource before (empty: there was none) and the answer.
/// What the server writes by itself, status and most of metadata, is not
/// looked at. Pure; any thread.
change change_of(std::string_view before, unsigned status,
                 std::string_view after);

} // namespace eventd::eventctl
