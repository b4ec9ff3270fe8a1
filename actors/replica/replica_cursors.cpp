// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/replica/replica.hpp"

#include <chrono>

#include "storage/model/limits.hpp"

namespace eventd::actors {

using std::chrono::milliseconds;

// -- cursors
// -------------------------------------------------------------------

std::string replica_state::cursor_of(const std::string& uid) const {
  if (auto waiting = cursors_.find(uid); waiting != cursors_.end())
    return waiting->second.cursor;
  return state_.cursor_of(uid);
}

caf::result<caf::unit_t> replica_state::commit_cursor(cursor_commit x) {
  if (stopping_)
    return to_caf(failure{ec::shutting_down, "the node stops"});
  // What waits here until this node leads would be older than what is stored.
  if (driver_->role() != storage::raft_role::leader)
    return to_caf(failure{ec::not_leader, "this node does not lead the shard"});
  auto promise = self_->make_response_promise<caf::unit_t>();
  cursor_promises_.push_back(promise);
  auto uid = x.subscription_uid;
  cursors_[uid]
    = {std::move(x.subscription_uid), x.channel, std::move(x.cursor)};
  if (x.urgent)
    flush_cursors();
  if (!cursors_.empty())
    arm_cursor_timer();
  return promise;
}

void replica_state::end_cursor_interval() {
  cursor_timer_ = false;
  flush_cursors();
  if (!cursors_.empty())
    arm_cursor_timer();
}

void replica_state::arm_cursor_timer() {
  if (cursor_timer_)
    return;
  cursor_timer_ = true;
  self_->delayed_send(self_, milliseconds(limits::cursor_interval_ms),
                      atom::flush_v);
}

void replica_state::flush_cursors() {
  if (cursors_.empty() || !ready_)
    return;
  auto waiting = std::make_shared<size_t>(0);
  auto promises
    = std::make_shared<std::vector<caf::typed_response_promise<caf::unit_t>>>(
      std::move(cursor_promises_));
  cursor_promises_.clear();
  auto rows = std::move(cursors_);
  cursors_.clear();
  storage::put_cursors command;
  size_t bytes = 0;
  auto send = [&] {
    ++*waiting;
    self_
      ->request(shard_actor{self_}, caf::infinite, atom::propose_v,
                shared_bytes{std::make_shared<const std::string>(
                  storage::encode(command))})
      .then(
        [waiting, promises](const proposed&) {
          if (--*waiting == 0)
            for (auto& x : *promises)
              x.deliver(caf::unit);
        },
        [promises](const caf::error& why) {
          for (auto& x : *promises)
            x.deliver(why);
          promises->clear();
        });
    command.rows.clear();
    bytes = 0;
  };
  for (auto& [uid, row] : rows) {
    bytes += row.cursor.size();
    command.rows.push_back(std::move(row));
    if (bytes >= limits::cursor_entry_bytes_max / 2)
      send();
  }
  if (!command.rows.empty())
    send();
}

} // namespace eventd::actors
