// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "storage/codec/key.hpp"
#include "storage/state/copy.hpp"
#include "storage/state/shard_state.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/storage_node.hpp"
#include "tests/fixtures/temp_dir.hpp"

/// Two databases, of which one is copied into the other.
namespace eventd::tests::copying {

using namespace storage;

inline constexpr shard_id shard{1};
inline constexpr channel_id one{1};
inline constexpr channel_id two{2};
inline constexpr channel_id three{3};
/// Entry 1 is the configuration of the group.
inline constexpr raft_index first{1};
inline constexpr uint64_t no_bound = uint64_t{1} << 30;

using row_map = std::map<std::string, std::string>;

/// What a channel looks like in a state.
inline std::string text_of(const channel_row* row) {
  if (row == nullptr)
    return "none";
  std::string out = row->namespace_name + "/" + row->name;
  for (auto n : {row->start.value, row->end.value, row->bytes_below,
                 row->bytes_end, row->logged_at.value, row->stored_at.value})
    out += " " + std::to_string(n);
  return out;
}

/// A node that has all, and the database of one that has nothing.
struct copy_fixture {
  temp_dir dir;
  std::unique_ptr<storage_node> node
    = std::move(storage_node::open({dir / "data", 2, false, {}}).value());
  std::unique_ptr<database> other = open_other();

  std::unique_ptr<database> open_other() {
    return std::move(database::open({dir / "other", 2, false, {}}).value());
  }

  raft_index applied() const { return node->state(shard).applied(); }

  raft_index commit(const std::string& payload) {
    auto index = node->commit(shard, payload);
    REQUIRE(index);
    return *index;
  }

  void append(channel_id channel, const std::vector<std::string>& data) {
    REQUIRE(node->append(shard, channel, data));
  }

  /// Hides all that the channel had when it was `row`.
  void trim_to(const channel_row& row) {
    commit(encode(trim_channel{row.id, row.end, row.bytes_end}));
    REQUIRE(node->state(shard).channel(row.id)->start == row.end);
  }

  static void write(database& db, const std::vector<row_change>& rows) {
    write_job job;
    job.shard = shard;
    job.rows = rows;
    write_batch batch{db};
    stage(job, batch);
    REQUIRE(db.write(batch, false));
  }

  static void put(database& db, family where, const std::string& key,
                  const std::string& value) {
    write(db, {{row_change::kind::put, where, key, value}});
  }

  static row_map rows_of(const database& db, family where,
                         const std::string& prefix = {}) {
    row_map rows;
    auto walk = db.walk(where);
    for (walk.seek(prefix); walk.valid() && walk.key().starts_with(prefix);
         walk.next())
      rows.emplace(walk.key(), walk.value());
    REQUIRE(walk.status());
    return rows;
  }

  /// Rows of the applied state, and no others.
  static row_map state_rows_of(const database& db, shard_id id) {
    row_map all;
    for (auto kind :
         {state_row::applied, state_row::id_counter, state_row::channel,
          state_row::resource, state_row::cursor})
      all.merge(rows_of(db, state_family, state_key(kind, id)));
    return all;
  }

  copied_entries read(raft_index from, raft_index upto,
                      uint64_t bytes_max = no_bound) const {
    auto part = read_for_copy(node->db(), shard, from, upto, bytes_max);
    REQUIRE(part);
    REQUIRE(part->indexes.size() == part->records.size());
    REQUIRE(part->idx_keys.size() == part->idx_values.size());
    return std::move(*part);
  }

  void write_copied(const copied_entries& part) {
    std::vector<row_change> rows;
    for (size_t i = 0; i < part.indexes.size(); ++i) {
      auto made = rows_of_copied(shard, part.indexes[i], part.records[i]);
      REQUIRE(made);
      std::move(made->begin(), made->end(), std::back_inserter(rows));
    }
    for (size_t i = 0; i < part.idx_keys.size(); ++i)
      rows.push_back({row_change::kind::put, idx_family, part.idx_keys[i],
                      part.idx_values[i]});
    write(*other, rows);
  }

  /// Copies the log piece by piece. @returns how many pieces there were
  size_t copy_entries(uint64_t bytes_max) {
    size_t pieces = 0;
    auto upto = applied();
    for (auto next = first; next <= upto; ++pieces) {
      auto part = read(next, upto, bytes_max);
      REQUIRE(part.next > next);
      REQUIRE(part.next <= upto + 1);
      uint64_t bytes = 0;
      for (const auto& record : part.records)
        bytes += record.size();
      CHECK((bytes <= bytes_max || part.records.size() == 1));
      write_copied(part);
      next = part.next;
    }
    return pieces;
  }

  copied_state state(shard_id id = shard) const {
    auto x = read_state(node->db(), id);
    REQUIRE(x);
    return std::move(*x);
  }

  void write_state(const copied_state& x, shard_id id = shard) {
    auto rows = rows_of_state(id, x.bytes);
    REQUIRE(rows);
    write(*other, *rows);
  }

  shard_state load_other() const {
    auto x = shard_state::load(*other, shard);
    REQUIRE(x);
    return std::move(*x);
  }
};

} // namespace eventd::tests::copying
