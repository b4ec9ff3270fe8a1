// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/validate.hpp"

#include <algorithm>
#include <array>

#include "runtime/cloudevents/media_type.hpp"
#include "runtime/cloudevents/text.hpp"
#include "storage/model/limits.hpp"

namespace eventd::runtime::cloudevents {

namespace {

/// Reads exactly `n` digits, or answers -1.
int take_digits(std::string_view& rest, size_t n) {
  if (rest.size() < n)
    return -1;
  auto value = 0;
  for (size_t i = 0; i < n; ++i) {
    if (!is_digit(rest[i]))
      return -1;
    value = value * 10 + (rest[i] - '0');
  }
  rest.remove_prefix(n);
  return value;
}

bool take(std::string_view& rest, char lowered) {
  if (rest.empty() || lower(rest.front()) != lowered)
    return false;
  rest.remove_prefix(1);
  return true;
}

int days_of(int year, int month) {
  static constexpr std::array days{31, 28, 31, 30, 31, 30,
                                   31, 31, 30, 31, 30, 31};
  auto is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && is_leap ? 29 : days[static_cast<size_t>(month - 1)];
}

bool take_date(std::string_view& rest) {
  auto year = take_digits(rest, 4);
  if (year < 0 || !take(rest, '-'))
    return false;
  auto month = take_digits(rest, 2);
  if (month < 1 || month > 12 || !take(rest, '-'))
    return false;
  auto day = take_digits(rest, 2);
  return day >= 1 && day <= days_of(year, month);
}

bool take_hour_and_minute(std::string_view& rest) {
  auto hour = take_digits(rest, 2);
  if (hour < 0 || hour > 23 || !take(rest, ':'))
    return false;
  auto minute = take_digits(rest, 2);
  return minute >= 0 && minute <= 59;
}

bool take_fraction(std::string_view& rest) {
  if (!take(rest, '.'))
    return true;
  size_t n = 0;
  while (n < rest.size() && is_digit(rest[n]))
    ++n;
  rest.remove_prefix(n);
  return n > 0;
}

constexpr bool is_uri_char(char c) {
  return is_alpha(c) || is_digit(c)
         || std::string_view{"-._~:/?#[]@!$&'()*+,;=%"}.find(c)
              != std::string_view::npos;
}

constexpr auto make_uri_chars() {
  std::array<bool, 256> allowed{};
  for (size_t i = 0; i < 128; ++i)
    allowed[i] = is_uri_char(static_cast<char>(i));
  return allowed;
}

constexpr auto uri_chars = make_uri_chars();

bool is_scheme(std::string_view x) {
  return !x.empty() && is_alpha(x.front())
         && std::all_of(x.begin(), x.end(), [](char c) {
              return is_alpha(c) || is_digit(c) || c == '+' || c == '-'
                     || c == '.';
            });
}

const char* data_schema_problem(spec_version version, std::string_view value) {
  switch (version) {
  case spec_version::v1_0:
    return is_absolute_uri(value) ? nullptr : "must be an absolute URI";
  case spec_version::v0_3:
    return is_uri_reference(value) ? nullptr : "must be a URI reference";
  case spec_version::v0_2:
  case spec_version::v0_1:
    break;
  }
  return value.empty() ? "must not be empty" : nullptr;
}

const char* source_problem(spec_version version, std::string_view value) {
  if (value.empty())
    return "must not be empty";
  if (version < spec_version::v0_3 || is_uri_reference(value))
    return nullptr;
  return "must be a URI reference";
}

/// Rules of the attributes that CloudEvents itself names.
const char* named_problem(spec_version version, std::string_view name,
                          std::string_view value) {
  if (name == "source")
    return source_problem(version, value);
  if (name == "time")
    return is_timestamp(value) ? nullptr : "must be a timestamp of RFC 3339";
  if (name == "dataschema")
    return data_schema_problem(version, value);
  if (name == "datacontenttype")
    return parse_media_type(value) ? nullptr
                                   : "must be a media type of RFC 2046";
  return value.empty() ? "must not be empty" : nullptr;
}

} // namespace

bool is_named(std::string_view name) {
  switch (name.size()) {
  case 2:
    return name == "id";
  case 4:
    return name == "type" || name == "time";
  case 6:
    return name == "source";
  case 7:
    return name == "subject";
  case 10:
    return name == "dataschema";
  case 15:
    return name == "datacontenttype";
  default:
    return false;
  }
}

const char* name_problem(spec_version version, std::string_view name) {
  if (name.empty())
    return "has no name";
  if (name.size() > limits::attribute_name_bytes_max)
    return "has a name of more than 256 characters";
  // They would become something else where the event is written as JSON.
  if (name == "data" || name == "specversion" || name == "data_base64")
    return "has a name that an attribute can not have";
  auto is_old = version < spec_version::v0_3;
  auto is_allowed = [&](char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c)
           || (is_old && (c == '-' || c == '_'));
  };
  if (!std::all_of(name.begin(), name.end(), is_allowed))
    return "has a name with a character other than a-z and 0-9";
  return nullptr;
}

const char* value_problem(spec_version version, const attribute_view& x) {
  if (!is_clean_string(x.value))
    return "holds a control character or noncharacter";
  if (!is_named(x.name))
    return nullptr;
  if (x.type != attribute_type::string)
    return "must be a string";
  return named_problem(version, x.name, x.value);
}

bool is_timestamp(std::string_view x) {
  if (!take_date(x) || !take(x, 't') || !take_hour_and_minute(x)
      || !take(x, ':'))
    return false;
  auto second = take_digits(x, 2);
  if (second < 0 || second > 60 || !take_fraction(x))
    return false;
  if (take(x, 'z'))
    return x.empty();
  return (take(x, '+') || take(x, '-')) && take_hour_and_minute(x) && x.empty();
}

bool is_uri_reference(std::string_view x) {
  if (x.empty())
    return false;
  auto n_fragments = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    if (!uri_chars[static_cast<unsigned char>(x[i])])
      return false;
    if (x[i] == '%'
        && (x.size() - i < 3 || hex_value(x[i + 1]) < 0
            || hex_value(x[i + 2]) < 0))
      return false;
    n_fragments += x[i] == '#' ? 1 : 0;
  }
  auto first_segment = x.substr(0, x.find_first_of("/?#"));
  auto colon = first_segment.find(':');
  return n_fragments <= 1
         && (colon == std::string_view::npos
             || is_scheme(first_segment.substr(0, colon)));
}

bool is_absolute_uri(std::string_view x) {
  auto first_segment = x.substr(0, x.find_first_of("/?#"));
  return is_uri_reference(x)
         && first_segment.find(':') != std::string_view::npos;
}

} // namespace eventd::runtime::cloudevents
