// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <vector>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>
#include <caf/unit.hpp>

#include "actors/protocol/atoms.hpp"
#include "actors/protocol/messages.hpp"
#include "storage/log/write_job.hpp"

// Jobs never leave the node.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(eventd::storage::write_job)

/// All actors of eventd, by the messages they take. Every request can also
/// fail with `ec::shutting_down` and `ec::actor_died`.
namespace eventd::actors {

/// CHANNEL: one named, ordered stream of events; gives offsets, owns no disk.
using channel_actor = caf::typed_actor<
  // Appends all of the batch or nothing; answers once durable.
  // Fails: overloaded, no_space, not_leader, timeout (outcome unknown).
  caf::replies_to<atom::append, event_batch>::with<append_result>,
  // Reads committed events in offset order; empty at the end of the log.
  // Fails: offset_trimmed, offset_out_of_range, corrupt_record.
  caf::replies_to<atom::read, read_request>::with<read_result>,
  // Answers the first offset stored at or after a wall time; the end if none.
  // Fails: corrupt_record.
  caf::replies_to<atom::locate, log_time>::with<log_offset>,
  // Answers the end once it is beyond what the asker has seen, or when the
  // wait is over. Fails: overloaded.
  caf::replies_to<atom::await, await_request>::with<log_offset>,
  // Where the channel stands. Never fails.
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
                  log_time>::with<trim_plan>>;

/// REPLICA: drives one Raft group; proposes, commits, applies.
using replica_actor = caf::typed_actor<
  // Appends a payload to the shard's log; answers when it is applied.
  // Fails: not_leader, overloaded, no_space, timeout (outcome unknown).
  caf::replies_to<atom::propose, shared_bytes>::with<proposed>,
  // Takes a cursor into the next cursor entry; answers when it is durable.
  caf::replies_to<atom::commit, cursor_commit>::with<caf::unit_t>,
  // Answers the newest committed cursor of a subscription, or empty.
  caf::replies_to<atom::cursor, std::string>::with<std::string>>;

/// SHARD: the same REPLICA as its CHANNELs see it.
using shard_actor = replica_actor::extend<
  // Where a channel stands, once all that was proposed before is applied.
  // Makes the next proposal of the channel begin there.
  caf::replies_to<atom::place, channel_id>::with<channel_place>,
  // All resources, as applied now. Shard 0 only; ask `place` before.
  caf::replies_to<atom::resource>::with<resource_snapshot>,
  // Writes what waits (cursors) and proposes nothing more.
  caf::replies_to<atom::stop>::with<caf::unit_t>,
  // To itself: Raft's timer, and the cursors' interval.
  caf::reacts_to<atom::tick>, caf::reacts_to<atom::flush>>;

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
  caf::reacts_to<atom::watch, route_watcher_actor>>
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
  // Ends all subscriptions, then all channels; starts nothing more.
  caf::replies_to<atom::stop>::with<caf::unit_t>,
  // To itself: a restart may be due.
  caf::reacts_to<atom::tick>>;

} // namespace eventd::actors
