// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <vector>

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>
#include <caf/unit.hpp>

#include "actors/protocol/atoms.hpp"
#include "actors/protocol/messages.hpp"

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

/// READER: reads events from the disk; may block, so it is one of a small pool.
using reader_actor = caf::typed_actor<
  // Fails: offset_trimmed, corrupt_record.
  caf::replies_to<atom::read, stored_read_request>::with<read_result>,
  // First offset of the channel stored at or after a wall time, or the end.
  caf::replies_to<atom::locate, channel_info, log_time>::with<log_offset>,
  // First offset that the settings let the channel keep, seen from a log time.
  caf::replies_to<atom::retain, channel_info, channel_settings,
                  log_time>::with<log_offset>>;

/// REPLICA: drives one Raft group; proposes, commits, applies.
using replica_actor = caf::typed_actor<
  // Appends a payload to the shard's log; answers when it is applied.
  // Fails: not_leader, overloaded, no_space, timeout (outcome unknown).
  caf::replies_to<atom::propose, shared_bytes>::with<proposed>,
  // Takes a cursor into the next cursor entry; answers when it is durable.
  caf::replies_to<atom::commit, cursor_commit>::with<caf::unit_t>,
  // Answers the newest committed cursor of a subscription, or empty.
  caf::replies_to<atom::cursor, std::string>::with<std::string>>;

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
  caf::replies_to<atom::open, channel_info, channel_settings>::with<
    channel_actor>,
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

} // namespace eventd::actors
