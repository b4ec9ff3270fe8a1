// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/measurement.hpp"

#include <cmath>
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
  if (x.server_begin && x.server_end) {
    auto cpu_s = x.server_end->cpu_s - x.server_begin->cpu_s;
    out["cpu_s"] = rounded(cpu_s);
    if (x.events > 0)
      out["cpu_s_per_million"] = rounded(cpu_s * 1e6 / events);
    out["rss_bytes"] = x.server_end->rss_bytes;
  }
  return json::serialize(out);
}

void print(const measurement& x) {
  std::cout << to_json_line(x) << std::endl;
}

} // namespace eventd::bench
