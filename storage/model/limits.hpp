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

/// Events in one batch request (S-11); the default. Past it: 413, nothing
/// stored.
inline constexpr size_t batch_events_max = 1'000;

/// Nesting of JSON in a request (S-11), but for the array of a batch, so that
/// what reads show as a batch is taken as one; for events the default, for
/// resources fixed, because every node has to read them. Past it: 400.
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

/// Publish requests of one turn of an I/O thread that go to their channel as
/// one message: how many, and their bytes. Past it: another message. A request
/// with a larger body than this goes alone, without a copy.
inline constexpr size_t joined_requests_max = 256;
inline constexpr size_t joined_bytes_max = size_t{128} << 10;
inline constexpr size_t joined_body_bytes_max = size_t{16} << 10;

/// Entries one channel has proposed at a time; while they are on their way the
/// requests that arrive are joined into the next.
inline constexpr size_t channel_inflight_entries_max = 4;

/// Events just written that readers find in memory, per node. Past it the
/// oldest leave; RocksDB has them.
inline constexpr size_t tail_cache_bytes_max = size_t{8} << 20;

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

/// Bytes that the anchors and aliases of one manifest copy: 1 000 aliases of
/// one long text would stand for a GiB. Past it: 400.
inline constexpr size_t yaml_copied_bytes_max = 4 * manifest_bytes_max;

/// Bytes of requests being handled in one node. Past it: 503 with Retry-After
/// before the body is read.
inline constexpr size_t node_inflight_bytes_max = size_t{64} << 20;

/// Once so much of it is held, only small bodies get in, however they come: who
/// sends large ones slowly keeps nobody from publishing usual events.
inline constexpr size_t large_bodies_bytes_max = size_t{48} << 20;
inline constexpr size_t small_body_bytes_max = size_t{16} << 10;

/// Resources of one node, and channels among them.
inline constexpr size_t resources_max = 100'000;

/// Shards of a node or cluster, fixed at bootstrap.
inline constexpr uint32_t shards_default = 8;
inline constexpr uint32_t shards_max = 64;

/// Log entries of cursors: one at most this large, written this often at most.
inline constexpr size_t cursor_entry_bytes_max = size_t{1} << 20;
inline constexpr int64_t cursor_interval_ms = 200;

/// `Retry-After` that is honoured where `retryAfterMax` is absent; a longer one
/// is cut. Unit: ms.
inline constexpr int64_t retry_after_ms_max = 3'600'000;

/// The longest wait a backoff grows to, so that times never overflow: a year.
inline constexpr int64_t backoff_ms_max = 365LL * 24 * 3'600'000;

/// What one subscription reads ahead of its window: events and bytes (but one
/// event at least). Past it: the log is not read on.
inline constexpr uint32_t read_ahead_events_max = 512;
inline constexpr uint64_t read_ahead_bytes_max = uint64_t{256} << 10;

/// Reply events of one subscription that wait for the reply leg. Past it: the
/// subscriber gets nothing new until some are gone.
inline constexpr size_t replies_held_bytes_max = size_t{1} << 20;

/// Replies and error data kept in one cursor. Past it: after a restart the
/// subscriber is asked for its reply again, and a dead letter has no
/// `knativeerrordata`.
inline constexpr size_t cursor_payload_bytes_max = size_t{64} << 10;

/// Events given up that one subscription still names, and the words for each.
/// Past it: the oldest name goes, the count stays; words are cut.
inline constexpr size_t given_up_kept_max = 10;
inline constexpr size_t given_up_reason_bytes_max = 256;

/// A request's or answer's header (S-11); for requests the default. Past it:
/// 431, the connection closes.
inline constexpr size_t header_bytes_max = size_t{16} << 10;
inline constexpr size_t header_fields_max = 100;

/// Bytes taken from a socket at a time, so that what trails a body is counted
/// before it fills memory. Past it: the next read takes the rest.
inline constexpr size_t socket_read_bytes = size_t{8} << 10;

/// Connections of one node, where nobody says how many and more files may be
/// open: with all that one may hold before its header is complete, half a GiB.
/// Past it: a new one gets a 503 and is closed.
inline constexpr size_t connections_max = 16'384;

/// Those of one IP address, loopback aside (S-11); the default. Past it: the
/// same. Addresses of IPv6 are counted by /64, which is what one machine has.
inline constexpr size_t connections_per_address_max = 256;

