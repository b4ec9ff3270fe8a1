// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/reader/reader.hpp"

#include "storage/log/channel_reader.hpp"

namespace eventd::actors {

namespace {

std::string label_of(const channel_info& x) {
  return x.namespace_name + "/" + x.name;
}

} // namespace

result<read_result> reader_state::read(const stored_read_request& x) const {
  storage::channel_reader from{*database, x.channel.id, label_of(x.channel)};
  read_result y;
  y.epoch = x.channel.epoch;
  y.end = x.end;
  auto done = from.read(x.what.from, x.end, x.what.events_max, x.what.bytes_max,
                        y.batches);
  if (!done) {
    if (done.error() == ec::corrupt_record)
      stats->corrupt_records.fetch_add(1, std::memory_order_relaxed);
    return done.error();
  }
  y.next = y.batches.empty() ? x.what.from : y.batches.back().end_offset();
  return y;
}

reader_actor::behavior_type
reader(reader_actor::stateful_pointer<reader_state> self,
       const storage::database* database, std::shared_ptr<node_stats> stats) {
  self->state.database = database;
  self->state.stats = std::move(stats);
  return {
    [self](atom::read, const stored_read_request& x) {
      return to_caf(self->state.read(x));
    },
    [self](atom::locate, const channel_info& channel, log_time when,
           log_offset end) {
      storage::channel_reader from{*self->state.database, channel.id,
                                   label_of(channel)};
      return to_caf(from.locate(when, end));
    },
    [self](atom::retain, const channel_info& channel,
           const channel_settings& settings,
           log_time now) -> caf::result<trim_plan> {
      storage::channel_reader from{*self->state.database, channel.id,
                                   label_of(channel)};
      storage::retention_limits keep{
        static_cast<uint64_t>(settings.retention_age_ms),
        settings.retention_bytes, settings.retention_events};
      auto point = from.retain(keep, now);
      if (!point)
        return to_caf(point.error());
      return trim_plan{point->start, point->bytes_below};
    },
  };
}

} // namespace eventd::actors
