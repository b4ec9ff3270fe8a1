// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/media_type.hpp"

#include <algorithm>
#include <array>

#include "runtime/cloudevents/text.hpp"

namespace eventd::runtime::cloudevents {

namespace {

/// RFC 7230 section 3.2.6.
constexpr auto make_token_chars() {
  std::array<bool, 256> allowed{};
  for (auto c : std::string_view{"!#$%&'*+-.^_`|~"})
    allowed[static_cast<unsigned char>(c)] = true;
  for (size_t i = 0; i < 128; ++i)
    allowed[i]
      |= is_digit(static_cast<char>(i)) || is_alpha(static_cast<char>(i));
  return allowed;
}

constexpr auto token_chars = make_token_chars();

constexpr bool is_token_char(char c) {
  return token_chars[static_cast<unsigned char>(c)];
}

/// Takes the longest token from the front of `rest`; empty where none.
std::string_view take_token(std::string_view& rest) {
  size_t n = 0;
  while (n < rest.size() && is_token_char(rest[n]))
    ++n;
  auto token = rest.substr(0, n);
  rest.remove_prefix(n);
  return token;
}

bool take(std::string_view& rest, char c) {
  if (!rest.starts_with(c))
    return false;
  rest.remove_prefix(1);
  return true;
}

/// Takes a quoted string and answers what is between the quotes.
std::optional<std::string_view> take_quoted(std::string_view& rest) {
  if (!take(rest, '"'))
    return {};
  for (size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '\\') {
      ++i;
    } else if (rest[i] == '"') {
      auto inside = rest.substr(0, i);
      rest.remove_prefix(i + 1);
      return inside;
    }
  }
  return {};
}

std::optional<std::string_view> take_value(std::string_view& rest) {
  if (rest.starts_with('"'))
    return take_quoted(rest);
  if (auto token = take_token(rest); !token.empty())
    return token;
  return {};
}

bool has_suffix(std::string_view subtype, std::string_view lowered) {
  return subtype.size() > lowered.size()
         && equals_lowered(subtype.substr(subtype.size() - lowered.size()),
                           lowered);
}

bool is_printable_ascii(std::string_view x) {
  return std::all_of(x.begin(), x.end(),
                     [](char c) { return c >= 0x20 && c < 0x7f; });
}

} // namespace

std::optional<media_type> parse_media_type(std::string_view text) {
  if (!is_printable_ascii(text))
    return {};
  media_type x;
  auto rest = text;
  x.type = take_token(rest);
  if (x.type.empty() || !take(rest, '/'))
    return {};
  x.subtype = take_token(rest);
  if (x.subtype.empty())
    return {};
  for (rest = trimmed(rest); !rest.empty(); rest = trimmed(rest)) {
    if (!take(rest, ';'))
      return {};
    rest = trimmed(rest);
    // Senders end with a semicolon, or write two: nothing is lost by it.
    if (rest.empty() || rest.starts_with(';'))
      continue;
    auto name = take_token(rest);
    if (name.empty() || !take(rest, '='))
      return {};
    auto value = take_value(rest);
    if (!value)
      return {};
    if (equals_lowered(name, "charset"))
      x.charset = *value;
  }
  return x;
}

bool names_mode(std::string_view content_type) {
  return starts_with_lowered(content_type, "application/cloudevents");
}

bool is_json(const media_type& x) {
  return equals_lowered(x.subtype, "json") || has_suffix(x.subtype, "+json");
}

bool is_text(const media_type& x) {
  auto is_texty = equals_lowered(x.type, "text")
                  || equals_lowered(x.subtype, "xml")
                  || has_suffix(x.subtype, "+xml");
  return is_texty
         && (is_utf8_charset(x) || equals_lowered(x.charset, "us-ascii"));
}

bool is_utf8_charset(const media_type& x) {
  return x.charset.empty() || equals_lowered(x.charset, "utf-8");
}

} // namespace eventd::runtime::cloudevents
