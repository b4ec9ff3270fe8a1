// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <map>
#include <mutex>
#include <optional>
#include <random>

#include <catch2/catch_test_macros.hpp>

#include "storage/log/channel_reader.hpp"
#include "tests/fixtures/crash_file_system.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/storage_node.hpp"
#include "tests/fixtures/temp_dir.hpp"

/// Power cuts while a node appends, commits cursors, trims, moves the Raft
/// start and gives the disk back. What was acknowledged must be there.

using namespace eventd;
using namespace eventd::storage;
using eventd::tests::crash_file_system;
using eventd::tests::storage_node;

namespace {

struct channel_facts {
  bool open = false;
  bool closed = false;
  uint64_t start = 0;
  uint64_t end = 0;
  uint64_t cursor = 0; ///< Its one subscription's, a number that grows.
};

/// By channel id. What is acknowledged is less than what was begun.
using facts = std::map<uint64_t, channel_facts>;

shard_id shard_of(uint64_t channel) {
  return shard_id{channel % 2};
}

std::string data_of(uint64_t channel, uint64_t offset) {
  return "channel " + std::to_string(channel) + " offset "
         + std::to_string(offset);
}

std::string uid_of(uint64_t channel) {
  return "subscription-" + std::to_string(channel);
}

std::vector<std::string> data_of(uint64_t channel, uint64_t first, size_t n) {
  std::vector<std::string> out;
  for (uint64_t i = 0; i < n; ++i)
    out.push_back(data_of(channel, first + i));
  return out;
}

/// What is wrong with one channel after the cut; empty: nothing.
std::string complaint(storage_node& node, uint64_t id,
                      const channel_facts& acked, const channel_facts& begun) {
  auto name = "channel " + std::to_string(id) + ": ";
  auto shard = shard_of(id);
  auto* row = node.state(shard).channel(channel_id{id});
  if (row == nullptr)
    return acked.open && !begun.closed ? name + "lost" : "";
  if (acked.closed)
    return name + "came back";
  if (row->end.value < acked.end || row->end.value > begun.end)
    return name + "ends at " + std::to_string(row->end.value)
           + ", acknowledged " + std::to_string(acked.end);
  if (row->start.value < acked.start || row->start.value > begun.start)
    return name + "starts at " + std::to_string(row->start.value);
  auto text = node.state(shard).cursor_of(uid_of(id));
  auto cursor = text.empty() ? 0 : std::stoull(text);
  if (cursor < acked.cursor || cursor > begun.cursor)
    return name + "has cursor " + text;
  auto all = node.read_all(shard, channel_id{id});
  if (!all)
    return name + all.error().detail;
  if (*all != data_of(id, row->start.value, row->end - row->start))
    return name + "holds other events";
  if (row->start.value > 0) {
    channel_reader reader{node.db(), channel_id{id}, row->name};
    std::vector<event_batch> out;
    auto done
      = reader.read(row->start.value == 0 ? log_offset{0} : log_offset{0},
                    row->end, 10, 1'000, out);
    if (done || done.error() != ec::offset_trimmed)
      return name + "serves trimmed offsets";
  }
  auto next = node.append(shard, channel_id{id}, {data_of(id, row->end.value)});
  return next ? "" : name + next.error().detail;
}

/// Starts a node on what the cut left, and looks at every channel.
std::string complaint(const std::string& image, const facts& acked,
                      const facts& begun) {
  // Nothing is really synced here either.
  auto files = std::make_shared<crash_file_system>(image + "-attic");
  auto node = storage_node::open({image, 2, true, files});
  if (!node)
    return "does not start: " + node.error().detail;
  for (const auto& [id, facts_begun] : begun) {
    auto known = acked.find(id);
    auto said = complaint(
      **node, id, known == acked.end() ? channel_facts{} : known->second,
      facts_begun);
    if (!said.empty())
      return said;
  }
  return "";
}

/// A node that works through random steps, and remembers what was answered.
class power_cut_world {
public:
  explicit power_cut_world(uint64_t seed, bool sync = true) : dice_(seed) {
    node = std::move(storage_node::open({data, 2, sync, files}).value());
    for (int i = 0; i < 2; ++i)
      open_next();
  }

  tests::temp_dir dir = tests::temp_dir::in_memory();
  std::string data = dir / "data";
  std::shared_ptr<crash_file_system> files
    = std::make_shared<crash_file_system>(dir / "attic");
  std::unique_ptr<storage_node> node;

  struct image {
    std::string path;
    facts acked;
    facts begun;
  };
  std::vector<image> images;

  /// Cuts the power in a copy of the world, and goes on.
  void cut(uint64_t torn = 0) {
    std::lock_guard guard{mutex_};
    auto path = dir / ("image-" + std::to_string(images.size()));
    lost_bytes += files->power_cut(data, path, torn);
    images.push_back({path, acked_, begun_});
  }

  uint64_t lost_bytes = 0;

  void step() {
    auto id = 1 + roll(next_id_ - 1);
    switch (roll(10)) {
    case 0:
      if (roll(3) == 0)
        return close(id);
      return put_cursor(id);
    case 1:
      return open_next();
    case 2:
      return trim(id);
    case 3:
      return put_cursor(id);
    case 4:
      REQUIRE(node->move_start(shard_of(id)));
      return;
    case 5:
      return reclaim(shard_of(id));
    default:
      return append(id);
    }
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i)
      step();
  }

  /// An append whose sync the power cut falls into.
  void half_append() {
    uint64_t id = 1;
    while (begun_[id].closed)
      ++id;
    REQUIRE(begun_[id].open);
    auto first = begun_[id].end;
    begun_[id].end += 2;
    REQUIRE(node->write_half(
      shard_of(id),
      tests::events_payload(channel_id{id}, incarnation{1}, log_offset{first},
                            ++node->clock_ms, data_of(id, first, 2))));
  }

  void open_next() {
    auto id = next_id_++;
    begin([&](facts& x) { x[id].open = true; });
    commit(id, tests::open_payload(channel_id{id}));
  }

  void append(uint64_t id) {
    auto& x = begun_[id];
    if (x.closed)
      return;
    auto first = x.end;
    auto n = 1 + roll(3);
    begin([&](facts& all) { all[id].end += n; });
    places_[id].push_back(
      {log_offset{first},
       node->state(shard_of(id)).channel(channel_id{id})->bytes_end});
    REQUIRE(node->append(shard_of(id), channel_id{id}, data_of(id, first, n)));
    acknowledge();
  }

  void put_cursor(uint64_t id) {
    if (begun_[id].closed)
      return;
    begin([&](facts& x) { ++x[id].cursor; });
    commit(id, encode(put_cursors{{{uid_of(id), channel_id{id},
                                    std::to_string(begun_[id].cursor)}}}));
  }

  void trim(uint64_t id) {
    auto& known = places_[id];
    if (begun_[id].closed || known.empty())
      return;
    auto place = known[roll(known.size())];
    if (place.start.value <= begun_[id].start)
      return;
    begin([&](facts& x) { x[id].start = place.start.value; });
    commit(
      id, encode(trim_channel{channel_id{id}, place.start, place.bytes_below}));
  }

  void close(uint64_t id) {
    if (id == 1)
      return;
    begin([&](facts& x) { x[id].closed = true; });
    commit(id, encode(close_channel{channel_id{id}}));
  }

  void reclaim(shard_id shard) {
    auto end = std::string(13, '\xff');
    REQUIRE(node->db().flush());
    REQUIRE(node->db().compact(log_family(shard), "", end));
    REQUIRE(node->db().compact(idx_family, "", end));
  }

private:
  uint64_t roll(uint64_t end) { return dice_() % end; }

  template <class Change>
  void begin(Change change) {
    std::lock_guard guard{mutex_};
    change(begun_);
  }

  void acknowledge() {
    std::lock_guard guard{mutex_};
    acked_ = begun_;
  }

  void commit(uint64_t id, std::string payload) {
    REQUIRE(node->commit(shard_of(id), std::move(payload)));
    acknowledge();
  }

  std::mt19937_64 dice_;
  std::mutex mutex_;
  uint64_t next_id_ = 1;
  facts acked_;
  facts begun_;
  std::map<uint64_t, std::vector<trim_point>> places_;
};

/// Cuts the power before each sync, rename and removal.
void cut_before_each(uint64_t seed) {
  power_cut_world world{seed};
  world.files->before_each_step([&] { world.cut(); });
  world.run(35);
  world.files->before_each_step({});
  CHECK(world.images.size() > 50);
  for (const auto& [path, acked, begun] : world.images) {
    auto said = complaint(path, acked, begun);
    if (!said.empty())
      FAIL("seed " << seed << ", " << path << ": " << said);
  }
}

} // namespace

