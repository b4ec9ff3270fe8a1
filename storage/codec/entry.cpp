// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/codec/entry.hpp"

#include <cstring>

#include "storage/codec/bytes.hpp"
#include "storage/codec/crc32c.hpp"

namespace eventd::storage {

namespace {

constexpr size_t crc_position = 4;

failure too_new(std::string_view what, unsigned version) {
  return {ec::format_too_new, std::string{what} + " has format "
                                + std::to_string(version)
                                + ", written by a newer eventd"};
}

/// The header's bytes with a zero in place of the CRC.
std::string header_without_crc(const record_header& x) {
  std::string out;
  out.reserve(record_header_bytes);
  put_fixed(out, format_version);
  put_fixed(out, static_cast<uint8_t>(x.type));
  put_fixed(out, uint16_t{0});
  put_fixed(out, uint32_t{0});
  put_fixed(out, x.term.value);
  return out;
}

template <class Open>
result<event_batch> open_with(std::shared_ptr<const std::string> buffer,
                              size_t payload_begin, Open open) {
  auto header
    = decode_events_header(std::string_view{*buffer}.substr(payload_begin));
  if (!header)
    return header.error();
  auto batch = open(std::move(buffer), payload_begin + events_header_bytes,
                    header->count);
  if (!batch)
    return batch.error();
  batch->first_offset = header->first;
  batch->stored_at = header->stored_at;
  batch->logged_at = header->logged_at;
  return batch;
}

} // namespace

std::string encode_record_header(const record_header& x,
                                 std::string_view payload) {
  auto header = header_without_crc(x);
  auto crc = crc32c(payload, crc32c(header));
  std::memcpy(header.data() + crc_position, &crc, sizeof(crc));
  return header;
}

result<record_header> decode_record(std::string_view record) {
  byte_reader in{record};
  auto version = in.fixed<uint8_t>();
  auto type = in.fixed<uint8_t>();
  in.fixed<uint16_t>();
  auto crc = in.fixed<uint32_t>();
  auto term = in.fixed<uint64_t>();
  if (!in.ok())
    return failure{ec::corrupt_record, "log record: shorter than its header"};
  std::string header{record.substr(0, record_header_bytes)};
  std::memset(header.data() + crc_position, 0, sizeof(crc));
  if (crc32c(in.rest(), crc32c(header)) != crc)
    return failure{ec::corrupt_record, "log record: CRC32C does not match"};
  if (version > format_version)
    return too_new("log record", version);
  if (type < static_cast<uint8_t>(entry_type::command)
      || type > static_cast<uint8_t>(entry_type::change))
    return failure{ec::corrupt_record, "log record: unknown type"};
  return record_header{static_cast<entry_type>(type), raft_term{term}};
}

void put_events_header(std::string& out, const events_header& x) {
  put_fixed(out, static_cast<uint8_t>(payload_kind::events));
  put_fixed(out, uint8_t{0});
  put_fixed(out, uint16_t{0});
  put_fixed(out, static_cast<uint32_t>(x.channel.value));
  put_fixed(out, x.epoch.value);
  put_fixed(out, x.first.value);
  put_fixed(out, x.count);
  put_fixed(out, uint32_t{0});
  put_fixed(out, x.logged_at.value);
  put_fixed(out, x.stored_at.value);
}

result<events_header> decode_events_header(std::string_view payload) {
  byte_reader in{payload};
  auto kind = in.fixed<uint8_t>();
  auto codec = in.fixed<uint8_t>();
  in.fixed<uint16_t>();
  events_header x;
  x.channel = channel_id{in.fixed<uint32_t>()};
  x.epoch = incarnation{in.fixed<uint64_t>()};
  x.first = log_offset{in.fixed<uint64_t>()};
  x.count = in.fixed<uint32_t>();
  in.fixed<uint32_t>();
  x.logged_at = log_time{in.fixed<uint64_t>()};
  x.stored_at = log_time{in.fixed<uint64_t>()};
  if (!in.ok() || kind != static_cast<uint8_t>(payload_kind::events))
    return failure{ec::corrupt_record, "entry of events: bad head"};
  if (codec != 0)
    return too_new("entry of events", codec);
  return x;
}

result<event_batch> open_events(std::shared_ptr<const std::string> buffer,
                                size_t payload_begin) {
  return open_with(std::move(buffer), payload_begin, &event_batch::open);
}

result<event_batch> reopen_events(std::shared_ptr<const std::string> buffer,
                                  size_t payload_begin) {
  return open_with(std::move(buffer), payload_begin, &event_batch::reopen);
}

std::string seal_row(std::string_view body) {
  std::string row;
  row.reserve(1 + sizeof(uint32_t) + body.size());
  put_fixed(row, format_version);
  put_fixed(row, crc32c(body));
  row.append(body);
  return row;
}

result<std::string_view> open_row(std::string_view row) {
  byte_reader in{row};
  auto version = in.fixed<uint8_t>();
  auto crc = in.fixed<uint32_t>();
  if (!in.ok() || crc32c(in.rest()) != crc)
    return failure{ec::corrupt_record, "row: CRC32C does not match"};
  // The CRC does not cover the version, and there never was a version 0.
  if (version == 0)
    return failure{ec::corrupt_record, "row: has no format"};
  if (version > format_version)
    return too_new("row", version);
  return in.rest();
}

std::string encode_idx_row(const idx_row& x) {
  std::string body;
  put_fixed(body, static_cast<uint16_t>(x.shard.value));
  put_fixed(body, x.index.value);
  put_fixed(body, x.count);
  put_fixed(body, x.bytes);
  put_fixed(body, x.bytes_below);
  put_fixed(body, x.logged_at.value);
  put_fixed(body, x.stored_at.value);
  return seal_row(body);
}

result<idx_row> decode_idx_row(std::string_view row) {
  auto body = open_row(row);
  if (!body)
    return body.error();
  byte_reader in{*body};
  idx_row x;
  x.shard = shard_id{in.fixed<uint16_t>()};
  x.index = raft_index{in.fixed<uint64_t>()};
  x.count = in.fixed<uint32_t>();
  x.bytes = in.fixed<uint32_t>();
  x.bytes_below = in.fixed<uint64_t>();
  x.logged_at = log_time{in.fixed<uint64_t>()};
  x.stored_at = log_time{in.fixed<uint64_t>()};
  if (!in.at_end())
    return failure{ec::corrupt_record, "idx row: bad length"};
  return x;
}

} // namespace eventd::storage
