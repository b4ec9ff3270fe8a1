// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "storage/model/error.hpp"
#include "storage/model/event.hpp"
#include "storage/model/units.hpp"

namespace eventd::storage {

/// Reads one channel of a stopped node from its files, changing nothing. Holds
/// the directory's lock, so that no node starts meanwhile. In a group of one
/// voter all that is persisted is committed, applied or not.
/// Threads: one. Blocking: all calls.
class offline_reader {
public:
  /// @errors `ec::not_found` (no database, no such channel),
  ///   `ec::data_dir_in_use` (a node runs on it), `ec::corrupt_store`
  static result<std::unique_ptr<offline_reader>>
  open(const std::string& path, const std::string& namespace_name,
       const std::string& name);

  ~offline_reader();

  incarnation epoch() const;
  log_offset earliest() const;
  log_offset end() const;

  /// Events from `from` on, at most this many events and bytes, but one event
  /// at least; empty at the end.
  /// @errors `ec::offset_trimmed`, `ec::offset_out_of_range`,
  ///   `ec::corrupt_record` with the damaged offset
  result<std::vector<event_batch>> read(log_offset from, uint32_t events_max,
                                        uint64_t bytes_max);

  /// First offset stored at or after a wall time; the end if none.
  result<log_offset> locate(log_time when);

private:
  struct impl;
  explicit offline_reader(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

} // namespace eventd::storage