TEST_CASE(
  "a power cut before any sync, rename or removal loses nothing acknowledged",
  "[storage][power_cut]") {
  for (uint64_t seed : {1, 2})
    cut_before_each(seed);
}

TEST_CASE("power cuts of 300 seeds lose nothing", "[storage][.soak]") {
  auto first = uint64_t{std::random_device{}()};
  for (auto seed = first; seed < first + 300; ++seed)
    cut_before_each(seed);
}

TEST_CASE("a power cut after any step loses nothing acknowledged",
          "[storage][power_cut]") {
  power_cut_world world{4};
  for (int i = 0; i < 150; ++i) {
    world.step();
    world.cut();
  }
  for (const auto& [path, acked, begun] : world.images) {
    auto said = complaint(path, acked, begun);
    if (!said.empty())
      FAIL(path << ": " << said);
  }
}

TEST_CASE("the same power cuts without sync show loss",
          "[storage][power_cut]") {
  power_cut_world world{4, false};
  for (int i = 0; i < 150; ++i) {
    world.step();
    world.cut();
  }
  size_t losses = 0;
  for (const auto& [path, acked, begun] : world.images)
    losses += complaint(path, acked, begun).empty() ? 0 : 1;
  CHECK(world.lost_bytes > 0);
  CHECK(losses > world.images.size() / 2);
}

