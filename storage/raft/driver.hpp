// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/codec/entry.hpp"
#include "storage/log/write_job.hpp"
#include "storage/model/error.hpp"
#include "storage/model/units.hpp"
#include "storage/raft/rows.hpp"

struct shim_raft;
struct shim_update;

namespace eventd::storage {

enum class raft_role : uint8_t { unavailable, follower, candidate, leader };

/// Drives one Raft group through libraft's pure `raft_step`: events go in,
/// what must be written comes out. A value: no clock, disk, socket or actor.
/// Threads: its owner's. Blocking: never.
///
/// Answers of all steps are jobs to write, in order; the caller reports each
/// by `written(epoch)` once it is durable. raft.md 1.4 has the rules that the
/// driver keeps, among them libraft's own assertions, which Debian's build
/// leaves out.
class raft_driver {
public:
  struct options {
    shard_id shard;
    uint64_t id = 1;
    std::string address = "1";
    unsigned seed = 1;
    unsigned election_ms = 400;
    unsigned heartbeat_ms = 80;
  };

  using jobs = std::vector<write_job>;

  /// @errors `ec::raft_failed`
  static result<raft_driver> start(const options& x, const persisted_raft& from,
                                   int64_t now_ms, jobs& out);

  raft_driver(raft_driver&&) noexcept;
  raft_driver& operator=(raft_driver&&) noexcept;
  ~raft_driver();

  /// Call when `now_ms >= deadline_ms()`.
  result<void> tick(int64_t now_ms, jobs& out);

  /// Proposes entries; they get the indexes `last() + 1` and on.
  /// @errors `ec::not_leader`: nothing was taken.
  result<void> submit(std::vector<log_record> records, int64_t now_ms,
                      jobs& out);

  /// The job with this epoch, and all before it, are durable.
  result<void> written(uint64_t epoch, int64_t now_ms, jobs& out);

  /// Moves the Raft start up; the rows to write come out as a job. Entries
  /// below stay in the log, for reading only.
  /// @pre `start().index < index <= applied`, all written
  result<void> move_start(raft_index index, int64_t now_ms, jobs& out);

  raft_role role() const;
  raft_term term() const;
  raft_index last() const { return last_; }
  /// What may be applied and acknowledged: committed, and on our own disk.
  raft_index visible() const;
  int64_t deadline_ms() const;
  const raft_start_point& start() const { return start_; }
  /// The newest configuration entry's bytes.
  const std::string& configuration() const { return configuration_; }

private:
  raft_driver() = default;
  result<void> take(const shim_update& update, std::vector<log_record> records,
                    int64_t now_ms, jobs& out);
  result<void> check(int rv, const char* step) const;
  void note_term(raft_index first, raft_term term, write_job& job);

  struct in_flight {
    uint64_t epoch;
    raft_index last;
  };
  struct raft_deleter {
    void operator()(shim_raft* r) const;
  };

  shard_id shard_;
  std::unique_ptr<shim_raft, raft_deleter> raft_;
  raft_start_point start_;
  std::vector<term_row> terms_;
  std::string configuration_;
  raft_index configuration_index_;
  raft_index last_;
  raft_index persisted_;
  raft_index commit_;
  uint64_t epoch_ = 0;
  std::deque<in_flight> in_flight_;
};

} // namespace eventd::storage
