// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/state/shard_state.hpp"

#include <map>
#include <random>

#include <catch2/catch_test_macros.hpp>

#include "storage/log/channel_reader.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/storage_node.hpp"
#include "tests/fixtures/temp_dir.hpp"

using namespace eventd;
using namespace eventd::storage;
using eventd::tests::events_payload;
using eventd::tests::open_payload;

namespace {

constexpr shard_id shard{1};

/// All of a state as text: two states with one text are one state.
std::string text_of(const shard_state& x) {
  std::string out = "applied " + std::to_string(x.applied().value) + " ids "
                    + std::to_string(x.channel_ids_end()) + "\n";
  for (uint64_t id = 0; id < 10; ++id)
    if (auto* row = x.channel(channel_id{id})) {
      out += "channel " + std::to_string(id) + " " + row->namespace_name + "/"
             + row->name + (row->in_memory ? " memory" : "");
      for (auto n : {row->epoch.value, row->start.value, row->end.value,
                     row->bytes_below, row->bytes_end, row->logged_at.value,
                     row->stored_at.value})
        out += " " + std::to_string(n);
      out += "\n";
    }
  for (int i = 0; i < 10; ++i)
    out += "cursor " + x.cursor_of("s" + std::to_string(i)) + "\n";
  for (const auto& [key, row] : x.resources())
    out += "resource " + key + " " + row.document + " "
           + std::to_string(row.index.value) + "\n";
  return out;
}

/// Makes commands as a leader would: valid, and some that come too late.
struct command_dice {
  std::mt19937_64 engine;
  uint64_t clock = 1'000;
  /// Where entries of each channel begin, with the bytes below.
  std::map<channel_id, std::vector<trim_point>> places = {};

  uint64_t roll(uint64_t end) { return engine() % end; }

  std::string events(const shard_state& state) {
    channel_id id{1 + roll(5)};
    auto* row = state.channel(id);
    clock += roll(3);
    if (row != nullptr)
      places[id].push_back({row->end, row->bytes_end});
    return events_payload(id, row ? row->epoch : incarnation{1},
                          row ? row->end : log_offset{0}, clock,
                          std::vector<std::string>(1 + roll(4), "data"));
  }

  std::string trim(const shard_state& state) {
    channel_id id{1 + roll(5)};
    auto known = places[id];
    if (auto* row = state.channel(id))
      known.push_back({row->end, row->bytes_end});
    known.push_back({log_offset{1'000'000}, 0});
    auto point = known[roll(known.size())];
    return encode(trim_channel{id, point.start, point.bytes_below});
  }

  std::string close() {
    channel_id id{1 + roll(5)};
    places.erase(id);
    return encode(close_channel{id});
  }

  std::string next(const shard_state& state) {
    switch (roll(12)) {
    case 0:
    case 1:
      return open_payload(channel_id{1 + roll(5)});
    case 2:
      return roll(3) == 0 ? close() : trim(state);
    case 3:
      return trim(state);
    case 4:
    case 5:
      return encode(put_cursors{
        {{"s" + std::to_string(roll(10)), channel_id{1 + roll(5)},
          roll(4) == 0 ? "" : std::to_string(roll(1'000))},
         {"s" + std::to_string(roll(10)), channel_id{1 + roll(5)}, "z"}}});
    case 6:
      return encode(put_resource{"k" + std::to_string(roll(4)),
                                 std::to_string(roll(1'000)), roll(50)});
    case 7:
      return encode(remove_resource{"k" + std::to_string(roll(4))});
    default:
      return events(state);
    }
  }
};

} // namespace

TEST_CASE("what is loaded equals what was applied, for 40 000 random commands",
          "[storage][shard_state]") {
  tests::temp_dir dir;
  auto db = std::move(database::open({dir / "data", 2, false, {}}).value());
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    write_batch wipe{*db};
    wipe.remove_range(state_family, "", "\xff");
    wipe.remove_range(idx_family, std::string_view{"\0", 1},
                      std::string(12, '\xff'));
    REQUIRE(db->write(wipe, false));
    auto state = shard_state::load(*db, shard);
    REQUIRE(state);
    command_dice dice{std::mt19937_64{seed}};
    for (int i = 0; i < 2'000; ++i) {
      write_job job;
      job.shard = shard;
      REQUIRE(state->apply(state->applied() + 1, entry_type::command,
                           dice.next(*state), job.rows));
      job.rows.push_back(state->applied_row());
      write_batch batch{*db};
      stage(job, batch);
      REQUIRE(db->write(batch, false));
      if (i % 50 != 0)
        continue;
      auto loaded = shard_state::load(*db, shard);
      REQUIRE(loaded);
      REQUIRE(text_of(*loaded) == text_of(*state));
    }
    if (seed % 5 == 0)
      REQUIRE(db->flush());
  }
}

TEST_CASE("a damaged row of the state is refused", "[storage][shard_state]") {
  tests::temp_dir dir;
  auto db = std::move(database::open({dir / "data", 2, false, {}}).value());
  shard_state state = shard_state::load(*db, shard).value();
  write_job job;
  job.shard = shard;
  for (const auto& payload :
       {open_payload(channel_id{1}),
        events_payload(channel_id{1}, incarnation{1}, log_offset{0}, 1, {"x"}),
        encode(put_cursors{{{"s", channel_id{1}, "1"}}}),
        encode(put_resource{"k", "{}", 2})})
    REQUIRE(
      state.apply(state.applied() + 1, entry_type::command, payload, job.rows));
  job.rows.push_back(state.applied_row());
  write_batch batch{*db};
  stage(job, batch);
  REQUIRE(db->write(batch, false));
  size_t damaged = 0;
  for (const auto& row : job.rows) {
    if (row.where.which == family::kind::log)
      continue;
    auto bad = row.value;
    bad.back() = static_cast<char>(bad.back() ^ 1);
    batch.clear();
    batch.put(row.where, row.key, bad);
    REQUIRE(db->write(batch, false));
    auto loaded = shard_state::load(*db, shard);
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error() == ec::corrupt_record);
    batch.clear();
    batch.put(row.where, row.key, row.value);
    REQUIRE(db->write(batch, false));
    ++damaged;
  }
  CHECK(damaged == 6);
  CHECK(shard_state::load(*db, shard));
}
