// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <caf/meta/load_callback.hpp>

#include "actors/protocol/error.hpp"
#include "actors/protocol/messages.hpp"
#include "storage/model/event.hpp"

// How CAF serialises the payloads of `messages.hpp`: one function a struct,
// its fields in the order they are declared. Included by `messages.hpp`.

namespace eventd {

/// Lets CAF serialise a batch: its records, their number and their place.
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, event_batch& x) {
  std::string records;
  uint32_t count = 0;
  if constexpr (Inspector::reads_state) {
    records = x.records();
    count = static_cast<uint32_t>(x.size());
  }
  auto load = [&]() -> caf::error {
    auto first = x.first_offset;
    auto time = x.stored_at;
    auto opened = event_batch::open(
      std::make_shared<const std::string>(std::move(records)), 0, count);
    if (!opened)
      return to_caf(opened.error());
    x = std::move(*opened);
    x.first_offset = first;
    x.stored_at = time;
    return caf::none;
  };
  return f(records, count, x.first_offset, x.stored_at,
           caf::meta::load_callback(load));
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, damaged_place& x) {
  return f(x.shard, x.index, x.channel, x.first, x.count);
}

} // namespace eventd

namespace eventd::actors {

/// Lets CAF serialise a `std::optional`, which 0.17 does not know.
template <class T>
struct optional_field {
  std::optional<T>& value;

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f,
                                                 optional_field& x) {
    bool has = x.value.has_value();
    T content = has ? *x.value : T{};
    auto load = [&]() -> caf::error {
      if (has)
        x.value = std::move(content);
      else
        x.value.reset();
      return caf::none;
    };
    return f(has, content, caf::meta::load_callback(load));
  }
};

/// Clang 14, which builds the fuzzers, does not deduce it of the aggregate.
template <class T>
optional_field(std::optional<T>&) -> optional_field<T>;

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, channel_info& x) {
  return f(x.id, x.epoch, x.shard, x.namespace_name, x.name, x.in_memory);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, channel_settings& x) {
  return f(x.retention_age_ms, x.retention_bytes, x.retention_events,
           x.dedup_window_ms);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, append_result& x) {
  return f(x.first, x.stored, x.duplicates);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, joined_append& x) {
  return f(x.events, x.sizes);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_request& x) {
  return f(x.from, x.events_max, x.bytes_max);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stored_read_request& x) {
  return f(x.channel, x.what, x.end);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_result& x) {
  return f(x.batches, x.next, x.earliest, x.end, x.epoch);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, channel_status& x) {
  optional_field corrupt_offset{x.corrupt_offset};
  return f(x.info, x.earliest, x.end, x.bytes, x.published, x.duplicates,
           corrupt_offset);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, await_request& x) {
  return f(x.seen, x.wait_ms);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shared_bytes& x) {
  std::string text;
  if constexpr (Inspector::reads_state)
    text = x.data ? *x.data : std::string{};
  auto load = [&]() -> caf::error {
    x.data = std::make_shared<const std::string>(std::move(text));
    return caf::none;
  };
  return f(text, caf::meta::load_callback(load));
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, proposed& x) {
  return f(x.index, x.stored_at);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, channel_place& x) {
  return f(x.known, x.epoch, x.start, x.end, x.bytes_below, x.bytes_end,
           x.logged_at, x.stored_at, x.term);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, trim_plan& x) {
  return f(x.start, x.bytes_below);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, server_status& x) {
  return f(x.server, x.address, x.role, x.match);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shard_status& x) {
  return f(x.shard, x.role, x.ready, x.leader, x.term, x.start, x.last,
           x.commit, x.applied, x.changing, x.servers);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, log_chunk& x) {
  return f(x.next, x.indexes, x.records, x.idx_keys, x.idx_values);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, state_chunk& x) {
  return f(x.token, x.applied, x.total, x.bytes);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, call_address& x) {
  return f(x.node, x.kind, x.shard, x.key, x.name, x.repeatable);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, resource_snapshot& x) {
  return f(x.keys, x.documents, x.indexes, x.channel_ids_end);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, cursor_commit& x) {
  return f(x.subscription_uid, x.channel, x.cursor, x.urgent);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, delivery_policy& x) {
  optional_field retry{x.retry};
  optional_field backoff{x.backoff};
  optional_field backoff_delay_ms{x.backoff_delay_ms};
  optional_field retry_after_max_ms{x.retry_after_max_ms};
  return f(retry, backoff, backoff_delay_ms, x.timeout_ms, retry_after_max_ms,
           x.format);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, subscription_spec& x) {
  return f(x.uid, x.namespace_name, x.name, x.channel, x.subscriber_uri,
           x.reply_uri, x.dead_letter_uri, x.delivery, x.start, x.start_value,
           x.ordering, x.max_in_flight, x.rate, x.paused);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, error_extensions& x) {
  return f(x.dest, x.code, x.data);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, delivery_request& x) {
  optional_field error{x.error};
  return f(x.namespace_name, x.target, x.leg, x.format, x.event, error,
           x.headers, x.timeout_ms);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, delivery_outcome& x) {
  optional_field retry_after_ms{x.retry_after_ms};
  return f(x.status, x.error, retry_after_ms, x.body, x.reply, x.headers);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, undelivered& x) {
  return f(x.offset, x.code, x.reason);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, subscription_status& x) {
  return f(x.uid, x.namespace_name, x.name, x.channel, x.ready, x.paused,
           x.paused_reason, x.low, x.end, x.in_flight, x.waiting, x.delivered,
           x.attempts_failed, x.dead_lettered, x.given_up, x.skipped,
           x.last_given_up, x.last_error);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, resource_request& x) {
  return f(x.verb, x.group, x.version, x.plural, x.namespace_name, x.name,
           x.body, x.dry_run);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, resource_response& x) {
  return f(x.created, x.body);
}

} // namespace eventd::actors
