// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "storage/model/error.hpp"
#include "tools/replay/options.hpp"

namespace eventd::replay {

/// Where a replay begins and ends, as far as that is known at its start.
struct source_span {
  std::string epoch = {};             ///< Empty where the source has none.
  std::optional<uint64_t> first = {}; ///< First offset, if known.
  std::optional<uint64_t> end = {};   ///< Offset at which it ends, if known.
};

/// Where events come from: a server, or the files of a stopped one.
class event_source {
public:
  virtual ~event_source() = default;

  /// Begins to read at `from` (as in `GET …/events`), up to `to`, exclusive.
  virtual result<source_span>
  open(const std::string& from, const std::string& to, const std::string& epoch)
    = 0;

  /// Next events as NDJSON, whole lines, each with `eventdoffset` and
  /// `eventdtime`; empty is the end. The view holds until the next call.
  virtual result<std::string_view> next_page() = 0;

  /// Why the end is not all there is, where that is so; asked at the end.
  virtual std::optional<std::string> incomplete() const { return std::nullopt; }
};

/// Reads over HTTP; a broken connection is opened again where it broke.
std::unique_ptr<event_source> make_online_source(const options& from);

/// Reads the data directory of a stopped node, read-only.
/// @errors `ec::data_dir_in_use`: the node runs.
result<std::unique_ptr<event_source>> make_offline_source(const options& from);

} // namespace eventd::replay
