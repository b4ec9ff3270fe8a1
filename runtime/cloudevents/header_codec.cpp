// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/header_codec.hpp"

#include <algorithm>
#include <optional>

#include "runtime/cloudevents/json_reader.hpp"
#include "runtime/cloudevents/number.hpp"
#include "runtime/cloudevents/version_map.hpp"

namespace eventd::runtime::cloudevents {

namespace {

/// Characters that stand for themselves in a header.
constexpr bool is_safe(char c) {
  return c > 0x20 && c < 0x7f && c != '"' && c != '%';
}

constexpr auto make_safe_chars() {
  std::array<bool, 256> safe{};
  for (size_t i = 0; i < 128; ++i)
    safe[i] = is_safe(static_cast<char>(i));
  return safe;
}

constexpr auto safe_chars = make_safe_chars();

bool all_safe(std::string_view x) {
  return std::all_of(x.begin(), x.end(), [](char c) {
    return safe_chars[static_cast<unsigned char>(c)];
  });
}

/// Unquotes `"…"` by RFC 7230 section 3.2.6; anything else is its own value.
std::string_view unquoted(std::string_view raw, arena& memory) {
  if (raw.size() < 2 || !raw.starts_with('"') || !raw.ends_with('"'))
    return raw;
  auto inside = raw.substr(1, raw.size() - 2);
  if (inside.find_first_of("\\\"") == std::string_view::npos)
    return inside;
  auto* begin = memory.take(inside.size());
  auto* to = begin;
  for (size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '"')
      return raw;
    if (inside[i] == '\\' && ++i == inside.size())
      return raw;
    *to++ = inside[i];
  }
  return {begin, static_cast<size_t>(to - begin)};
}

/// Reads `"…"` as a JSON string, which knows more escapes.
std::optional<std::string_view> json_unquoted(std::string_view raw,
                                              arena& memory) {
  json_reader in{raw, 1};
  json_value value;
  if (!raw.starts_with('"') || !in.read_value(value) || !in.at_end())
    return {};
  return text_of(value, memory);
}

std::string_view percent_decoded(std::string_view x, arena& memory) {
  auto* begin = memory.take(x.size());
  auto* to = begin;
  for (size_t i = 0; i < x.size(); ++i) {
    if (x[i] == '%' && x.size() - i > 2) {
      auto high = hex_value(x[i + 1]);
      auto low = hex_value(x[i + 2]);
      if (high >= 0 && low >= 0) {
        *to++ = static_cast<char>(high << 4 | low);
        i += 2;
        continue;
      }
    }
    *to++ = x[i];
  }
  return {begin, static_cast<size_t>(to - begin)};
}

/// True where `append_encoded(value)` would give `raw`, without writing it.
bool encodes_to(std::string_view value, std::string_view raw) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  size_t i = 0;
  for (auto c : value) {
    auto byte = static_cast<unsigned char>(c);
    if (safe_chars[byte]) {
      if (i >= raw.size() || raw[i++] != c)
        return false;
    } else {
      if (raw.size() - i < 3 || raw[i] != '%' || raw[i + 1] != digits[byte >> 4]
          || raw[i + 2] != digits[byte & 15])
        return false;
      i += 3;
    }
  }
  return i == raw.size();
}

/// The type that 2019 sources gave an extension by writing it as JSON.
attribute_type json_type_of(std::string_view text) {
  if (text == "true" || text == "false")
    return attribute_type::boolean;
  return is_int32(text) ? attribute_type::integer : attribute_type::string;
}

bool has_json_type(const attribute_view& x, spec_version version) {
  return version == spec_version::v0_1 && is_v0_1_extension(x.name);
}

} // namespace

bool decode_header(std::string_view raw, spec_version version, arena& memory,
                   attribute_view& x) {
  x.value = raw;
  x.type = attribute_type::string;
  x.raw_header = {};
  if (has_json_type(x, version))
    x.type = json_type_of(raw);
  if (all_safe(raw))
    return true;
  std::optional<std::string_view> from_json;
  if (version < spec_version::v0_3)
    from_json = json_unquoted(raw, memory);
  x.value = from_json ? *from_json : unquoted(raw, memory);
  if (x.value.find('%') != std::string_view::npos)
    x.value = percent_decoded(x.value, memory);
  if (!encodes_to(x.value, raw))
    x.raw_header = raw;
  return is_utf8(x.value);
}

void append_encoded(std::string& out, std::string_view value) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  if (all_safe(value)) {
    out.append(value);
    return;
  }
  for (auto c : value) {
    auto byte = static_cast<unsigned char>(c);
    if (safe_chars[byte]) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(digits[byte >> 4]);
      out.push_back(digits[byte & 15]);
    }
  }
}

std::string header_value(const attribute_view& x, spec_version version) {
  std::string out;
  if (!x.raw_header.empty() && is_field_value(x.raw_header)) {
    out = x.raw_header;
    return out;
  }
  // A string that reads like a number would come back as one.
  auto is_quoted = has_json_type(x, version) && x.type == attribute_type::string
                   && json_type_of(x.value) != attribute_type::string;
  if (is_quoted)
    out.push_back('"');
  append_encoded(out, x.value);
  if (is_quoted)
    out.push_back('"');
  return out;
}

} // namespace eventd::runtime::cloudevents
