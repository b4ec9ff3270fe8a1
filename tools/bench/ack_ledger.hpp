// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/model/error.hpp"

namespace eventd::bench {

/// What a server acknowledged, to be compared with what it has. Pure; threads:
/// one at a time.
class ack_ledger {
public:
  /// Reads lines "offset id". A last line that was cut off is left out.
  /// @errors `ec::invalid_request`, with the line's number.
  static result<ack_ledger> parse(std::string_view text);

  /// Takes note of one event that was read: a line of NDJSON, with its mark
  /// `eventdoffset` or, as `replay` writes it, without.
  void note_read(std::string_view line);

  /// Takes note of one delivery: a line of the sink's output.
  void note_delivered(std::string_view line);

  /// What is wrong, one sentence each: an acknowledged event that was not
  /// read, was read twice, or at another offset; offsets with a hole; a line
  /// that is no event.
  std::vector<std::string> read_problems() const;

  /// The same for deliveries: an acknowledged event that did not arrive.
  std::vector<std::string> delivery_problems() const;

  size_t acked() const { return events_.size(); }

private:
  struct entry {
    uint64_t offset = 0;
    uint64_t read_at = 0;
    uint32_t reads = 0;
    uint32_t deliveries = 0;
    bool wrong_offset = false;
  };

  std::unordered_map<std::string, entry> events_;
  std::vector<std::string> noted_;
  uint64_t next_offset_ = 0;
  bool any_offset_ = false;
};

} // namespace eventd::bench
