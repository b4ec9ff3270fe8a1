// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/duration.hpp"

#include <array>
#include <utility>

#include "storage/model/assert.hpp"

namespace eventd::actors {

namespace {

constexpr int64_t second_ms = 1'000;
constexpr int64_t minute_ms = 60 * second_ms;
constexpr int64_t hour_ms = 60 * minute_ms;
constexpr int64_t day_ms = 24 * hour_ms;
constexpr int64_t duration_max_ms = 36'500 * day_ms;

failure refused(std::string_view text, std::string_view why) {
  return {ec::invalid_resource, "'" + std::string{text}
                                  + "' is not an ISO 8601 duration such as "
                                    "PT30S or P7D: "
                                  + std::string{why}};
}

/// One number with its letter, as in "90M" or "0.5S".
struct component {
  int64_t whole = 0;
  std::string_view fraction; ///< Digits after the point.
  char unit = 0;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Takes the next component off `rest`; an empty unit says that there is none.
component take_component(std::string_view& rest) {
  component taken;
  size_t i = 0;
  for (; i < rest.size() && is_digit(rest[i]); ++i)
    if (taken.whole <= duration_max_ms)
      taken.whole = taken.whole * 10 + (rest[i] - '0');
  if (i == 0)
    return {};
  if (i < rest.size() && (rest[i] == '.' || rest[i] == ',')) {
    auto begin = ++i;
    while (i < rest.size() && is_digit(rest[i]))
      ++i;
    taken.fraction = rest.substr(begin, i - begin);
    if (taken.fraction.empty())
      return {};
  }
  if (i == rest.size())
    return {};
  taken.unit = rest[i];
  rest.remove_prefix(i + 1);
  return taken;
}

/// The part of `unit_ms` that the digits after the point name, cut to ms.
int64_t fraction_of(std::string_view digits, int64_t unit_ms) {
  int64_t numerator = 0;
  int64_t denominator = 1;
  for (auto c : digits.substr(0, 9)) {
    numerator = numerator * 10 + (c - '0');
    denominator *= 10;
  }
  // At most 1e9 * 604 800 000, which fits 63 bits.
  return numerator * unit_ms / denominator;
}

/// The letters of one half (before or after the T) in their order, in ms.
using unit_row = std::pair<char, int64_t>;
constexpr std::array date_units{unit_row{'W', 7 * day_ms},
                                unit_row{'D', day_ms}};
constexpr std::array time_units{
  unit_row{'H', hour_ms}, unit_row{'M', minute_ms}, unit_row{'S', second_ms}};

/// Reads the components of one half and adds them up.
template <class Units>
result<int64_t> parse_half(std::string_view text, std::string_view half,
                           const Units& units) {
  int64_t total = 0;
  auto next = units.begin();
  while (!half.empty()) {
    auto part = take_component(half);
    if (part.unit == 0)
      return refused(text, "each number needs its letter");
    while (next != units.end() && next->first != part.unit)
      ++next;
    if (next == units.end())
      return refused(text, "the letter '" + std::string(1, part.unit)
                             + "' can not stand here");
    if (part.whole > duration_max_ms / next->second)
      return refused(text, "it is longer than 36500 days");
    if (!part.fraction.empty() && !half.empty())
      return refused(text, "only the last number can have a fraction");
    total
      += part.whole * next->second + fraction_of(part.fraction, next->second);
    ++next;
  }
  return total;
}

} // namespace

result<int64_t> parse_duration(std::string_view text) {
  if (text.find('-') != text.npos)
    return refused(text, "it can not be negative");
  if (text.size() < 2 || text.front() != 'P')
    return refused(text, "it begins with a P");
  auto body = text.substr(1);
  auto t = body.find('T');
  auto date = body.substr(0, t);
  auto time = t == body.npos ? std::string_view{} : body.substr(t + 1);
  if (date.find_first_of("YM") != date.npos)
    return refused(text, "years and months have no fixed length; use days");
  if (t != body.npos && time.empty())
    return refused(text, "nothing stands after the T");
  if (date.find('W') != date.npos
      && (t != body.npos || date.find('D') != date.npos))
    return refused(text, "weeks stand alone");
  if (date.find_first_of(".,") != date.npos && t != body.npos)
    return refused(text, "only the last number can have a fraction");
  auto days = parse_half(text, date, date_units);
  if (!days)
    return days.error();
  auto rest = parse_half(text, time, time_units);
  if (!rest)
    return rest.error();
  if (*days + *rest > duration_max_ms)
    return refused(text, "it is longer than 36500 days");
  return *days + *rest;
}

std::string format_duration(int64_t ms) {
  EVENTD_ASSERT(ms >= 0);
  std::string out = "P";
  auto put = [&](int64_t unit_ms, char letter) {
    if (auto n = ms / unit_ms; n > 0)
      out += std::to_string(n) + letter;
    ms %= unit_ms;
  };
  put(day_ms, 'D');
  if (ms == 0)
    return out.size() > 1 ? out : "PT0S";
  out += 'T';
  put(hour_ms, 'H');
  put(minute_ms, 'M');
  if (ms == 0)
    return out;
  out += std::to_string(ms / second_ms);
  if (auto rest = ms % second_ms; rest > 0) {
    auto digits = std::to_string(1'000 + rest).substr(1);
    digits.erase(digits.find_last_not_of('0') + 1);
    out += '.' + digits;
  }
  return out + 'S';
}

} // namespace eventd::actors
