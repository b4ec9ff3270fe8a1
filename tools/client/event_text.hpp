// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/model/error.hpp"

/// Events as lines of JSON text, handled without parsing what is not needed:
/// a replay moves more than a million lines a second, and no byte of the data
/// may change. Pure; any thread; never blocks.
namespace eventd::tools {

/// One member of a JSON object, as views into its text.
struct json_member {
  std::string_view key;   ///< Between its quotes, not unescaped.
  std::string_view value; ///< Raw text: `"a"`, `12`, `{"x":1}`.
};

/// The members of the outermost object, in their order.
/// @errors `ec::invalid_event`: not one JSON object.
result<std::vector<json_member>> members_of(std::string_view object);

/// What the server added to an event that was read.
struct server_marks {
  std::optional<uint64_t> offset = {}; ///< `eventdoffset`.
  std::string_view time = {}; ///< `eventdtime`, RFC 3339; may be empty.
};

/// Finds the server's marks and appends to `out` the event without any member
/// that begins with "eventd". The other bytes stay as they were.
/// `{"id":"1","eventdoffset":"7"}` appends `{"id":"1"}` and answers offset 7.
/// @errors `ec::invalid_event`: not one JSON object; `out` is unchanged.
result<server_marks> append_unmarked(std::string& out, std::string_view line);

/// Milliseconds since 1970 of an RFC 3339 time, or none.
std::optional<int64_t> parse_time_ms(std::string_view text);

} // namespace eventd::tools
