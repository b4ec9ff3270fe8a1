// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound of eventd, with its reason and what happens at it.
namespace eventd::limits {

/// One HTTP request body; the default, configurable up to 16 MiB (S-11).
/// Past it: 413, nothing stored.
inline constexpr size_t body_bytes_default = size_t{1} << 20;
inline constexpr size_t body_bytes_max = size_t{16} << 20;

/// Events in one batch request (S-11). Past it: 413, nothing stored.
inline constexpr size_t batch_events_max = 1'000;

/// Nesting of JSON in a request (S-11). Past it: 400.
inline constexpr size_t json_depth_max = 64;

/// Requests are joined into one Raft entry up to here, so that a message
/// between nodes stays small. A larger request is its own entry.
inline constexpr size_t entry_bytes_max = size_t{1} << 20;

/// Entries proposed and not yet committed, per shard. libraft counts entries,
/// not bytes, so both are ours. Past it a proposal waits in the shard's queue.
inline constexpr size_t shard_inflight_entries_max = 64;
inline constexpr size_t shard_inflight_bytes_max = size_t{16} << 20;

/// Proposals that wait in one shard's queue. Past it: `ec::overloaded`.
inline constexpr size_t shard_queue_bytes_max = size_t{64} << 20;

/// Requests that wait in one channel for earlier ones. Past it:
/// `ec::overloaded`, 429 with Retry-After.
inline constexpr size_t channel_queue_requests_max = 16'384;
inline constexpr size_t channel_queue_bytes_max = size_t{32} << 20;

/// Entries one channel has proposed at a time; while they are on their way the
/// requests that arrive are joined into the next.
inline constexpr size_t channel_inflight_entries_max = 4;

/// Events just written that readers find in memory, per node. Past it the
/// oldest leave; RocksDB has them.
inline constexpr size_t tail_cache_bytes_max = size_t{16} << 20;

/// Window in which a second (source, id) is a duplicate, per channel: this
/// many events or `dedup-window`, whichever is less.
inline constexpr size_t dedup_events_max = 65'536;

/// The Raft start follows the log's end at this distance, because libraft's
/// start costs 40 bytes an entry and the log below it can be reclaimed.
inline constexpr uint64_t raft_start_distance_entries = 100'000;
inline constexpr uint64_t raft_start_distance_bytes = uint64_t{256} << 20;

/// What one read answers at most: events and bytes (but at least one event).
inline constexpr uint32_t read_events_max = 10'000;
inline constexpr uint64_t read_bytes_max = uint64_t{4} << 20;

/// Events of one subscription that wait for their next attempt. Past it the
/// subscription stops advancing and says so in its status.
inline constexpr size_t waiting_events_max = 1'000;

/// Requests on the wire per subscription: default and largest.
inline constexpr uint32_t in_flight_default = 32;
inline constexpr uint32_t in_flight_max = 1'024;

/// What is read of a subscriber's answer: a reply event may stand in it.
/// Past it: the connection is closed and the answer counts without its body.
inline constexpr size_t answer_bytes_max = size_t{1} << 20;

/// Of an answer, what a dead letter quotes (`knativeerrordata`): 1 024 base64
/// characters, so this many bytes.
inline constexpr size_t error_data_bytes_max = 768;

/// Long polls and waits of one channel. Past it: `ec::overloaded`.
inline constexpr size_t channel_waiters_max = 16'384;

/// Waiting for new events in one read. Unit: ms.
inline constexpr int64_t wait_ms_max = 60'000;

/// What an in-memory channel keeps where `retention-bytes` is not set.
inline constexpr uint64_t memory_channel_bytes_default = uint64_t{64} << 20;

/// A manifest or resource body, and aliases in it (S-11). Past it: 400.
inline constexpr size_t manifest_bytes_max = size_t{1} << 20;
inline constexpr size_t yaml_aliases_max = 1'000;

/// Bytes of requests being handled in one node. Past it: 503 with Retry-After
/// before the body is read.
inline constexpr size_t node_inflight_bytes_max = size_t{64} << 20;

/// Resources of one node, and channels among them.
inline constexpr size_t resources_max = 100'000;

/// Shards of a node or cluster, fixed at bootstrap.
inline constexpr uint32_t shards_default = 8;
inline constexpr uint32_t shards_max = 64;

/// Log entries of cursors: one at most this large, written this often at most.
inline constexpr size_t cursor_entry_bytes_max = size_t{1} << 20;
inline constexpr int64_t cursor_interval_ms = 200;

} // namespace eventd::limits
