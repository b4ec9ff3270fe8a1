// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/config/gateway_limits.hpp"

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "runtime/config/config.hpp"
#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using namespace eventd::runtime;

namespace {

result<command_line> parse(const std::vector<std::string>& flags) {
  std::vector<const char*> words{"eventd"};
  for (const auto& flag : flags)
    words.push_back(flag.c_str());
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

struct row {
  const char* name;
  uint64_t usual;
  uint64_t min;
  uint64_t max;
  uint64_t (*value)(const gateway_limits&);
};

const std::vector<row> options{
  {"header-bytes-max", 16'384, 1'024, 65'536,
   [](const gateway_limits& x) { return x.header.bytes_max; }},
  {"header-fields-max", 100, 10, 1'000,
   [](const gateway_limits& x) { return x.header.fields_max; }},
  {"body-bytes-max", 1'048'576, 1, 16'777'216,
   [](const gateway_limits& x) { return x.body_bytes_max; }},
  {"batch-events-max", 1'000, 1, 10'000,
   [](const gateway_limits& x) { return x.batch_events_max; }},
  {"json-depth-max", 64, 1, 64,
   [](const gateway_limits& x) { return x.json_depth_max; }},
  {"connections-max", 0, 0, 1'000'000,
   [](const gateway_limits& x) { return x.connections_max; }},
  {"connections-per-address-max", 256, 1, 1'000'000,
   [](const gateway_limits& x) { return x.connections_per_address_max; }},
  {"header-timeout", 10, 2, 300,
   [](const gateway_limits& x) { return x.header_timeout_s; }},
  {"body-bytes-per-second-min", 1'024, 1, 1'048'576,
   [](const gateway_limits& x) { return x.body_bytes_per_s_min; }},
  {"idle-timeout", 75, 1, 3'600,
   [](const gateway_limits& x) { return x.idle_timeout_s; }}};

std::string flag_of(const row& x) {
  return std::string{"--"} + x.name;
}

/// The line of `--help` that tells of the flag, with those that go on.
std::string help_of(const std::string& page, const std::string& flag) {
  auto at = page.find(flag + " ");
  REQUIRE(at != std::string::npos);
  return page.substr(at, page.find("\n  --", at) - at);
}

} // namespace

TEST_CASE("each limit of clients has the default of the contract, and --help "
          "shows it",
          "[runtime][config]") {
  auto usual = parse({});
  auto help = parse({"--help"});
  REQUIRE(usual.has_value());
  REQUIRE((help.has_value() && help->print.has_value()));
  for (const auto& x : options) {
    INFO(x.name);
    CHECK(x.value(usual->settings.bounds) == x.usual);
    auto text = help_of(*help->print, flag_of(x));
    CHECK(text.find("]=" + std::to_string(x.usual) + " (Env:EVENTD_")
          != std::string::npos);
  }
}

TEST_CASE("each limit of clients may be set to its ends and no further",
          "[runtime][config]") {
  for (const auto& x : options) {
    INFO(x.name);
    for (auto value : {x.min, x.max}) {
      auto set = parse({flag_of(x), std::to_string(value)});
      REQUIRE(set.has_value());
      CHECK(x.value(set->settings.bounds) == value);
    }
    std::vector<std::string> wrong{std::to_string(x.max + 1), "-1", "many", ""};
    if (x.min > 0)
      wrong.push_back(std::to_string(x.min - 1));
    for (const auto& value : wrong) {
      auto set = parse({flag_of(x) + "=" + value});
      INFO(value);
      REQUIRE(set.has_error());
      CHECK(set.error().code == ec::invalid_config);
      CHECK(set.error().detail.find(flag_of(x)) != std::string::npos);
    }
  }
}

TEST_CASE("each limit of clients comes from its variable and from the file",
          "[runtime][config]") {
  tests::temp_dir dir;
  auto path = std::string{dir.path()} + "/eventd.yaml";
  for (const auto& x : options) {
    INFO(x.name);
    auto value = x.max - 1;
    std::ofstream{path} << x.name << ": " << value << "\n";
    auto of_file = parse({"--config", path});
    REQUIRE(of_file.has_value());
    CHECK(x.value(of_file->settings.bounds) == value);
    std::ofstream{path} << x.name << ": " << x.max + 1 << "\n";
    auto wrong = parse({"--config", path});
    REQUIRE(wrong.has_error());
    CHECK(wrong.error().detail.find(":1:1: " + flag_of(x))
          != std::string::npos);
    std::string variable = "EVENTD_";
    for (const char* c = x.name; *c != '\0'; ++c)
      variable += *c == '-' ? '_' : static_cast<char>(*c - 'a' + 'A');
    ::setenv(variable.c_str(), std::to_string(value).c_str(), 1);
    auto of_variable = parse({});
    ::unsetenv(variable.c_str());
    REQUIRE(of_variable.has_value());
    CHECK(x.value(of_variable->settings.bounds) == value);
  }
}
