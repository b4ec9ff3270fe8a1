// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <string>

#include "actors/resource/resources.hpp"
#include "storage/model/error.hpp"
#include "storage/state/command.hpp"

/// The steps by which RESOURCES makes its manifests true. Each one ends by
/// calling `then`, whatever happened; what failed is tried again by itself.
namespace eventd::actors {

using resources_self = resources_loop_actor::stateful_pointer<resources_state>;
using next_step = std::function<void()>;

/// Proposes a command to a shard.
void propose(resources_self self, uint64_t shard, const storage::command& what,
             std::function<void(result<proposed>)> then);

/// Writes a document to the log and then to the table.
void write(resources_self self, const std::string& key, json::object document,
           std::function<void(result<void>)> then);

/// Does what the record's document asks for, and writes its status if a
/// condition changed.
/// @pre the record is marked busy by the caller
void reconcile(resources_self self, const std::string& key, next_step then);

/// Ends the work on a record: the next call that waits for it, or the next
/// reconcile.
void finish(resources_self self, const std::string& key);

/// Asks for a reconcile soon.
void mark_dirty(resources_self self, const std::string& key);

/// Starts reconciles that wait, up to their bound.
void pump(resources_self self);

/// One tick: polls SUPERVISOR and repeats what failed.
void on_tick(resources_self self);

/// Fetches the channels' figures if they are older than half a second.
void refresh_channels(resources_self self, next_step then);

/// Between two ticks. Unit: ms.
inline constexpr int64_t resources_tick_ms = 200;

/// Ticks that a start may take before the stored status says that it is
/// starting: two seconds, so that a restart of the node writes nothing.
inline constexpr int start_grace_ticks = 10;

} // namespace eventd::actors