TEST_CASE("a last write torn at any byte loses only what was not acknowledged",
          "[storage][power_cut]") {
  for (uint64_t seed : {11, 12, 13}) {
    power_cut_world world{seed};
    world.run(20 + static_cast<int>(seed));
    world.half_append();
    auto tail = world.files->unsynced_bytes(world.data);
    REQUIRE(tail > 100);
    for (uint64_t torn = 0; torn <= tail; torn += seed == 11 ? 1 : 13)
      world.cut(torn);
    for (const auto& [path, acked, begun] : world.images) {
      auto said = complaint(path, acked, begun);
      if (!said.empty())
        FAIL("seed " << seed << ", " << path << ": " << said);
    }
  }
}

TEST_CASE(
  "power cuts in a row, each during recovery from the last, lose nothing",
  "[storage][power_cut]") {
  power_cut_world world{21};
  world.run(60);
  world.half_append();
  world.cut(~uint64_t{0} >> 1);
  auto [path, acked, begun] = world.images.back();
  for (int round = 0; round < 5; ++round) {
    auto files = std::make_shared<crash_file_system>(path + "-attic");
    std::vector<std::string> during;
    files->before_each_step([&, path = path] {
      during.push_back(path + "-" + std::to_string(during.size()));
      files->power_cut(path, during.back());
    });
    REQUIRE(storage_node::open({path, 2, true, files}));
    files->before_each_step({});
    REQUIRE(during.size() > 5);
    for (size_t i = 0; i < during.size(); i += 3) {
      auto copy = during[i] + "-copy";
      std::filesystem::copy(during[i], copy);
      auto said = complaint(copy, acked, begun);
      if (!said.empty())
        FAIL("round " << round << ", " << during[i] << ": " << said);
    }
    path = during[during.size() / 2];
  }
}
