// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/model_node.hpp"

#include "storage/model/assert.hpp"

namespace eventd::tests {

using storage::entry_type;
using storage::log_record;
using storage::raft_message;

namespace {

constexpr shard_id shard{0};

/// Small, so that appends are cut into several messages.
constexpr size_t message_bytes_max = 64;

std::string payload_of(uint64_t operation) {
  return "operation " + std::to_string(operation);
}

bool is_same(const log_record& x, const log_record& y) {
  return x.term == y.term && x.type == y.type && *x.payload == *y.payload;
}

} // namespace

model_node::model_node(uint64_t id,
                       const std::vector<storage::raft_server>& servers,
                       agreed_log& agreed, bool sync)
  : id_(id), agreed_(agreed), sync_(sync) {
  disk_.write(storage::bootstrap_job(shard, servers).value());
}

void model_node::check(const result<void>& done) {
  if (!done)
    agreed_.fail("server " + std::to_string(id_) + ": " + done.error().detail);
}

void model_node::start(int64_t now_ms, unsigned seed) {
  now_ms_ = now_ms;
  auto loaded = storage::load_raft(disk_, shard);
  EVENTD_ASSERT(loaded && *loaded);
  log_.clear();
  for (raft_index i{1}; i <= (*loaded)->last; ++i)
    log_.push_back(disk_.at(i));
  applied_ = (*loaded)->start.index;
  led_ = {};
  storage::raft_driver::options options;
  options.id = id_;
  options.address = std::to_string(id_);
  options.seed = seed;
  storage::raft_driver::jobs jobs;
  auto driver = storage::raft_driver::start(options, **loaded, now_ms, jobs);
  if (!driver)
    return check(driver.error());
  driver_.emplace(std::move(*driver));
  take(std::move(jobs));
  advance();
}

void model_node::crash(std::mt19937_64& dice) {
  driver_.reset();
  proposed_.clear();
  if (sync_) {
    // A write on its way may be durable, or not: it is one piece.
    if (!writing_.empty() && dice() % 2 == 0)
      for (const auto& x : writing_)
        make_durable(x);
  } else {
    auto lost = unsynced_.size() - dice() % (unsynced_.size() + 1);
    for (size_t i = 0; i + lost < unsynced_.size(); ++i)
      make_durable(unsynced_[i]);
  }
  unsynced_.clear();
  writing_.clear();
  queue_.clear();
}

void model_node::make_durable(const waiting& x) {
  if (x.copied_to)
    disk_.replace_log(
      {agreed_.entries.begin(),
       agreed_.entries.begin() + static_cast<ptrdiff_t>(x.copied_to->value)});
  disk_.write(x.job);
}

std::string model_node::disk_complaint() const {
  for (raft_index i{1}; i <= applied_; ++i) {
    if (i > disk_.last())
      return "has not stored entry " + std::to_string(i.value);
    if (!is_same(disk_.at(i), agreed_.entries[i.value - 1]))
      return "has stored another entry " + std::to_string(i.value);
  }
  return {};
}

void model_node::tick(int64_t now_ms) {
  now_ms_ = now_ms;
  storage::raft_driver::jobs jobs;
  check(driver_->tick(now_ms, jobs));
  take(std::move(jobs));
  advance();
}

void model_node::receive(raft_message message, int64_t now_ms) {
  now_ms_ = now_ms;
  storage::raft_driver::jobs jobs;
  check(driver_->receive(std::move(message), now_ms, jobs));
  take(std::move(jobs));
  advance();
}

bool model_node::submit(uint64_t operation, int64_t now_ms) {
  now_ms_ = now_ms;
  if (driver_->role() != storage::raft_role::leader)
    return false;
  storage::raft_driver::jobs jobs;
  auto taken = driver_->submit(
    {{entry_type::command,
      {},
      std::make_shared<const std::string>(payload_of(operation))}},
    now_ms, jobs);
  if (!taken)
    return false;
  proposed_[driver_->last().value] = operation;
  take(std::move(jobs));
  advance();
  return true;
}

void model_node::move_start(raft_index to, int64_t now_ms) {
  now_ms_ = now_ms;
  // Only what is durable may be the start; jobs are written in order.
  if (to <= driver_->start().index || to > applied_)
    return;
  storage::raft_driver::jobs jobs;
  check(driver_->move_start(to, now_ms, jobs));
  take(std::move(jobs));
}

void model_node::transfer(uint64_t to, int64_t now_ms) {
  now_ms_ = now_ms;
  storage::raft_driver::jobs jobs;
  if (driver_->transfer(to, now_ms, jobs))
    take(std::move(jobs));
}

// -- writing
// -------------------------------------------------------------------

void model_node::remember(const storage::write_job& job) {
  if (job.truncate.value != 0) {
    log_.resize(job.truncate.value - 1);
    proposed_.erase(proposed_.lower_bound(job.truncate.value), proposed_.end());
  }
  if (!job.records.empty()) {
    EVENTD_ASSERT(job.first.value == log_.size() + 1);
    log_.insert(log_.end(), job.records.begin(), job.records.end());
  }
}

void model_node::take(storage::raft_driver::jobs jobs) {
  for (auto& job : jobs) {
    remember(job);
    queue_.push_back({std::move(job), {}});
  }
  // A leader begins its term with an entry of its own.
  if (driver_->role() == storage::raft_role::leader
      && led_ != driver_->term()) {
    led_ = driver_->term();
    auto [at, is_new] = agreed_.leaders.emplace(led_.value, id_);
    if (!is_new && at->second != id_)
      agreed_.fail("two leaders in term " + std::to_string(led_.value));
    storage::raft_driver::jobs more;
    auto taken = driver_->submit(
      {{entry_type::barrier, {}, std::make_shared<const std::string>()}},
      now_ms_, more);
    if (taken)
      take(std::move(more));
  }
}

bool model_node::begin_write() {
  if (!alive() || !writing_.empty() || queue_.empty())
    return false;
  writing_.swap(queue_);
  return true;
}

void model_node::end_write(int64_t now_ms) {
  now_ms_ = now_ms;
  if (!alive() || writing_.empty())
    return;
  auto epoch = writing_.back().job.epoch;
  auto copied_to = raft_index{0};
  for (auto& x : writing_) {
    copied_to = x.copied_to.value_or(copied_to);
    if (sync_)
      make_durable(x);
    else
      unsynced_.push_back(std::move(x));
  }
  writing_.clear();
  storage::raft_driver::jobs jobs;
  check(driver_->written(epoch, now_ms, jobs));
  // What was copied holds the state too: it is not applied entry by entry.
  if (copied_to > applied_) {
    applied_ = copied_to;
    ++installs_;
  }
  take(std::move(jobs));
  advance();
}

// -- applying
// ------------------------------------------------------------------

void model_node::advance() {
  if (driver_->visible() < applied_)
    return agreed_.fail("server " + std::to_string(id_)
                        + ": what was visible is no more");
  while (applied_ < driver_->visible()) {
    ++applied_;
    const auto& entry = log_[applied_.value - 1];
    if (agreed_.entries.size() < applied_.value) {
      EVENTD_ASSERT(agreed_.entries.size() + 1 == applied_.value);
      agreed_.entries.push_back(entry);
    } else if (!is_same(agreed_.entries[applied_.value - 1], entry)) {
      return agreed_.fail("server " + std::to_string(id_)
                          + " has another entry "
                          + std::to_string(applied_.value));
    }
    auto own = proposed_.find(applied_.value);
    if (own != proposed_.end()) {
      if (*entry.payload == payload_of(own->second))
        agreed_.acknowledged.push_back(own->second);
      proposed_.erase(own);
    }
    agreed_.note(applied_.value * 8 + id_);
  }
}

void model_node::install(const raft_message& offer, int64_t now_ms) {
  now_ms_ = now_ms;
  // A write on its way would overtake the swap.
  if (!queue_.empty() || !writing_.empty())
    return;
  EVENTD_ASSERT(agreed_.entries.size() >= offer.index.value);
  storage::raft_driver::jobs jobs;
  auto wanted = driver_->install(offer, now_ms, jobs);
  if (!wanted)
    return check(wanted.error());
  if (!*wanted)
    return take(std::move(jobs));
  log_.assign(agreed_.entries.begin(),
              agreed_.entries.begin()
                + static_cast<ptrdiff_t>(offer.index.value));
  proposed_.clear();
  auto swap = std::move(jobs.back());
  jobs.pop_back();
  take(std::move(jobs));
  queue_.push_back({std::move(swap), offer.index});
}

std::vector<raft_message> model_node::take_messages() {
  std::vector<raft_message> out;
  for (auto& x : driver_->take_messages()) {
    if (!driver_->may_send(x))
      continue;
    if (x.kind != storage::raft_message_kind::append) {
      out.push_back(std::move(x));
      continue;
    }
    auto first = log_.begin() + static_cast<ptrdiff_t>(x.index.value);
    std::vector<log_record> records;
    if (x.n_records > 0)
      records.assign(first, first + static_cast<ptrdiff_t>(x.n_records));
    for (auto& part : storage::with_records(std::move(x), std::move(records),
                                            message_bytes_max))
      out.push_back(std::move(part));
  }
  return out;
}

std::optional<raft_message> model_node::take_install() {
  return driver_->take_install();
}

} // namespace eventd::tests
