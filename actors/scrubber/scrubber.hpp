// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/protocol/interfaces.hpp"
#include "actors/protocol/stats.hpp"
#include "storage/model/limits.hpp"
#include "storage/rocks/database.hpp"

namespace eventd::actors {

struct scrubber_wiring {
  storage::database* database = nullptr; ///< Outlives the actor.
  mender_actor mender;
  std::shared_ptr<node_stats> stats;
  std::function<void(const std::string&)> note; ///< A line for the log.
};

/// Walks the logs of all shards, as far as they are applied, and the rows of
/// all channels, slowly; has mended what is damaged; rests; begins again. A
/// follower is read by nobody, and would lead with its damage one day.
class scrubber_state {
public:
  static constexpr const char* name = "eventd.scrubber";
  using pointer = scrubber_actor::stateful_pointer<scrubber_state>;

  scrubber_state() = default;

  void init(pointer self, scrubber_wiring wiring);
  void tick();

private:
  struct channel_part {
    channel_id id;
    log_offset next;
  };

  void spare_families();
  void look();
  void look_at_records(uint64_t bytes_max);
  void look_at_rows(uint64_t bytes_max);
  void begin_shard();
  void next_shard();
  void end_pass();
  void have_mended(const damaged_place& place);
  void pass_by();
  void go_on(int64_t after_ms);

  pointer self_ = nullptr;
  scrubber_wiring wiring_;
  shard_id shard_;
  bool begun_ = false; ///< `shard_` is.
  raft_index next_;
  raft_index applied_;                 ///< The shard's, when it was begun.
  std::vector<channel_part> channels_; ///< Of the shard, still to be done.
  std::optional<damaged_place> tried_; ///< Mended, or could not be.
  uint64_t damages_ = 0;               ///< In this pass.
  uint32_t spared_ = 0;
  int64_t rests_until_ms_ = 0;
};

/// Blocking: spawn it detached; tests may spawn it on their scheduler.
scrubber_actor::behavior_type scrubber(scrubber_state::pointer self,
                                       scrubber_wiring wiring);

} // namespace eventd::actors
