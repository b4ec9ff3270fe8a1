// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <chrono>
#include <list>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "storage/model/limits.hpp"
#include "tests/system/file_limit.hpp"
#include "tests/system/node.hpp"
#include "tests/system/sink.hpp"

namespace eventd::tests {

namespace {

using namespace std::chrono_literals;

const std::string channel = "test/a";

/// What one may hold of answers, which take up to twice as much while they
/// grow, and what else grows while a node is in use.
constexpr uint64_t growth_bytes_max
  = 2 * limits::target_answers_bytes_max + (uint64_t{48} << 20);

/// As many answers as this would hold twice that.
constexpr uint64_t many = 2 * growth_bytes_max / limits::answer_bytes_max;
constexpr uint64_t usual = 32;

reply hang_after(std::string wire) {
  return {std::move(wire), reply::then::hang};
}

struct bad_ones {
  void add(const eventd_node& node, const std::string& name, reply with,
           uint64_t in_flight = usual) {
    auto& sink = sinks.emplace_back(
      [with](const delivery&, size_t) { return with; }, false);
    node.create_subscription(
      {name,
       channel,
       sink.url(),
       {},
       {{"start", "earliest"}, {"max-in-flight", std::to_string(in_flight)}}});
  }

  std::list<http_sink> sinks;
};

} // namespace

TEST_CASE("subscribers that are slow, dead, or never end their answers cost "
          "bounded memory and disturb nobody",
          "[system][hostile]") {
  // Each hanging attempt has a connection, and a node uses an eighth of its
  // files for attempts.
  need_files(4'096);
  const std::string chunked
    = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  auto slow = answer(202);
  slow.pause = 25ms; // About a second.
  http_sink healthy{{}, false};
  bad_ones others;
  eventd_node node;
  node.create_channel(channel);
  node.create_subscription(
    {"healthy", channel, healthy.url(), {}, {{"start", "earliest"}}});
  others.add(node, "slow", slow);
  others.add(node, "dead", {"", reply::then::reset});
  others.add(node, "silent", hang_after(""));
  // Just below the bound of one answer, and beyond it.
  others.add(node, "nearly",
             hang_after("HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n"
                        + std::string(limits::answer_bytes_max - 1, 'x')),
             many);
  others.add(node, "endless",
             hang_after(chunked + "1000000\r\n"
                        + std::string(2 * limits::answer_bytes_max, 'x')));
  others.add(node, "extension",
             hang_after(chunked + "5;x="
                        + std::string(4 * limits::header_bytes_max, 'y')));
  auto before = node.running().resident_bytes();
  constexpr size_t all = 400;
  auto client = node.client();
  for (size_t i = 0; i < all; ++i) {
    auto stored = client.send(binary_event(channel, std::to_string(i)));
    REQUIRE(stored.has_value());
    REQUIRE(stored->status == 202);
    // It is never far behind.
    if (i % 100 == 99)
      CHECK(healthy.wait_distinct(i + 1));
  }
  CHECK(
    eventually([&] { return node.figure("test/healthy", "offset") == all; }));
  for (auto& x : others.sinks)
    CHECK(x.count() > 0);
  CHECK((is_sanitized
         || node.running().resident_bytes_max() < before + growth_bytes_max));
  CHECK(node.stop() == 0);
}

} // namespace eventd::tests
