// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/mender/mender.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/message.hpp>

#include "storage/state/mend.hpp"

namespace eventd::actors {

namespace {

using std::chrono::milliseconds;

std::string text_of(const damaged_place& x) {
  auto channel = "channel " + std::to_string(x.channel.value) + ", offset "
                 + std::to_string(x.first.value);
  if (x.index.value == 0)
    return "the place of " + channel;
  auto entry = "shard " + std::to_string(x.shard.value) + ", entry "
               + std::to_string(x.index.value);
  return x.count == 0 ? entry : entry + " (" + channel + ")";
}

/// Whether another try may end otherwise.
bool may_change(const failure& why) {
  return why == ec::not_leader || why == ec::unreachable || why == ec::timeout
         || why == ec::overloaded || why == ec::conflict;
}

} // namespace

void mender_state::init(pointer self, mender_wiring wiring) {
  self_ = self;
  wiring_ = std::move(wiring);
}

int64_t mender_state::now_ms() const {
  return std::chrono::duration_cast<milliseconds>(
           self_->clock().now().time_since_epoch())
    .count();
}

void mender_state::say(const std::string& line) {
  if (!wiring_.note)
    return;
  say_left_out();
  if (lines_.take(now_ms()))
    wiring_.note(line);
  else
    arm_timer();
}

void mender_state::say_left_out() {
  if (auto n = lines_.left_out(now_ms()); n && wiring_.note)
    wiring_.note("damage: " + std::to_string(*n)
                 + " lines more were left out in a minute");
}

mender_state::key mender_state::key_of(const damaged_place& x) {
  if (x.index.value != 0)
    return {x.shard, x.index, {}, {}};
  return {{}, {}, x.channel, x.first};
}

caf::result<uint64_t> mender_state::mend(const damaged_place& place) {
  auto k = key_of(place);
  auto promise = self_->make_response_promise<uint64_t>();
  if (auto found = works_.find(k); found != works_.end()) {
    found->second.promises.push_back(promise);
    return promise;
  }
  auto is_like = [&](const auto& x) {
    const auto& other = x.second.place;
    return (other.index.value == 0) == (place.index.value == 0)
           && (place.index.value == 0 || other.shard == place.shard);
  };
  auto n = std::count_if(works_.begin(), works_.end(), is_like);
  if (static_cast<size_t>(n) >= limits::mends_inflight_max) {
    // An error that is returned is not sent once there is a promise.
    promise.deliver(to_caf(
      failure{ec::overloaded, "too many damaged places are being mended"}));
    return promise;
  }
  auto& x = works_[k];
  x.place = place;
  x.deadline_ms = now_ms() + limits::mend_patience_ms;
  x.promises.push_back(promise);
  if (place.index.value != 0)
    ask_term(k);
  else
    begin_round(k);
  return promise;
}

void mender_state::ask_term(const key& k) {
  call_address own;
  own.kind = call_target::replica;
  own.shard = works_.at(k).place.shard;
  auto replica = wiring_.locals->find(own);
  if (!replica) {
    end(k, failure{ec::not_leader, "the shard is not there yet"}, {});
    return;
  }
  self_
    ->request(replica, milliseconds(limits::mend_answer_ms), atom::mend_v,
              works_.at(k).place.index)
    .then(
      [this, k](uint64_t term) {
        works_.at(k).term = raft_term{term};
        begin_round(k);
      },
      [this, k](const caf::error& why) { end(k, from_caf(why), {}); });
}

void mender_state::begin_round(const key& k) {
  auto& x = works_.at(k);
  x.nodes = wiring_.peers();
  x.may_change = false;
  x.is_damaged = false;
  x.resting = false;
  ask_next(k);
}

void mender_state::ask_next(const key& k) {
  auto& x = works_.at(k);
  if (x.nodes.empty()) {
    if (x.may_change && now_ms() < x.deadline_ms) {
      x.resting = true;
      arm_timer();
      return;
    }
    // A damaged block hides whether there was such a row at all.
    if (x.place.index.value == 0 && !x.may_change && !x.is_damaged
        && !x.why.empty())
      return end(k, uint64_t{0}, {});
    end(k, failure{ec::corrupt_record, "no other node has it whole"},
        text_of(x.place)
          + " is damaged, and no other node has it whole: " + x.why);
    return;
  }
  call_address to;
  to.node = x.nodes.back();
  to.kind = call_target::reader;
  to.shard = x.place.shard;
  to.repeatable = true;
  x.nodes.pop_back();
  self_
    ->request(wiring_.link, milliseconds(limits::mend_answer_ms), atom::call_v,
              to, caf::make_message(atom::mend_v, x.place))
    .then([this, k, node = to.node](log_chunk& part) { take(k, node, part); },
          [this, k, node = to.node](const caf::error& why) {
            refused(k, node, from_caf(why));
          });
}

void mender_state::refused(const key& k, uint64_t node, const failure& why) {
  auto& x = works_.at(k);
  x.why = "node " + std::to_string(node) + ": "
          + (why.detail.empty() ? std::string{name_of(why.code)} : why.detail);
  x.may_change = x.may_change || may_change(why);
  x.is_damaged = x.is_damaged || !(why == ec::not_found);
  ask_next(k);
}

void mender_state::take(const key& k, uint64_t node, log_chunk& part) {
  auto& x = works_.at(k);
  storage::copied_entries given{
    part.next, std::move(part.indexes), std::move(part.records),
    std::move(part.idx_keys), std::move(part.idx_values)};
  auto rows = storage::rows_of_mended(x.place, x.term, given);
  if (!rows)
    return refused(k, node, rows.error());
  write(k, node, std::move(*rows));
}

void mender_state::write(const key& k, uint64_t node,
                         std::vector<storage::row_change> rows) {
  auto n = uint64_t{rows.size()};
  storage::write_job job;
  job.shard = works_.at(k).place.shard;
  job.rows = std::move(rows);
  self_
    ->request(wiring_.log_writer, caf::infinite, atom::write_v, std::move(job))
    .then(
      [this, k, node, n](uint64_t) {
        wiring_.stats->mended_records.fetch_add(n, std::memory_order_relaxed);
        end(k, n,
            text_of(works_.at(k).place)
              + " was damaged, and is mended from node "
              + std::to_string(node));
      },
      [this, k](const caf::error& why) { end(k, from_caf(why), {}); });
}

void mender_state::end(const key& k, const result<uint64_t>& answer,
                       const std::string& line) {
  auto done = std::move(works_.extract(k).mapped());
  if (!line.empty())
    say(line);
  for (auto& promise : done.promises) {
    if (answer)
      promise.deliver(*answer);
    else
      promise.deliver(to_caf(answer.error()));
  }
}

void mender_state::arm_timer() {
  if (std::exchange(timer_, true))
    return;
  self_->delayed_send(self_, milliseconds(limits::mend_retry_ms), atom::tick_v);
}

void mender_state::tick() {
  timer_ = false;
  say_left_out();
  std::vector<key> rested;
  for (const auto& [k, x] : works_)
    if (x.resting)
      rested.push_back(k);
  for (const auto& k : rested)
    begin_round(k);
  if (lines_.is_open())
    arm_timer();
}

mender_actor::behavior_type mender(mender_state::pointer self,
                                   mender_wiring wiring) {
  self->state.init(self, std::move(wiring));
  return {
    [self](atom::mend, const damaged_place& place) {
      return self->state.mend(place);
    },
    [self](atom::tick) { self->state.tick(); },
  };
}

} // namespace eventd::actors
