// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "storage/log/write_job.hpp"
#include "storage/model/error.hpp"
#include "storage/model/units.hpp"
#include "storage/rocks/database.hpp"
#include "storage/state/copy.hpp"

/// How one replica writes anew what is damaged, from what another one has.
namespace eventd::storage {

/// How far the shard's state on the disk is applied; 0: not at all. Blocking.
/// @errors `ec::corrupt_record`, `ec::corrupt_store`, `ec::io_error`
result<raft_index> load_applied(const database& from, shard_id shard);

/// What this node has of a place that is damaged on another: the record, or up
/// to `limits::mend_rows_max` rows of `idx` from the one on that holds the
/// offset. Only what is applied here, because that can be no other on any
/// node. Blocking.
/// @errors `ec::not_found`; `ec::conflict`: not applied here yet;
///   `ec::corrupt_record`: damaged here, too; `ec::invalid_request`
result<copied_entries> read_for_mending(const database& from,
                                        const damaged_place& place);

/// The rows that mend the place, from what another node gave. Everything is
/// checked: CRC, the entry's `term` where it is known (else 0), the channel,
/// offsets and number of events where the row tells them.
/// @errors `ec::corrupt_record`: it is not what is wanted
result<std::vector<row_change>> rows_of_mended(const damaged_place& place,
                                               raft_term term,
                                               const copied_entries& from);

} // namespace eventd::storage
