// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/base64.hpp"

#include <cstdint>

namespace eventd::runtime::cloudevents {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "abcdefghijklmnopqrstuvwxyz"
                                      "0123456789+/";

constexpr uint8_t no_digit = 0xff;

constexpr auto make_values() {
  std::array<uint8_t, 256> values{};
  values.fill(no_digit);
  for (size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<uint8_t>(i);
  return values;
}

constexpr auto values = make_values();

} // namespace

void append_base64(std::string& out, std::string_view bytes) {
  auto at = [&](size_t i) -> uint32_t {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
  };
  auto position = out.size();
  out.resize(position + (bytes.size() + 2) / 3 * 4);
  auto* to = out.data() + position;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    auto group = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    *to++ = alphabet[group >> 18];
    *to++ = alphabet[group >> 12 & 63];
    *to++ = i + 1 < bytes.size() ? alphabet[group >> 6 & 63] : '=';
    *to++ = i + 2 < bytes.size() ? alphabet[group & 63] : '=';
  }
}

std::optional<std::string_view> decode_base64(std::string_view text,
                                              arena& memory) {
  if (text.size() % 4 != 0)
    return {};
  size_t n_padding = 0;
  while (n_padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++n_padding;
  }
  auto* begin = memory.take(text.size() / 4 * 3 + 3);
  auto* to = begin;
  uint32_t group = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    auto digit = values[static_cast<unsigned char>(text[i])];
    if (digit == no_digit)
      return {};
    group = group << 6 | digit;
    if (i % 4 != 3)
      continue;
    *to++ = static_cast<char>(group >> 16);
    *to++ = static_cast<char>(group >> 8);
    *to++ = static_cast<char>(group);
    group = 0;
  }
  // Of a last group with 2 or 3 digits, 4 or 2 low bits mean nothing.
  if (n_padding == 2)
    *to++ = static_cast<char>(group >> 4);
  if (n_padding == 1) {
    *to++ = static_cast<char>(group >> 10);
    *to++ = static_cast<char>(group >> 2);
  }
  return std::string_view{begin, static_cast<size_t>(to - begin)};
}

} // namespace eventd::runtime::cloudevents
