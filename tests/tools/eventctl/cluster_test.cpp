// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/cluster.hpp"

#include <algorithm>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/tools/fake_server.hpp"
#include "tools/eventctl/commands.hpp"

using namespace eventd;
using tests::fake_server;
using tools::exit_code;

namespace {

constexpr auto one_node
  = R"({"self":1,"nodes":[{"id":1,"address":"127.0.0.1:7001","self":true,)"
    R"("connected":true,"version":"0.1.0","leads":1}],"shards":[{"shard":0,)"
    R"("leader":1,"term":2,"commit":5,"replicas":[{"node":1,)"
    R"("role":"voter","lag":0}]}]})";

/// What a stream writes or reads, for the length of one test.
class redirected {
public:
  redirected(std::ios& stream, const std::string& input = {})
    : stream_(stream), text_(input), before_(stream.rdbuf(text_.rdbuf())) {}
  ~redirected() {
    stream_.rdbuf(before_);
    stream_.clear();
  }

  std::string text() const { return text_.str(); }

private:
  std::ios& stream_;
  std::stringstream text_;
  std::streambuf* before_;
};

struct outcome {
  exit_code code;
  std::string out;
  std::string err;
};

/// Runs `eventctl WORDS…` with `input` on stdin.
outcome run(const fake_server& server, std::vector<std::string> words,
            const std::string& input = {}) {
  CLI::App app;
  eventctl::globals shared;
  tools::action chosen;
  eventctl::add_commands(app, shared, chosen);
  words.insert(words.begin(), {"--server", server.url()});
  std::reverse(words.begin(), words.end()); // As CLI11 wants them.
  app.parse(words);
  REQUIRE(chosen);
  redirected in{std::cin, input};
  redirected out{std::cout};
  redirected err{std::cerr};
  auto code = chosen();
  return {code, out.text(), err.text()};
}

fake_server answering(unsigned status, const std::string& body) {
  return fake_server{[=](auto&) {
    return fake_server::reply{fake_server::answer(status, body)};
  }};
}

using lines = std::vector<std::string>;

} // namespace

TEST_CASE("the cluster is shown as two tables", "[eventctl][cluster]") {
  auto server = answering(200, one_node);
  auto x = run(server, {"cluster", "-o", "table"});
  CHECK(x.code == exit_code::ok);
  CHECK(x.out
        == "ID   ADDRESS          STATE   LEADS   VERSION\n"
           "1    127.0.0.1:7001   self    1       0.1.0\n"
           "\n"
           "SHARD   LEADER   TERM   COMMIT   REPLICAS   LAG\n"
           "0       1        2      5        1          0\n");
  CHECK(server.seen() == lines{"GET /v1/cluster"});
}

TEST_CASE("the cluster is shown as JSON and YAML", "[eventctl][cluster]") {
  auto server = answering(200, R"({"self":1})");
  CHECK(run(server, {"cluster", "-o", "json"}).out == "{\n  \"self\": 1\n}\n");
  CHECK(run(server, {"cluster", "-o", "yaml"}).out == "self: 1\n");
}

TEST_CASE("a cluster that can not be shown ends with an error",
          "[eventctl][cluster]") {
  auto none = answering(
    404, R"({"type":"/errors/not_found","detail":"not part of a cluster"})");
  auto x = run(none, {"cluster"});
  CHECK(x.code == exit_code::not_found);
  CHECK(x.out.empty());
  CHECK(x.err.find("not part of a cluster") != std::string::npos);
  auto broken = answering(200, "<html>");
  CHECK(run(broken, {"cluster"}).code == exit_code::error);
}

TEST_CASE("a node is added by its id and address", "[eventctl][cluster]") {
  auto server = answering(200, "{}");
  auto x = run(server, {"cluster", "add", "4=[0::1]:7004"});
  CHECK(x.code == exit_code::ok);
  CHECK(x.out == "node/4 added\n");
  CHECK(server.seen() == lines{"POST /v1/cluster/nodes"});
  CHECK(server.bodies() == lines{R"({"id":4,"address":"[::1]:7004"})"});
}

TEST_CASE("what names no node is refused before the server is asked",
          "[eventctl][cluster]") {
  auto server = answering(200, "{}");
  for (const lines& words : {lines{"add", "127.0.0.4:7001"},
                             {"add", "0=127.0.0.4:7001"},
                             {"add", "4=127.0.0.4"},
                             {"remove", "none", "--yes"},
                             {"replace", "65536"}}) {
    lines all{"cluster"};
    all.insert(all.end(), words.begin(), words.end());
    INFO(words[0] << ' ' << words[1]);
    CHECK(run(server, all).code == exit_code::usage);
  }
  CHECK(server.seen().empty());
}

TEST_CASE("a node is removed only when that is meant", "[eventctl][cluster]") {
  auto server = answering(200, "{}");
  for (const char* typed : {"", "\n", "no\n", "y\n"}) {
    INFO(typed);
    auto x = run(server, {"cluster", "remove", "4"}, typed);
    CHECK(x.code == exit_code::usage);
    CHECK(x.err.find("--yes") != std::string::npos);
  }
  CHECK(server.seen().empty());
  auto asked = run(server, {"cluster", "remove", "4"}, "yes\n");
  CHECK(asked.code == exit_code::ok);
  CHECK(asked.out == "node/4 removed\n");
  auto told = run(server, {"cluster", "remove", "4", "--yes"});
  CHECK(told.code == exit_code::ok);
  CHECK(told.err.empty());
  CHECK(server.seen()
        == lines{"DELETE /v1/cluster/nodes/4", "DELETE /v1/cluster/nodes/4"});
}

TEST_CASE("a node is replaced by its id", "[eventctl][cluster]") {
  auto server = answering(200, R"({"changed":true})");
  auto x = run(server, {"cluster", "replace", "3"});
  CHECK(x.code == exit_code::ok);
  CHECK(x.out == "node/3 replaced\n");
  CHECK(server.seen() == lines{"POST /v1/cluster/nodes/3/replace"});
}

TEST_CASE("a node that needs no replacing is left in its place, which is told",
          "[eventctl][cluster]") {
  auto server = answering(200, R"({"changed":false})");
  auto x = run(server, {"cluster", "replace", "3"});
  CHECK(x.code == exit_code::ok);
  CHECK(x.out == "node/3 is in its place: there is nothing to replace\n");
  // The node that asked for it can not tell.
  auto silent = answering(200, "{}");
  CHECK(run(silent, {"cluster", "replace", "3"}).out
        == "node/3 is in its place\n");
}

TEST_CASE("a change that the cluster refuses is told and is an exit code",
          "[eventctl][cluster]") {
  auto server = answering(
    409, R"({"type":"/errors/conflict","detail":"node 3 is still there"})");
  auto x = run(server, {"cluster", "replace", "3"});
  CHECK(x.code == exit_code::refused);
  CHECK(x.out.empty());
  CHECK(x.err.find("node 3 is still there") != std::string::npos);
}
