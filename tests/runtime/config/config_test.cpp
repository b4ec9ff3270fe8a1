// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/config/config.hpp"

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using namespace eventd::runtime;

namespace {

result<command_line> parse(std::vector<const char*> flags) {
  flags.insert(flags.begin(), "eventd");
  return parse_command_line(static_cast<int>(flags.size()), flags.data());
}

/// An environment variable for the length of one test.
class variable {
public:
  variable(const char* name, const char* value) : name_(name) {
    ::setenv(name, value, 1);
  }
  ~variable() { ::unsetenv(name_); }

private:
  const char* name_;
};

/// A configuration file with this text.
std::string write_file(const tests::temp_dir& dir, const std::string& text) {
  auto path = std::string{dir.path()} + "/eventd.yaml";
  std::ofstream{path} << text;
  return path;
}

} // namespace

TEST_CASE("without flags the documented defaults hold", "[runtime][config]") {
  auto x = parse({});
  REQUIRE(x.has_value());
  CHECK(x->settings.host == "127.0.0.1");
  CHECK(x->settings.port == 8080);
  CHECK(x->settings.data_dir == "./eventd-data");
  CHECK(x->settings.log_level == "info");
  CHECK_FALSE(x->settings.shards.has_value());
}

TEST_CASE("a flag beats the environment, which beats the file",
          "[runtime][config]") {
  tests::temp_dir dir;
  auto path = write_file(dir, "data-dir: from-file\nlog-level: warn\n"
                              "shards: 4\n");
  variable data_dir{"EVENTD_DATA_DIR", "from-environment"};
  variable level{"EVENTD_LOG_LEVEL", "error"};
  auto x = parse({"--config", path.c_str(), "--data-dir", "from-flag"});
  REQUIRE(x.has_value());
  CHECK(x->settings.data_dir == "from-flag");
  CHECK(x->settings.log_level == "error");
  CHECK(x->settings.shards == 4);
}

TEST_CASE("an unknown key of the file is refused with its line and column",
          "[runtime][config]") {
  tests::temp_dir dir;
  auto path = write_file(dir, "shards: 4\nlisten-on: 127.0.0.1:1\n");
  auto x = parse({"--config", path.c_str()});
  REQUIRE(x.has_error());
  CHECK(x.error().code == ec::invalid_config);
  CHECK(x.error().detail.find(":2:1: unknown option 'listen-on'")
        != std::string::npos);
}

TEST_CASE("a value of the file that does not fit is refused with its place",
          "[runtime][config]") {
  tests::temp_dir dir;
  auto path = write_file(dir, "shards: many\n");
  auto x = parse({"--config", path.c_str()});
  REQUIRE(x.has_error());
  CHECK(x.error().detail.find(":1:1: ") != std::string::npos);
}

TEST_CASE("a file that can not be read is refused", "[runtime][config]") {
  auto x = parse({"--config", "/nonexistent/eventd.yaml"});
  REQUIRE(x.has_error());
  CHECK(x.error().code == ec::invalid_config);
}

TEST_CASE("loopback may be listened on, other addresses only insecurely",
          "[runtime][config]") {
  CHECK(parse({"--listen", "127.0.0.9:0"}).has_value());
  CHECK(parse({"--listen", "[::1]:80"}).has_value());
  CHECK(parse({"--listen", "localhost:80"}).has_value());
  CHECK(parse({"--listen", "0.0.0.0:80", "--insecure"}).has_value());
  auto x = parse({"--listen", "0.0.0.0:80"});
  REQUIRE(x.has_error());
  CHECK(x.error().detail.find("--insecure") != std::string::npos);
}

TEST_CASE("an address that is none is refused by name", "[runtime][config]") {
  for (const auto* text : {"8080", ":8080", "127.0.0.1:", "127.0.0.1:x",
                           "127.0.0.1:65536", "example.org:80"}) {
    INFO(text);
    auto x = parse({"--listen", text});
    REQUIRE(x.has_error());
    CHECK(x.error().code == ec::invalid_config);
    CHECK(x.error().detail.find("--listen") != std::string::npos);
  }
}

TEST_CASE("an unknown flag and a value out of range are refused",
          "[runtime][config]") {
  CHECK(parse({"--listne", "127.0.0.1:80"}).has_error());
  CHECK(parse({"--shards", "0"}).has_error());
  CHECK(parse({"--shards", "65"}).has_error());
  CHECK(parse({"--log-level", "loud"}).has_error());
}

TEST_CASE("the flag --help shows each default and --version each library",
          "[runtime][config]") {
  auto help = parse({"--help"});
  REQUIRE((help.has_value() && help->print.has_value()));
  for (const auto* text :
       {"127.0.0.1:8080", "./eventd-data", "info", "EVENTD_LISTEN"})
    CHECK(help->print->find(text) != std::string::npos);
  auto version = parse({"--version"});
  REQUIRE((version.has_value() && version->print.has_value()));
  for (const auto* text : {"eventd ", "Beast", "RocksDB", "CAF 0.17.6",
                           "libraft 0.22.1", "OpenSSL"})
    CHECK(version->print->find(text) != std::string::npos);
}
