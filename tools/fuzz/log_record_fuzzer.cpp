// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "storage/codec/entry.hpp"
#include "storage/state/command.hpp"

using namespace eventd;
using namespace eventd::storage;

namespace {

void require(bool x) {
  if (!x)
    std::abort();
}

/// Reads all that a batch offers.
void walk(const event_batch& batch) {
  size_t bytes = 0;
  for (size_t i = 0; i < batch.size(); ++i) {
    auto event = batch[i];
    bytes += event.id().size() + event.source().size() + event.type().size();
    bytes += event.data().size();
    for (const auto& x : event.attributes())
      require(event.find(x.name).has_value());
    for (const auto& x : event.headers())
      require(event.find_header(x.name).has_value());
  }
  require(bytes <= batch.records().size());
}

/// The payload of an entry, which stands at `begin` of a record.
void check_payload(std::string_view record, size_t begin) {
  auto payload = record.substr(begin);
  auto buffer = std::make_shared<const std::string>(record);
  if (auto header = decode_events_header(payload)) {
    std::string bytes;
    put_events_header(bytes, *header);
    require(bytes.size() == events_header_bytes);
    auto again = decode_events_header(bytes);
    require(again && again->first == header->first
            && again->count == header->count);
  }
  if (auto batch = open_events(buffer, begin))
    walk(*batch);
  if (auto x = decode_command(payload)) {
    auto bytes = encode(*x);
    auto again = decode_command(bytes);
    require(again && encode(*again) == bytes);
  }
}

void check_rows(std::string_view bytes) {
  if (auto row = decode_idx_row(bytes)) {
    auto again = encode_idx_row(*row);
    require(decode_idx_row(again).has_value());
  }
  if (auto body = open_row(bytes))
    require(seal_row(*body) == bytes);
  // Chance alone hardly finds a checksum.
  auto sealed = seal_row(bytes);
  auto body = open_row(sealed);
  require(body && *body == bytes);
  if (auto row = decode_idx_row(sealed))
    require(decode_idx_row(encode_idx_row(*row)).has_value());
}

} // namespace

/// Called by libFuzzer with each input: no bytes crash what reads the log, with
/// a right checksum or a wrong one.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (decode_record(bytes))
    check_payload(bytes, record_header_bytes);
  check_payload(bytes, 0);
  check_rows(bytes);
  record_header header{entry_type::command, raft_term{size}};
  auto record = encode_record_header(header, bytes);
  record += bytes;
  auto back = decode_record(record);
  require(back && back->type == header.type && back->term == header.term);
  return 0;
}
