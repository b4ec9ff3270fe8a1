// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "storage/codec/bytes.hpp"
#include "storage/codec/crc32c.hpp"
#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "storage/rocks/database.hpp"
#include "storage/state/copy.hpp"
#include "storage/state/shard_state.hpp"

using namespace eventd;
using namespace eventd::storage;

namespace {

constexpr shard_id shard{0};

void require(bool x) {
  if (!x)
    std::abort();
}

std::string with_crc(std::string bytes) {
  put_fixed(bytes, crc32c(bytes));
  return bytes;
}

/// Rows with right keys and checksums, which chance hardly finds: the input is
/// taken as [kind][bytes of the key's rest][rest][bytes of the row][row]…
std::string well_formed(std::string_view input) {
  constexpr std::string_view kinds = "aknRu"; // `state_row` of a state.
  std::string out;
  auto take = [&input](size_t n) {
    auto part = input.substr(0, n);
    input.remove_prefix(part.size());
    return part;
  };
  auto take_short
    = [&] { return take(static_cast<unsigned char>(take(1).front())); };
  while (input.size() >= 3) {
    auto kind = kinds[static_cast<unsigned char>(take(1)[0]) % kinds.size()];
    std::string rest{take_short()};
    if (kind == 'a' || kind == 'k')
      rest.clear();
    else if (kind == 'n')
      rest.resize(4);
    else if (rest.empty())
      rest = "x";
    put_string(out, state_key(static_cast<state_row>(kind), shard) + rest);
    put_string(out, seal_row(input.empty() ? input : take_short()));
  }
  return with_crc(std::move(out));
}

struct temporary_database {
  temporary_database() {
    auto name
      = (std::filesystem::temp_directory_path() / "fuzz.XXXXXX").string();
    require(::mkdtemp(name.data()) != nullptr);
    path = name;
    database::options options;
    options.path = name;
    auto opened = database::open(options);
    require(opened.has_value());
    db = std::move(*opened);
  }
  ~temporary_database() {
    db.reset();
    std::filesystem::remove_all(path);
  }

  void write(const std::vector<row_change>& rows) {
    write_job job;
    job.shard = shard;
    job.rows = rows;
    write_batch batch{*db};
    stage(job, batch);
    require(db->write(batch, false).has_value());
  }

  std::filesystem::path path;
  std::unique_ptr<database> db;
};

/// A state that is taken is written, and loaded from what was written; one that
/// can be loaded can be given on, and is the same there.
void take(std::string_view bytes) {
  // A new one now and then: each state removes the one before, and what is
  // removed slows down those that follow.
  constexpr int states_each = 128;
  static std::optional<temporary_database> made;
  static int states = 0;
  auto rows = rows_of_state(shard, bytes);
  if (!rows)
    return;
  if (states % states_each == 0)
    made.emplace();
  // Before what RocksDB itself has at the end of the process.
  if (states++ == 0)
    std::atexit([] { made.reset(); });
  auto& store = *made;
  store.write(*rows);
  auto loaded = shard_state::load(*store.db, shard);
  if (!loaded)
    return;
  auto given = read_state(*store.db, shard);
  require(given.has_value());
  require(given->applied == loaded->applied());
  auto again = rows_of_state(shard, given->bytes);
  require(again.has_value());
  store.write(*again);
  auto same = read_state(*store.db, shard);
  require(same && same->bytes == given->bytes);
}

} // namespace

/// Called by libFuzzer with each input: no bytes crash what takes a snapshot
/// and copied entries of another node, with right checksums or wrong ones.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string bytes{reinterpret_cast<const char*>(data), size};
  take(bytes);
  take(with_crc(bytes));
  auto rows = well_formed(bytes);
  require(rows_of_state(shard, rows).has_value());
  take(rows);
  (void)rows_of_copied(shard, raft_index{1}, bytes);
  auto record
    = encode_record_header({entry_type::command, raft_term{1}}, bytes) + bytes;
  require(rows_of_copied(shard, raft_index{1}, record).has_value());
  return 0;
}
