// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/cloudevents/cloudevents.hpp"
#include "runtime/cloudevents/draft.hpp"
#include "runtime/cloudevents/json_reader.hpp"

/// The three content modes, each from a request to records. Inside this folder
/// only; `cloudevents.hpp` is what others call.
namespace eventd::runtime::cloudevents {

/// What decides how a message is read.
struct envelope {
  std::span<const field> headers;
  std::string_view body;
  std::string_view content_type; ///< Without spaces around it; may be empty.
  std::string_view version;      ///< `ce-specversion`, or the 0.1 header.
  bool is_v0_1 = false;          ///< `version` came from the 0.1 header.
};

/// Appends the one record of a binary-mode message (HTTP binding 3.1).
result<void> read_binary(const envelope& in, draft& event, arena& memory,
                         std::string& out);

/// Appends the one record of a JSON event (HTTP binding 3.2).
result<void> read_structured(std::string_view body, size_t depth_max,
                             draft& event, arena& memory, std::string& out);

/// Appends the records of a JSON batch and answers how many.
result<uint32_t> read_batch(std::string_view body, const parse_limits& limits,
                            draft& event, arena& memory, std::string& out);

/// Reads one JSON event where `in` stands and appends its record. `members` is
/// the caller's, so that a batch allocates once.
result<void> read_json_event(json_reader& in, std::vector<json_member>& members,
                             draft& event, arena& memory, std::string& out);

/// What the grammar of JSON says against the body.
failure json_failure(const json_reader& in);

} // namespace eventd::runtime::cloudevents
