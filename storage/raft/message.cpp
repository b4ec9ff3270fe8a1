// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/raft/message.hpp"

#include <utility>

#include "storage/model/assert.hpp"

namespace eventd::storage {

namespace {

bool is_change(const log_record& x) {
  return x.type == entry_type::change;
}

/// How many entries from `first` on go in one message.
size_t length_of_part(const std::vector<log_record>& xs, size_t first,
                      size_t bytes_max) {
  auto bytes = xs[first].payload->size();
  auto end = first + 1;
  if (is_change(xs[first]))
    return 1;
  for (; end < xs.size() && !is_change(xs[end]); ++end) {
    bytes += xs[end].payload->size();
    if (bytes > bytes_max)
      break;
  }
  return end - first;
}

} // namespace

std::vector<raft_message> with_records(raft_message append,
                                       std::vector<log_record> records,
                                       size_t bytes_max) {
  EVENTD_ASSERT(append.kind == raft_message_kind::append);
  EVENTD_ASSERT(append.n_records == records.size());
  std::vector<raft_message> out;
  if (records.empty()) {
    out.push_back(std::move(append));
    return out;
  }
  for (size_t at = 0; at < records.size();) {
    auto n = length_of_part(records, at, bytes_max);
    auto part = append;
    if (at > 0) {
      part.index = append.index + at;
      part.index_term = records[at - 1].term;
    }
    part.n_records = static_cast<uint32_t>(n);
    part.records.assign(records.begin() + static_cast<ptrdiff_t>(at),
                        records.begin() + static_cast<ptrdiff_t>(at + n));
    out.push_back(std::move(part));
    at += n;
  }
  return out;
}

} // namespace eventd::storage
