// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <deque>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "storage/raft/driver.hpp"
#include "tests/simulation/model_disk.hpp"

namespace eventd::tests {

/// The committed log as the first server to apply an entry saw it. Every other
/// server must see the same.
struct agreed_log {
  std::vector<storage::log_record> entries; ///< Index 1 is `entries[0]`.
  std::map<uint64_t, uint64_t> leaders;     ///< Term to server.
  std::vector<uint64_t> acknowledged;       ///< Operations, by number.
  uint64_t digest = 0; ///< Of all that happened, to compare two runs.
  std::string broken;  ///< The first invariant that did not hold.

  void note(uint64_t x) { digest = (digest ^ x) * 0x9e3779b97f4a7c15ULL + 1; }
  void fail(std::string what) {
    if (broken.empty())
      broken = std::move(what);
  }
};

/// One server: a real driver on a model of a disk. Virtual time only.
class model_node {
public:
  model_node(uint64_t id, const std::vector<storage::raft_server>& servers,
             agreed_log& agreed, bool sync);

  bool alive() const { return driver_.has_value(); }
  uint64_t id() const { return id_; }
  storage::raft_driver& driver() { return *driver_; }
  const storage::raft_driver& driver() const { return *driver_; }
  raft_index applied() const { return applied_; }
  size_t installs() const { return installs_; }
  uint64_t stored_end() const { return disk_.last().value; }

  /// What is wrong with the entries on the disk up to what is applied.
  std::string disk_complaint() const;

  void start(int64_t now_ms, unsigned seed);

  /// The process ends. Of the writes on their way some may have reached the
  /// disk; where nothing is synced, the last of those that were reported are
  /// lost as well.
  void crash(std::mt19937_64& dice);

  void tick(int64_t now_ms);
  void receive(storage::raft_message message, int64_t now_ms);

  /// Proposes one operation. False: does not lead.
  bool submit(uint64_t operation, int64_t now_ms);

  void move_start(raft_index to, int64_t now_ms);
  void transfer(uint64_t to, int64_t now_ms);

  /// Begins to write all that waits; false if there is nothing, or a write is
  /// on its way already.
  bool begin_write();
  void end_write(int64_t now_ms);

  /// Takes up the snapshot that was offered, from what is agreed.
  void install(const storage::raft_message& offer, int64_t now_ms);

  /// What is to be sent since the last call, with its entries.
  std::vector<storage::raft_message> take_messages();
  std::optional<storage::raft_message> take_install();

private:
  struct waiting {
    storage::write_job job;
    std::optional<raft_index> copied_to; ///< The log up to here is agreed's.
  };

  void check(const result<void>& done);
  void take(storage::raft_driver::jobs jobs);
  void remember(const storage::write_job& job);
  void make_durable(const waiting& x);
  void advance();

  uint64_t id_;
  agreed_log& agreed_;
  bool sync_;
  model_disk disk_;
  std::optional<storage::raft_driver> driver_;
  std::vector<storage::log_record> log_; ///< As the driver gave it out.
  std::deque<waiting> queue_;
  std::deque<waiting> writing_;
  std::deque<waiting> unsynced_;          ///< Reported, and lost by a crash.
  std::map<uint64_t, uint64_t> proposed_; ///< Index to operation.
  raft_index applied_;
  size_t installs_ = 0;
  raft_term led_;
  int64_t now_ms_ = 0;
};

} // namespace eventd::tests
