// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/model/error.hpp"
#include "tools/client/address.hpp"

namespace eventd::bench {

enum class content_mode : uint8_t { binary, structured, batch };

/// @errors `ec::invalid_config`: none of the three words.
result<content_mode> parse_mode(std::string_view text);

struct maker_options {
  tools::url server = {};
  std::string path = {}; ///< Where to POST.
  content_mode mode = content_mode::binary;
  /// An event as JSON text; its data fills it up. What the attributes need
  /// is the least.
  size_t event_bytes = 256;
  std::string id_prefix = {};
  /// More than one: they are `path` with -0, -1… behind, and take turns.
  size_t channels = 1;
};

/// Writes publish requests as they stand on the wire: made once, and only ids,
/// times and lengths written anew, so that the generator takes little of the
/// two cores that it shares with the server. Pure; any thread.
class request_maker {
public:
  explicit request_maker(maker_options options);

  /// Replaces `out` by one request of `count` events, numbered from `first`.
  /// With `sent_ns` each carries it as extension `benchsent`.
  /// @pre `count == 1` unless the mode is batch
  void make(std::string& out, uint64_t first, size_t count,
            std::optional<int64_t> sent_ns);

  /// Appends event number `n` as JSON text.
  void append_event(std::string& out, uint64_t n,
                    std::optional<int64_t> sent_ns) const;

  /// Id of event number `n`: the prefix and twelve digits.
  std::string id_of(uint64_t n) const;

  const tools::url& server() const { return options_.server; }

private:
  maker_options options_;
  std::string data_; ///< Same for each event: {"fill":"xx…"}.
  std::string body_;
};

} // namespace eventd::bench
