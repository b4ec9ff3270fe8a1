// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/faulty/wal_kinds.hpp"

#include <algorithm>

#include <rocksdb/write_batch.h>

#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"

namespace eventd::tests {

namespace {

using storage::entry_type;
using storage::payload_kind;
using storage::state_row;

/// RocksDB's write-ahead log: blocks of fragments, each with its CRC, length
/// and type before it; what is left of a block that is too short is zero.
constexpr size_t block_bytes = 32'768;
constexpr size_t header_bytes = 7;
constexpr char whole = 1;
constexpr char last = 4;

/// Column families in the order in which storage/rocks/database.cpp makes them.
constexpr uint32_t state_id = 1;
constexpr uint32_t idx_id = 2;

/// What actors/subscription/dead_letter.cpp adds to an event.
constexpr std::string_view dead_letter_mark = "knativeerrordest";

const char* kind_of_record(std::string_view record) {
  if (record.size() < storage::record_header_bytes)
    return nullptr;
  switch (static_cast<entry_type>(record[1])) {
  case entry_type::barrier:
    return "barrier";
  case entry_type::change:
    return "members";
  default:
    break;
  }
  auto payload = record.substr(storage::record_header_bytes);
  if (payload.empty())
    return nullptr;
  switch (static_cast<payload_kind>(payload[0])) {
  case payload_kind::events:
    return payload.find(dead_letter_mark) == payload.npos ? "events"
                                                          : "dead-letter";
  case payload_kind::put_cursors:
    return "cursor";
  case payload_kind::put_resource:
  case payload_kind::remove_resource:
    return "resource";
  default:
    return "channel";
  }
}

/// Collects what is in a batch; what several rows mean together is named when
/// all were seen.
class kind_finder : public rocksdb::WriteBatch::Handler {
public:
  std::set<std::string> found;

  rocksdb::Status PutCF(uint32_t id, const rocksdb::Slice& key,
                        const rocksdb::Slice& value) override {
    if (id == state_id && !key.empty())
      rows_.insert(static_cast<state_row>(key[0]));
    else if (id > idx_id)
      if (auto* kind = kind_of_record(value.ToStringView()))
        found.insert(kind);
    return {};
  }

  rocksdb::Status DeleteCF(uint32_t, const rocksdb::Slice&) override {
    return {};
  }

  rocksdb::Status DeleteRangeCF(uint32_t id, const rocksdb::Slice&,
                                const rocksdb::Slice&) override {
    if (id > idx_id)
      found.insert("truncate");
    return {};
  }

  void end() {
    auto has = [this](state_row x) { return rows_.contains(x); };
    if (has(state_row::identity))
      found.insert(has(state_row::node) ? "bootstrap" : "identity");
    else if (has(state_row::raft_start))
      found.insert(has(state_row::copied) ? "install" : "start");
    else if (has(state_row::copied))
      found.insert("copy");
    if (has(state_row::hard_state))
      found.insert("vote");
    if (has(state_row::peer_boot))
      found.insert("peer-boot");
    if (has(state_row::applied))
      found.insert("applied");
  }

private:
  std::set<state_row> rows_;
};

} // namespace

std::set<std::string> kinds_of_batch(const std::string& batch) {
  kind_finder finder;
  rocksdb::WriteBatch rows{batch};
  if (!rows.Iterate(&finder).ok())
    return {};
  finder.end();
  return std::move(finder.found);
}

const std::set<std::string>& wal_kinds::all() {
  static const std::set<std::string> kinds{
    "barrier",  "members",  "events",    "dead-letter", "cursor",  "channel",
    "resource", "truncate", "bootstrap", "identity",    "install", "start",
    "copy",     "vote",     "peer-boot", "applied"};
  return kinds;
}

std::set<std::string> wal_kinds::append(std::string_view bytes) {
  std::set<std::string> out;
  while (!bytes.empty()) {
    auto left = block_bytes - position_ % block_bytes;
    auto take = left;
    if (rest_ > 0)
      take = rest_;
    else if (!header_.empty() || left >= header_bytes)
      take = header_bytes - header_.size();
    take = std::min(take, bytes.size());
    auto part = bytes.substr(0, take);
    bytes.remove_prefix(take);
    position_ += take;
    if (rest_ > 0) {
      batch_ += part;
      rest_ -= take;
    } else if (!header_.empty() || left >= header_bytes) {
      header_ += part;
      if (header_.size() < header_bytes)
        continue;
      rest_ = static_cast<unsigned char>(header_[4])
              + 256u * static_cast<unsigned char>(header_[5]);
    } else {
      continue; // The end of a block.
    }
    if (rest_ == 0)
      end_fragment(out);
  }
  return out;
}

void wal_kinds::end_fragment(std::set<std::string>& out) {
  auto type = header_[6];
  header_.clear();
  if (type != whole && type != last)
    return;
  out.merge(kinds_of_batch(batch_));
  batch_.clear();
}

} // namespace eventd::tests
