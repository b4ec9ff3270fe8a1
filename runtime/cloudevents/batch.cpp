// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/modes.hpp"

namespace eventd::runtime::cloudevents {

namespace {

/// Says which event of the batch a failure is about: "id" becomes "[3].id".
failure in_event(size_t i, failure x) {
  auto place = "[" + std::to_string(i) + "]";
  x.field = x.field.empty() ? place : place + "." + x.field;
  x.detail = "event " + place + " of the batch: " + x.detail;
  return x;
}

} // namespace

result<uint32_t> read_batch(std::string_view body, const parse_limits& limits,
                            draft& event, arena& memory, std::string& out) {
  if (!is_utf8(body))
    return failure{ec::invalid_event, "the JSON batch is not UTF-8"};
  // Its array is not counted: reads put each event that was taken into one.
  json_reader in{body, limits.json_depth_max + 1};
  if (!in.open_array())
    return json_failure(in);
  std::vector<json_member> members;
  uint32_t n = 0;
  auto version = spec_version::v1_0;
  for (; in.next_element(); ++n) {
    if (n == limits.batch_events_max)
      return failure{ec::payload_too_large,
                     "the batch has more than "
                       + std::to_string(limits.batch_events_max) + " events"};
    if (auto done = read_json_event(in, members, event, memory, out); !done)
      return in_event(n, done.error());
    if (n == 0)
      version = event.version();
    if (event.version() != version)
      return in_event(n, attribute_failure("specversion",
                                           "differs from that of the first "
                                           "event: all must have the same"));
  }
  if (in.failed() || !in.at_end())
    return json_failure(in);
  return n;
}

} // namespace eventd::runtime::cloudevents
