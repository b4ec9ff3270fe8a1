// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/config/gateway_limits.hpp"

#include <algorithm>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace eventd::runtime {

namespace {

/// One option: a number in a range.
struct row {
  const char* name;
  uint64_t& value;
  uint64_t min;
  uint64_t max;
  const char* help;
};

/// "header-bytes-max" becomes "EVENTD_HEADER_BYTES_MAX".
std::string variable_of(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
  });
  return "EVENTD_" + name;
}

} // namespace

void add_gateway_options(CLI::App& app, gateway_limits& x) {
  constexpr uint64_t kib = 1'024;
  for (const auto& option : std::initializer_list<row>{
         {"header-bytes-max", x.header.bytes_max, kib, 64 * kib,
          "Largest request header, in bytes"},
         {"header-fields-max", x.header.fields_max, 10, 1'000,
          "Fields of one request header"},
         {"body-bytes-max", x.body_bytes_max, 1, limits::body_bytes_max,
          "Largest request body, in bytes"},
         {"batch-events-max", x.batch_events_max, 1, 10'000,
          "Events of one batch request"},
         {"json-depth-max", x.json_depth_max, 1, limits::json_depth_max,
          "Nesting of JSON in a published event"},
         {"connections-max", x.connections_max, 0, 1'000'000,
          "Connections of clients; 0: three quarters of the files that may be "
          "open, 16384 at most"},
         {"connections-per-address-max", x.connections_per_address_max, 1,
          1'000'000, "The same of one IP address; loopback has no such limit"},
         {"header-timeout", x.header_timeout_s, 2, 300,
          "Seconds that a request header may take"},
         {"body-bytes-per-second-min", x.body_bytes_per_s_min, 1, kib * kib,
          "A body that is slower over any 10 seconds is cut"},
         {"idle-timeout", x.idle_timeout_s, 1, 3'600,
          "Seconds until a connection without a request is closed"}})
    app.add_option(std::string{"--"} + option.name, option.value, option.help)
      ->envname(variable_of(option.name))
      ->check(CLI::Range(option.min, option.max))
      ->capture_default_str();
}

} // namespace eventd::runtime
