// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "storage/raft/configuration.hpp"
#include "storage/raft/message_codec.hpp"

namespace eventd::tests {

/// Sees all messages of a Raft group and all that its servers write, and says
/// when they contradict what Raft is: one leader a term, one vote a term that
/// is durable before anybody hears of it, one log behind each entry.
class raft_watch {
public:
  /// A message leaves a server.
  void send(const storage::raft_packet& packet);
  /// A server wants this written.
  void write(const storage::write_job& job);
  /// It is durable there.
  void sync(uint64_t server, const storage::write_job& job);

  /// Whether a majority of the voters had the entry durable at some time; a
  /// disk that is lost later does not undo that.
  bool is_on_majority(raft_index index, raft_term term,
                      const std::vector<storage::raft_server>& servers) const;
  /// Configurations that anybody has proposed, by their place.
  const std::multimap<uint64_t, std::vector<storage::raft_server>>&
  configurations() const {
    return configurations_;
  }

  /// Empty: nothing is wrong.
  const std::string& broken() const { return broken_; }

private:
  /// An entry is named by its place and its term.
  struct entry_name {
    uint64_t index;
    uint64_t term;
    friend bool operator==(const entry_name&, const entry_name&) = default;
  };
  struct hash {
    size_t operator()(const entry_name& x) const {
      return (x.index << 20) ^ x.term;
    }
  };
  struct entry {
    storage::log_record record;
    uint64_t previous_term = 0;    ///< Of the entry before; 0: not seen yet.
    std::vector<uint64_t> servers; ///< Which had it durable.
  };
  struct vote {
    uint64_t term = 0;
    uint64_t whom = 0;
  };

  void fail(std::string what);
  void note_leader(const storage::raft_packet& packet);
  void note_vote(const storage::raft_packet& packet);
  void note_entry(raft_index index, const storage::log_record& record,
                  raft_term previous);

  std::unordered_map<entry_name, entry, hash> entries_;
  std::map<uint64_t, uint64_t> leaders_; ///< Term to server.
  /// By server and term.
  std::map<std::pair<uint64_t, uint64_t>, uint64_t> votes_;
  std::map<uint64_t, vote> durable_; ///< By server.
  std::multimap<uint64_t, std::vector<storage::raft_server>> configurations_;
  std::string broken_;
};

} // namespace eventd::tests
