// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// Steps of the driver that a single voter needs too; driver_messages.cpp has
// what goes to and comes from other servers.

#include "storage/raft/driver.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include "storage/codec/key.hpp"
#include "storage/model/assert.hpp"
#include "storage/raft/shim.h"

namespace eventd::storage {

namespace {

shim_start_point to_shim(const raft_start_point& x) {
  return {x.index.value, x.term.value, x.configuration_index.value,
          x.configuration.data(), x.configuration.size()};
}

row_change remove_configuration_row(shard_id shard, raft_index index) {
  row_change x;
  x.what = row_change::kind::remove;
  x.where = state_family;
  x.key = state_key(state_row::configuration, shard, index);
  return x;
}

} // namespace

void raft_driver::raft_deleter::operator()(shim_raft* r) const {
  shim_free(r);
}

raft_driver::raft_driver(raft_driver&&) noexcept = default;
raft_driver& raft_driver::operator=(raft_driver&&) noexcept = default;
raft_driver::~raft_driver() = default;

result<raft_driver> raft_driver::start(const options& x,
                                       const persisted_raft& from,
                                       int64_t now_ms, jobs& out) {
  raft_driver self;
  self.shard_ = x.shard;
  self.election_ms_ = x.election_ms;
  self.contact_ms_ = now_ms;
  shim_options options{x.id,           x.address.c_str(),
                       x.seed,         x.election_ms,
                       x.heartbeat_ms, x.inflight_entries_max};
  self.raft_.reset(shim_new(&options));
  if (!self.raft_)
    return failure{ec::raft_failed, "libraft can not be started"};
  self.start_ = from.start;
  self.terms_ = from.terms;
  self.configurations_ = from.configurations;
  self.settled_ = from.start.index;
  self.last_ = self.persisted_ = from.last;
  self.commit_ = from.start.index;
  auto first = from.start.index + 1;
  if (from.last < from.start.index
      || (from.last >= first
          && (from.terms.empty() || from.terms[0].first > first)))
    return failure{ec::corrupt_record,
                   "Raft rows contradict each other in shard "
                     + std::to_string(x.shard.value)};
  std::vector<shim_entry> entries;
  entries.reserve(from.last - from.start.index);
  for (auto i = from.start.index + 1; i <= from.last; ++i)
    entries.push_back({self.term_of(i).value, SHIM_COMMAND, nullptr, 0});
  for (const auto& [index, bytes] : from.configurations) {
    auto& entry = entries[index - from.start.index - 1];
    entry.type = SHIM_CHANGE;
    entry.data = bytes.data();
    entry.size = bytes.size();
  }
  auto point = to_shim(from.start);
  shim_update update;
  auto rv = shim_start(self.raft_.get(), static_cast<uint64_t>(now_ms),
                       from.term.value, from.voted_for, &point, entries.data(),
                       static_cast<unsigned>(entries.size()), &update);
  if (auto done = self.check(rv, "start"); !done)
    return done.error();
  if (auto done = self.take(update, {}, now_ms, out); !done)
    return done.error();
  return self;
}

result<void> raft_driver::check(int rv, const char* step) const {
  if (rv == 0)
    return {};
  return failure{ec::raft_failed, std::string{"libraft refused '"} + step
                                    + "' in shard "
                                    + std::to_string(shard_.value) + ": "
                                    + shim_error(raft_.get(), rv)};
}

/// At each tick libraft takes a follower of which it has not heard since the
/// last one for silent, and sends it new entries at heartbeats only. So a
/// leader sends its heartbeats all at one time: with one due now and another
/// one later there would be ticks between which nothing was asked.
result<void> raft_driver::tick(int64_t now_ms, jobs& out) {
  shim_update update;
  auto* step = role() == raft_role::leader ? shim_probe : shim_timeout;
  auto rv = step(raft_.get(), static_cast<uint64_t>(now_ms), &update);
  if (auto done = check(rv, "timeout"); !done)
    return done;
  return take(update, {}, now_ms, out);
}

/// libraft keeps what it refuses in its own list of entries, and mistakes one
/// server's progress for another's when two change at once.
result<void> raft_driver::admit_change(const log_record& change) const {
  if (configuration_index() > settled_)
    return failure{ec::conflict, "an earlier change of the servers is open"};
  auto now = decode_configuration(configuration());
  auto next = decode_configuration(*change.payload);
  if (!now)
    return now.error();
  if (!next)
    return next.error();
  std::map<uint64_t, int> differences;
  auto count = [&](const auto& xs, const auto& others) {
    for (const auto& x : xs)
      if (std::find(others.begin(), others.end(), x) == others.end())
        differences[x.id] = 1;
  };
  count(*now, *next);
  count(*next, *now);
  if (differences.size() != 1)
    return failure{ec::invalid_request,
                   "a change adds, removes or changes one server, not "
                     + std::to_string(differences.size())};
  return {};
}

result<void> raft_driver::submit(std::vector<log_record> records,
                                 int64_t now_ms, jobs& out) {
  if (role() != raft_role::leader || shim_transferee(raft_.get()) != 0)
    return failure{ec::not_leader, "this node does not lead the shard"};
  for (const auto& record : records) {
    if (record.type != entry_type::change)
      continue;
    EVENTD_ASSERT(records.size() == 1);
    if (auto ok = admit_change(record); !ok)
      return ok;
  }
  std::vector<shim_entry> entries;
  entries.reserve(records.size());
  for (auto& record : records) {
    record.term = term();
    entries.push_back({record.term.value,
                       static_cast<unsigned char>(record.type),
                       record.payload->data(), record.payload->size()});
  }
  shim_update update;
  auto rv
    = shim_submit(raft_.get(), static_cast<uint64_t>(now_ms), entries.data(),
                  static_cast<unsigned>(entries.size()), &update);
  if (shim_is_open_change(rv))
    return failure{ec::conflict, "a server is being brought up to date"};
  if (auto done = check(rv, "submit"); !done)
    return done;
  EVENTD_ASSERT(update.first_index == last_.value + 1);
  EVENTD_ASSERT(update.n_entries == records.size());
  return take(update, std::move(records), now_ms, out);
}

result<void> raft_driver::written(uint64_t epoch, int64_t now_ms, jobs& out) {
  auto persisted = persisted_;
  while (!in_flight_.empty() && in_flight_.front().epoch <= epoch) {
    persisted = std::max(persisted, in_flight_.front().last);
    in_flight_.pop_front();
  }
  persisted_ = persisted;
  written_epoch_ = std::max(written_epoch_, epoch);
  if (written_epoch_ >= hard_state_epoch_) {
    std::move(held_.begin(), held_.end(), std::back_inserter(outbox_));
    held_.clear();
  }
  // libraft's own assertion: only news, and never beyond what it gave out.
  EVENTD_ASSERT(persisted_ <= last_);
  shim_update update;
  if (installing_ && written_epoch_ >= install_epoch_) {
    auto point = to_shim(*installing_);
    auto rv = shim_installed(raft_.get(), static_cast<uint64_t>(now_ms), &point,
                             &update);
    persisted_ = installing_->index;
    commit_ = std::max(commit_, installing_->index);
    installing_.reset();
    if (auto done = check(rv, "installed"); !done)
      return done;
    return take(update, {}, now_ms, out);
  }
  if (installing_ || persisted_.value <= shim_last_stored(raft_.get()))
    return {};
  // No write is on its way while it stands for election.
  EVENTD_ASSERT(role() != raft_role::candidate);
  auto rv = shim_persisted(raft_.get(), static_cast<uint64_t>(now_ms),
                           persisted_.value, &update);
  if (auto done = check(rv, "persisted"); !done)
    return done;
  return take(update, {}, now_ms, out);
}

result<void> raft_driver::move_start(raft_index index, int64_t now_ms,
                                     jobs& out) {
  EVENTD_ASSERT(index > start_.index && index <= visible());
  raft_start_point point;
  point.index = index;
  point.term = term_of(index);
  point.configuration = start_.configuration;
  point.configuration_index = start_.configuration_index;
  write_job job;
  job.shard = shard_;
  job.log_end = last_;
  while (!configurations_.empty() && configurations_.front().first <= index) {
    auto& [at, bytes] = configurations_.front();
    point.configuration_index = at;
    point.configuration = std::move(bytes);
    job.rows.push_back(remove_configuration_row(shard_, at));
    configurations_.erase(configurations_.begin());
  }
  shim_update update;
  auto shim_point = to_shim(point);
  auto rv = shim_move_start(raft_.get(), static_cast<uint64_t>(now_ms),
                            &shim_point, &update);
  if (auto done = check(rv, "snapshot"); !done)
    return done;
  start_ = std::move(point);
  // Rows of the table that end at or below the start are needed no more.
  while (terms_.size() > 1 && terms_[1].first <= start_.index + 1)
    terms_.erase(terms_.begin());
  job.rows.push_back(start_row(shard_, start_));
  job.rows.push_back(terms_row(shard_, terms_));
  job.epoch = ++epoch_;
  out.push_back(std::move(job));
  return take(update, {}, now_ms, out);
}

// -- what a step asks for
// ------------------------------------------------------

void raft_driver::note_term(raft_index first, raft_term term, write_job& job) {
  if (!terms_.empty() && terms_.back().term == term)
    return;
  terms_.push_back({first, term});
  job.rows.push_back(terms_row(shard_, terms_));
}

void raft_driver::drop_configurations_from(raft_index first, write_job& job) {
  while (!configurations_.empty() && configurations_.back().first >= first) {
    job.rows.push_back(
      remove_configuration_row(shard_, configurations_.back().first));
    configurations_.pop_back();
  }
}

/// Entries from `first` on contradict the leader's: they go.
void raft_driver::truncate(raft_index first, write_job& job) {
  EVENTD_ASSERT(first > commit_ && first > start_.index);
  job.truncate = first;
  for (auto& x : in_flight_)
    x.last = std::min(x.last, raft_index{first.value - 1});
  persisted_ = std::min(persisted_, raft_index{first.value - 1});
  while (!terms_.empty() && terms_.back().first >= first)
    terms_.pop_back();
  drop_configurations_from(first, job);
  last_ = raft_index{first.value - 1};
}

void raft_driver::take_entries(const shim_update& update,
                               std::vector<log_record> records,
                               write_job& job) {
  // The core itself adds a barrier when it begins to lead with a tail.
  for (auto i = records.size(); i < update.n_entries; ++i)
    records.push_back({static_cast<entry_type>(update.entry_types[i]), term(),
                       std::make_shared<const std::string>()});
  job.first = raft_index{update.first_index};
  EVENTD_ASSERT(job.first <= last_ + 1);
  if (job.first <= last_)
    truncate(job.first, job);
  auto index = job.first;
  for (const auto& record : records) {
    note_term(index, record.term, job);
    if (record.type == entry_type::change) {
      configurations_.emplace_back(index, *record.payload);
      job.rows.push_back(configuration_row(shard_, index, *record.payload));
    }
    ++index;
  }
  // Also where the table only became shorter.
  if (job.truncate.value != 0)
    job.rows.push_back(terms_row(shard_, terms_));
  job.records = std::move(records);
  last_ = last_ + job.records.size();
}

result<void> raft_driver::take(const shim_update& update,
                               std::vector<log_record> records, int64_t now_ms,
                               jobs& out) {
  write_job job;
  job.shard = shard_;
  job.log_end = last_;
  if (update.hard_state)
    job.rows.push_back(
      hard_state_row(shard_, term(), shim_voted_for(raft_.get())));
  if (update.first_index != 0)
    take_entries(update, std::move(records), job);
  // Never back: libraft's own index can go back after an old message.
  commit_ = std::max(commit_, raft_index{shim_commit_index(raft_.get())});
  if (!job.records.empty() || !job.rows.empty()) {
    job.epoch = ++epoch_;
    if (update.hard_state)
      hard_state_epoch_ = job.epoch;
    in_flight_.push_back({job.epoch, last_});
    out.push_back(std::move(job));
  }
  collect_messages(update.n_messages);
  return settle_configurations(now_ms, out);
}

/// Tells the core of each configuration that is committed.
result<void> raft_driver::settle_configurations(int64_t now_ms, jobs& out) {
  for (const auto& [index, bytes] : configurations_) {
    if (index <= settled_)
      continue;
    if (index > commit_)
      break;
    settled_ = index;
    auto copy = bytes;
    shim_update update;
    auto rv = shim_apply_configuration(
      raft_.get(), static_cast<uint64_t>(now_ms), index.value, copy.data(),
      copy.size(), &update);
    if (auto done = check(rv, "configuration"); !done)
      return done;
    // It settles what comes after by itself.
    return take(update, {}, now_ms, out);
  }
  return {};
}

// -- what stands
// ---------------------------------------------------------------

/// @pre the table covers `index`
std::optional<raft_term> raft_driver::known_term(raft_index index) const {
  if (index <= start_.index || index > last_)
    return std::nullopt;
  return term_of(index);
}

raft_term raft_driver::term_of(raft_index index) const {
  auto after = std::upper_bound(
    terms_.begin(), terms_.end(), index,
    [](raft_index x, const term_row& row) { return x < row.first; });
  EVENTD_ASSERT(after != terms_.begin());
  return std::prev(after)->term;
}

raft_role raft_driver::role() const {
  return static_cast<raft_role>(shim_state(raft_.get()));
}

raft_term raft_driver::term() const {
  return raft_term{shim_term(raft_.get())};
}

raft_index raft_driver::visible() const {
  return std::min(commit_, persisted_);
}

int64_t raft_driver::deadline_ms() const {
  return static_cast<int64_t>(shim_deadline_ms(raft_.get()));
}

const std::string& raft_driver::configuration() const {
  return configurations_.empty() ? start_.configuration
                                 : configurations_.back().second;
}

raft_index raft_driver::configuration_index() const {
  return configurations_.empty() ? start_.configuration_index
                                 : configurations_.back().first;
}

} // namespace eventd::storage
