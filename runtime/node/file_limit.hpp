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

/// How many idle connections to subscribers each I/O thread may keep: together
/// half of what `connections_for` leaves, and `limits::idle_connections_max` at
/// most.
size_t idle_connections_for(uint64_t files, size_t connections,
                            size_t io_threads);

} // namespace eventd::runtime
