// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/delivery.hpp"

#include <limits>

#include "actors/resource/duration.hpp"

namespace eventd::actors {

namespace {

/// Reads an ISO 8601 duration of at least `least_ms`.
std::optional<int64_t> read_duration(strict_reader& fields,
                                     std::string_view key, int64_t least_ms) {
  auto text = fields.string(key);
  if (!text)
    return {};
  auto ms = parse_duration(*text);
  if (!ms) {
    fields.refuse(key, ms.error().detail);
    return {};
  }
  if (*ms < least_ms) {
    fields.refuse(key, "must be longer than zero");
    return {};
  }
  return *ms;
}

std::optional<backoff_policy> read_policy(strict_reader& fields) {
  auto text = fields.string("backoffPolicy");
  if (!text)
    return {};
  if (*text == "linear")
    return backoff_policy::linear;
  if (*text != "exponential")
    fields.refuse("backoffPolicy",
                  "'" + *text + "' must be linear or exponential");
  return backoff_policy::exponential;
}

delivery_format read_format(strict_reader& fields) {
  auto text = fields.string("format");
  if (!text)
    return delivery_format::unchanged;
  if (*text == "json")
    return delivery_format::structured;
  if (*text != "binary")
    fields.refuse("format", "'" + *text + "' must be json or binary");
  return delivery_format::binary;
}

} // namespace

delivery_fields read_delivery(strict_reader fields,
                              std::string_view own_namespace) {
  delivery_fields made;
  for (auto key : {"deadLetterSink", "retry", "backoffPolicy", "backoffDelay",
                   "timeout", "retryAfterMax", "format"})
    made.any = made.any || fields.has(key);
  if (auto sink = fields.object("deadLetterSink"); sink.present())
    made.dead_letter = read_destination(sink, own_namespace);
  auto& policy = made.policy;
  if (auto n = fields.integer("retry")) {
    if (*n < 0 || *n > std::numeric_limits<int32_t>::max())
      fields.refuse("retry", "must be 0 to 2147483647");
    else
      policy.retry = static_cast<uint32_t>(*n);
  }
  policy.backoff = read_policy(fields);
  policy.backoff_delay_ms = read_duration(fields, "backoffDelay", 0);
  policy.timeout_ms = read_duration(fields, "timeout", 1)
                        .value_or(delivery_policy{}.timeout_ms);
  policy.retry_after_max_ms = read_duration(fields, "retryAfterMax", 0);
  policy.format = read_format(fields);
  fields.done();
  return made;
}

delivery_fields inherit(const delivery_fields& subscription,
                        const delivery_fields& channel) {
  auto made = subscription.any ? subscription : channel;
  if (!made.dead_letter)
    made.dead_letter = channel.dead_letter;
  return made;
}

} // namespace eventd::actors
