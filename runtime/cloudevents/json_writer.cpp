// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/json_writer.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "runtime/cloudevents/base64.hpp"
#include "runtime/cloudevents/text.hpp"

namespace eventd::runtime::cloudevents {

namespace {

/// Eight bytes that are all `c`.
constexpr uint64_t eight_of(uint8_t c) {
  return c * 0x0101010101010101U;
}

/// Whether one of the eight bytes of `x` is zero; exact where none has its high
/// bit set, else it may say so of a byte behind a zero.
constexpr bool has_zero(uint64_t x) {
  return ((x - eight_of(1)) & ~x & eight_of(0x80)) != 0;
}

/// Whether all of the text is ASCII that needs no escape: nearly all names and
/// most values. Eight bytes at a time.
bool is_plain_ascii(std::string_view text) {
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t x = 0;
    std::memcpy(&x, text.data() + i, 8);
    auto below_space = (x - eight_of(0x20)) & ~x;
    if (((x | below_space) & eight_of(0x80)) != 0 || has_zero(x ^ eight_of('"'))
        || has_zero(x ^ eight_of('\\')))
      return false;
  }
  for (; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
      return false;
  }
  return true;
}

constexpr bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

void append_escape(std::string& out, char c) {
  static constexpr std::string_view digits = "0123456789abcdef";
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
  case '\r':
    out += "\\r";
    return;
  case '\t':
    out += "\\t";
    return;
  default:
    out += "\\u00";
    out.push_back(digits[static_cast<unsigned char>(c) >> 4]);
    out.push_back(digits[c & 15]);
  }
}

std::string repaired(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  while (!text.empty()) {
    auto n = character_bytes(text);
    out += n > 0 ? text.substr(0, n) : std::string_view{"\xef\xbf\xbd"};
    text.remove_prefix(std::max<size_t>(n, 1));
  }
  return out;
}

void append_escaped(std::string& out, std::string_view text) {
  out.push_back('"');
  for (size_t first = 0; first < text.size();) {
    auto end = first;
    while (end < text.size() && is_plain(text[end]))
      ++end;
    out.append(text.substr(first, end - first));
    if (end < text.size())
      append_escape(out, text[end++]);
    first = end;
  }
  out.push_back('"');
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
  if (is_plain_ascii(text)) {
    out.push_back('"');
    out.append(text);
    out.push_back('"');
  } else if (is_utf8(text)) {
    append_escaped(out, text);
  } else {
    append_escaped(out, repaired(text));
  }
}

/// Name and value in one piece, because most of them are short.
bool json_object_writer::plain_string(std::string_view name,
                                      std::string_view value) {
  constexpr size_t long_value = 1'024;
  if (value.size() > long_value || !is_plain_ascii(name)
      || !is_plain_ascii(value))
    return false;
  auto begin = out_.size();
  auto comma = size_t{first_ ? 0U : 1U};
  first_ = false;
  // `,"name":"value"`
  out_.resize(begin + comma + 5 + name.size() + value.size());
  auto* at = out_.data() + begin;
  if (comma != 0)
    *at++ = ',';
  *at++ = '"';
  at = std::copy(name.begin(), name.end(), at);
  for (auto c : {'"', ':', '"'})
    *at++ = c;
  at = std::copy(value.begin(), value.end(), at);
  *at = '"';
  return true;
}

void json_object_writer::name(std::string_view x) {
  if (!first_)
    out_.push_back(',');
  first_ = false;
  append_json_string(out_, x);
  out_.push_back(':');
}

void json_object_writer::string(std::string_view name, std::string_view value) {
  if (plain_string(name, value))
    return;
  this->name(name);
  append_json_string(out_, value);
}

void json_object_writer::raw(std::string_view name, std::string_view json) {
  this->name(name);
  out_.append(json);
}

void json_object_writer::base64(std::string_view name, std::string_view bytes) {
  this->name(name);
  out_.push_back('"');
  append_base64(out_, bytes);
  out_.push_back('"');
}

} // namespace eventd::runtime::cloudevents