/// Files beside the connections of clients: of the database, to subscribers, to
/// other nodes. Where less are left eventd does not start.
inline constexpr uint64_t other_files_min = 256;

/// What a connection holds before the header of its request is complete, all
/// in all (S-11). Nothing enforces it but the bounds that it is the sum of:
/// the header as it came in (16 KiB, and one step of 4 KiB), copied parts of it
/// and what is kept from one request to the next (8 KiB), the session itself
/// with its coroutines (3 KiB).
inline constexpr size_t waiting_connection_bytes_max = size_t{32} << 10;

/// How long a connection may take (S-11); the defaults. Past it: it is closed.
/// Unit: s.
inline constexpr uint64_t header_timeout_s = 10;
inline constexpr uint64_t idle_timeout_s = 75;
inline constexpr uint64_t linger_timeout_s = 2;

/// What a body has to bring a second, on average over any so many seconds
/// (S-11); the first is the default. Past it: the connection is closed.
inline constexpr size_t body_bytes_per_s_min = 1'024;
inline constexpr uint64_t body_window_s = 10;

/// What is still read of a refused request and thrown away, so that the refusal
/// is not lost in a reset: the largest body. Past it: the connection is closed.
inline constexpr size_t linger_bytes_max = body_bytes_max + (size_t{64} << 10);

/// Local channels that an event may enter one after the other: a chain longer
/// than this is taken for a loop of subscriptions. Past it the append is
/// refused with 400; as a dead letter it may go on as far once more.
inline constexpr uint32_t hops_max = 16;

/// `traceparent` and `tracestate`, which go on with each event of a request
/// (512 characters, W3C Trace Context 3.3.1.5). Past it: the field is left out.
inline constexpr size_t trace_header_bytes_max = 512;

/// Questions of one I/O context that wait for an actor. Past it:
/// `ec::overloaded`.
inline constexpr size_t bridge_asks_max = 65'536;

/// How long the gateway waits for an actor's answer, which takes care of an
/// actor that died with it. Past it: `ec::timeout`. Unit: s.
inline constexpr uint64_t ask_timeout_s = 30;

/// Events that one read for the gateway takes into memory. A stream reads the
/// next when its reader took this. Past it: the rest comes with the next read.
inline constexpr uint64_t read_chunk_bytes_max = size_t{256} << 10;

/// Silence in an event stream until a comment keeps it open. Unit: ms.
inline constexpr int64_t heartbeat_ms = 15'000;

/// Attempts on the wire per I/O context, where the files allow it. Past it:
/// `ec::overloaded`.
inline constexpr size_t deliveries_max = 16'384;

/// Events of all attempts on the wire in one node; of those to one target, per
/// I/O context. Each is held about twice, as a record and as a request. Past
/// it, and to a target that has some past three quarters of it:
/// `ec::overloaded`. So what is slow does not hold up the others.
inline constexpr size_t delivery_bytes_max = size_t{64} << 20;
inline constexpr size_t target_bytes_max = delivery_bytes_max / 4;

/// Bodies of answers that are being read in one node, and of one target,
/// without the first `socket_read_bytes` of each. Each may take twice as much
/// while it grows. Past it: `ec::overloaded`, and the attempt is made again.
inline constexpr size_t answers_bytes_max = size_t{32} << 20;
inline constexpr size_t target_answers_bytes_max = answers_bytes_max / 4;

/// Idle connections kept per target and in all, per I/O context, and how long:
/// as many to a target as a Subscription may have events in flight. Past it:
/// the connection is closed after its answer.
inline constexpr size_t idle_connections_per_target_max = in_flight_max;
inline constexpr size_t idle_connections_max = 4'096;
inline constexpr uint64_t idle_connection_s = 30;

/// Channels that `/metrics` names. Past it: counted as `other`.
inline constexpr size_t metric_channels_max = 1'000;

/// Attributes of one event: as many fields as a request may have (S-11),
/// because an event leaves as headers. Past it: 400.
inline constexpr size_t event_attributes_max = 100;

/// The name of one attribute. CloudEvents advises 20. Past it: 400.
inline constexpr size_t attribute_name_bytes_max = 256;

/// Calls that wait for an earlier call of the same resource. Past it:
/// `ec::overloaded`.
inline constexpr size_t resource_queue_max = 64;

/// Resources that RESOURCES carries out at one time on its own account, at
/// start-up and when something they refer to changes. The others wait.
inline constexpr size_t reconciles_inflight_max = 64;

