// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/protocol/messages.hpp"
#include "storage/model/error.hpp"
#include "storage/state/shard_state.hpp"
#include "tests/simulation/model_disk.hpp"

/// What READER reads of a shard's log and state, from a model of a disk.
namespace eventd::tests {

raft_index applied_on(const model_disk& disk);
raft_index copied_on(const model_disk& disk);

/// The state as of the applied index: what the log makes of the entries up to
/// there. The rows that are kept of it must say the same.
/// @errors `ec::corrupt_store`
result<storage::shard_state> build_state(const model_disk& disk);

/// As `storage::read_for_copy`, at most `n_max` entries.
actors::log_chunk read_chunk(const model_disk& disk, raft_index from,
                             raft_index upto, size_t n_max);

/// As `storage::read_state`.
std::string read_state_rows(const model_disk& disk);

struct stored_event {
  log_offset offset;
  std::string id;
  std::string data;
};

/// The first offset of a channel that is kept; 0: there is no such channel.
log_offset start_of(const model_disk& disk, channel_id channel);

/// The applied events of a channel, from its start or from this offset,
/// whichever is later, through its idx rows.
/// @errors `ec::corrupt_store`: a hole, or a row that leads elsewhere
result<std::vector<stored_event>>
read_events(const model_disk& disk, channel_id channel, log_offset from = {});

} // namespace eventd::tests
