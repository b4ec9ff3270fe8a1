// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>

#include "storage/model/error.hpp"

namespace eventd::runtime {

/// Raises this process's soft limit of open files to its hard limit, because
/// most systems begin with 1 024 for the sake of very old programs.
/// @returns how many files it may have open now
uint64_t raise_file_limit();

/// How many of `files` are for connections of clients: as many as were asked
/// for, or with 0 three quarters of them and `limits::connections_max` at most.
/// The others are for the database, deliveries and other nodes. With 20 000
/// files `connections_for(20'000, 0)` is 15 000.
/// @errors `ec::invalid_config` where what was asked for leaves less than
///   `limits::other_files_min`
result<size_t> connections_for(uint64_t files, size_t asked);

/// Attempts of deliveries that each I/O thread may have on the wire, with a
/// file each: together half of what `connections_for` leaves, so that silent
/// subscribers leave the database its files; `limits::deliveries_max` at most,
/// 1 at least.
size_t deliveries_for(uint64_t files, size_t connections, size_t io_threads);

/// Idle connections to subscribers that each I/O thread may keep: together a
/// quarter of what `connections_for` leaves, and `limits::idle_connections_max`
/// at most.
size_t idle_connections_for(uint64_t files, size_t connections,
                            size_t io_threads);

} // namespace eventd::runtime
