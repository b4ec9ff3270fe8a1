// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// What a replica does for Raft: jobs, time, and who leads.

#include <algorithm>
#include <chrono>
#include <utility>

#include "actors/replica/replica.hpp"
#include "storage/model/assert.hpp"
#include "storage/model/limits.hpp"
#include "storage/raft/server_id.hpp"

namespace eventd::actors {

using std::chrono::milliseconds;
using storage::raft_role;

namespace {

/// A full follower answers messages with events no more often.
constexpr int64_t full_follower_answer_ms = 100;

/// Between two probes of the followers. Connections that come about together
/// ask for one each.
constexpr int64_t probe_interval_ms = 10;

} // namespace

// -- steps
// ---------------------------------------------------------------------

void replica_state::take(storage::raft_driver::jobs jobs) {
  for (const auto& job : jobs) {
    if (job.truncate.value != 0)
      drop_from(job.truncate);
    for (const auto& record : job.records)
      entries_.push_back({record, {}, 0});
  }
  if (failed_)
    return;
  EVENTD_ASSERT(driver_->last() == below_ + entries_.size());
  if (copied_to_.value != 0 || copy_)
    forget_copy(jobs);
  write(std::move(jobs));
  send_messages();
  look_for_offer();
}

/// Another leader's entries take the place of these.
void replica_state::drop_from(raft_index first) {
  if (first <= below_)
    return fail({ec::raft_failed, "a leader takes back entry "
                                    + std::to_string(first.value) + " of shard "
                                    + std::to_string(shard_.value)
                                    + ", which is committed"});
  while (below_ + entries_.size() >= first) {
    auto& x = entries_.back();
    if (x.promise) {
      inflight_bytes_ -= x.record.payload->size();
      x.promise->deliver(
        to_caf(failure{ec::timeout, "another node leads the shard now; the "
                                    "outcome is unknown"}));
    }
    entries_.pop_back();
  }
}

void replica_state::write(storage::raft_driver::jobs jobs) {
  for (auto& job : jobs) {
    auto settle = take_held(job);
    self_->request(log_writer_, caf::infinite, atom::write_v, std::move(job))
      .then(
        [this, settle = std::move(settle)](uint64_t epoch) {
          if (settle)
            settle();
          storage::raft_driver::jobs more;
          if (auto done = driver_->written(epoch, now_ms(), more); !done)
            return fail(done.error());
          take(std::move(more));
          check_role();
          advance();
        },
        [this](const caf::error& why) { fail(from_caf(why)); });
  }
}

void replica_state::receive(storage::raft_packet packet) {
  // To or from another life of a data directory.
  if (failed_ || packet.to != server_ || packet.shard != shard_)
    return;
  if (reserve_ && reserve_->spent(now_ms()) && !cut_events(packet.message))
    return;
  if (is_too_early(packet.message))
    return;
  // Whoever asks has not heard yet that this node stops, and goes on to lead.
  if (packet.message.kind == storage::raft_message_kind::timeout_now) {
    if (!may_lead(server_))
      return;
    asked_to_lead_in_ = packet.message.term;
  }
  storage::raft_driver::jobs jobs;
  auto kind = packet.message.kind;
  contact heard{packet.from, packet.message.term, packet.stamp_us};
  if (auto done = driver_->receive(std::move(packet.message), now_ms(), jobs);
      !done)
    return fail(done.error());
  note_contact(kind, heard);
  take(std::move(jobs));
  check_role();
  advance();
  hand_over_when_equal();
  arm_timer();
}

/// Before it was started again it may have answered a leader, which now relies
/// on its not voting for another. Whoever was asked to take over may.
bool replica_state::is_too_early(const storage::raft_message& vote) const {
  return vote.kind == storage::raft_message_kind::vote && !vote.flag
         && now_ms() < started_ms_ + election_ms_;
}

/// What the read leases of leaders, this or another one, are made of.
void replica_state::note_contact(storage::raft_message_kind kind,
                                 const contact& x) {
  using kinds = storage::raft_message_kind;
  if (x.term != driver_->term() || x.stamp_us == 0)
    return;
  auto leads = driver_->role() == raft_role::leader;
  if (kind == kinds::append_answer && leads) {
    lease_.heard(x.server, static_cast<int64_t>(x.stamp_us));
  } else if ((kind == kinds::append || kind == kinds::install)
             && driver_->leader() == x.server) {
    auto known = contact_.server == x.server && contact_.term == x.term;
    auto newest = known ? std::max(contact_.stamp_us, x.stamp_us) : x.stamp_us;
    contact_ = {x.server, x.term, newest};
  }
}

void replica_state::renew_lease() {
  if (!map_)
    return;
  auto leads = driver_->role() == raft_role::leader;
  auto is_sure = leads && ready_ && heir_ == 0;
  map_->set_lease(shard_, leads ? driver_->term() : raft_term{},
                  is_sure ? lease_.end_us(servers(), server_) : 0);
}

/// A full follower takes entries up to the first with events, as if the network
/// had lost the rest: it knows its leader, and what frees space passes as long
/// as no events wait before it. The leader answers at once, so it hears of it
/// no more often than by heartbeats.
/// @returns false: the message is dropped
bool replica_state::cut_events(storage::raft_message& x) {
  auto first = std::find_if(x.records.begin(), x.records.end(),
                            [](const storage::log_record& record) {
                              return record.type == storage::entry_type::command
                                     && is_events(*record.payload);
                            });
  if (first == x.records.end())
    return true;
  if (now_ms() < cut_again_ms_)
    return false;
  cut_again_ms_
    = now_ms() + std::min(full_follower_answer_ms, election_ms_ / 4);
  x.records.erase(first, x.records.end());
  x.n_records = static_cast<uint32_t>(x.records.size());
  // What a cut message does not hold it can not commit.
  x.commit = std::min(x.commit, x.index + x.n_records);
  return true;
}

void replica_state::tick() {
  hand_over_when_equal();
  // Timers that were armed before one was brought forward come late.
  if (failed_ || now_ms() < timer_ms_)
    return;
  timer_ms_ = 0;
  if (now_ms() >= driver_->deadline_ms()) {
    // A leader's asks all followers, as a probe does.
    probe_again_ms_ = now_ms() + probe_interval_ms;
    storage::raft_driver::jobs jobs;
    if (auto done = driver_->tick(now_ms(), jobs); !done)
      return fail(done.error());
    take(std::move(jobs));
    check_role();
    advance();
    check_promotions();
    go_on();
    pass_on_without_lease();
  }
  arm_timer();
}

/// Else what is lost shows at the next heartbeat only. Of two probes in less
/// time than an answer takes, the second would make libraft take the follower
/// for silent, and wait for it.
void replica_state::probe() {
  if (failed_ || probe_waits_ || driver_->role() != raft_role::leader)
    return;
  if (auto wait_ms = probe_again_ms_ - now_ms(); wait_ms > 0) {
    probe_waits_ = true;
    self_->delayed_send(self_, milliseconds(wait_ms), atom::probe_v,
                        atom::tick_v);
    return;
  }
  probe_again_ms_ = now_ms() + probe_interval_ms;
  storage::raft_driver::jobs jobs;
  if (auto done = driver_->probe(now_ms(), jobs); !done)
    return fail(done.error());
  take(std::move(jobs));
  check_role();
  advance();
  arm_timer();
}

void replica_state::arm_timer() {
  auto due = std::max(driver_->deadline_ms(), now_ms() + 1);
  if (timer_ms_ != 0 && timer_ms_ <= due)
    return;
  timer_ms_ = due;
  self_->delayed_send(self_, milliseconds(due - now_ms()), atom::tick_v);
}

/// What waited for a hand-over that came to nothing.
void replica_state::go_on() {
  std::erase_if(awaited_, [this](awaited_index& x) {
    if (x.deadline_ms > now_ms())
      return false;
    x.promise.deliver(
      to_caf(failure{ec::not_leader, "this replica is behind the others"}));
    return true;
  });
  if (failed_ || !ready_)
    return;
  pump();
  answer_places();
  answer_indexes();
}

// -- leadership
// ----------------------------------------------------------------

void replica_state::check_role() {
  if (failed_)
    return;
  auto leads = driver_->role() == raft_role::leader;
  if (barrier_.value != 0 && (!leads || driver_->term() != barrier_term_))
    step_down();
  if (leads && barrier_.value == 0) {
    lease_.restart();
    barrier_term_ = driver_->term();
    if (note_ && outlet_ != nullptr)
      note_("shard " + std::to_string(shard_.value) + ": elected in term "
            + std::to_string(barrier_term_.value));
    barrier_ = driver_->last() + 1;
    submit(
      {storage::entry_type::barrier, {}, std::make_shared<const std::string>()},
      {});
    arm_timer();
  }
  renew_lease();
  publish();
}

/// What was not proposed is refused for sure; what was proposed stays until it
/// is committed or truncated.
void replica_state::step_down() {
  barrier_ = {};
  ready_ = false;
  expected_.clear();
  auto why
    = to_caf(failure{ec::not_leader, "another node leads the shard now"});
  for (auto& x : std::exchange(queue_, {}))
    x.promise.deliver(why);
  queue_bytes_ = 0;
  for (auto& x : std::exchange(places_, {}))
    x.promise.deliver(why);
  for (auto& x : std::exchange(confirms_, {}))
    x.deliver(why);
  for (auto& x : std::exchange(indexes_, {}))
    x.promise.deliver(why);
  confirming_ = {};
  for (auto& x : std::exchange(promotions_, {}))
    x.promise.deliver(why);
  cursors_.clear();
  for (auto& x : std::exchange(cursor_promises_, {}))
    x.deliver(why);
}

void replica_state::publish() {
  if (!map_)
    return;
  uint64_t owner = 0;
  if (driver_->role() == raft_role::leader)
    owner = ready_ && !stopping_ ? map_->self() : 0;
  else if (auto leader = driver_->leader(); leader != 0)
    owner = storage::node_of(leader);
  if (told_owner_ == owner)
    return;
  told_owner_ = owner;
  map_->set(shard_, owner);
  for (const auto& x : watchers_)
    self_->send(x, atom::lead_v, shard_, owner);
}

void replica_state::watch(shard_watcher_actor watcher) {
  watchers_.push_back(watcher);
  // Who hears that it leads knows what is stored.
  if (shard_ == shard_id{0})
    tell_all_resources();
  self_->send(watcher, atom::lead_v, shard_, told_owner_.value_or(0));
}

void replica_state::tell_all_resources() {
  for (const auto& x : watchers_) {
    self_->send(x, atom::reload_v);
    for (const auto& [key, row] : state_.resources())
      self_->send(x, atom::changed_v, key, row.document, row.index);
    self_->send(x, atom::reload_v);
  }
}

void replica_state::tell_resource(const storage::command& command,
                                  raft_index index) {
  if (auto* put = std::get_if<storage::put_resource>(&command))
    for (const auto& x : watchers_)
      self_->send(x, atom::changed_v, put->key, put->document, index);
  else if (auto* gone = std::get_if<storage::remove_resource>(&command))
    for (const auto& x : watchers_)
      self_->send(x, atom::changed_v, gone->key, std::string{}, index);
}

/// One barrier answers all that asked before it was proposed.
caf::result<raft_index> replica_state::confirm() {
  if (!ready_)
    return to_caf(failure{ec::not_leader, "this node does not lead the shard"});
  if (is_alone())
    return state_.applied();
  auto promise = self_->make_response_promise<raft_index>();
  confirms_.push_back(promise);
  answer_indexes();
  return promise;
}

caf::result<raft_index> replica_state::await(raft_index index) {
  if (awaited_.size() >= limits::link_calls_max)
    return to_caf(failure{ec::overloaded, "too many wait for this replica"});
  auto promise = self_->make_response_promise<raft_index>();
  awaited_.push_back({index, promise, now_ms() + limits::owner_patience_ms});
  answer_indexes();
  return promise;
}

void replica_state::answer_indexes() {
  auto answer = [this](awaited_index& x) {
    if (state_.applied() < x.at)
      return false;
    x.promise.deliver(x.at);
    return true;
  };
  std::erase_if(indexes_, answer);
  std::erase_if(awaited_, answer);
  if (confirms_.empty() || is_handing_over() || state_.applied() < confirming_)
    return;
  auto waiting = std::exchange(confirms_, {});
  propose_plain(storage::entry_type::barrier, {}, std::move(waiting));
  confirming_ = driver_->last();
}

/// Answers when the entry is applied.
void replica_state::propose_plain(storage::entry_type type, std::string payload,
                                  std::vector<index_promise> whom) {
  auto before = driver_->last();
  auto done
    = submit({type, {}, std::make_shared<const std::string>(payload)}, {});
  // It went before what waits for room.
  if (done)
    for (auto& x : places_)
      if (x.after > before)
        x.after = x.after + 1;
  for (auto& x : whom) {
    if (done && driver_->last() > before)
      indexes_.push_back({before + 1, std::move(x), 0});
    else
      x.deliver(to_caf(done ? failure{ec::internal} : done.error()));
  }
}

} // namespace eventd::actors
