// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// Damage to the files of a cluster's nodes, while clients go on:
//

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/damage.hpp"
#include "tests/system/trial.hpp"
#include "tools/client/address.hpp"

namespace eventd::tests {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// A node is whole again within this.
constexpr std::chrono::milliseconds heal_max{60'000};

/// Of one run; EVENTD_SEED repeats one.
uint64_t new_seed() {
  const char* given = std::getenv("EVENTD_SEED");
  return given != nullptr ? std::stoull(given) : std::random_device{}();
}

using dice = std::mt19937_64;

size_t below(dice& x, size_t end) {
  return std::uniform_int_distribution<size_t>{0, end - 1}(x);
}

/// All files of the database but its lock and its own log of what it does.
std::vector<fs::path> data_files(const fs::path& dir) {
  auto all = files_like(dir, "", "");
  std::erase_if(all, [](const fs::path& x) {
    auto name = x.filename().string();
    return !fs::is_regular_file(x) || fs::file_size(x) == 0 || name == "LOCK"
           || name.starts_with("LOG");
  });
  return all;
}

void flip_some(const std::vector<fs::path>& files, size_t each, dice& seed) {
  for (const auto& file : files)
    for (size_t i = 0; i < each; ++i) {
      // One that a running node removes meanwhile is passed by.
      std::error_code gone;
      auto size = fs::file_size(file, gone);
      if (!gone && size > 0)
        flip_bit(file, below(seed, size), static_cast<int>(below(seed, 8)));
    }
}

/// Starts a node that was maltreated, and waits until it has all again.
void heal(trial& world, size_t n) {
  auto& nodes = world.nodes();
  nodes.start(n);
  nodes.wait_ready(n, heal_max);
  nodes.wait_healthy(heal_max);
}

/// Starts a node once more, so that what was in its write-ahead log is in
/// tables, and ends it.
void put_into_tables(trial& world, size_t n) {
  auto& nodes = world.nodes();
  nodes.kill(n);
  heal(world, n);
  nodes.kill(n);
}

uint64_t figure(const cluster& nodes, size_t n, const std::string& name) {
  auto given = tools::http_client{
    *tools::parse_url(nodes.url(n)),
    {2s, 5s,
     nullptr}}.send({"GET", "/metrics", {}, {}});
  if (!given)
    return 0;
  auto at = given->body.find("\n" + name + " ");
  return at == std::string::npos
           ? 0
           : std::stoull(given->body.substr(at + name.size() + 2));
}

/// Waits until a node has looked at all it has since its start.
void wait_scrubbed(const cluster& nodes, size_t n) {
  INFO("node " << n << "\n" << nodes.last_words());
  REQUIRE(eventually(
    [&] {
      std::this_thread::sleep_for(50ms);
      return figure(nodes, n, "eventd_scrub_passes_total") > 0;
    },
    heal_max));
}

/// What was set aside may go once the node is whole, or the next damage is
/// refused.
void clear_aside(const cluster& nodes, size_t n) {
  fs::remove_all(nodes.data_dir(n) / "damaged-1");
}

using maltreatment = std::function<void(const fs::path& dir, dice& seed)>;

/// Maltreats one node that does not run, and lets it come back.
void closed_files(const std::string& fault, size_t rounds,
                  const maltreatment& harm) {
  auto seed = new_seed();
  INFO("EVENTD_SEED=" << seed);
  dice chance{seed};
  trial world{fault};
  for (size_t i = 0; i < rounds; ++i) {
    auto n = i % 2 == 0 ? world.follower() : world.leader();
    put_into_tables(world, n);
    harm(world.nodes().data_dir(n), chance);
    heal(world, n);
    wait_scrubbed(world.nodes(), n);
    clear_aside(world.nodes(), n);
  }
  world.settle();
}

void flip_closed(const fs::path& dir, dice& chance) {
  flip_some(data_files(dir), 2, chance);
}

void flip_tables(const fs::path& dir, dice& chance) {
  flip_some(files_like(dir, "", ".sst"), 2, chance);
}

/// Most keep nearly all, some nearly nothing.
void truncate_all(const fs::path& dir, dice& chance) {
  for (const auto& file : data_files(dir)) {
    auto rank = 1 + below(chance, 10);
    auto size = fs::file_size(file);
    fs::resize_file(file, size - size / rank / (1 + below(chance, 3)));
  }
}

/// Damages every block of the tables that hold the state.
void spoil_state(const fs::path& dir, dice& chance) {
  auto tables = tables_of(dir, "state");
  REQUIRE_FALSE(tables.empty());
  for (const auto& file : tables)
    for (size_t at = 0; at < fs::file_size(file) / 2; at += 512)
      flip_bit(file, at + below(chance, 512));
}

/// Flips bits of a node that runs, and kills it.
void live_files(size_t rounds, std::chrono::seconds length) {
  auto seed = new_seed();
  INFO("EVENTD_SEED=" << seed);
  dice chance{seed};
  trial world{"R-22 bits flipped under a running node"};
  auto& nodes = world.nodes();
  for (size_t i = 0; i < rounds; ++i) {
    auto n = i % 2 == 0 ? world.leader() : world.follower();
    put_into_tables(world, n);
    heal(world, n);
    auto end = std::chrono::steady_clock::now() + length;
    while (std::chrono::steady_clock::now() < end) {
      auto tables = files_like(nodes.data_dir(n), "", ".sst");
      if (!tables.empty())
        flip_some({tables[below(chance, tables.size())]}, 1, chance);
      std::this_thread::sleep_for(500ms);
    }
    nodes.kill(n);
    heal(world, n);
    wait_scrubbed(nodes, n);
    clear_aside(nodes, n);
  }
  world.settle();
}

/// Half of the pages are as they were some time ago.
void old_chunks(size_t rounds) {
  constexpr size_t page = 4'096;
  auto seed = new_seed();
  INFO("EVENTD_SEED=" << seed);
  dice chance{seed};
  trial world{"R-24 old pages come back"};
  auto& nodes = world.nodes();
  for (size_t i = 0; i < rounds; ++i) {
    auto n = world.follower();
    nodes.kill(n);
    std::map<fs::path, std::string> old;
    for (const auto& file : data_files(nodes.data_dir(n)))
      old[file] = bytes_of(file);
    heal(world, n);
    world.progresses(500, 20s);
    nodes.kill(n);
    for (const auto& file : data_files(nodes.data_dir(n))) {
      auto now = bytes_of(file);
      auto was = old[file];
      was.resize(now.size());
      for (size_t at = 0; at < now.size(); at += page)
        if (below(chance, 2) == 0)
          now.replace(at, page, was, at, page);
      std::ofstream{file, std::ios::binary} << now;
    }
    heal(world, n);
    wait_scrubbed(nodes, n);
    clear_aside(nodes, n);
  }
  world.settle();
}

/// Flips a bit in the record of an event, in each table that holds it.
void flip_event(const fs::path& dir, const std::string& id) {
  // The attribute as it is stored: the lengths of name and value before them.
  auto stored = std::string{"\x02id"} + static_cast<char>(id.size()) + id;
  size_t found = 0;
  for (const auto& file : files_like(dir, "", ".sst"))
    if (auto at = bytes_of(file).find(stored); at != std::string::npos) {
      flip_bit(file, at + 1);
      ++found;
    }
  INFO(id);
  REQUIRE(found > 0);
}

/// Each node has lost other records, and each record is whole on two.
void damage_everywhere(size_t rounds) {
  trial world{"R-27 other records damaged on each node"};
  auto& nodes = world.nodes();
  for (size_t round = 0; round < rounds; ++round) {
    REQUIRE(world.progresses(1'000, 20s));
    auto all = nodes.read_all(world.channel());
    auto bring_all = [&] {
      for (size_t n = 1; n <= nodes.size(); ++n)
        nodes.start(n);
      for (size_t n = 1; n <= nodes.size(); ++n)
        nodes.wait_ready(n, heal_max);
      nodes.wait_healthy(heal_max);
    };
    auto kill_all = [&] {
      for (size_t n = 1; n <= nodes.size(); ++n)
        nodes.kill(n);
    };
    kill_all();
    bring_all();
    kill_all();
    // Each node in a third of its own: no block is damaged on two of them.
    for (size_t n = 1; n <= nodes.size(); ++n)
      for (size_t i = 0; i < 3; ++i)
        flip_event(nodes.data_dir(n),
                   all[all.size() * (10 * n - 6 + i) / 30].id);
    bring_all();
    uint64_t mended = 0;
    for (size_t n = 1; n <= nodes.size(); ++n) {
      wait_scrubbed(nodes, n);
      mended += figure(nodes, n, "eventd_mended_records_total");
      // It was mended, not rebuilt.
      CHECK_FALSE(fs::exists(nodes.data_dir(n) / "damaged-1"));
    }
    CHECK(mended >= 9);
  }
  world.settle();
}

/// So that the database does not open.
void spoil_manifest(const fs::path& dir) {
  auto found = files_like(dir, "MANIFEST-", "");
  REQUIRE_FALSE(found.empty());
  flip_bit(found.back(), fs::file_size(found.back()) / 2);
}

} // namespace

TEST_CASE("nodes that are all damaged found no new cluster, and say who is",
          "[system][cluster][damage]") {
  cluster nodes;
  const std::string channel = "test/all";
  nodes.create_channel(channel);
  REQUIRE(nodes.send(binary_event(channel, "kept")).status == 202);
  for (size_t n = 1; n <= nodes.size(); ++n)
    CHECK(nodes.stop(n) == 0);
  for (size_t n = 1; n <= nodes.size(); ++n) {
    spoil_manifest(nodes.data_dir(n));
    nodes.start(n);
  }
  INFO(nodes.last_words());
  auto says = [&](const std::string& text) {
    return [&nodes, text] {
      auto logs = nodes.logs();
      size_t found = 0;
      for (auto at = logs.find(text); at != std::string::npos;
           at = logs.find(text, at + 1))
        ++found;
      return found >= nodes.size();
    };
  };
  CHECK(eventually(says("set aside: 1, 2, 3;")));
  CHECK(eventually(says("not reached: none")));
  for (size_t n = 1; n <= nodes.size(); ++n) {
    REQUIRE(nodes.is_running(n));
    CHECK_FALSE(nodes.view(n));
    nodes.kill(n);
    auto folder = nodes.data_dir(n) / "damaged-1";
    CHECK(bytes_of(folder / "REASON").find("MANIFEST") != std::string::npos);
    // A second time is refused, and what was kept stays.
    spoil_manifest(nodes.data_dir(n));
    nodes.start(n);
    CHECK(eventually([&] { return !nodes.is_running(n); }));
    CHECK(eventually([&] {
      return nodes.logs().find(folder.string() + ": when its files")
             != std::string::npos;
    }));
    CHECK(fs::exists(folder / "CURRENT"));
  }
}

TEST_CASE("R-21: a node whose closed files have flipped bits is whole again "
          "within a minute",
          "[system][cluster][damage]") {
  closed_files("R-21 flipped bits in all closed files", 1, flip_closed);
}

TEST_CASE("R-27: records damaged on each node are mended from the others",
          "[system][cluster][damage]") {
  damage_everywhere(1);
}

TEST_CASE("R-25: a damaged state deletes no channel on any node",
          "[system][cluster][damage]") {
  closed_files("R-25 a damaged state", 1, spoil_state);
}

TEST_CASE("R-21, ten times, all files and tables only",
          "[system][cluster][damage][.soak]") {
  closed_files("R-21 flipped bits in all closed files", 10, flip_closed);
  closed_files("R-21 flipped bits in tables", 10, flip_tables);
}

TEST_CASE("R-22: bits flipped under a running node are never served",
          "[system][cluster][damage][.soak]") {
  live_files(4, 10s);
}

TEST_CASE("R-23: truncated files are found, and mended or rebuilt",
          "[system][cluster][damage][.soak]") {
  closed_files("R-23 truncated files", 6, truncate_all);
}

TEST_CASE("R-24: old pages are found, and mended or rebuilt",
          "[system][cluster][damage][.soak]") {
  old_chunks(4);
}

TEST_CASE("R-25, six times", "[system][cluster][damage][.soak]") {
  closed_files("R-25 a damaged state", 6, spoil_state);
}

TEST_CASE("R-27, four times", "[system][cluster][damage][.soak]") {
  damage_everywhere(4);
}

} // namespace eventd::tests
