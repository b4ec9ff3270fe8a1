// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/actor_ledger.hpp"

#include <algorithm>
#include <utility>

#include "storage/codec/entry.hpp"

namespace eventd::tests {

using storage::log_record;

namespace {

bool is_same(const log_record& x, const log_record& y) {
  return x.term == y.term && x.type == y.type && *x.payload == *y.payload;
}

bool is_events(const log_record& x) {
  return x.type == storage::entry_type::command && !x.payload->empty()
         && static_cast<storage::payload_kind>((*x.payload)[0])
              == storage::payload_kind::events;
}

std::string label(uint64_t operation) {
  return "proposal " + std::to_string(operation);
}

} // namespace

bool actor_ledger::is_refusal(ec code) {
  return code == ec::not_leader || code == ec::conflict
         || code == ec::overloaded;
}

void actor_ledger::fail(std::string what) {
  if (broken_.empty())
    broken_ = std::move(what);
}

// -- the log ------------------------------------------------------------------

void actor_ledger::found(const storage::write_job& bootstrap) {
  entries_ = bootstrap.records;
  servers_
    = storage::decode_configuration(*bootstrap.records.front().payload).value();
}

void actor_ledger::apply(uint64_t node, raft_index upto,
                         const model_disk& disk) {
  auto& applied = applied_[node];
  if (upto < applied)
    return fail("node " + std::to_string(node)
                + " has applied less than it "
                  "had");
  compare(node, applied + 1, upto, disk);
  applied = upto;
}

void actor_ledger::restart(uint64_t node, raft_index applied,
                           const model_disk& disk) {
  if (applied > end())
    return fail("node " + std::to_string(node)
                + " woke up with more applied "
                  "than anybody had");
  compare(node, raft_index{1}, applied, disk);
  applied_[node] = applied;
}

void actor_ledger::compare(uint64_t node, raft_index from, raft_index upto,
                           const model_disk& disk) {
  auto at = [node](raft_index i) {
    return "entry " + std::to_string(i.value) + " of node "
           + std::to_string(node);
  };
  for (auto i = from; i <= upto && broken_.empty(); ++i) {
    auto* record = disk.find(i);
    if (record == nullptr)
      return fail(at(i) + " is applied, and not on its disk");
    note(i.value * 8 + node);
    if (i > end())
      add(*record);
    else if (!is_same(entries_[i.value - 1], *record))
      return fail(at(i) + " is another entry");
  }
}

/// The next entry of the log that all agree on.
void actor_ledger::add(const log_record& record) {
  entries_.push_back(record);
  if (disks_are_honest && !is_safe(end(), record.term))
    return fail("entry " + std::to_string(end().value)
                + " is applied, and not on the disks of a majority");
  if (record.type == storage::entry_type::change) {
    auto servers = storage::decode_configuration(*record.payload);
    if (!servers)
      return fail("a configuration can not be read");
    servers_ = std::move(*servers);
    ++changes_;
  }
  if (is_events(record))
    add_events(record);
}

/// Entries count with the configuration that their leader had by then: that of
/// the log up to here, or the one that is proposed behind it.
bool actor_ledger::is_safe(raft_index index, raft_term term) const {
  if (raft_.is_on_majority(index, term, servers_))
    return true;
  const auto& all = raft_.configurations();
  for (auto x = all.lower_bound(index.value); x != all.end(); ++x)
    if (raft_.is_on_majority(index, term, x->second))
      return true;
  return false;
}

void actor_ledger::add_events(const log_record& record) {
  auto header = storage::decode_events_header(*record.payload);
  if (!header)
    return fail("an entry of events can not be read");
  if (header->first != channel_end_)
    return fail(
      "an entry begins at offset " + std::to_string(header->first.value)
      + ", and the channel ends at " + std::to_string(channel_end_.value));
  if (header->logged_at < logged_at_)
    return fail("the log time of entry " + std::to_string(end().value)
                + " goes back");
  logged_at_ = header->logged_at;
  channel_end_ = channel_end_ + header->count;
  auto operation = header->stored_at.value;
  note(operation);
  if (!stored_.emplace(operation, end()).second)
    return fail(label(operation) + " is there twice");
  auto known = outcomes_.find(operation);
  if (known != outcomes_.end() && known->second == outcome::refused)
    fail(label(operation) + " was refused, and is there");
}

// -- proposals ----------------------------------------------------------------

void actor_ledger::settle(uint64_t operation,
                          const result<actors::proposed>& how) {
  note(operation * 64
       + static_cast<uint64_t>(how ? ec::none : how.error().code));
  if (!how) {
    if (!is_refusal(how.error().code))
      return forget(operation);
    ++refused_;
    outcomes_[operation] = outcome::refused;
    if (stored_.contains(operation))
      fail(label(operation)
           + " is there, and was refused: " + how.error().detail);
    return;
  }
  ++acknowledged_;
  outcomes_[operation] = outcome::acknowledged;
  auto found = stored_.find(operation);
  if (found == stored_.end() || found->second != how->index)
    return fail(
      label(operation) + " was acknowledged at entry "
      + std::to_string(how->index.value)
      + (found == stored_.end()
           ? ", and nobody has applied it; the log ends at "
               + std::to_string(end().value)
           : ", and it is at " + std::to_string(found->second.value)));
  if (how->stored_at.value != operation)
    fail(label(operation) + " was acknowledged with another one's time");
  acknowledged_end_ = std::max(acknowledged_end_, how->index);
  auto term = entries_[how->index.value - 1].term.value;
  auto& highest = acknowledged_of_term_[term];
  highest = std::max(highest, how->index);
}

void actor_ledger::forget(uint64_t operation) {
  ++unknown_;
  outcomes_[operation] = outcome::unknown;
}

// -- leaders ------------------------------------------------------------------

void actor_ledger::look(const replica_node& x) {
  if (!x.alive() || !x.leads())
    return;
  auto applied = applied_[x.id()];
  auto name = "node " + std::to_string(x.id());
  if (applied.value == 0)
    return fail(name + " serves, and has applied nothing");
  // It serves when its own barrier is applied, which is of its term; and no
  // entry of a later one is applied by a node that leads.
  auto term = entries_[applied.value - 1].term.value;
  auto [at, is_new] = leaders_.emplace(term, x.id());
  if (at->second != x.id())
    return fail(name + " and node " + std::to_string(at->second)
                + " serve in term " + std::to_string(term));
  if (is_new)
    note(term * 8 + x.id());
  for (const auto& [of_term, index] : acknowledged_of_term_)
    if (of_term <= term && index > applied)
      return fail(name + " serves in term " + std::to_string(term)
                  + " without entry " + std::to_string(index.value)
                  + ", which was acknowledged in term "
                  + std::to_string(of_term));
}

} // namespace eventd::tests
