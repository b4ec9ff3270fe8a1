// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/times.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace eventd::runtime {

namespace {

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr",
                                                  "May", "Jun", "Jul", "Aug",
                                                  "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed",
                                               "Thu", "Fri", "Sat"};
constexpr int64_t year_ms = 365LL * 24 * 3'600'000;

/// Reads a text from left to right; after the first surprise `ok` is false.
struct scanner {
  std::string_view rest;
  bool ok = true;

  int digits(size_t n) {
    int x = 0;
    for (size_t i = 0; i < n; ++i) {
      if (i >= rest.size() || rest[i] < '0' || rest[i] > '9') {
        ok = false;
        return 0;
      }
      x = x * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(n);
    return x;
  }

  bool accept(std::string_view text) {
    if (!rest.starts_with(text))
      return false;
    rest.remove_prefix(text.size());
    return true;
  }

  void expect(std::string_view text) { ok = accept(text) && ok; }

  unsigned month() {
    for (unsigned i = 0; i < months.size(); ++i)
      if (accept(months[i]))
        return i + 1;
    ok = false;
    return 1;
  }
};

struct clock_time {
  int hour = 0;
  int minute = 0;
  int second = 0;
};

clock_time scan_clock(scanner& in) {
  clock_time x;
  x.hour = in.digits(2);
  in.expect(":");
  x.minute = in.digits(2);
  in.expect(":");
  x.second = in.digits(2);
  return x;
}

/// A second of 60 is let pass: it is the first of the next minute.
std::optional<int64_t> to_ms(int year, unsigned month, unsigned day,
                             clock_time at) {
  auto date = std::chrono::year{year} / std::chrono::month{month}
              / std::chrono::day{day};
  if (!date.ok() || year < 1970 || at.hour > 23 || at.minute > 59
      || at.second > 60)
    return std::nullopt;
  auto whole_days = std::chrono::sys_days{date}.time_since_epoch().count();
  return ((int64_t{whole_days} * 24 + at.hour) * 60 + at.minute) * 60'000
         + at.second * 1'000;
}

/// A two-digit year that seems more than 50 years ahead lies in the past
/// (RFC 9110 5.6.7).
int full_year(int two_digits, int64_t now_ms) {
  auto now = static_cast<int>(1970 + now_ms / year_ms);
  auto year = now / 100 * 100 + two_digits;
  return year > now + 50 ? year - 100 : year;
}

struct civil {
  int year;
  unsigned month;
  unsigned day;
  unsigned weekday;
  int hour;
  int minute;
  int second;
  int ms;
};

civil to_civil(int64_t ms) {
  using namespace std::chrono;
  sys_time<milliseconds> at{milliseconds{ms}};
  auto day_begin = floor<std::chrono::days>(at);
  year_month_day date{day_begin};
  hh_mm_ss clock{at - day_begin};
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          weekday{day_begin}.c_encoding(),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          static_cast<int>(clock.subseconds().count())};
}

} // namespace

std::optional<int64_t> parse_rfc3339(std::string_view text) {
  scanner in{text};
  auto year = in.digits(4);
  in.expect("-");
  auto month = in.digits(2);
  in.expect("-");
  auto day = in.digits(2);
  if (!in.accept("T") && !in.accept("t"))
    in.ok = false;
  auto at = scan_clock(in);
  int64_t fraction_ms = 0;
  if (in.accept(".")) {
    int scale = 100;
    bool any = false;
    while (!in.rest.empty() && in.rest[0] >= '0' && in.rest[0] <= '9') {
      fraction_ms += scale * in.digits(1);
      scale /= 10;
      any = true;
    }
    in.ok = in.ok && any;
  }
  int64_t offset_minutes = 0;
  if (!in.accept("Z") && !in.accept("z")) {
    int sign = in.accept("-") ? -1 : 1;
    if (sign == 1)
      in.expect("+");
    auto hours = in.digits(2);
    in.expect(":");
    auto minutes = in.digits(2);
    in.ok = in.ok && hours < 24 && minutes < 60;
    offset_minutes = sign * (hours * 60 + minutes);
  }
  if (!in.ok || !in.rest.empty())
    return std::nullopt;
  auto ms
    = to_ms(year, static_cast<unsigned>(month), static_cast<unsigned>(day), at);
  if (!ms)
    return std::nullopt;
  auto utc = *ms + fraction_ms - offset_minutes * 60'000;
  return utc < 0 ? std::nullopt : std::optional{utc};
}

std::string to_rfc3339(int64_t ms) {
  auto x = to_civil(ms);
  std::array<char, 64> text{};
  auto n = std::snprintf(text.data(), text.size(),
                         "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", x.year, x.month,
                         x.day, x.hour, x.minute, x.second, x.ms);
  return {text.data(), static_cast<size_t>(n)};
}

std::optional<int64_t> parse_http_date(std::string_view text, int64_t now_ms) {
  scanner in{text};
  int year = 0;
  unsigned month = 0;
  int day = 0;
  clock_time at;
  auto comma = text.find(',');
  if (comma == std::string_view::npos) { // asctime
    in.rest.remove_prefix(std::min<size_t>(4, text.size()));
    month = in.month();
    in.expect(" ");
    day = in.accept(" ") ? in.digits(1) : in.digits(2);
    in.expect(" ");
    at = scan_clock(in);
    in.expect(" ");
    year = in.digits(4);
  } else {
    in.rest.remove_prefix(comma + 1);
    in.expect(" ");
    day = in.digits(2);
    if (in.accept("-")) { // RFC 850
      month = in.month();
      in.expect("-");
      year = full_year(in.digits(2), now_ms);
    } else {
      in.expect(" ");
      month = in.month();
      in.expect(" ");
      year = in.digits(4);
    }
    in.expect(" ");
    at = scan_clock(in);
    in.expect(" GMT");
  }
  if (!in.ok || !in.rest.empty())
    return std::nullopt;
  return to_ms(year, month, static_cast<unsigned>(day), at);
}

std::string to_http_date(int64_t ms) {
  auto x = to_civil(ms);
  std::array<char, 64> text{};
  auto n = std::snprintf(
    text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
    days[x.weekday].data(), x.day, months[x.month - 1].data(), x.year, x.hour,
    x.minute, x.second);
  return {text.data(), static_cast<size_t>(n)};
}

std::optional<int64_t> parse_retry_after(std::string_view value,
                                         int64_t now_ms) {
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
    value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t'))
    value.remove_suffix(1);
  if (value.empty())
    return std::nullopt;
  auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (std::all_of(value.begin(), value.end(), is_digit)) {
    int64_t seconds = 0;
    for (auto c : value)
      seconds = std::min<int64_t>(seconds * 10 + (c - '0'), year_ms / 1'000);
    return seconds * 1'000;
  }
  auto at = parse_http_date(value, now_ms);
  if (!at)
    return std::nullopt;
  return std::clamp<int64_t>(*at - now_ms, 0, year_ms);
}

} // namespace eventd::runtime
