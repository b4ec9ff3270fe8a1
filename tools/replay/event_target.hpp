// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "storage/model/error.hpp"
#include "tools/replay/options.hpp"

namespace eventd::replay {

/// What a replay has done so far.
struct counters {
  uint64_t events = 0;   ///< Delivered.
  uint64_t bytes = 0;    ///< Of JSON text, delivered.
  uint64_t failures = 0; ///< Events refused, or given up after the last retry.

  friend bool operator==(const counters&, const counters&) = default;
};

/// Where events go: a file, a URL, or another channel.
class event_target {
public:
  virtual ~event_target() = default;

  /// Whether the target can be reached and is there, before anything is read.
  /// @errors `ec::not_found`, `ec::unreachable`
  virtual result<void> check() { return {}; }

  /// Takes one event, JSON text without the server's marks. May only keep it
  /// until `settle`.
  /// @errors what makes further work useless: a full disk, a dead target.
  virtual result<void> take(std::string_view event_json, uint64_t offset) = 0;

  /// Delivers what was kept: after it every event taken is counted.
  virtual result<void> settle() = 0;

  /// The first event that was taken and is neither delivered nor given up: a
  /// replay that stops must go on there. None: all are settled.
  std::optional<uint64_t> first_open() const { return first_open_; }

  /// Bytes in the output file, for the resume token; 0 where there is none.
  virtual uint64_t output_bytes() const { return 0; }

  const counters& done() const { return done_; }

protected:
  explicit event_target(counters so_far) : done_(so_far) {}

  counters done_;
  std::optional<uint64_t> first_open_;
};

/// Opens what the options name. With `output_bytes` an output file is cut to
/// this length and appended to; without, it is begun anew.
/// @errors `ec::io_error`, `ec::not_found` with the path.
result<std::unique_ptr<event_target>>
make_target(const options& to, const counters& so_far,
            std::optional<uint64_t> output_bytes);

result<std::unique_ptr<event_target>>
make_file_target(const std::string& path, const counters& so_far,
                 std::optional<uint64_t> output_bytes);
std::unique_ptr<event_target> make_sink_target(const tools::url& sink,
                                               const counters& so_far,
                                               const retry_options& how = {});
std::unique_ptr<event_target>
make_channel_target(const tools::url& server, const tools::channel_name& to,
                    const counters& so_far, const retry_options& how = {});

} // namespace eventd::replay
