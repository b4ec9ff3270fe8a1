// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "storage/model/error.hpp"
#include "storage/model/event.hpp"
#include "storage/model/units.hpp"

namespace eventd::storage {

/// Written first in every record of this version; a reader that meets a higher
/// one refuses it.
inline constexpr uint8_t format_version = 1;

// -- log records --------------------------------------------------------------

/// Raft's own kinds of entries, as on disk.
enum class entry_type : uint8_t { command = 1, barrier = 2, change = 3 };

/// On disk, family `log-N`, before the payload:
/// [1 format][1 type][2 zero][4 CRC32C of all other bytes][8 term], LE.
inline constexpr size_t record_header_bytes = 16;

struct record_header {
  entry_type type = entry_type::command;
  raft_term term;
};

/// The header that goes before `payload`.
std::string encode_record_header(const record_header& x,
                                 std::string_view payload);

/// Checks the CRC and splits a record.
/// @errors `ec::corrupt_record`, `ec::format_too_new`
result<record_header> decode_record(std::string_view record);

// -- payloads -----------------------------------------------------------------

/// First byte of a command entry's payload.
enum class payload_kind : uint8_t {
  events = 1,
  open_channel = 2,
  close_channel = 3,
  trim_channel = 4,
  put_cursors = 5,
  put_resource = 6,
  remove_resource = 7,
};

/// Before the records of an entry of events, LE:
/// [1 kind][1 codec = 0][2 zero][4 channel][8 incarnation][8 first offset]
/// [4 count][4 zero][8 log time][8 wall time]
inline constexpr size_t events_header_bytes = 48;

struct events_header {
  channel_id channel;
  incarnation epoch;
  log_offset first;
  uint32_t count = 0;
  log_time logged_at; ///< For windows and retention; never jumps.
  log_time stored_at; ///< Wall clock, never going back in one channel.
};

/// Appends the header; records follow it.
void put_events_header(std::string& out, const events_header& x);

/// @errors `ec::corrupt_record`, `ec::format_too_new` (unknown codec)
result<events_header> decode_events_header(std::string_view payload);

/// Opens an events payload; the batch keeps `payload` alive.
/// `payload_begin` is where the payload starts in the buffer.
result<event_batch> open_events(std::shared_ptr<const std::string> buffer,
                                size_t payload_begin);

/// The same of a payload that was made, or opened, in this process.
result<event_batch> reopen_events(std::shared_ptr<const std::string> buffer,
                                  size_t payload_begin);

// -- rows ---------------------------------------------------------------------

/// A row of `state` or `idx`: [1 format][4 CRC32C of the body][body].
std::string seal_row(std::string_view body);

/// @errors `ec::corrupt_record`, `ec::format_too_new`
result<std::string_view> open_row(std::string_view row);

/// Row of family `idx`: which entry holds the offsets from the key's on.
struct idx_row {
  shard_id shard;
  raft_index index;
  uint32_t count = 0;       ///< Events in the entry.
  uint32_t bytes = 0;       ///< Payload bytes of the entry.
  uint64_t bytes_below = 0; ///< Payload bytes of the channel's older entries.
  log_time logged_at;
  log_time stored_at;
};

std::string encode_idx_row(const idx_row& x);
result<idx_row> decode_idx_row(std::string_view row);

} // namespace eventd::storage
