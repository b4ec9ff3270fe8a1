// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "storage/model/error.hpp"
#include "storage/model/units.hpp"

/// Entries of a shard's log that are not events: what changes its state.
namespace eventd::storage {

/// A channel begins to exist in this shard.
struct open_channel {
  channel_id id;
  incarnation epoch;
  std::string namespace_name;
  std::string name;
  bool in_memory = false;
};

/// A channel ends; its events are hidden at once and reclaimed later.
struct close_channel {
  channel_id id;
};

/// Events below `start` are hidden at once and reclaimed later.
struct trim_channel {
  channel_id id;
  log_offset start;         ///< First offset of an entry, or the end.
  uint64_t bytes_below = 0; ///< Payload bytes of all entries below it.
};

/// Newest cursors of some subscriptions; an empty cursor removes it.
struct put_cursors {
  struct row {
    std::string subscription_uid;
    channel_id channel;
    std::string cursor;
  };
  std::vector<row> rows;
};

/// Writes one resource (shard 0). Key: "plural.group/namespace/name".
struct put_resource {
  std::string key;
  std::string document; ///< JSON.
  /// All channel ids below this one are used up. Never goes back.
  uint64_t channel_ids_end = 0;
};

/// Removes one resource (shard 0).
struct remove_resource {
  std::string key;
};

using command = std::variant<open_channel, close_channel, trim_channel,
                             put_cursors, put_resource, remove_resource>;

/// A command as the payload of a log entry; its first byte tells it from a
/// batch of events. Layout: docs/storage-format.md.
std::string encode(const command& x);

/// @errors `ec::corrupt_record`, `ec::format_too_new`
result<command> decode_command(std::string_view payload);

} // namespace eventd::storage
