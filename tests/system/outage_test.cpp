// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/node.hpp"
#include "tests/system/sink.hpp"

namespace eventd::tests {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr size_t events_per_batch = 20;
constexpr size_t batches = 1'000;
constexpr size_t data_bytes = 8'192;

/// All that was published is beyond this, so that keeping it would show.
constexpr uint64_t growth_bytes_max = uint64_t{96} << 20;
static_assert(batches * events_per_batch * data_bytes > growth_bytes_max);

std::string batch_of(size_t number) {
  std::string body = "[";
  for (size_t i = 0; i < events_per_batch; ++i) {
    auto id = std::to_string(number * events_per_batch + i);
    body += (i == 0 ? "" : ",")
            + event_json(id, "\"" + std::string(data_bytes, 'x') + "\"");
  }
  return body + "]";
}

void survive(std::chrono::seconds outage) {
  http_sink healthy{{}, false};
  http_sink away{{}, false};
  eventd_node node;
  node.create_channel("test/outage");
  node.create_subscription(
    {"healthy", "test/outage", healthy.url(), {}, {{"start", "earliest"}}});
  node.create_subscription(
    {"away", "test/outage", away.url(), {}, {{"start", "earliest"}}});
  node.publish("test/outage", "before");
  REQUIRE(away.wait_count(1));
  REQUIRE(eventually([&] { return node.figure("test/away", "offset") == 1; }));
  away.down();
  auto begun = clock::now();
  // Caches and buffers that are bounded fill first.
  auto client = node.client();
  uint64_t warm = 0;
  for (size_t i = 0; i < batches; ++i) {
    std::this_thread::sleep_until(begun + i * outage / batches);
    auto stored
      = client.send({"POST",
                     "/test/outage",
                     {{"Content-Type", "application/cloudevents-batch+json"}},
                     batch_of(i)});
    REQUIRE(stored.has_value());
    REQUIRE(stored->status == 202);
    if (i == batches / 4)
      warm = node.running().resident_bytes();
  }
  std::this_thread::sleep_until(begun + outage);
  constexpr size_t all = batches * events_per_batch + 1;
  CHECK(away.count() == 1);
  CHECK(healthy.wait_distinct(all));
  CHECK(eventually([&] { return node.figure("test/away", "lag") == all - 1; }));
  CHECK((is_sanitized
         || node.running().resident_bytes() < warm + growth_bytes_max));
  away.up();
  // The longest wait between two attempts is 30 s and some chance.
  CHECK(away.wait_distinct(all, 60s));
  CHECK(eventually([&] { return node.figure("test/away", "offset") == all; }));
  CHECK(node.figure("test/away", "givenUp") == 0);
  CHECK((is_sanitized
         || node.running().resident_bytes_max() < warm + growth_bytes_max));
  // Once per event, but for the one that was on its way at each end.
  CHECK(away.count() <= all + 64);
}

} // namespace

TEST_CASE("a subscriber that is down for a minute loses nothing and costs no "
          "memory",
          "[system][outage]") {
  survive(60s);
}

TEST_CASE("a subscriber that is down for an hour loses nothing and costs no "
          "memory",
          "[system][.soak]") {
  survive(1h);
}

} // namespace eventd::tests
