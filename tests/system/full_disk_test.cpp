// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <iostream>
#include <set>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "storage/model/limits.hpp"
#include "tests/system/node.hpp"
#include "tests/system/sink.hpp"
#include "tests/system/small_disk.hpp"

/// One node on a disk of its own that fills up, and gets space again.

namespace eventd::tests {

namespace {

using namespace std::chrono_literals;

constexpr uint64_t mib = uint64_t{1} << 20;
constexpr uint64_t disk_bytes = 400 * mib;
constexpr auto nearly_full = limits::disk_reserve_bytes - 4 * mib;

const std::string channel = "test/full";

/// A node whose data directory is a file system in memory.
struct node_on_small_disk {
  node_on_small_disk() : node() {
    REQUIRE(node.stop() == 0);
    disk.emplace(node.data_dir(), disk_bytes);
    node.start();
  }
  ~node_on_small_disk() { node.kill(); }

  /// Status of one more event; what was acknowledged is noted.
  unsigned publish() {
    auto id = std::to_string(next++);
    auto given = node.send(binary_event(channel, id));
    if (given.status == 202)
      acknowledged.insert(id);
    return given.status;
  }

  bool answers(unsigned status) {
    return eventually([&] { return publish() == status; });
  }

  std::set<std::string> stored() const {
    std::set<std::string> ids;
    for (const auto& x : node.read_all(channel))
      ids.insert(x.id);
    return ids;
  }

  std::optional<small_disk> disk; ///< Outlives the node's process.
  eventd_node node;
  uint64_t next = 0;
  std::set<std::string> acknowledged;
};

} // namespace

TEST_CASE("a node whose disk is nearly full answers 507, goes on to read and "
          "to deliver, and stores again when there is space",
          "[system][full_disk]") {
  node_on_small_disk world;
  auto& node = world.node;
  node.create_channel(channel);
  for (int i = 0; i < 50; ++i)
    REQUIRE(world.publish() == 202);
  for (int round = 0; round < 3; ++round) {
    CAPTURE(round);
    world.disk->fill(nearly_full);
    REQUIRE(world.answers(507));
    // A batch, too, and for as long as there is no space.
    auto batch
      = node.send({"POST",
                   "/" + channel,
                   {{"Content-Type", "application/cloudevents-batch+json"}},
                   "[" + event_json("batch") + "]"});
    CHECK(batch.status == 507);
    CHECK(batch.body.find("no_space") != std::string::npos);
    CHECK(world.publish() == 507);
    // It does not take events: whoever balances goes elsewhere.
    CHECK(node.get("/readyz").status == 503);
    CHECK(world.stored() == world.acknowledged);
    // A subscription that is made now gets all that is stored.
    auto wanted = world.acknowledged.size();
    http_sink sink;
    auto name = "late-" + std::to_string(round);
    node.create_subscription(
      {name, channel, sink.url(), {}, {{"start", "earliest"}}});
    CHECK(eventually([&] { return sink.ids().size() >= wanted; }));
    CHECK(world.disk->free_bytes() > nearly_full - 16 * mib);
    world.disk->empty();
    REQUIRE(world.answers(202));
    CHECK(eventually([&] { return sink.ids().size() > wanted; }));
    REQUIRE(
      node
        .send({"DELETE",
               resource_path("subscriptions",
                             channel.substr(0, channel.find('/') + 1) + name),
               {},
               {}})
        .status
      == 200);
  }
  node.kill();
  node.start();
  CHECK(world.stored() == world.acknowledged);
  std::cout << "a full disk, three times: " << world.acknowledged.size()
            << " acknowledged, " << world.next - world.acknowledged.size()
            << " refused with 507, none lost\n";
}

} // namespace eventd::tests
