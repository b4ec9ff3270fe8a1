// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/cluster/local_actors.hpp"
#include "actors/mender/line_budget.hpp"
#include "actors/protocol/interfaces.hpp"
#include "actors/protocol/stats.hpp"
#include "storage/model/limits.hpp"

namespace eventd::actors {

struct mender_wiring {
  std::shared_ptr<local_actors> locals; ///< Has this node's REPLICAs.
  caf::actor link;
  log_writer_actor log_writer;
  /// All other nodes of the cluster, those that are away among them.
  std::function<std::vector<uint64_t>()> peers;
  std::shared_ptr<node_stats> stats;
  std::function<void(const std::string&)> note; ///< A line for the log.
};

/// Mends one damaged place at a time for each that is asked for: the REPLICA
/// says in which term the entry was written, the other nodes are asked in turn
/// until one has it whole, the LOG WRITER writes it, synced. Who asks for what
/// is being mended already waits with the others.
class mender_state {
public:
  static constexpr const char* name = "eventd.mender";
  using pointer = mender_actor::stateful_pointer<mender_state>;

  mender_state() = default;

  void init(pointer self, mender_wiring wiring);
  caf::result<uint64_t> mend(const damaged_place& place);
  /// What rests goes on.
  void tick();

private:
  using key = std::tuple<shard_id, raft_index, channel_id, log_offset>;
  struct work {
    damaged_place place;
    raft_term term;              ///< 0: not known.
    int64_t deadline_ms = 0;     ///< Nobody is asked after it.
    std::vector<uint64_t> nodes; ///< Not asked yet in this round.
    bool may_change = false;     ///< One could not be asked in this round.
    bool is_damaged = false;     ///< One has it, and not whole, in this round.
    bool resting = false;        ///< Until the next round.
    std::string why;             ///< Of the last refusal.
    std::vector<caf::typed_response_promise<uint64_t>> promises;
  };

  static key key_of(const damaged_place& x);
  void ask_term(const key& k);
  void begin_round(const key& k);
  void ask_next(const key& k);
  void take(const key& k, uint64_t node, log_chunk& part);
  void refused(const key& k, uint64_t node, const failure& why);
  void write(const key& k, uint64_t node,
             std::vector<storage::row_change> rows);
  void end(const key& k, const result<uint64_t>& answer,
           const std::string& line);
  void arm_timer();
  void say(const std::string& line);
  void say_left_out();
  int64_t now_ms() const;

  pointer self_ = nullptr;
  mender_wiring wiring_;
  std::map<key, work> works_; ///< Bounded by `limits::mends_inflight_max`.
  line_budget lines_{limits::damage_lines_a_minute, 60'000};
  bool timer_ = false;
};

/// Never blocks.
mender_actor::behavior_type mender(mender_state::pointer self,
                                   mender_wiring wiring);

} // namespace eventd::actors
