// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/client/problem.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <boost/json/parse.hpp>

namespace eventd::tools {

namespace {

namespace json = boost::json;

/// What is quoted of an answer that is not a problem. Unit: bytes.
constexpr size_t quoted_bytes_max = 200;

ec code_of_status(unsigned status) {
  switch (status) {
  case 400:
  case 422:
    return ec::invalid_request;
  case 404:
    return ec::not_found;
  case 405:
    return ec::method_not_allowed;
  case 408:
  case 504:
    return ec::timeout;
  case 409:
    return ec::conflict;
  case 410:
    return ec::offset_trimmed;
  case 413:
    return ec::payload_too_large;
  case 415:
    return ec::unsupported_media;
  case 416:
    return ec::offset_out_of_range;
  case 429:
    return ec::overloaded;
  case 503:
    return ec::shutting_down;
  default:
    return status >= 400 && status < 500 ? ec::invalid_request
                                         : ec::unreachable;
  }
}

std::optional<ec> code_of_type(std::string_view type) {
  if (auto cut = type.find_last_of("/:#"); cut != std::string_view::npos)
    type.remove_prefix(cut + 1);
  for (auto& row : error_table)
    if (row.name == type && row.code != ec::none)
      return row.code;
  return std::nullopt;
}

std::string text_at(const json::object& from, std::string_view key) {
  auto found = from.if_contains(key);
  if (found == nullptr || !found->is_string())
    return {};
  return std::string{std::string_view{found->get_string()}};
}

/// Offsets are written as strings, because JSON numbers are doubles to many.
std::optional<uint64_t> number_at(const json::object& from,
                                  std::string_view key) {
  auto text = text_at(from, key);
  uint64_t x = 0;
  auto end = text.data() + text.size();
  if (text.empty() || std::from_chars(text.data(), end, x).ptr != end)
    return std::nullopt;
  return x;
}

void read_problem(const json::object& from, failure& out) {
  if (auto code = code_of_type(text_at(from, "type")))
    out.code = *code;
  for (auto key : {"detail", "message", "title", "reason"})
    if (out.detail.empty())
      out.detail = text_at(from, key);
  for (auto key : {"field", "attribute", "header"})
    if (out.field.empty())
      out.field = text_at(from, key);
  for (auto key : {"offset", "earliest"})
    if (!out.offset)
      out.offset = number_at(from, key);
}

} // namespace

failure failure_of(unsigned status, std::string_view body) {
  failure out{code_of_status(status)};
  boost::system::error_code wrong;
  auto parsed = json::parse(json::string_view{body.data(), body.size()}, wrong);
  if (!wrong && parsed.is_object())
    read_problem(parsed.get_object(), out);
  else if (!body.empty())
    out.detail = "the server answered " + std::to_string(status) + ": "
                 + std::string{body.substr(0, quoted_bytes_max)};
  if (out.detail.empty())
    out.detail = "the server answered " + std::to_string(status);
  return out;
}

std::string one_line(const failure& what) {
  auto line
    = what.detail.empty() ? std::string{name_of(what.code)} : what.detail;
  if (!what.field.empty() && line.find(what.field) == std::string::npos)
    line = what.field + ": " + line;
  if (!what.detail.empty())
    line += " (" + std::string{name_of(what.code)} + ")";
  std::replace_if(
    line.begin(), line.end(),
    [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return line;
}

} // namespace eventd::tools
