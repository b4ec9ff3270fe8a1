// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/measurement.hpp"

#include <cmath>
#include <cstdio>
#include <iostream>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace eventd::bench {

namespace {

namespace json = boost::json;

/// Three digits after the point are more than these figures repeat to.
double rounded(double x) {
  return std::round(x * 1'000) / 1'000;
}

double ms(int64_t ns) {
  return rounded(static_cast<double>(ns) / 1e6);
}

/// Writes numbers as 33945.5, where the library would write 3.39455E4.
std::string plain_text(const json::object& x) {
  std::string out;
  for (auto& member : x) {
    out += out.empty() ? "{" : ",";
    out += json::serialize(member.key()) + ":";
    auto number = member.value().if_double();
    if (number == nullptr) {
      out += json::serialize(member.value());
      continue;
    }
    char
      text[400]; // The longest finite double has 309 digits before the point.
    std::snprintf(text, sizeof text, "%.3f", *number);
    std::string_view digits{text};
    digits = digits.substr(0, digits.find_last_not_of('0') + 1);
    out += digits.ends_with('.') ? digits.substr(0, digits.size() - 1) : digits;
  }
  return out + "}";
}

} // namespace

std::string to_json_line(const measurement& x) {
  json::object out{{"bench", x.name}};
  for (auto& [name, value] : x.parameters)
    out[name] = value;
  auto events = static_cast<double>(x.events);
  out["seconds"] = rounded(x.seconds);
  out["events"] = x.events;
  if (x.requests > 0)
    out["requests"] = x.requests;
  if (x.bytes > 0)
    out["bytes"] = x.bytes;
  out["errors"] = x.errors;
  if (x.seconds > 0) {
    out["events_per_s"] = rounded(events / x.seconds);
    if (x.bytes > 0)
      out["mb_per_s"] = rounded(static_cast<double>(x.bytes) / 1e6 / x.seconds);
  }
  if (x.latency.count() > 0) {
    out["p50_ms"] = ms(x.latency.quantile(0.5));
    out["p99_ms"] = ms(x.latency.quantile(0.99));
    out["p999_ms"] = ms(x.latency.quantile(0.999));
    out["max_ms"] = ms(x.latency.quantile(1));
  }
  if (x.refusals.count() > 0) {
    out["refusals"] = x.refusals.count();
    out["refusals_p50_ms"] = ms(x.refusals.quantile(0.5));
    out["refusals_p99_ms"] = ms(x.refusals.quantile(0.99));
  }
  if (x.server_begin && x.server_end) {
    auto cpu_s = x.server_end->cpu_s - x.server_begin->cpu_s;
    out["cpu_s"] = rounded(cpu_s);
    if (x.events > 0)
      out["cpu_s_per_million"] = rounded(cpu_s * 1e6 / events);
    out["rss_bytes"] = x.server_end->rss_bytes;
  }
  return plain_text(out);
}

void print(const measurement& x) {
  std::cout << to_json_line(x) << std::endl;
}

} // namespace eventd::bench
