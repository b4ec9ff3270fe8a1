// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/model/event.hpp"
#include "storage/model/units.hpp"

namespace eventd::actors {

// -- channels -----------------------------------------------------------------

/// What identifies a channel for its whole life.
struct channel_info {
  channel_id id;
  incarnation epoch;
  shard_id shard;
  std::string namespace_name;
  std::string name;
  bool in_memory = false; ///< Annotation `eventd.dev/durability: memory`.
};

/// What a channel's owner can change at any time. Zero means: no limit, or off.
struct channel_settings {
  int64_t retention_age_ms = 7 * 24 * 3'600'000LL;
  uint64_t retention_bytes = 0;
  uint64_t retention_events = 0;
  int64_t dedup_window_ms = 120'000;
};

/// How an append ended. All events of the request are durable now.
struct append_result {
  log_offset first;        ///< Of the first event stored now, else of its copy.
  uint32_t stored = 0;     ///< Events stored by this request.
  uint32_t duplicates = 0; ///< Events that were there already.
};

/// Requests that came together: each is so many of the events, in their order.
struct joined_append {
  event_batch events;
  std::vector<uint32_t> sizes; ///< Each at least 1; all the events together.
};

/// Asks for committed events in offset order.
struct read_request {
  log_offset from;         ///< First offset wanted.
  uint32_t events_max = 0; ///< Answer at most this many; at least 1.
  uint64_t bytes_max = 0; ///< Answer at most this much, but one event at least.
};

/// The same, for one that holds the channel's id: READER's request.
struct stored_read_request {
  channel_info channel;
  read_request what;
  log_offset end; ///< Committed end; nothing at or beyond it is answered.
};

struct read_result {
  std::vector<event_batch> batches; ///< Dense, from `from` on; may be empty.
  log_offset next;                  ///< Offset after the last event answered.
  log_offset earliest;              ///< First offset that can still be read.
  log_offset end;                   ///< Offset the next event will get.
  incarnation epoch;
};

/// Where a channel stands.
struct channel_status {
  channel_info info;
  log_offset earliest;
  log_offset end;
  uint64_t bytes = 0;      ///< Payload bytes readable.
  uint64_t published = 0;  ///< Events stored since the actor started.
  uint64_t duplicates = 0; ///< Events refused as duplicates since then.
  std::optional<uint64_t> corrupt_offset; ///< First damaged offset met.
};

/// Waits until the channel's end is beyond `seen`, or `wait_ms` have passed.
struct await_request {
  log_offset seen;
  int64_t wait_ms = 0; ///< 0 to `limits::wait_ms_max`.
};

// -- the log ------------------------------------------------------------------

/// One server of a shard, as the shard's replica on this node sees it.
struct server_status {
  uint64_t server = 0; ///< Raft server id.
  std::string address;
  uint8_t role = 0; ///< `storage::raft_server_role`.
  raft_index match; ///< What it surely has; known to the leader only.
};

/// Where a replica stands.
struct shard_status {
  shard_id shard;
  uint8_t role = 0;    ///< `storage::raft_role`.
  bool ready = false;  ///< It leads, and its own barrier is applied.
  uint64_t leader = 0; ///< Raft server id; 0: not known.
  raft_term term;
  raft_index start;  ///< Where the Raft log begins.
  raft_index last;   ///< Last entry, committed or not.
  raft_index commit; ///< Committed, and on this node's disk.
  raft_index applied;
  bool changing = false; ///< A change of the servers is not committed yet.
  std::vector<server_status> servers;
};

/// To what a call from another node goes.
enum class call_target : uint8_t {
  channel,      ///< `key` is a channel id.
  subscription, ///< `name` is "namespace/name".
  replica,      ///< Of `shard`.
  supervisor,
  resources,
  membership,
  reader,
};

struct call_address {
  uint64_t node = 0; ///< Where the actor is.
  call_target kind = call_target::channel;
  shard_id shard;
  uint64_t key = 0;
  std::string name;
  /// The asker may ask again though the first call may have been carried out.
  bool repeatable = false;
};

/// Entries of a shard's log as they are on the disk, and their idx rows. What
/// is not there any more was given back to the disk.
struct log_chunk {
  raft_index next; ///< The first one that was not looked at.
  std::vector<raft_index> indexes;
  std::vector<std::string> records;
  std::vector<std::string> idx_keys;
  std::vector<std::string> idx_values;
};

/// What is damaged on this node, and wanted of another.
using eventd::damaged_place;

/// A piece of a shard's applied state.
struct state_chunk {
  uint64_t token = 0; ///< Names the state that the piece is of.
  raft_index applied;
  uint64_t total = 0; ///< Bytes of all pieces.
  std::string bytes;
};

/// Bytes that many actors share and nobody changes.
struct shared_bytes {
  std::shared_ptr<const std::string> data;
};

/// A proposal that is durable and applied.
struct proposed {
  raft_index index;
  log_time stored_at; ///< Wall time written in the entry.
};

/// Where a channel stands in its shard's applied state.
struct channel_place {
  bool known = false; ///< False: no such channel, or deleted.
  incarnation epoch;
  log_offset start;         ///< First readable offset.
  log_offset end;           ///< Offset the next event gets.
  uint64_t bytes_below = 0; ///< Payload bytes below `start`.
  uint64_t bytes_end = 0;   ///< Payload bytes ever stored.
  log_time logged_at;       ///< Log time of the last entry.
  log_time stored_at;       ///< Wall time of the last entry.
  raft_term term;           ///< Of the leader that says so.
};

/// Where retention puts a channel's start.
struct trim_plan {
  log_offset start;         ///< First offset of an entry, or the end.
  uint64_t bytes_below = 0; ///< Payload bytes of all entries below it.
};

/// A subscription's cursor on its way to the log. Only the newest counts.
struct cursor_commit {
  std::string subscription_uid;
  channel_id channel;
  std::string cursor;  ///< Opaque to all but SUBSCRIPTION; empty removes it.
  bool urgent = false; ///< Do not wait for the interval.
};

/// All resources that shard 0 has applied; one place in each list a resource.
struct resource_snapshot {
  std::vector<std::string> keys;
  std::vector<std::string> documents;
  std::vector<raft_index> indexes; ///< Of the entry that wrote it.
  uint64_t channel_ids_end = 1;    ///< All channel ids below it are used up.
};

// -- subscriptions ------------------------------------------------------------

enum class backoff_policy : uint8_t { exponential, linear };
enum class delivery_format : uint8_t { unchanged, binary, structured };
enum class delivery_ordering : uint8_t { unordered, ordered, by_key };
enum class start_kind : uint8_t { latest, earliest, offset, time };

/// Knative DeliverySpec, checked and with numbers. events.md 1.3.
struct delivery_policy {
  std::optional<uint32_t> retry;         ///< Attempts = retry + 1.
  std::optional<backoff_policy> backoff; ///< Counts only with a delay.
  std::optional<int64_t> backoff_delay_ms;
  int64_t timeout_ms = 30'000;               ///< Of each attempt; > 0.
  std::optional<int64_t> retry_after_max_ms; ///< 0: never honoured.
  delivery_format format = delivery_format::unchanged;
};

/// Everything SUBSCRIPTION needs to know; made of a valid manifest.
struct subscription_spec {
  std::string uid; ///< metadata.uid: a new Subscription is a new cursor.
  std::string namespace_name;
  std::string name;
  std::string channel; ///< Name of the channel, same namespace.
  std::string subscriber_uri;
  std::string reply_uri;       ///< Empty: replies are dropped.
  std::string dead_letter_uri; ///< Empty: none.
  delivery_policy delivery;
  start_kind start = start_kind::latest;
  int64_t start_value = 0; ///< Offset, or time in ms since 1970.
  delivery_ordering ordering = delivery_ordering::unordered;
  uint32_t max_in_flight = 32; ///< 1 to `limits::in_flight_max`.
  uint32_t rate = 0;           ///< Requests a second; 0: no limit.
  bool paused = false;
};

/// Who an attempt is made for.
enum class delivery_leg : uint8_t { subscriber, reply, dead_letter };

/// Why an event is dead-lettered: the `knativeerror…` extensions.
struct error_extensions {
  std::string dest; ///< `knativeerrordest`: URL that failed.
  int32_t code = 0; ///< `knativeerrorcode`; 500 for a transport failure.
  std::string data; ///< `knativeerrordata`: base64, at most 1 024 characters.
};

using header_list = std::vector<std::pair<std::string, std::string>>;

/// One attempt to hand one event to one URL. events.md 1.2, 1.3.
struct delivery_request {
  std::string namespace_name; ///< For header `Kn-Namespace`.
  std::string target;         ///< Absolute http URL.
  delivery_leg leg = delivery_leg::subscriber;
  delivery_format format = delivery_format::unchanged;
  event_batch event;                     ///< Exactly one event.
  std::optional<error_extensions> error; ///< On the dead letter leg.
  header_list headers; ///< Kept from the answer, on the reply leg.
  int64_t timeout_ms = 30'000;
};

/// How the attempt ended.
struct delivery_outcome {
  int32_t status = 0;                    ///< HTTP status; 0: no answer was had.
  std::string error;                     ///< Why there was none, in words.
  std::optional<int64_t> retry_after_ms; ///< `Retry-After` of 429 or 503.
  std::string body;    ///< First bytes, `limits::error_data_bytes_max`.
  event_batch reply;   ///< One event where the answer held one (never of 202).
  header_list headers; ///< Of the answer, those that go on with a reply.
};

/// An event given up for want of a dead letter sink.
struct undelivered {
  log_offset offset;
  int32_t code = 0; ///< Status of the last attempt; 0: no answer.
  std::string reason;
};

/// Where a subscription stands; also what its resource's status shows.
struct subscription_status {
  std::string uid;
  std::string namespace_name;
  std::string name;
  std::string channel;
  bool ready = false; ///< It will get all future events.
  bool paused = false;
  std::string paused_reason; ///< "Requested", "Gone" (410), "CorruptRecord".
  log_offset low;            ///< Everything below is delivered or given up.
  log_offset end;            ///< The channel's end when this was written.
  uint32_t in_flight = 0;
  uint32_t waiting = 0;         ///< Events that wait for another attempt.
  uint64_t delivered = 0;       ///< Since the actor started.
  uint64_t attempts_failed = 0; ///< Since the actor started.
  uint64_t dead_lettered = 0;   ///< Since the actor started.
  uint64_t given_up = 0;        ///< For good: kept in the cursor.
  uint64_t skipped = 0;         ///< Left retention undelivered; in the cursor.
  std::vector<undelivered> last_given_up; ///< The newest 10.
  std::string last_error; ///< Of the last failed attempt; empty: none.
};

// -- resources ----------------------------------------------------------------

enum class resource_verb : uint8_t {
  get,
  list,
  create,
  replace,
  apply,
  remove
};

/// A request to the resource API. Kubernetes API conventions.
struct resource_request {
  resource_verb verb = resource_verb::get;
  std::string group;          ///< "messaging.knative.dev"
  std::string version;        ///< "v1"
  std::string plural;         ///< "channels", "subscriptions"
  std::string namespace_name; ///< Empty for a list: all namespaces.
  std::string name;
  std::string body; ///< JSON, where the verb has one.
  bool dry_run = false;
};

struct resource_response {
  bool created = false; ///< `create`, or an `apply` that made it.
  std::string body;     ///< JSON: the object, or the list.
};

} // namespace eventd::actors

// How CAF serialises all of these; it needs the types to be whole.
#include "actors/protocol/inspect.hpp"
