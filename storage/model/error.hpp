// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

#include "storage/model/units.hpp"

namespace eventd {

/// Everything that can go wrong in eventd, from the disk to the exit code.
enum class ec : uint8_t {
  none,
  invalid_event,       ///< Not a valid CloudEvent.
  invalid_request,     ///< A parameter or header that can not be understood.
  invalid_resource,    ///< A manifest that breaks its kind's rules.
  immutable_field,     ///< A change of a field that must stay as it is.
  unsupported_media,   ///< A content type or encoding that is not spoken.
  payload_too_large,   ///< Body, batch or line beyond its limit.
  not_found,           ///< No such channel, resource or route.
  method_not_allowed,  ///< The route exists, the method does not.
  already_exists,      ///< Create of something that is there.
  conflict,            ///< resourceVersion is not the current one.
  offset_trimmed,      ///< Below the earliest offset; `failure::offset` has it.
  offset_out_of_range, ///< Beyond the end; `failure::offset` has the end.
  epoch_mismatch,      ///< The offset belongs to another life of the channel.
  not_leader,          ///< This node does not lead the shard.
  overloaded,          ///< A bound is reached; the call may be repeated later.
  timeout,             ///< The outcome is unknown.
  shutting_down,       ///< The node drains.
  no_space,            ///< The disk's reserve is reached.
  corrupt_record,      ///< A record failed its check and is not served.
  corrupt_store,       ///< A file of the database is damaged.
  format_too_new,      ///< Written by a newer eventd.
  data_dir_in_use,     ///< Another process holds the data directory.
  address_in_use,      ///< The listening address can not be bound.
  invalid_config,      ///< A flag, variable or line that can not be used.
  io_error,            ///< The operating system refused a read or write.
  raft_failed,         ///< libraft refused what it must accept.
  unreachable,         ///< The other side does not answer.
  actor_died,          ///< An actor ended by an exception.
  loop_detected,       ///< The event went through too many channels.
  internal,            ///< A bug of ours.
};

struct error_row {
  ec code;
  std::string_view name; ///< As in problem+json `type` and in metrics.
  bool retryable;        ///< The same call may succeed later.
};

inline constexpr auto error_table = std::to_array<error_row>({
  {ec::none, "none", false},
  {ec::invalid_event, "invalid_event", false},
  {ec::invalid_request, "invalid_request", false},
  {ec::invalid_resource, "invalid_resource", false},
  {ec::immutable_field, "immutable_field", false},
  {ec::unsupported_media, "unsupported_media", false},
  {ec::payload_too_large, "payload_too_large", false},
  {ec::not_found, "not_found", false},
  {ec::method_not_allowed, "method_not_allowed", false},
  {ec::already_exists, "already_exists", false},
  {ec::conflict, "conflict", false},
  {ec::offset_trimmed, "offset_trimmed", false},
  {ec::offset_out_of_range, "offset_out_of_range", false},
  {ec::epoch_mismatch, "epoch_mismatch", false},
  {ec::not_leader, "not_leader", true},
  {ec::overloaded, "overloaded", true},
  {ec::timeout, "timeout", true},
  {ec::shutting_down, "shutting_down", true},
  {ec::no_space, "no_space", true},
  {ec::corrupt_record, "corrupt_record", false},
  {ec::corrupt_store, "corrupt_store", false},
  {ec::format_too_new, "format_too_new", false},
  {ec::data_dir_in_use, "data_dir_in_use", false},
  {ec::address_in_use, "address_in_use", false},
  {ec::invalid_config, "invalid_config", false},
  {ec::io_error, "io_error", false},
  {ec::raft_failed, "raft_failed", false},
  {ec::unreachable, "unreachable", true},
  {ec::actor_died, "actor_died", true},
  {ec::loop_detected, "loop_detected", false},
  {ec::internal, "internal", false},
});

constexpr bool table_is_in_enum_order() {
  for (size_t i = 0; i < error_table.size(); ++i)
    if (static_cast<size_t>(error_table[i].code) != i)
      return false;
  return error_table.size() == static_cast<size_t>(ec::internal) + 1;
}
static_assert(table_is_in_enum_order());

/// The stable name of `code`, as users see it.
constexpr std::string_view name_of(ec code) {
  return error_table[static_cast<size_t>(code)].name;
}

/// What is damaged on the disk, in words that another node understands.
struct damaged_place {
  shard_id shard;     ///< Of `index` only.
  raft_index index;   ///< A log record; 0: a row of `idx` instead.
  channel_id channel; ///< Of the row; else as the row says, or 0: not known.
  log_offset first;   ///< An offset that the row holds, or is to hold.
  uint32_t count = 0; ///< Events in the record as its row says; 0: not known.

  friend bool operator==(const damaged_place&, const damaged_place&) = default;
};

/// An error with what a person needs to mend it.
struct failure {
  ec code = ec::internal;
  std::string detail = {}; ///< One sentence: what was wrong, and where.
  std::string field = {};  ///< The attribute, header or path, where it applies.
  std::optional<uint64_t> offset = {}; ///< Earliest, end or damaged offset.
  std::optional<damaged_place> damage = {}; ///< Another node may have it whole.

  failure() = default;
  failure(ec c) : code(c) {}
  failure(ec c, std::string text, std::string where = {})
    : code(c), detail(std::move(text)), field(std::move(where)) {}
  failure(ec c, std::string text, uint64_t at)
    : code(c), detail(std::move(text)), offset(at) {}

  friend bool operator==(const failure& x, ec code) { return x.code == code; }
};

/// What a function that can fail answers: a `T`, or a `failure`.
template <class T>
using result = boost::system::result<T, failure>;

/// Called by `result::value()` on a failure; never returns.
[[noreturn]] void throw_exception_from_error(const failure& what,
                                             const boost::source_location& at);

} // namespace eventd
