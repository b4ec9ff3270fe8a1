// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <simdjson.h>

namespace eventd::runtime::cloudevents {

namespace {

constexpr bool is_printable_ascii(char c) {
  return c >= 0x20 && c < 0x7f;
}

/// The same of eight bytes at once.
bool are_printable_ascii(const char* at) {
  constexpr uint64_t each = 0x0101010101010101;
  uint64_t x = 0;
  std::memcpy(&x, at, sizeof(x));
  return (((x - 0x20 * each) | (x + each) | x) & (0x80 * each)) == 0;
}

/// Reads the code point at `i` and moves behind it.
/// @pre well-formed UTF-8
uint32_t next_code_point(std::string_view x, size_t& i) {
  auto byte = [&] { return static_cast<unsigned char>(x[i++]); };
  uint32_t first = byte();
  if (first < 0x80)
    return first;
  auto n_more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  auto point = first & (0x3fU >> n_more);
  for (; n_more > 0 && i < x.size(); --n_more)
    point = point << 6 | (byte() & 0x3fU);
  return point;
}

} // namespace

std::string_view lowered(std::string_view x, arena& memory) {
  auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (std::none_of(x.begin(), x.end(), is_upper))
    return x;
  auto* to = memory.take(x.size());
  std::transform(x.begin(), x.end(), to, lower);
  return {to, x.size()};
}

bool is_utf8(std::string_view x) {
  return simdjson::validate_utf8(x.data(), x.size());
}

size_t character_bytes(std::string_view x) {
  for (size_t n = 1; n <= 4 && n <= x.size(); ++n)
    if (is_utf8(x.substr(0, n)))
      return n;
  return 0;
}

bool is_clean_string(std::string_view x) {
  size_t i = 0;
  while (x.size() - i >= 8 && are_printable_ascii(x.data() + i))
    i += 8;
  while (i < x.size() && is_printable_ascii(x[i]))
    ++i;
  while (i < x.size()) {
    auto point = next_code_point(x, i);
    auto is_control = point < 0x20 || (point >= 0x7f && point < 0xa0);
    auto is_noncharacter
      = (point >= 0xfdd0 && point <= 0xfdef) || (point & 0xfffe) == 0xfffe;
    if (is_control || is_noncharacter)
      return false;
  }
  return true;
}

bool is_field_value(std::string_view x) {
  return std::all_of(x.begin(), x.end(), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7f;
  });
}

} // namespace eventd::runtime::cloudevents
