// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// What a replica sends to the others of its group.

#include <algorithm>
#include <chrono>
#include <utility>

#include "actors/replica/replica.hpp"
#include "storage/model/limits.hpp"
#include "storage/raft/server_id.hpp"

namespace eventd::actors {

using storage::log_record;
using storage::raft_message;
using storage::raft_message_kind;

namespace {

/// Election time-outs that an heir may be silent.
constexpr int64_t heir_patience_elections = 5;

} // namespace

void replica_state::send_messages() {
  if (failed_)
    return;
  for (auto& x : driver_->take_messages()) {
    // Only entries follow each other; a vote waits for none of them.
    auto waits = x.kind == raft_message_kind::append ? backlogs_.find(x.peer)
                                                     : backlogs_.end();
    if (waits == backlogs_.end() || !waits->second.reading) {
      fill_and_send(std::move(x));
      continue;
    }
    auto& messages = waits->second.messages;
    messages.push_back(std::move(x));
    if (messages.size() > limits::raft_backlog_max)
      messages.pop_front();
  }
}

void replica_state::fill_and_send(raft_message message) {
  if (message.kind != raft_message_kind::append || message.n_records == 0)
    return send(std::move(message));
  std::vector<log_record> records;
  if (fill_from_memory(message, records))
    send_parts(std::move(message), std::move(records));
  else
    read_and_send(std::move(message));
}

bool replica_state::fill_from_memory(const raft_message& message,
                                     std::vector<log_record>& out) const {
  auto first = message.index + 1;
  if (first + recent_.size() <= below_)
    return false;
  out.reserve(message.n_records);
  for (auto i = first; i < first + message.n_records; ++i)
    out.push_back(i > below_ ? entries_.at(i - below_ - 1).record
                             : recent_.at(recent_.size() - 1 - (below_ - i)));
  return true;
}

void replica_state::read_and_send(raft_message message) {
  auto server = message.peer;
  backlogs_[server].reading = true;
  auto first = message.index + 1;
  // What is applied is on the disk; behind it the rest is in memory.
  auto last = std::min(below_, message.index + message.n_records);
  self_->request(reader_, caf::infinite, atom::records_v, shard_, first, last)
    .then(
      [this, message, last](std::vector<log_record>& records) mutable {
        if (driver_->may_send(message)) {
          auto end = message.index + message.n_records;
          for (auto i = last + 1; i <= end && i > below_; ++i)
            records.push_back(entries_.at(i - below_ - 1).record);
          message.n_records = static_cast<uint32_t>(records.size());
          auto to = message.peer;
          send_parts(std::move(message), std::move(records));
          return send_backlog(to);
        }
        send_backlog(message.peer);
      },
      [this, server](const caf::error&) {
        // Damage that no other node can mend. The follower asks again.
        send_backlog(server);
      });
}

void replica_state::send_backlog(uint64_t server) {
  auto waiting = std::exchange(backlogs_[server], {});
  backlogs_.erase(server);
  for (auto& x : waiting.messages) {
    auto found = backlogs_.find(server);
    if (found != backlogs_.end() && found->second.reading)
      found->second.messages.push_back(std::move(x));
    else if (driver_->may_send(x))
      fill_and_send(std::move(x));
  }
}

void replica_state::send_parts(raft_message message,
                               std::vector<log_record> records) {
  for (auto& part :
       storage::with_records(std::move(message), std::move(records),
                             limits::raft_message_bytes_max))
    send(std::move(part));
}

/// What can not be sent is lost, as on any network. Who was asked to take over
/// needs no time-out to pass for its first election only: libraft says so of
/// the later ones, too, which another leader has not agreed to.
void replica_state::send(raft_message message) {
  if (outlet_ == nullptr)
    return;
  auto to = message.peer;
  uint64_t stamp = 0;
  if (message.kind == raft_message_kind::append
      || message.kind == raft_message_kind::install)
    stamp = static_cast<uint64_t>(now_us());
  else if (message.kind == raft_message_kind::append_answer
           && contact_.server == to && contact_.term == message.term)
    stamp = contact_.stamp_us;
  else if (message.kind == raft_message_kind::vote)
    message.flag = message.flag && message.term <= asked_to_lead_in_ + 1;
  auto bytes
    = std::make_shared<std::string>(1, static_cast<char>(peer_message::raft));
  bytes->append(
    storage::encode({shard_, server_, to, stamp, std::move(message)}));
  outlet_->send(storage::node_of(to), std::move(bytes));
}

void replica_state::keep_recent(log_record record) {
  if (outlet_ == nullptr)
    return;
  recent_bytes_ += record.payload->size();
  recent_.push_back(std::move(record));
  while (recent_bytes_ > limits::replica_recent_bytes_max
         || recent_.size() > limits::replica_recent_entries_max) {
    recent_bytes_ -= recent_.front().payload->size();
    recent_.pop_front();
  }
}

// -- servers
// -------------------------------------------------------------------

const std::vector<storage::raft_server>& replica_state::servers() const {
  auto at = driver_->configuration_index();
  if (servers_at_ != at) {
    auto xs = storage::decode_configuration(driver_->configuration());
    servers_ = xs ? std::move(*xs) : std::vector<storage::raft_server>{};
    servers_at_ = at;
  }
  return servers_;
}

bool replica_state::is_alone() const {
  return servers().size() <= 1;
}

/// The start stays below what a live voter still needs, within a bound.
raft_index replica_state::held_back(raft_index target) const {
  if (is_alone() || driver_->role() != storage::raft_role::leader)
    return target;
  for (const auto& x : servers()) {
    if (x.id == server_)
      continue;
    auto match = driver_->match_of(x.id);
    if (match < target && target - match <= start_distance_)
      target = match;
  }
  return target;
}

caf::result<raft_index>
replica_state::change(const std::string& configuration) {
  if (!ready_)
    return to_caf(failure{ec::not_leader, "this node does not lead the shard"});
  auto promise = self_->make_response_promise<raft_index>();
  propose_plain(storage::entry_type::change, configuration, {promise});
  return promise;
}

/// Whether it lacks so little that it can vote without being in the way. It
/// must know that it belongs to the group, because else it votes for nobody.
bool replica_state::is_up_to_date(uint64_t server) const {
  auto match = driver_->match_of(server);
  return match.value != 0 && match >= driver_->configuration_index()
         && driver_->last() - match <= limits::shard_inflight_entries_max;
}

/// A server that does not vote gets all entries like the others: libraft's own
/// rounds of catching up add nothing but an end that an idle log never reaches.
caf::result<raft_index> replica_state::promote(uint64_t server) {
  if (!ready_)
    return to_caf(failure{ec::not_leader, "this node does not lead the shard"});
  std::erase_if(promotions_, [server](promotion& x) {
    if (x.server != server)
      return false;
    x.promise.deliver(to_caf(failure{ec::timeout, "asked again"}));
    return true;
  });
  auto promise = self_->make_response_promise<raft_index>();
  promotions_.push_back({server, promise});
  check_promotions();
  return promise;
}

void replica_state::check_promotions() {
  std::erase_if(promotions_, [this](promotion& x) {
    if (!is_up_to_date(x.server))
      return false;
    x.promise.deliver(driver_->match_of(x.server));
    return true;
  });
}

/// Not when it was asked to by another: it still votes, and stands for election
/// where nobody leads, because it may be the only one that has all entries.
bool replica_state::may_lead(uint64_t server) const {
  if (outlet_ == nullptr)
    return true;
  auto node = storage::node_of(server);
  return !outlet_->is_leaving(node)
         && (server == server_ || outlet_->connected(node));
}

/// The voter that has most of the log; 0: there is none that may lead.
/// `unasked`: none that was asked before and is silent since.
uint64_t replica_state::best_heir(bool unasked) const {
  uint64_t best = 0;
  for (const auto& x : servers())
    if (x.id != server_ && x.role == storage::raft_server_role::voter
        && may_lead(x.id) && !(unasked && lease_.waits_for(x.id))
        && (best == 0 || driver_->match_of(x.id) > driver_->match_of(best)))
      best = x.id;
  return best;
}

raft_index replica_state::transfer(uint64_t server) {
  if (server == 0)
    server = best_heir();
  if (server == 0 || !may_lead(server) || !ready_ || is_handing_over())
    return driver_->last();
  heir_ = server;
  heir_deadline_ms_ = now_ms() + limits::hand_over_ms;
  self_->delayed_send(self_, std::chrono::milliseconds(limits::hand_over_ms),
                      atom::tick_v);
  hand_over_when_equal();
  return driver_->last();
}

/// libraft asks its heir once, and one that has not stored all by then ignores
/// it: so nothing is proposed until it has.
void replica_state::hand_over_when_equal() {
  if (heir_ == 0)
    return;
  if (!ready_ || now_ms() >= heir_deadline_ms_) {
    heir_ = 0;
    return go_on();
  }
  if (driver_->match_of(heir_) != driver_->last())
    return;
  storage::raft_driver::jobs jobs;
  auto to = std::exchange(heir_, 0);
  lease_.asked_to_lead(to, now_us());
  renew_lease();
  // A refusal means that there is nothing to hand over any more.
  if (auto done = driver_->transfer(to, now_ms(), jobs); !done)
    return go_on();
  take(std::move(jobs));
  arm_timer();
}

/// Whoever was asked to take over, and neither does nor follows, may do so at
/// any time: there is no lease until it is back. The term of another leader
/// begins without it.
void replica_state::pass_on_without_lease() {
  auto asked_us = lease_.asked_us();
  auto patience_ms = heir_patience_elections * election_ms_;
  if (failed_ || !ready_ || asked_us == 0
      || now_us() < asked_us + patience_ms * 1'000
      || now_ms() < passed_on_ms_ + patience_ms)
    return;
  auto heir = best_heir(true);
  if (heir == 0 || is_handing_over())
    return;
  passed_on_ms_ = now_ms();
  transfer(heir);
}

shard_status replica_state::status() const {
  shard_status x;
  x.shard = shard_;
  x.role = static_cast<uint8_t>(driver_->role());
  x.ready = ready_;
  x.leader = driver_->leader();
  x.term = driver_->term();
  x.start = driver_->start().index;
  x.last = driver_->last();
  x.commit = driver_->visible();
  x.applied = state_.applied();
  x.changing = driver_->configuration_index() > driver_->visible();
  auto leads = driver_->role() == storage::raft_role::leader;
  for (const auto& server : servers()) {
    server_status y;
    y.server = server.id;
    y.address = server.address;
    y.role = static_cast<uint8_t>(server.role);
    if (leads) {
      y.match = server.id == server_ ? driver_->visible()
                                     : driver_->match_of(server.id);
    }
    x.servers.push_back(std::move(y));
  }
  return x;
}

} // namespace eventd::actors
