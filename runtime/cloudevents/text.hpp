// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory_resource>
#include <string_view>

/// Small things about characters that all parts of this folder need.
namespace eventd::runtime::cloudevents {

/// Memory for decoded values of one request; given back all at once. What it
/// hands out stays where it is. Bounded by the request: decoding never makes
/// a text longer.
class arena {
public:
  arena() = default;
  arena(const arena&) = delete;
  arena& operator=(const arena&) = delete;

  char* take(size_t bytes) {
    return static_cast<char*>(memory_.allocate(std::max<size_t>(bytes, 1), 1));
  }

private:
  std::array<std::byte, 2048> first_;
  std::pmr::monotonic_buffer_resource memory_{first_.data(), first_.size()};
};

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool is_alpha(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}

/// The value of a hexadecimal digit, or -1.
constexpr int hex_value(char c) {
  if (is_digit(c))
    return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// Equal but for the case of ASCII letters.
/// @pre `lowered` has no upper-case letter.
constexpr bool equals_lowered(std::string_view x, std::string_view lowered) {
  return std::equal(x.begin(), x.end(), lowered.begin(), lowered.end(),
                    [](char a, char b) { return lower(a) == b; });
}

/// @pre `lowered` has no upper-case letter.
constexpr bool starts_with_lowered(std::string_view x,
                                   std::string_view lowered) {
  return x.size() >= lowered.size()
         && equals_lowered(x.substr(0, lowered.size()), lowered);
}

/// Without the spaces and tabs around it.
constexpr std::string_view trimmed(std::string_view x) {
  auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!x.empty() && is_space(x.front()))
    x.remove_prefix(1);
  while (!x.empty() && is_space(x.back()))
    x.remove_suffix(1);
  return x;
}

/// `x` in lower case, in `memory` where that differs.
std::string_view lowered(std::string_view x, arena& memory);

/// True where `x` is well-formed UTF-8: no overlong form, no surrogate.
bool is_utf8(std::string_view x);

/// How many bytes from the front of `x` are one UTF-8 character; 0 for none.
size_t character_bytes(std::string_view x);

/// True where `x` may be the value of a CloudEvents String: no control (C0,
/// DEL, C1) and no noncharacter. CloudEvents 1.0.2, type system.
/// @pre `is_utf8(x)`
bool is_clean_string(std::string_view x);

/// True where an HTTP field value may hold `x`: no control character.
bool is_field_value(std::string_view x);

} // namespace eventd::runtime::cloudevents
