// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <vector>

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>
#include <caf/unit.hpp>

#include "actors/protocol/atoms.hpp"
#include "actors/protocol/messages.hpp"
#include "storage/log/write_job.hpp"
#include "storage/raft/message_codec.hpp"
#include "storage/state/shard_state.hpp"

// Jobs never leave the node.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(eventd::storage::write_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(eventd::storage::raft_packet)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<eventd::storage::log_record>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<eventd::storage::shard_state>)

/// All actors of eventd, by the messages they take. Every request can also
/// fail with `ec::shutting_down` and `ec::actor_died`.
namespace eventd::actors {

/// CHANNEL: one named, ordered stream of events; gives offsets, owns no disk.
using channel_actor = caf::typed_actor<
  // Appends all of the batch or nothing; answers once durable.
  // Fails: overloaded, no_space, not_leader, timeout (outcome unknown).
  caf::replies_to<atom::append, event_batch>::with<append_result>,
  // The same for requests that came together: all are taken or none, and each
  // is answered for itself.
  caf::replies_to<atom::append,
                  joined_append>::with<std::vector<append_result>>,
  // Reads committed events in offset order; empty at the end of the log.
  // Fails: offset_trimmed, offset_out_of_range, corrupt_record.
  caf::replies_to<atom::read, read_request>::with<read_result>,
  // Answers the first offset stored at or after a wall time; the end if none.
  // Fails: corrupt_record.
  caf::replies_to<atom::locate, log_time>::with<log_offset>,
  // Answers the end once it is beyond what the asker has seen, or when the
  // wait is over. Fails: overloaded.
  caf::replies_to<atom::await, await_request>::with<log_offset>,
  // Where the channel stands. Fails: not_leader, overloaded.
  caf::replies_to<atom::status>::with<channel_status>,
  // Takes new settings. No answer.
  caf::reacts_to<atom::configure, channel_settings>>;

/// The same CHANNEL as it sees itself.
using channel_self_actor = channel_actor::extend<
  // Once a second: what is due.
  caf::reacts_to<atom::tick>>;

/// READER: reads events from the disk; may block, so it is one of a small pool.
using reader_actor = caf::typed_actor<
  // Fails: offset_trimmed, corrupt_record.
  caf::replies_to<atom::read, stored_read_request>::with<read_result>,
  // First offset stored at or after a wall time; the given end if none.
  caf::replies_to<atom::locate, channel_info, log_time,
                  log_offset>::with<log_offset>,
  // Where the settings put the channel's start, seen from a log time.
  caf::replies_to<atom::retain, channel_info, channel_settings,
                  log_time>::with<trim_plan>,
  // Entries of a shard's log, both ends included, all stored.
  // Fails: corrupt_record, corrupt_store, io_error.
  caf::replies_to<atom::records, shard_id, raft_index,
                  raft_index>::with<std::vector<storage::log_record>>,
  // For another node: entries from an index up to another, which is applied
  // here; at most so many bytes, but for one that is larger.
  caf::replies_to<atom::fetch, shard_id, raft_index, raft_index,
                  uint64_t>::with<log_chunk>,
  // For another node: a piece of the shard's applied state, from an offset on;
  // token 0 begins a new one. Fails: not_found (the token is too old).
  caf::replies_to<atom::fetch, shard_id, uint64_t, uint64_t>::with<state_chunk>,
  // For another node that mends it: the record, or rows of `idx` from the one
  // on that holds the offset, as they are here and only if applied here.
  // Fails: corrupt_record (damaged here, too), not_found, conflict.
  caf::replies_to<atom::mend, damaged_place>::with<log_chunk>,
  // Reads the shard's applied state anew.
  caf::replies_to<atom::load,
                  shard_id>::with<std::shared_ptr<storage::shard_state>>>;

/// MENDER: writes anew what is damaged here and whole on another node.
using mender_actor = caf::typed_actor<
  // Answers how many rows were written, all synced: read again. None: there is
  // no such row on any node.
  // Fails: corrupt_record (no other node has it), overloaded, timeout.
  caf::replies_to<atom::mend, damaged_place>::with<uint64_t>,
  // To itself: what waits for a node that is away.
  caf::reacts_to<atom::tick>>;

/// SCRUBBER: looks for damage where nobody reads; blocks, on its own thread.
using scrubber_actor = caf::typed_actor<
  // To itself: the next piece.
  caf::reacts_to<atom::tick>>;

/// REPLICA: drives one Raft group; proposes, commits, applies.
using replica_actor = caf::typed_actor<
  // Appends a payload to the shard's log; answers when it is applied.
  // Fails: not_leader, overloaded, no_space, timeout (outcome unknown).
  caf::replies_to<atom::propose, shared_bytes>::with<proposed>,
  // Takes a cursor into the next cursor entry; answers when it is durable.
  caf::replies_to<atom::commit, cursor_commit>::with<caf::unit_t>,
  // Answers the newest committed cursor of a subscription, or empty.
  caf::replies_to<atom::cursor, std::string>::with<std::string>,
  // Answers once this replica has led for sure after it was asked: what was
  // committed before then is applied. Fails: not_leader.
  caf::replies_to<atom::confirm>::with<raft_index>>;

/// Role: CATALOG. Thread: scheduler.
using shard_watcher_actor = caf::typed_actor<
  // The node that leads the shard and serves; 0: none that is known.
  caf::reacts_to<atom::lead, shard_id, uint64_t>,
  // A resource as shard 0 has applied it here; an empty document: removed.
  caf::reacts_to<atom::changed, std::string, std::string, raft_index>,
  // What was told of resources before counts no more: all are told again.
  caf::reacts_to<atom::reload>>;

/// SHARD: the same REPLICA as its CHANNELs see it.
using shard_actor = replica_actor::extend<
  // Where a channel stands, once all that was proposed before is applied.
  // Makes the next proposal of the channel begin there.
  caf::replies_to<atom::place, channel_id>::with<channel_place>,
  // All resources, as applied now. Shard 0 only; ask `place` before.
  caf::replies_to<atom::resource>::with<resource_snapshot>,
  // Writes what waits (cursors) and proposes nothing more.
  caf::replies_to<atom::stop>::with<caf::unit_t>,
  // Where the replica stands. Never fails.
  caf::replies_to<atom::status>::with<shard_status>,
  // Changes the servers to this encoded configuration; answers when it is
  // committed. Fails: not_leader, conflict, invalid_request.
  caf::replies_to<atom::change, std::string>::with<raft_index>,
  // Brings a server that does not vote up to date. Fails: not_leader.
  caf::replies_to<atom::promote, uint64_t>::with<raft_index>,
  // Begins to hand leadership to a server, or with 0 to the one that has most.
  // Answers the end of the log. Never fails: whether it happened is seen later.
  caf::replies_to<atom::transfer, uint64_t>::with<raft_index>,
  // The term of an entry that is applied here; 0: below the log's start, where
  // it is not known any more. Fails: conflict (not applied).
  caf::replies_to<atom::mend, raft_index>::with<uint64_t>,
  // Answers once this replica has applied the entry. Bounded by its askers.
  caf::replies_to<atom::await, raft_index>::with<raft_index>,
  // A message of another server's replica.
  caf::reacts_to<atom::raft, storage::raft_packet>,
  // A connection to or from another node is new: what went over the one before
  // may be lost.
  caf::reacts_to<atom::probe>,
  // To itself: the probe that waited.
  caf::reacts_to<atom::probe, atom::tick>,
  // Tells the watcher what it may know now, and every change later.
  caf::reacts_to<atom::watch, shard_watcher_actor>,
  // To itself: goes on copying what lies below a snapshot.
  caf::reacts_to<atom::copy>,
  // To itself: Raft's timer, the cursors' interval, and rows that wait.
  caf::reacts_to<atom::tick>, caf::reacts_to<atom::flush>,
  caf::reacts_to<atom::write>>;

/// LOG WRITER: the only one that writes and syncs RocksDB.
using log_writer_actor = caf::typed_actor<
  // Answers the job's epoch once it is on the disk. Jobs of one sender are
  // answered in order. A failed write ends the actor, and with it the node.
  caf::replies_to<atom::write, storage::write_job>::with<uint64_t>,
  // To itself: writes what is staged.
  caf::reacts_to<atom::flush>, caf::reacts_to<atom::tick>>;

/// RECLAIMER: gives disk space back; blocks long, so it has its own thread.
using reclaimer_actor = caf::typed_actor<
  // Rewrites a shard's log below an index. No answer.
  caf::reacts_to<atom::reclaim, shard_id, raft_index>,
  // To itself: does what was asked for.
  caf::reacts_to<atom::tick>>;

/// ROLE: hands one event to one URL. Played by the gateway and by tests.
using dispatcher_actor = caf::typed_actor<
  // Answers how the attempt ended. Never fails but for shutting_down,
  // overloaded.
  caf::replies_to<atom::deliver, delivery_request>::with<delivery_outcome>>;

/// SUBSCRIPTION: follows one channel for one subscriber.
using subscription_actor = caf::typed_actor<
  // Takes a changed spec of the same uid. No answer.
  caf::reacts_to<atom::configure, subscription_spec>,
  // Goes on from another offset: what waits is forgotten, `low` is set.
  // Answers the offset. Fails: offset_trimmed, offset_out_of_range.
  caf::replies_to<atom::seek, log_offset>::with<log_offset>,
  // Where the subscription stands. Never fails.
  caf::replies_to<atom::status>::with<subscription_status>>;

/// ROLE: is told which name belongs to which channel. Played by the gateway.
using route_watcher_actor = caf::typed_actor<
  // "namespace/name" leads to this channel from now on.
  caf::reacts_to<atom::route, std::string, channel_actor>,
  // "namespace/name" leads nowhere from now on.
  caf::reacts_to<atom::unroute, std::string>>;

/// DIRECTORY: channel name to the actor that owns it.
using directory_actor = caf::typed_actor<
  // Fails: not_found.
  caf::replies_to<atom::lookup, std::string>::with<channel_actor>,
  // Tells the watcher all routes now and every change later.
  caf::reacts_to<atom::watch, route_watcher_actor>,
  // The channel exists, here or on another node; `bool`: a publish whose
  // outcome is unknown may be repeated.
  caf::reacts_to<atom::place, channel_info, bool>,
  // The channel "namespace/name" exists no more.
  caf::reacts_to<atom::shut, std::string>,
  // CATALOG, which knows whether a channel exists that is not known here.
  caf::reacts_to<atom::confirm, caf::actor>>
  // Plays the route watcher's role towards SUPERVISOR.
  ::extend_with<route_watcher_actor>;

/// RESOURCES: manifests, validation, status.
using resources_actor = caf::typed_actor<
  // Carries out one call of the resource API; a change is durable when it is
  // answered. Fails: not_found, already_exists, conflict, invalid_resource,
  // immutable_field.
  caf::replies_to<atom::resource, resource_request>::with<resource_response>,
  // Pauses, resumes (`paused`) a subscription by its annotation.
  caf::replies_to<atom::pause, std::string, std::string,
                  bool>::with<resource_response>>;

/// SUPERVISOR: starts, watches and restarts channels and subscriptions.
using supervisor_actor = caf::typed_actor<
  // Opens a channel, or changes its settings; answers once it can be used.
  caf::replies_to<atom::open, channel_info,
                  channel_settings>::with<channel_actor>,
  // Ends a channel's actor for good.
  caf::replies_to<atom::shut, channel_id>::with<caf::unit_t>,
  // Starts a subscription, or changes its spec.
  caf::replies_to<atom::follow, subscription_spec>::with<subscription_actor>,
  // Ends a subscription and removes its cursor. uid.
  caf::replies_to<atom::unfollow, std::string>::with<caf::unit_t>,
  // The actor of "namespace/name". Fails: not_found.
  caf::replies_to<atom::lookup, std::string>::with<subscription_actor>,
  // What SUBSCRIPTION and CHANNEL tell about themselves, at most once a second.
  caf::reacts_to<atom::report, subscription_status>,
  caf::reacts_to<atom::report, channel_status>,
  // The newest report of each. Never fails.
  caf::replies_to<atom::subs>::with<std::vector<subscription_status>>,
  caf::replies_to<atom::chans>::with<std::vector<channel_status>>>;

/// The same SUPERVISOR as NODE and itself see it.
using supervisor_self_actor = supervisor_actor::extend<
  // Another node leads the shard now: ends its channels and subscriptions
  // here, and forgets nothing on the disk. No answer.
  caf::reacts_to<atom::release, shard_id>,
  // Ends all subscriptions, then all channels; starts nothing more.
  caf::replies_to<atom::stop>::with<caf::unit_t>,
  // To itself: a restart may be due.
  caf::reacts_to<atom::tick>>;

/// Role: CATALOG. Thread: scheduler.
using catalog_actor
  = supervisor_actor::extend_with<shard_watcher_actor>::extend<
    // Answers once this node knows all resources that were stored before it was
    // asked. Fails: not_leader, unreachable.
    caf::replies_to<atom::confirm>::with<raft_index>,
    // To itself, once a second.
    caf::reacts_to<atom::tick>>;

/// Role: MEMBERSHIP. Thread: scheduler.
using cluster_actor = caf::typed_actor<
  // The cluster as this node sees it, as JSON. Never fails.
  caf::replies_to<atom::status>::with<std::string>,
  // Adds, removes or replaces ("add", "remove", "replace") a node; answers the
  // cluster as JSON when it is done. Fails: invalid_request, not_found,
  // already_exists, timeout.
  caf::replies_to<atom::change, std::string, uint64_t,
                  std::string>::with<std::string>>;

} // namespace eventd::actors
