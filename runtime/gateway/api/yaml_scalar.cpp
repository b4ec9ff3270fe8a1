// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/api/yaml_scalar.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

namespace eventd::runtime {

namespace {

namespace json = boost::json;

constexpr std::string_view core = "tag:yaml.org,2002:";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_one_of(std::string_view x, std::string_view a, std::string_view b,
               std::string_view c) {
  return x == a || x == b || x == c;
}

std::optional<json::value> as_null(std::string_view x) {
  if (x.empty() || x == "~" || is_one_of(x, "null", "Null", "NULL"))
    return json::value(nullptr);
  return {};
}

std::optional<json::value> as_bool(std::string_view x) {
  if (is_one_of(x, "true", "True", "TRUE"))
    return json::value(true);
  if (is_one_of(x, "false", "False", "FALSE"))
    return json::value(false);
  return {};
}

/// `12`, `-3`, `0o17`, `0xff`; a number that is too large for 64 bits is none.
std::optional<json::value> as_integer(std::string_view x) {
  int base = 10;
  bool negative = false;
  if (x.starts_with("0o") || x.starts_with("0x")) {
    base = x[1] == 'o' ? 8 : 16;
    x.remove_prefix(2);
  } else if (!x.empty() && (x.front() == '-' || x.front() == '+')) {
    negative = x.front() == '-';
    x.remove_prefix(1);
  }
  uint64_t n = 0;
  auto* end = x.data() + x.size();
  auto [stop, error] = std::from_chars(x.data(), end, n, base);
  if (x.empty() || error != std::errc{} || stop != end)
    return {};
  constexpr uint64_t half = uint64_t{1} << 63;
  if (negative && n <= half)
    return json::value(static_cast<int64_t>(0 - n));
  if (negative)
    return {};
  return n < half ? json::value(static_cast<int64_t>(n)) : json::value(n);
}

/// Is it `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
bool is_float(std::string_view x) {
  size_t i = 0;
  auto digits = [&] {
    auto begin = i;
    while (i < x.size() && is_digit(x[i]))
      ++i;
    return i - begin;
  };
  auto sign = [&] {
    if (i < x.size() && (x[i] == '-' || x[i] == '+'))
      ++i;
  };
  sign();
  auto whole = digits();
  size_t fraction = 0;
  if (i < x.size() && x[i] == '.') {
    ++i;
    fraction = digits();
  }
  if (whole + fraction == 0)
    return false;
  if (i < x.size() && (x[i] == 'e' || x[i] == 'E')) {
    ++i;
    sign();
    if (digits() == 0)
      return false;
  }
  return i == x.size();
}

std::optional<json::value> as_float(std::string_view x) {
  if (!is_float(x))
    return {};
  if (x.front() == '+')
    x.remove_prefix(1);
  double n = 0;
  auto [stop, error] = std::from_chars(x.data(), x.data() + x.size(), n);
  if (error != std::errc{} || stop != x.data() + x.size() || !std::isfinite(n))
    return {};
  return json::value(n);
}

bool is_special_float(std::string_view x) {
  if (!x.empty() && (x.front() == '-' || x.front() == '+'))
    x.remove_prefix(1);
  return is_one_of(x, ".inf", ".Inf", ".INF")
         || is_one_of(x, ".nan", ".NaN", ".NAN");
}

json::value as_string(std::string_view x) {
  return json::value(json::string_view{x.data(), x.size()});
}

std::optional<json::value> plain(std::string_view x) {
  for (auto read : {as_null, as_bool, as_integer, as_float})
    if (auto found = read(x))
      return found;
  if (is_special_float(x) || is_float(x))
    return {};
  return as_string(x);
}

} // namespace

std::optional<json::value> yaml_scalar(std::string_view tag,
                                       std::string_view text) {
  if (tag == "?" || tag.empty())
    return plain(text);
  if (tag == "!")
    return as_string(text);
  if (!tag.starts_with(core))
    return {};
  tag.remove_prefix(core.size());
  if (tag == "str")
    return as_string(text);
  if (tag == "null")
    return as_null(text);
  if (tag == "bool")
    return as_bool(text);
  if (tag == "int")
    return as_integer(text);
  return tag == "float" ? as_float(text) : std::nullopt;
}

} // namespace eventd::runtime
