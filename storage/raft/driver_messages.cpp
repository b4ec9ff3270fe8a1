// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// The half of the driver that speaks with other servers.

#include <algorithm>
#include <utility>

#include "storage/model/assert.hpp"
#include "storage/raft/driver.hpp"
#include "storage/raft/shim.h"

namespace eventd::storage {

namespace {

constexpr size_t held_messages_max = 256;

raft_message from_shim(const shim_message& x) {
  raft_message out;
  out.kind = static_cast<raft_message_kind>(x.type);
  out.version = x.version;
  out.peer = x.peer;
  out.term = raft_term{x.term};
  out.index = raft_index{x.index};
  out.index_term = raft_term{x.index_term};
  out.commit = raft_index{x.commit};
  out.rejected = raft_index{x.rejected};
  out.candidate = x.candidate;
  out.configuration_index = raft_index{x.configuration_index};
  out.pre_vote = x.pre_vote;
  out.flag = x.flag;
  out.features = x.features;
  out.capacity = x.capacity;
  out.n_records = x.n_entries;
  return out;
}

shim_message to_shim(const raft_message& x) {
  shim_message out{};
  out.type = static_cast<int>(x.kind);
  out.version = x.version;
  out.peer = x.peer;
  out.term = x.term.value;
  out.index = x.index.value;
  out.index_term = x.index_term.value;
  out.commit = x.commit.value;
  out.rejected = x.rejected.value;
  out.candidate = x.candidate;
  out.configuration_index = x.configuration_index.value;
  out.configuration = x.configuration.data();
  out.configuration_size = x.configuration.size();
  out.pre_vote = x.pre_vote;
  out.flag = x.flag;
  out.features = x.features;
  out.capacity = x.capacity;
  out.n_entries = static_cast<unsigned>(x.records.size());
  return out;
}

} // namespace

// -- out
// -----------------------------------------------------------------------

void raft_driver::collect_messages(unsigned n) {
  // Nothing leaves that could tell of a term or vote not yet durable.
  auto& box = written_epoch_ < hard_state_epoch_ ? held_ : outbox_;
  for (unsigned i = 0; i < n; ++i) {
    shim_message x;
    shim_message_at(raft_.get(), i, &x);
    auto message = from_shim(x);
    if (message.kind == raft_message_kind::install) {
      EVENTD_ASSERT(message.index == start_.index);
      message.configuration = start_.configuration;
      message.configuration_index = start_.configuration_index;
    }
    // The core leaves the last index unset when it refuses an older term.
    if (message.kind == raft_message_kind::append_answer && answers_old_term_)
      message.index = raft_index{
        message.rejected.value > 0 ? message.rejected.value - 1 : 0};
    // The core repeats the candidate's term, which would never learn that it is
    // too old.
    if (message.kind == raft_message_kind::vote_answer && message.pre_vote
        && answers_old_term_)
      message.term = term();
    box.push_back(std::move(message));
  }
  // A disk that hangs; Raft takes what is lost for a bad network.
  if (held_.size() > held_messages_max)
    held_.erase(held_.begin(),
                held_.end() - static_cast<ptrdiff_t>(held_messages_max));
}

std::vector<raft_message> raft_driver::take_messages() {
  return std::exchange(outbox_, {});
}

bool raft_driver::may_send(const raft_message& x) const {
  if (x.kind != raft_message_kind::append || x.n_records == 0)
    return true;
  return role() == raft_role::leader && term() == x.term;
}

result<void> raft_driver::probe(int64_t now_ms, jobs& out) {
  if (role() != raft_role::leader)
    return {};
  shim_update update;
  auto rv = shim_probe(raft_.get(), static_cast<uint64_t>(now_ms), &update);
  if (auto done = check(rv, "probe"); !done)
    return done;
  return take(update, {}, now_ms, out);
}

// -- in
// ------------------------------------------------------------------------

/// libraft would take the next entry to send below what the follower surely
/// has, and then send nothing to it in this term any more.
bool raft_driver::is_late_rejection(const raft_message& x) const {
  return x.kind == raft_message_kind::append_answer && x.rejected.value > 0
         && x.term == term()
         && std::min(x.rejected, x.index + 1) <= match_of(x.peer)
         && match_of(x.peer).value > 0;
}

/// Who does not vote never takes its leader for lost, and would refuse to help
/// another into the lead that counts on it as a voter already.
result<void> raft_driver::receive(raft_message message, int64_t now_ms,
                                  jobs& out) {
  if (message.kind == raft_message_kind::append)
    return receive_append(std::move(message), now_ms, out);
  if (is_late_rejection(message))
    return {};
  if (message.kind == raft_message_kind::vote && !shim_votes(raft_.get())
      && now_ms - contact_ms_ >= election_ms_)
    message.flag = true;
  if (message.kind != raft_message_kind::install)
    return step_message(message, now_ms, out);
  if (message.term < term())
    return {}; // Of a leader that is none any more.
  if (!installing_ && has(message.index, message.index_term))
    return step_message(message, now_ms, out);
  // Not the core's yet: while it installs, this server can not vote. Until the
  // copy is there an empty append stands for the offer: it says who leads.
  raft_message contact;
  contact.peer = message.peer;
  contact.term = message.term;
  if (!installing_)
    offer_ = std::move(message);
  return step_message(contact, now_ms, out);
}

/// Keeps the core from three traps: entries below the start, which it would
/// take for new ones; a commit index that goes back; a change of the
/// configuration that is not the first of its message.
result<void> raft_driver::receive_append(raft_message message, int64_t now_ms,
                                         jobs& out) {
  EVENTD_ASSERT(message.n_records == message.records.size());
  auto is_old = message.term < term();
  if (is_old && message.index.value == 0) {
    // The core answers "rejected: 0" then, which means that all was taken.
    message.index = raft_index{1};
    message.index_term = raft_term{1};
    message.records.clear();
  }
  if (message.index < start_.index) {
    auto known = std::min<uint64_t>(start_.index - message.index,
                                    message.records.size());
    message.records.erase(message.records.begin(),
                          message.records.begin()
                            + static_cast<ptrdiff_t>(known));
    message.index = start_.index;
    message.index_term = start_.term;
  }
  auto records = std::exchange(message.records, {});
  message.n_records = static_cast<uint32_t>(records.size());
  constexpr auto no_cut = ~size_t{0};
  for (auto& part :
       with_records(std::move(message), std::move(records), no_cut)) {
    if (auto done = settle_before(part, now_ms, out); !done)
      return done;
    if ((part.index + part.n_records).value < shim_commit_index(raft_.get()))
      part.commit = raft_index{0};
    if (auto done = step_message(part, now_ms, out); !done)
      return done;
  }
  return {};
}

/// The core knows of one open configuration only: the one before must be told
/// as committed before a message brings the next.
result<void> raft_driver::settle_before(const raft_message& part,
                                        int64_t now_ms, jobs& out) {
  if (part.records.empty() || part.records[0].type != entry_type::change
      || configuration_index() <= settled_)
    return {};
  auto head = part;
  head.records.clear();
  head.n_records = 0;
  if (head.index.value < shim_commit_index(raft_.get()))
    head.commit = raft_index{0};
  return step_message(head, now_ms, out);
}

result<void> raft_driver::step_message(const raft_message& message,
                                       int64_t now_ms, jobs& out) {
  std::vector<shim_entry> entries;
  entries.reserve(message.records.size());
  for (const auto& x : message.records)
    entries.push_back({x.term.value, static_cast<unsigned char>(x.type),
                       x.payload->data(), x.payload->size()});
  auto in = to_shim(message);
  shim_update update;
  answers_old_term_ = message.term < term();
  auto rv = shim_receive(raft_.get(), static_cast<uint64_t>(now_ms), &in,
                         entries.data(), &update);
  if (auto done = check(rv, "receive"); !done)
    return done;
  if (message.kind == raft_message_kind::append && message.peer == leader())
    contact_ms_ = now_ms;
  // What is news is the message's end.
  std::vector<log_record> news;
  if (update.first_index != 0 && !message.records.empty()) {
    EVENTD_ASSERT(update.n_entries <= message.records.size());
    EVENTD_ASSERT(update.first_index + update.n_entries
                  == (message.index + message.records.size() + 1).value);
    news.assign(message.records.end()
                  - static_cast<ptrdiff_t>(update.n_entries),
                message.records.end());
  }
  auto done = take(update, std::move(news), now_ms, out);
  answers_old_term_ = false;
  return done;
}

// -- a log that begins too late
// ------------------------------------------------

std::optional<raft_message> raft_driver::take_install() {
  return std::exchange(offer_, std::nullopt);
}

/// Whether the log holds that very entry.
bool raft_driver::has(raft_index index, raft_term term) const {
  if (index <= start_.index)
    return index < start_.index || term == start_.term;
  return index <= last_ && term_of(index) == term;
}

result<bool> raft_driver::install(const raft_message& offer, int64_t now_ms,
                                  jobs& out) {
  EVENTD_ASSERT(offer.kind == raft_message_kind::install);
  if (installing_ || has(offer.index, offer.index_term) || offer.term != term()
      || role() != raft_role::follower || !in_flight_.empty())
    return false;
  auto in = to_shim(offer);
  shim_update update;
  auto rv = shim_receive(raft_.get(), static_cast<uint64_t>(now_ms), &in,
                         nullptr, &update);
  if (auto done = check(rv, "install"); !done)
    return done.error();
  if (!update.installs) {
    if (auto done = take(update, {}, now_ms, out); !done)
      return done.error();
    return false;
  }
  raft_start_point point;
  point.index = offer.index;
  point.term = offer.index_term;
  point.configuration_index = offer.configuration_index;
  point.configuration = offer.configuration;
  if (auto done = take(update, {}, now_ms, out); !done)
    return done.error();
  out.push_back(install_job(point));
  return true;
}

/// All that the own log said goes; what the snapshot says is the log's end.
/// Nothing of it counts before it is durable.
write_job raft_driver::install_job(const raft_start_point& point) {
  write_job job;
  job.shard = shard_;
  job.log_end = last_;
  if (last_ > point.index)
    job.truncate = point.index + 1;
  drop_configurations_from(raft_index{0}, job);
  terms_.assign(1, {point.index, point.term});
  start_ = point;
  settled_ = point.index;
  persisted_ = std::min(persisted_, commit_);
  last_ = point.index;
  job.rows.push_back(start_row(shard_, start_));
  job.rows.push_back(terms_row(shard_, terms_));
  job.rows.push_back(log_end_row(shard_, point.index));
  job.epoch = ++epoch_;
  installing_ = point;
  install_epoch_ = job.epoch;
  return job;
}

// -- membership and leadership
// -------------------------------------------------

result<void> raft_driver::transfer(uint64_t id, int64_t now_ms, jobs& out) {
  if (role() != raft_role::leader || shim_transferee(raft_.get()) != 0)
    return failure{ec::not_leader, "there is no leadership here to hand over"};
  shim_update update;
  auto rv
    = shim_transfer(raft_.get(), static_cast<uint64_t>(now_ms), id, &update);
  if (rv != 0)
    return failure{ec::invalid_request,
                   "server " + std::to_string(id)
                     + " is no other voter: " + shim_error(raft_.get(), rv)};
  return take(update, {}, now_ms, out);
}

bool raft_driver::is_handing_over() const {
  return role() == raft_role::leader && shim_transferee(raft_.get()) != 0;
}

uint64_t raft_driver::leader() const {
  return shim_leader(raft_.get());
}

raft_index raft_driver::match_of(uint64_t id) const {
  return raft_index{shim_match(raft_.get(), id)};
}

} // namespace eventd::storage
