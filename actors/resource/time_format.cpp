// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/time_format.hpp"

#include <chrono>
#include <cstdio>

namespace eventd::actors {

namespace {

/// Takes exactly `n` digits off `rest`; none if they are not there.
std::optional<int> take_digits(std::string_view& rest, size_t n) {
  if (rest.size() < n)
    return {};
  int x = 0;
  for (auto c : rest.substr(0, n)) {
    if (c < '0' || c > '9')
      return {};
    x = x * 10 + (c - '0');
  }
  rest.remove_prefix(n);
  return x;
}

/// Takes `c` off `rest`; a letter in either case, as RFC 3339 allows.
bool take(std::string_view& rest, char c) {
  bool letter = c >= 'A' && c <= 'Z';
  if (rest.empty()
      || (rest.front() != c && !(letter && rest.front() == c + ('a' - 'A'))))
    return false;
  rest.remove_prefix(1);
  return true;
}

/// Takes ".123" off `rest` as ms; 0 if there is no fraction.
std::optional<int> take_fraction(std::string_view& rest) {
  if (rest.empty() || rest.front() != '.')
    return 0;
  rest.remove_prefix(1);
  int ms = 0;
  size_t n = 0;
  for (; n < rest.size() && rest[n] >= '0' && rest[n] <= '9'; ++n)
    if (n < 3)
      ms = ms * 10 + (rest[n] - '0');
  if (n == 0)
    return {};
  for (auto i = n; i < 3; ++i)
    ms *= 10;
  rest.remove_prefix(n);
  return ms;
}

/// Takes "Z" or "+01:30" as minutes east of Greenwich.
std::optional<int> take_zone(std::string_view& rest) {
  if (take(rest, 'Z'))
    return 0;
  if (rest.empty() || (rest.front() != '+' && rest.front() != '-'))
    return {};
  int sign = rest.front() == '-' ? -1 : 1;
  rest.remove_prefix(1);
  auto hours = take_digits(rest, 2);
  if (!hours || rest.empty() || rest.front() != ':')
    return {};
  rest.remove_prefix(1);
  auto minutes = take_digits(rest, 2);
  if (!minutes || *hours > 23 || *minutes > 59)
    return {};
  return sign * (*hours * 60 + *minutes);
}

} // namespace

std::string format_time(int64_t ms) {
  using namespace std::chrono;
  auto at = sys_time<milliseconds>{milliseconds{ms}};
  auto day = floor<days>(at);
  auto date = year_month_day{day};
  auto time = hh_mm_ss{floor<seconds>(at - day)};
  char text[40];
  std::snprintf(
    text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ",
    static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
    static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
    static_cast<int>(time.minutes().count()),
    static_cast<int>(time.seconds().count()));
  return text;
}

std::optional<int64_t> parse_time(std::string_view rest) {
  using namespace std::chrono;
  auto y = take_digits(rest, 4);
  if (!y || !take(rest, '-'))
    return {};
  auto m = take_digits(rest, 2);
  if (!m || !take(rest, '-'))
    return {};
  auto d = take_digits(rest, 2);
  if (!d || !take(rest, 'T'))
    return {};
  auto hour = take_digits(rest, 2);
  if (!hour || !take(rest, ':'))
    return {};
  auto minute = take_digits(rest, 2);
  if (!minute || !take(rest, ':'))
    return {};
  auto second = take_digits(rest, 2);
  if (!second)
    return {};
  auto fraction = take_fraction(rest);
  if (!fraction)
    return {};
  auto zone = take_zone(rest);
  auto date = year{*y} / month{static_cast<unsigned>(*m)}
              / day{static_cast<unsigned>(*d)};
  if (!zone || !rest.empty() || !date.ok() || *hour > 23 || *minute > 59
      || *second > 60)
    return {};
  auto at = sys_days{date} + hours{*hour} + minutes{*minute - *zone}
            + seconds{*second} + milliseconds{*fraction};
  auto ms = duration_cast<milliseconds>(at.time_since_epoch()).count();
  if (ms < 0)
    return {};
  return ms;
}

} // namespace eventd::actors
