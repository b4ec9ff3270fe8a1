// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/config/config.hpp"

#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
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
    if (const char* x = std::getenv(name))
      before_ = x;
    ::setenv(name, value, 1);
  }
  ~variable() {
    if (before_)
      ::setenv(name_, before_->c_str(), 1);
    else
      ::unsetenv(name_);
  }

private:
  const char* name_;
  std::optional<std::string> before_;
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

TEST_CASE("a variable that is no option is refused and told what there is",
          "[runtime][config]") {
  variable misspelt{"EVENTD_SHARD", "4"};
  auto x = parse({});
  REQUIRE(x.has_error());
  CHECK(x.error().code == ec::invalid_config);
  CHECK(x.error().detail.find("EVENTD_SHARD: unknown variable")
        != std::string::npos);
  for (const auto* name :
       {" EVENTD_BODY_BYTES_MAX,", " EVENTD_NODE_ID,", " EVENTD_SHARDS"})
    CHECK(x.error().detail.find(name) != std::string::npos);
}

TEST_CASE("a variable that only resembles one of others is refused",
          "[runtime][config]") {
  for (const auto* name : {"EVENTD_", "EVENTD_SERVERS", "EVENTD_PORTS",
                           "EVENTD_PORT_NUMBER", "EVENTD_SERVICE"}) {
    INFO(name);
    variable set{name, ""};
    CHECK(parse({}).has_error());
  }
  CHECK(parse({}).has_value());
}

TEST_CASE(
  "variables of other programs, of tests and of Kubernetes are let pass",
  "[runtime][config]") {
  for (const auto* name :
       {"EVENTD_SERVER", "EVENTD_LOG_FILE", "EVENTD_BIN_DIR",
        "EVENTD_WITHOUT_ROOT", "EVENTD_SERVICE_HOST", "EVENTD_SERVICE_PORT",
        "EVENTD_SERVICE_PORT_HTTP", "EVENTD_PORT", "EVENTD_PORT_8080_TCP",
        "EVENTD_PORT_8080_TCP_PORT", "EVENTD_PORT_8080_TCP_ADDR", "EVENTS",
        "eventd_shard"}) {
    INFO(name);
    variable set{name, "x"};
    CHECK(parse({}).has_value());
  }
}

TEST_CASE("a node's cluster comes from flags, environment and file alike",
          "[runtime][config]") {
  tests::temp_dir dir;
  auto path = write_file(dir, "cluster-listen: 127.0.0.1:7001\n"
                              "heartbeat-ms: 50\nelection-timeout-ms: 300\n");
  variable peers{"EVENTD_PEERS", "1=127.0.0.1:7001,2=[::1]:7002"};
  variable beat{"EVENTD_HEARTBEAT_MS", "60"};
  auto x = parse({"--config", path.c_str(), "--node-id", "1"});
  REQUIRE(x.has_value());
  REQUIRE(x->settings.cluster.has_value());
  const auto& cluster = *x->settings.cluster;
  CHECK(cluster.node_id == 1);
  CHECK(cluster.listen == "127.0.0.1:7001");
  REQUIRE(cluster.peers.size() == 1);
  CHECK(cluster.peers[0].node == 2);
  CHECK(cluster.peers[0].host == "::1");
  CHECK(cluster.peers[0].port == 7002);
  CHECK(cluster.heartbeat_ms == 60);
  CHECK(cluster.election_ms == 300);
}

TEST_CASE("a cluster's numbers out of range are refused by their flag",
          "[runtime][config]") {
  CHECK_FALSE(parse({})->settings.cluster.has_value());
  for (auto [flag, value] : std::vector<std::pair<const char*, const char*>>{
         {"--node-id", "0"},
         {"--node-id", "65536"},
         {"--node-id", "-1"},
         {"--election-timeout-ms", "99"},
         {"--election-timeout-ms", "60001"},
         {"--heartbeat-ms", "9"}}) {
    INFO(flag << ' ' << value);
    auto x = parse({"--cluster-listen", "127.0.0.1:7001", flag, value});
    REQUIRE(x.has_error());
    CHECK(x.error().code == ec::invalid_config);
    CHECK(x.error().detail.find(flag) != std::string::npos);
  }
}