/// Values in one manifest after its aliases are expanded: 1 000 aliases can
/// stand for millions. Past it: 400.
inline constexpr size_t manifest_values_max = 100'000;

/// Free disk space below which publishing stops with `ec::no_space` (507):
/// unflushed memtables (32 MiB), what is in flight, one compaction (64 MiB),
/// and 24 MiB for cursors, trims and votes, which go on.
inline constexpr uint64_t disk_reserve_bytes = uint64_t{136} << 20;

/// What is in flight when publishing stops: leaders sent it before. A copy of a
/// shard takes events until this much of the reserve is used, so that disks of
/// one size, which fill up together, end level; past it only what is no event,
/// and the leader tries again.
inline constexpr uint64_t disk_in_flight_bytes = uint64_t{16} << 20;

/// Calls to other nodes that wait for an answer, and calls of other nodes that
/// are being answered. Beyond it: `ec::overloaded`.
inline constexpr size_t link_calls_max = 16'384;

/// Bytes of newly applied entries that a replica keeps for followers, before it
/// reads them from the disk. Only in a group of several.
inline constexpr size_t replica_recent_bytes_max = size_t{2} << 20;
inline constexpr size_t replica_recent_entries_max = 4'096;

/// Rows of applied entries that a replica holds back for its next synced write.
/// Past it: they are written at once.
inline constexpr size_t replica_held_rows_max = 4'096;

/// Largest Raft message between nodes, but for a single larger entry.
inline constexpr size_t raft_message_bytes_max = size_t{1} << 20;

/// Messages to one follower that wait behind entries read from the disk; beyond
/// it the oldest is dropped, which Raft tolerates.
inline constexpr size_t raft_backlog_max = 64;

/// How long a request waits for a shard to get a leader. Unit: ms.
inline constexpr int64_t owner_patience_ms = 5'000;

/// A piece of what a replica copies that lacks more than the log has.
inline constexpr size_t copy_chunk_bytes = size_t{1} << 20;

/// Applied states that other nodes fetch piece by piece at a time: one of each
/// shard of two nodes. Past it: another is refused, and asked for again.
inline constexpr size_t state_copies_max = 16;

/// Bytes of all of them, but for the newest. Past it: as above.
inline constexpr uint64_t state_copies_bytes_max = uint64_t{256} << 20;

/// Of one that nobody reads any more, until it is given up. Unit: ms.
inline constexpr int64_t state_copy_idle_ms = 10'000;

/// An applied state that a replica takes over in memory; about 100 bytes for
/// each channel, subscription and cursor, and the documents in shard 0. Past
/// it: the copy fails, and the log says so.
inline constexpr uint64_t copied_state_bytes_max = uint64_t{1} << 30;

/// Before a copy that met trouble goes on. Unit: ms.
inline constexpr int64_t copy_retry_ms = 200;

/// Damaged places of one shard, or rows of `idx`, that are being mended at a
/// time. Past it: `ec::overloaded`.
inline constexpr size_t mends_inflight_max = 16;

/// How long peers are asked for what is damaged, while one of them can not be
/// reached; how long one may take; between two rounds. Past the first: the
/// reader is told of the damage. Less than a reader waits. Unit: ms.
inline constexpr int64_t mend_patience_ms = 10'000;
inline constexpr int64_t mend_answer_ms = 3'000;
inline constexpr int64_t mend_retry_ms = 500;

/// Rows of `idx` that are fetched for one damaged one: about what its block
/// held. The next read asks for the rest.
inline constexpr size_t mend_rows_max = 512;

/// Damaged places that one read has mended before it answers. Past it: the
/// reader is told of the damage, and may read again.
inline constexpr int mends_a_read_max = 64;

/// How much of the logs is looked at for damage in a second, so that users'
/// reads keep the disk; how soon after the start, and after the last time.
inline constexpr uint64_t scrub_bytes_a_s = uint64_t{16} << 20;
inline constexpr int64_t scrub_first_ms = 2'000;
inline constexpr int64_t scrub_pause_ms = 6 * 3'600'000;

/// Lines of the log about damage in a minute. Past it: one line with a count.
inline constexpr uint32_t damage_lines_a_minute = 10;

/// How long a leader proposes nothing so that its heir gets equal. Unit: ms.
inline constexpr int64_t hand_over_ms = 300;

/// Between two attempts to find it. Unit: ms.
inline constexpr int64_t owner_retry_ms = 20;

} // namespace eventd::limits
