// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/model/error.hpp"
#include "storage/model/event.hpp"
#include "storage/model/units.hpp"
#include "tools/replay/event_source.hpp"

namespace eventd::replay {

/// One channel in the files of a stopped node. Blocking: all calls.
class stopped_channel {
public:
  virtual ~stopped_channel() = default;

  virtual incarnation epoch() const = 0;
  virtual log_offset start() const = 0; ///< Earliest that retention kept.
  virtual log_offset end() const = 0;   ///< After the last committed event.

  /// First offset stored at or after a wall time; `end()` if none.
  virtual result<log_offset> locate(log_time when) = 0;

  /// Appends batches from `from` on, below `end`, one event at least.
  /// @errors `ec::corrupt_record` with the damaged offset
  virtual result<void> read(log_offset from, log_offset end,
                            uint32_t events_max, uint64_t bytes_max,
                            std::vector<event_batch>& out)
    = 0;

  /// What is persisted and not known to be committed, where there is such.
  virtual std::optional<std::string> uncommitted() const {
    return std::nullopt;
  }
};

/// Opens a channel of a data directory, read-only, with its lock taken.
/// @errors `ec::data_dir_in_use`, `ec::not_found`, `ec::corrupt_store`
result<std::unique_ptr<stopped_channel>>
open_stopped_channel(const std::string& data_dir,
                     const tools::channel_name& channel);

/// Reads a stopped channel in the same form as a server shows it.
std::unique_ptr<event_source>
make_stopped_source(std::unique_ptr<stopped_channel> channel);

} // namespace eventd::replay
