// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/log_writer/log_writer.hpp"

#include <chrono>

namespace eventd::actors {

result<void> log_writer_state::flush() {
  if (promises.empty())
    return {};
  auto started = steady_us();
  if (auto done = database->write(*batch, needs_sync); !done)
    return done;
  if (needs_sync) {
    stats->fsyncs.fetch_add(1, std::memory_order_relaxed);
    stats->fsync_duration.record(static_cast<uint64_t>(steady_us() - started));
  }
  stats->log_bytes.fetch_add(batch->bytes(), std::memory_order_relaxed);
  batch->clear();
  needs_sync = false;
  for (auto& x : promises)
    x.promise.deliver(x.epoch);
  promises.clear();
  return {};
}

log_writer_actor::behavior_type
log_writer(log_writer_actor::stateful_pointer<log_writer_state> self,
           log_writer_wiring wiring) {
  self->state.database = wiring.database;
  self->state.stats = std::move(wiring.stats);
  self->state.steady_us = std::move(wiring.steady_us);
  self->state.batch = std::make_unique<storage::write_batch>(*wiring.database);
  auto flush = [self, fatal = std::move(wiring.fatal)] {
    auto done = self->state.flush();
    if (done)
      return;
    if (fatal)
      fatal(done.error());
    self->quit(to_caf(done.error()));
  };
  return {
    [self](atom::write, storage::write_job& job) -> caf::result<uint64_t> {
      auto& state = self->state;
      storage::stage(job, *state.batch);
      state.needs_sync = state.needs_sync || job.sync;
      auto promise = self->make_response_promise<uint64_t>();
      state.promises.push_back({job.epoch, promise});
      // Behind everything that is in the mailbox now.
      if (state.needs_sync && !state.flush_scheduled) {
        state.flush_scheduled = true;
        self->send(self, atom::flush_v);
      } else if (!state.needs_sync && !state.linger_scheduled) {
        state.linger_scheduled = true;
        self->delayed_send(self, std::chrono::milliseconds(unsynced_linger_ms),
                           atom::tick_v);
      }
      return promise;
    },
    [self, flush](atom::flush) {
      self->state.flush_scheduled = false;
      flush();
    },
    [self, flush](atom::tick) {
      self->state.linger_scheduled = false;
      flush();
    },
  };
}

} // namespace eventd::actors
