// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/log/write_job.hpp"

#include "storage/codec/bytes.hpp"
#include "storage/codec/key.hpp"
#include "storage/model/assert.hpp"

namespace eventd::storage {

namespace {

void stage_records(const write_job& job, write_batch& out) {
  auto index = job.first;
  for (const auto& record : job.records) {
    auto header
      = encode_record_header({record.type, record.term}, *record.payload);
    out.put(log_family(job.shard), log_key(index), header, *record.payload);
    ++index;
  }
  std::string end;
  put_fixed(end, index.value - 1);
  out.put(state_family, state_key(state_row::log_end, job.shard),
          seal_row(end));
}

void stage_row(const row_change& row, write_batch& out) {
  switch (row.what) {
  case row_change::kind::put:
    out.put(row.where, row.key, row.value);
    break;
  case row_change::kind::remove:
    out.remove(row.where, row.key);
    break;
  case row_change::kind::remove_range:
    out.remove_range(row.where, row.key, row.value);
    break;
  }
}

} // namespace

void stage(const write_job& job, write_batch& out) {
  if (job.truncate.value != 0) {
    EVENTD_ASSERT(job.truncate <= job.log_end);
    out.remove_range(log_family(job.shard), log_key(job.truncate),
                     log_key(job.log_end + 1));
  }
  if (!job.records.empty()) {
    auto end = job.truncate.value != 0 ? job.truncate : job.log_end + 1;
    EVENTD_ASSERT(job.first == end);
    stage_records(job, out);
  }
  for (const auto& row : job.rows)
    stage_row(row, out);
}

} // namespace eventd::storage
