// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/codec/entry.hpp"
#include "storage/log/write_job.hpp"
#include "storage/model/error.hpp"
#include "storage/model/units.hpp"
#include "storage/raft/configuration.hpp"
#include "storage/raft/message.hpp"
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
/// by `written(epoch)` once it is durable. After each step it sends what
/// `take_messages` gives, and looks at `take_install`. Decision 8 has the
/// rules that the driver keeps, among them libraft's own assertions, which
/// Debian's build leaves out.
class raft_driver {
public:
  struct options {
    shard_id shard;
    uint64_t id = 1;
    std::string address = "1";
    unsigned seed = 1;
    unsigned election_ms = 400;
    unsigned heartbeat_ms = 80;
    /// To one follower without its answer, because libraft counts entries.
    unsigned inflight_entries_max = 64;
  };

  using jobs = std::vector<write_job>;

  /// @errors `ec::raft_failed`
  static result<raft_driver> start(const options& x, const persisted_raft& from,
                                   int64_t now_ms, jobs& out);

  raft_driver(raft_driver&&) noexcept;
  raft_driver& operator=(raft_driver&&) noexcept;
  ~raft_driver();

  /// Call when `now_ms >= deadline_ms()`: a leader asks all followers, and one
  /// that has not answered before the next call counts as silent.
  result<void> tick(int64_t now_ms, jobs& out);

  /// What was sent to a follower, or what it answered, may be lost: a leader
  /// asks all followers where they stand, as by a heartbeat that is due.
  result<void> probe(int64_t now_ms, jobs& out);

  /// Proposes entries; they get the indexes `last() + 1` and on. A change of
  /// the configuration is proposed alone, and adds, removes or changes one
  /// server.
  /// @errors `ec::not_leader`; `ec::conflict`: an earlier change is still open;
  ///   `ec::invalid_request`: a change of more than one server. Nothing was
  ///   taken
  result<void> submit(std::vector<log_record> records, int64_t now_ms,
                      jobs& out);

  /// The job with this epoch, and all before it, are durable.
  result<void> written(uint64_t epoch, int64_t now_ms, jobs& out);

  /// Takes a message of another server. An offer of a snapshot is not taken but
  /// kept for `take_install`.
  /// @errors `ec::raft_failed`: the log contradicts what is committed; the node
  ///   must stop
  result<void> receive(raft_message message, int64_t now_ms, jobs& out);

  /// What may leave now. An append holds no entries yet: put them in with
  /// `with_records`, and only while `may_send` says so.
  std::vector<raft_message> take_messages();

  /// False for an append of a term in which this server leads no more: the
  /// entries it names may be others by now.
  bool may_send(const raft_message& x) const;

  /// The newest offer of a snapshot, once: the log begins below what the leader
  /// still has. The caller copies the committed entries and the state up to it
  /// and then calls `install`.
  std::optional<raft_message> take_install();

  /// Gives up the own log for the snapshot. Its job is the last of `out`: the
  /// caller adds the rows of the state to it, so that all becomes durable in
  /// one piece. False, and no job: it is not wanted any more.
  result<bool> install(const raft_message& offer, int64_t now_ms, jobs& out);

  /// Hands leadership to a voter that is up to date. Until it has gone, or an
  /// election timeout has passed, `submit` answers `ec::not_leader`.
  /// @errors `ec::not_leader`, `ec::invalid_request`: no such other voter
  result<void> transfer(uint64_t id, int64_t now_ms, jobs& out);

  /// Moves the Raft start up; the rows to write come out as a job. Entries
  /// below stay in the log, for reading only.
  /// @pre `start().index < index <= applied`, all written
  result<void> move_start(raft_index index, int64_t now_ms, jobs& out);

  /// Between `transfer` and its end: `submit` refuses.
  bool is_handing_over() const;

  raft_role role() const;
  raft_term term() const;
  raft_index last() const { return last_; }
  /// What may be applied and acknowledged: committed, and on our own disk.
  raft_index visible() const;
  int64_t deadline_ms() const;
  const raft_start_point& start() const { return start_; }
  /// The newest configuration entry's bytes, committed or not.
  const std::string& configuration() const;
  /// Term of an entry of the log; none below its start, where it is not known
  /// any more, and beyond its end.
  std::optional<raft_term> known_term(raft_index index) const;
  /// Where the newest configuration entry stands.
  raft_index configuration_index() const;
  /// The server that leads the current term, 0: not known.
  uint64_t leader() const;
  /// What a follower surely has; 0 unless this server leads.
  raft_index match_of(uint64_t id) const;

private:
  raft_driver() = default;
  result<void> receive_append(raft_message message, int64_t now_ms, jobs& out);
  result<void> step_message(const raft_message& message, int64_t now_ms,
                            jobs& out);
  result<void> take(const shim_update& update, std::vector<log_record> records,
                    int64_t now_ms, jobs& out);
  void take_entries(const shim_update& update, std::vector<log_record> records,
                    write_job& job);
  void truncate(raft_index first, write_job& job);
  void collect_messages(unsigned n);
  result<void> settle_before(const raft_message& part, int64_t now_ms,
                             jobs& out);
  result<void> admit_change(const log_record& change) const;
  result<void> settle_configurations(int64_t now_ms, jobs& out);
  result<void> check(int rv, const char* step) const;
  void note_term(raft_index first, raft_term term, write_job& job);
  void drop_configurations_from(raft_index first, write_job& job);
  write_job install_job(const raft_start_point& point);
  raft_term term_of(raft_index index) const;
  bool has(raft_index index, raft_term term) const;
  bool is_late_rejection(const raft_message& x) const;

  struct in_flight {
    uint64_t epoch;
    raft_index last;
  };
  struct raft_deleter {
    void operator()(shim_raft* r) const;
  };

  shard_id shard_;
  int64_t election_ms_ = 0;
  int64_t contact_ms_ = 0; ///< When the leader was heard last.
  std::unique_ptr<shim_raft, raft_deleter> raft_;
  raft_start_point start_;
  std::vector<term_row> terms_;
  /// Configuration entries above the start, committed or not.
  std::vector<std::pair<raft_index, std::string>> configurations_;
  raft_index settled_; ///< Configurations up to here are told as committed.
  raft_index last_;
  raft_index persisted_;
  raft_index commit_;
  uint64_t epoch_ = 0;
  std::deque<in_flight> in_flight_;
  uint64_t written_epoch_ = 0;
  uint64_t hard_state_epoch_ = 0;  ///< Job of the newest term and vote.
  std::vector<raft_message> held_; ///< Until term and vote are durable.
  std::vector<raft_message> outbox_;
  bool answers_old_term_ = false; ///< The step at hand is for such a message.
  std::optional<raft_message> offer_;
  std::optional<raft_start_point> installing_;
  uint64_t install_epoch_ = 0;
};

} // namespace eventd::storage
