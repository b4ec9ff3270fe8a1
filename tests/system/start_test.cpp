// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <csignal>
#include <fstream>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/node.hpp"

namespace eventd::tests {

namespace {

/// A start that must be refused: one line on stderr that names `what`, and
/// nothing made in the data directory.
void check_refused(const std::vector<std::string>& args,
                   const std::string& what,
                   const std::filesystem::path& untouched,
                   const std::vector<std::string>& environment = {}) {
  auto x = run("eventd", args, {}, environment);
  INFO(x.err);
  CHECK(x.code == 2);
  CHECK(x.out.empty());
  CHECK(x.err.find(what) != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(untouched));
}

std::string local(uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

} // namespace

TEST_CASE("a bad command line, environment or file is refused before anything "
          "is touched",
          "[system][start]") {
  temp_dir dir;
  auto data = dir / "data";
  auto file = dir / "eventd.yaml";
  auto refused = [&](std::vector<std::string> args, const std::string& what,
                     const std::vector<std::string>& environment = {}) {
    args.insert(args.end(), {"--data-dir", data});
    check_refused(args, what, data, environment);
  };
  refused({"--listen", "127.0.0.1"}, "--listen");
  refused({"--listen", "127.0.0.1:99999"}, "99999");
  refused({"--listen", "0.0.0.0:0"}, "--insecure");
  refused({"--log-level", "loud"}, "--log-level");
  refused({"--nonsense"}, "--nonsense");
  refused({}, "1000", {"EVENTD_SHARDS=1000"});
  refused({"--config", dir / "none.yaml"}, "none.yaml");
  std::ofstream{file} << "listen: 127.0.0.1:0\nnonsense: 1\n";
  refused({"--config", file}, "eventd.yaml:2:1");
  std::ofstream{file} << "listen: [\n";
  refused({"--config", file}, "eventd.yaml:");
}

TEST_CASE("eventd refuses a port in use before it touches its data directory",
          "[system][start]") {
  eventd_node first;
  temp_dir dir;
  auto data = dir / "data";
  check_refused({"--listen", local(first.port()), "--data-dir", data},
                std::to_string(first.port()), data);
}

TEST_CASE("a data directory in use is refused, and its owner goes on",
          "[system][start]") {
  eventd_node first;
  first.create_channel("test/x");
  auto second = run("eventd", {"--listen", "127.0.0.1:0", "--data-dir",
                               first.data_dir().string()});
  INFO(second.err);
  CHECK(second.code == 2);
  CHECK(second.err.find(first.data_dir().string()) != std::string::npos);
  CHECK(second.err.find("in use") != std::string::npos);
  CHECK(first.publish("test/x", "1") == 0);
}

TEST_CASE("eventd obeys a flag before the environment before the file",
          "[system][start]") {
  temp_dir dir;
  auto file = dir / "eventd.yaml";
  std::ofstream{file} << "listen: 127.0.0.1:99999\ndata-dir: "
                      << dir / "of-file"
                      << "\nlog-level: warn\n";
  auto of_environment = dir / "of-environment";
  process x{
    "eventd",
    {"--config", file, "--listen", "127.0.0.1:0"},
    {},
    {"EVENTD_DATA_DIR=" + of_environment, "EVENTD_LISTEN=127.0.0.1:88888"}};
  auto address = x.wait_for_line("ready http://127.0.0.1:");
  INFO(x.err());
  REQUIRE(address.has_value());
  CHECK(std::stoul(*address) > 0);
  CHECK(std::filesystem::exists(of_environment));
  CHECK_FALSE(std::filesystem::exists(dir / "of-file"));
  CHECK(x.err().find("info") == std::string::npos);
  x.signal(SIGTERM);
  CHECK(x.wait() == 0);
}

TEST_CASE("another address than loopback is served with --insecure, and warned "
          "of",
          "[system][start]") {
  temp_dir dir;
  process x{
    "eventd",
    {"--listen", "0.0.0.0:0", "--insecure", "--data-dir", dir / "data"}};
  CHECK(x.wait_for_line("ready http://0.0.0.0:").has_value());
  CHECK(eventually(
    [&] { return x.err().find("--insecure") != std::string::npos; }));
  x.signal(SIGTERM);
  CHECK(x.wait() == 0);
}

TEST_CASE("the flag --help shows each default and --version each part",
          "[system][start]") {
  auto help = run("eventd", {"--help"});
  CHECK(help.code == 0);
  for (auto* x : {"127.0.0.1:8080", "eventd-data", "--log-level", "info",
                  "EVENTD_LISTEN"})
    CHECK(help.out.find(x) != std::string::npos);
  auto version = run("eventd", {"--version"});
  CHECK(version.code == 0);
  for (auto* x : {"eventd ", "Beast", "RocksDB", "CAF", "libraft", "OpenSSL"})
    CHECK(version.out.find(x) != std::string::npos);
}

} // namespace eventd::tests
