// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/protocol/interfaces.hpp"
#include "storage/state/recover.hpp"
#include "tests/simulation/model_disk.hpp"

namespace eventd::tests {

/// The disk of one node with shard 0 on it, as its LOG WRITER and READER use
/// it: what is written is read at once, and lost by a crash until a synced
/// write has followed it. A write is there whole or not at all, as RocksDB
/// makes it of a torn one. The fakes of both actors are below.
class actor_disk {
public:
  /// No servers: the shard is empty, and waits to be taken into a group.
  explicit actor_disk(const std::vector<storage::raft_server>& servers);

  /// False: somebody else says when a write begins (`begin_write`) and ends
  /// (a `flush` message to the writer). True: at once.
  bool automatic = true;
  /// Automatic writes wait too.
  bool holds = false;
  /// A control run: what is synced is lost as if it were not.
  bool lies = false;
  /// The next write ends with an error; what it did is not known, and nothing
  /// is written any more until the next start.
  bool fails_next = false;
  /// What READER gives another node at once.
  size_t chunk_entries = 8;
  size_t chunk_bytes = 64;
  /// May change a piece of a state that READER gives away. May be empty.
  std::function<void(actors::state_chunk&)> giving;
  /// Told of each job when the REPLICA asks for it, when it can be read, and
  /// when it is durable.
  std::function<void(const storage::write_job&)> seen;
  std::function<void(const storage::write_job&)> written;
  std::function<void(const storage::write_job&)> synced;
  size_t reads = 0; ///< Of entries, by the READER.

  /// False: nothing waits, or a write is on its way.
  bool begin_write();
  void end_write();
  bool is_writing() const { return !writing_.empty(); }
  bool has_failed() const { return failed_; }

  /// Of the writes that no synced one has followed the newest are lost, how
  /// many `dice` says.
  void crash(std::mt19937_64& dice);

  /// What can be read.
  const model_disk& content() const { return content_; }
  raft_index applied() const;
  /// None: the job does not say how much is applied.
  static std::optional<raft_index> applied_by(const storage::write_job& job);

  /// @errors as `storage::recover`
  result<storage::recovered_shard>
  recover(const storage::raft_driver::options& options, int64_t now_ms) const;

  caf::result<uint64_t> take(storage::write_job job,
                             caf::typed_response_promise<uint64_t> promise);

private:
  struct staged_job {
    storage::write_job job;
    caf::typed_response_promise<uint64_t> promise;
  };
  using batch = std::vector<storage::write_job>;

  model_disk content_;
  model_disk durable_;
  std::deque<batch> synced_;   ///< Durable, and not yet in `durable_`.
  std::deque<batch> unsynced_; ///< In `content_` only.
  std::vector<staged_job> staged_;
  std::vector<staged_job> writing_;
  bool failed_ = false;
};

using actor_disk_ptr = std::shared_ptr<actor_disk>;

actors::log_writer_actor::behavior_type
run_disk_writer(actors::log_writer_actor::pointer self, actor_disk_ptr disk);

actors::reader_actor::behavior_type
run_disk_reader(actors::reader_actor::pointer self, actor_disk_ptr disk);

} // namespace eventd::tests
