// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/problem.hpp"

#include <algorithm>
#include <array>

namespace eventd::runtime {

namespace {

/// Length of the UTF-8 sequence that begins `text`; 0 if it is not one.
size_t utf8_length(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  auto tail
    = [&](size_t i) { return i < text.size() && (byte(i) & 0xc0) == 0x80; };
  auto first = byte(0);
  if (first < 0x80)
    return 1;
  if (first >= 0xc2 && first <= 0xdf)
    return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (!tail(1) || !tail(2) || (first == 0xe0 && byte(1) < 0xa0)
        || (first == 0xed && byte(1) > 0x9f))
      return 0;
    return 3;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (!tail(1) || !tail(2) || !tail(3) || (first == 0xf0 && byte(1) < 0x90)
        || (first == 0xf4 && byte(1) > 0x8f))
      return 0;
    return 4;
  }
  return 0;
}

constexpr std::string_view hex = "0123456789abcdef";

void append_code(std::string& out, unsigned char byte) {
  out += "\\u00";
  out += hex[byte >> 4];
  out += hex[byte & 0xf];
}

void append_escaped(std::string& out, char c) {
  switch (c) {
  case '"':
    out += "\\\"";
    return;
  case '\\':
    out += "\\\\";
    return;
  case '\n':
    out += "\\n";
    return;
  default:
    break;
  }
  auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20 && byte != 0x7f) {
    out += c;
    return;
  }
  append_code(out, byte);
}

/// U+0080 to U+009F: control characters that terminals obey.
bool is_c1_control(std::string_view text, size_t n) {
  return n == 2 && text[0] == '\xc2'
         && static_cast<unsigned char>(text[1]) < 0xa0;
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    auto n = utf8_length(text);
    if (n == 0)
      out += "\xef\xbf\xbd";
    else if (is_c1_control(text, n))
      append_code(out, static_cast<unsigned char>(text[1]));
    else if (n == 1)
      append_escaped(out, text[0]);
    else
      out += text.substr(0, n);
    text.remove_prefix(std::max<size_t>(n, 1));
  }
  out += '"';
}

std::string problem_json(const failure& what, unsigned status) {
  std::string title{name_of(what.code)};
  std::string out = "{\"type\":\"/errors/" + title + "\",\"title\":";
  std::replace(title.begin(), title.end(), '_', ' ');
  append_json_string(out, title);
  out += ",\"status\":" + std::to_string(status);
  if (!what.detail.empty()) {
    out += ",\"detail\":";
    append_json_string(out, what.detail);
  }
  if (!what.field.empty()) {
    out += ",\"field\":";
    append_json_string(out, what.field);
  }
  if (what.offset) {
    // A string: many readers take JSON numbers for doubles.
    auto at = '"' + std::to_string(*what.offset) + '"';
    out += ",\"offset\":" + at;
    if (what.code == ec::offset_trimmed)
      out += ",\"earliest\":" + at;
  }
  out += '}';
  return out;
}

} // namespace eventd::runtime
