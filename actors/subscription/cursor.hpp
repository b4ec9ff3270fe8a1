// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "actors/protocol/messages.hpp"
#include "storage/model/error.hpp"
#include "storage/model/units.hpp"

/// What one subscription must know again after a restart. Pure; any thread.
namespace eventd::actors {

/// Offsets from `first` up to `end`, which is not one of them.
struct offset_range {
  log_offset first;
  log_offset end;

  friend bool operator==(const offset_range&, const offset_range&) = default;
};

/// An event with a failed attempt, or on its reply or dead letter leg.
struct waiting_event {
  log_offset offset;
  delivery_leg leg = delivery_leg::subscriber;
  uint32_t attempts = 0;   ///< That failed, on this leg.
  int64_t due_in_ms = 0;   ///< What was left when the cursor was written.
  int32_t last_status = 0; ///< 0: no answer, or no attempt.
  uint64_t key = 0;        ///< Where order is by key: the key's hash.
  /// Reply leg: the one event to hand on. Empty: it was too large to keep, the
  /// subscriber is asked for it again and `attempts` goes on.
  event_batch reply;
  header_list reply_headers;
  error_extensions error; ///< Dead letter leg.
};

/// A subscription's place in its channel. Everything below `low`, and in
/// `done`, is delivered, dead-lettered, given up or skipped. With low 3, done
/// [5, 9) and one waiting at 4, offset 3 is to be delivered for the first time,
/// 4 once more, then it goes on with 9.
struct cursor {
  incarnation epoch; ///< Offsets mean nothing in another one.
  log_offset low;
  std::vector<offset_range> done;     ///< Above `low`, ascending, apart.
  std::vector<waiting_event> waiting; ///< Ascending, none below `low`.
  uint64_t given_up = 0;
  uint64_t skipped = 0;                   ///< Left retention undelivered.
  std::vector<undelivered> last_given_up; ///< The newest last.
  bool gone = false;                      ///< The subscriber answered 410.
};

/// Writes the cursor. Times are relative, so that a restart waits at most what
/// was left, whatever the clocks say. Replies and error data beyond
/// `limits::cursor_payload_bytes_max` are left out, the highest offsets first.
///
/// On disk, all numbers varints, signed ones zigzag:
/// [version = 1, one byte][epoch][low][flags, one byte: 1 = gone]
/// [given up][skipped][n][n x (gap, length): done]
/// [n][n x string: URLs][n][n x waiting][n][n x (offset, code, reason)]
/// waiting: [offset - previous][leg, one byte][attempts][due in ms][status]
/// [key]
/// reply leg: [string: record][n][n x (string, string): headers]
/// dead letter leg: [number of URL][code][string: data]
std::string encode(const cursor& x);

/// @errors `ec::corrupt_record`, `ec::format_too_new`
result<cursor> decode_cursor(std::string_view bytes);

} // namespace eventd::actors
