// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/raft/driver.hpp"

#include <algorithm>

#include "storage/codec/key.hpp"
#include "storage/model/assert.hpp"
#include "storage/raft/shim.h"

namespace eventd::storage {

namespace {

/// The term of `index` by the table.
/// @pre the table covers `index`
raft_term term_at(const std::vector<term_row>& terms, raft_index index) {
  auto after = std::upper_bound(
    terms.begin(), terms.end(), index,
    [](raft_index x, const term_row& row) { return x < row.first; });
  EVENTD_ASSERT(after != terms.begin());
  return std::prev(after)->term;
}

shim_start_point to_shim(const raft_start_point& x) {
  return {x.index.value, x.term.value, x.configuration_index.value,
          x.configuration.data(), x.configuration.size()};
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
  shim_options options{x.id, x.address.c_str(), x.seed, x.election_ms,
                       x.heartbeat_ms};
  self.raft_.reset(shim_new(&options));
  if (!self.raft_)
    return failure{ec::raft_failed, "libraft can not be started"};
  self.start_ = from.start;
  self.terms_ = from.terms;
  self.configuration_ = from.start.configuration;
  self.configuration_index_ = from.start.configuration_index;
  self.last_ = self.persisted_ = from.last;
  self.commit_ = from.start.index;
  std::vector<shim_entry> entries;
  entries.reserve(from.last - from.start.index);
  for (auto i = from.start.index + 1; i <= from.last; ++i)
    entries.push_back({term_at(from.terms, i).value, SHIM_COMMAND, nullptr, 0});
  for (const auto& [index, bytes] : from.configurations) {
    auto& entry = entries[index - from.start.index - 1];
    entry.type = SHIM_CHANGE;
    entry.data = bytes.data();
    entry.size = bytes.size();
    self.configuration_ = bytes;
    self.configuration_index_ = index;
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

result<void> raft_driver::tick(int64_t now_ms, jobs& out) {
  shim_update update;
  auto rv = shim_timeout(raft_.get(), static_cast<uint64_t>(now_ms), &update);
  if (auto done = check(rv, "timeout"); !done)
    return done;
  return take(update, {}, now_ms, out);
}

result<void> raft_driver::submit(std::vector<log_record> records,
                                 int64_t now_ms, jobs& out) {
  if (role() != raft_role::leader)
    return failure{ec::not_leader, "this node does not lead the shard"};
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
  // libraft's own assertion: only news, and never beyond what it gave out.
  EVENTD_ASSERT(persisted_ <= last_);
  if (persisted_.value <= shim_last_stored(raft_.get()))
    return {};
  shim_update update;
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
  point.term = term_at(terms_, index);
  point.configuration = configuration_;
  point.configuration_index = configuration_index_;
  EVENTD_ASSERT(configuration_index_ <= index);
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
  write_job job;
  job.shard = shard_;
  job.log_end = last_;
  job.rows.push_back(start_row(shard_, start_));
  job.rows.push_back(terms_row(shard_, terms_));
  job.epoch = ++epoch_;
  out.push_back(std::move(job));
  return take(update, {}, now_ms, out);
}

void raft_driver::note_term(raft_index first, raft_term term, write_job& job) {
  if (!terms_.empty() && terms_.back().term == term)
    return;
  terms_.push_back({first, term});
  job.rows.push_back(terms_row(shard_, terms_));
}

result<void> raft_driver::take(const shim_update& update,
                               std::vector<log_record> records, int64_t,
                               jobs& out) {
  // A group of one voter has nobody to write to.
  EVENTD_ASSERT(update.n_messages == 0);
  write_job job;
  job.shard = shard_;
  job.log_end = last_;
  if (update.hard_state)
    job.rows.push_back(
      hard_state_row(shard_, term(), shim_voted_for(raft_.get())));
  if (update.first_index != 0) {
    // The core itself adds a barrier when it begins to lead with a tail.
    for (auto i = records.size(); i < update.n_entries; ++i)
      records.push_back({static_cast<entry_type>(update.entry_types[i]), term(),
                         std::make_shared<const std::string>()});
    EVENTD_ASSERT(update.first_index == last_.value + 1);
    job.first = raft_index{update.first_index};
    note_term(job.first, term(), job);
    job.records = std::move(records);
    last_ = last_ + job.records.size();
  }
  commit_ = std::max(commit_, raft_index{shim_commit_index(raft_.get())});
  if (job.records.empty() && job.rows.empty())
    return {};
  job.epoch = ++epoch_;
  in_flight_.push_back({job.epoch, last_});
  out.push_back(std::move(job));
  return {};
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

} // namespace eventd::storage
