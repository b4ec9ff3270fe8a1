// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <csignal>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/cluster.hpp"

/// What operators do to a cluster, by mistake too, and what it tells them.
namespace eventd::tests {

namespace {

using namespace std::chrono_literals;

/// Those of all nodes, in all terms.
size_t elections(const cluster& nodes) {
  return lines_with(nodes.logs(), {": elected in term"});
}

bool says(const cluster& nodes, size_t n, const std::string& text) {
  return eventually([&] { return lines_with(nodes.log_of(n), {text}) > 0; });
}

std::string ready_problem(const cluster& nodes, size_t n) {
  auto answer = tools::http_client{
    *tools::parse_url(nodes.url(n)),
    {2s, 7s,
     nullptr}}.send({"GET", "/readyz", {}, {}});
  return answer && answer->status == 503 ? answer->body : std::string{};
}

/// As the table of `eventctl cluster` has it; empty: not listed.
std::string line_of(const cluster& nodes, size_t asked, size_t n) {
  auto shown = nodes.eventctl(asked, {"cluster", "-o", "table"}).out;
  shown.resize(std::min(shown.find("\n\n"), shown.size())); // Then the shards.
  auto at = shown.find('\n' + std::to_string(n) + ' ');
  return at == shown.npos
           ? std::string{}
           : shown.substr(at + 1, shown.find('\n', at + 1) - at - 1);
}

} // namespace

TEST_CASE("three nodes that are stopped at once hand nothing to each other",
          "[system][cluster][operator]") {
  cluster nodes;
  auto before = elections(nodes);
  for (size_t n = 1; n <= nodes.size(); ++n)
    nodes.running(n).signal(SIGTERM);
  for (size_t n = 1; n <= nodes.size(); ++n)
    CHECK(nodes.running(n).wait(10s) == 0);
  // Who ends last may be elected by those that end with it.
  INFO(nodes.last_words());
  CHECK(elections(nodes) - before <= 4 * 8);
}

TEST_CASE("nodes of which one has other shards form no cluster, and say why",
          "[system][cluster][operator]") {
  cluster nodes{0};
  for (size_t n = 1; n <= 3; ++n)
    nodes.add_place();
  nodes.how(2).flags = {"--shards", "4"};
  for (size_t n = 1; n <= 3; ++n)
    nodes.start(n);
  INFO(nodes.last_words());
  CHECK(says(nodes, 1, "node 2 has 4 shards and node 1 has 8"));
  CHECK(says(nodes, 2, "node 1 has 8 shards and node 2 has 4"));
  // Whoever asks is answered, after a while.
  auto shown = nodes.eventctl(1, {"cluster"});
  CHECK(shown.code != 0);
  CHECK(shown.err.find("the cluster is not formed yet") != std::string::npos);
  CHECK(shown.err.find("node 2 has 4") != std::string::npos);
  for (size_t n = 1; n <= 3; ++n) {
    CHECK(nodes.running(n).out().empty());
    CHECK(nodes.stop(n) == 0);
  }
}

TEST_CASE("a node that was removed knows it, and so do the others",
          "[system][cluster][operator]") {
  cluster nodes;
  auto n = nodes.add_place();
  nodes.start(n);
  const std::string awaited = "this node waits to be taken into the cluster";
  CHECK(says(nodes, n, awaited));
  CHECK(ready_problem(nodes, n).find(awaited) != std::string::npos);
  auto added = nodes.eventctl(1, {"cluster", "add", nodes.peer(n)}, 60s);
  INFO(added.out << added.err << nodes.last_words());
  REQUIRE(added.code == 0);
  nodes.wait_ready(n);
  const std::string removed = "this node is not in the cluster (removed";
  // Nobody has node 4 among its peers, and all have node 3.
  for (size_t gone : {n, size_t{3}}) {
    INFO("node " << gone);
    auto done = nodes.eventctl(
      1, {"cluster", "remove", std::to_string(gone), "--yes"}, 60s);
    INFO(done.out << done.err);
    REQUIRE(done.code == 0);
    CHECK(says(nodes, gone, removed));
    CHECK(ready_problem(nodes, gone).find(removed) != std::string::npos);
    auto refused = nodes.eventctl(gone, {"get", "channels"}, 30s);
    CHECK(refused.code != 0);
    CHECK(refused.err.find(removed) != std::string::npos);
  }
  CHECK(line_of(nodes, 1, n).empty());
  CHECK(line_of(nodes, 1, 3).find("outside") != std::string::npos);
  CHECK(line_of(nodes, 1, 2).find("connected") != std::string::npos);
  // Its own directory does not tell; the others do.
  CHECK(nodes.stop(n) == 0);
  nodes.start(n);
  CHECK(eventually([&] { return lines_with(nodes.log_of(n), {removed}) > 1; }));
}

TEST_CASE("an add that was mistyped is refused, or cancelled by a remove",
          "[system][cluster][operator]") {
  cluster nodes;
  auto add = [&](const std::string& node) {
    return nodes.eventctl(1, {"cluster", "add", node}, 60s);
  };
  auto own = nodes.peer(2).substr(nodes.peer(2).find('=') + 1);
  auto taken = add("5=" + own);
  CHECK(taken.code != 0);
  CHECK(taken.err.find(own + " is the address of node 2") != std::string::npos);
  for (const auto* beyond : {"5=10.0.0.5:7001", "5=node-5:7001"}) {
    auto refused = add(beyond);
    CHECK(refused.code != 0);
    CHECK(refused.err.find("beyond loopback") != std::string::npos);
  }
  auto nobody = "127.0.0.5:" + std::to_string(free_port(5));
  process waits{"eventctl",
                {"--server", nodes.url(1), "cluster", "add", "5=" + nobody}};
  auto says_busy = [&] {
    auto free = "127.0.0.6:" + std::to_string(free_port(6));
    auto other = nodes.eventctl(2, {"cluster", "add", "6=" + free}, 60s);
    return other.err.find("under way: add node 5 at " + nobody)
           != std::string::npos;
  };
  // Not before the first is heard of, because this would be waited for.
  CHECK(eventually([&] {
    return lines_with(nodes.logs(), {"cluster: add node 5 at " + nobody}) > 0;
  }));
  CHECK(says_busy());
  auto cancelled = nodes.eventctl(3, {"cluster", "remove", "5", "--yes"});
  CHECK(cancelled.code == 0);
  CHECK(waits.wait(10s).value_or(0) != 0);
  CHECK(waits.err().find("cancelled by remove") != std::string::npos);
  for (size_t n = 1; n <= 3; ++n)
    CHECK(nodes.stop(n) == 0);
}

} // namespace eventd::tests
