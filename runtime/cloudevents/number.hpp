// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

namespace eventd::runtime::cloudevents {

/// True where `x` is a JSON integer that fits a CloudEvents Integer (signed 32
/// bits): no leading zero, no plus sign, and no "-0", whose canonical form is
/// "0".
inline bool is_int32(std::string_view x) {
  auto digits = x.starts_with('-') ? x.substr(1) : x;
  if (digits.empty() || (digits.starts_with('0') && x != "0"))
    return false;
  int32_t value = 0;
  const auto* end = x.data() + x.size();
  auto [at, error] = std::from_chars(x.data(), end, value);
  return error == std::errc{} && at == end;
}

} // namespace eventd::runtime::cloudevents
