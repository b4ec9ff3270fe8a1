// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/actor_client.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "storage/model/limits.hpp"
#include "storage/state/command.hpp"
#include "tests/fixtures/test_events.hpp"

namespace eventd::tests {

using namespace actors;

namespace {

constexpr incarnation epoch{1};

/// After so much calm an answer that is not there will never be.
constexpr int64_t patience_us = 3'000'000;

/// A wall clock of about 2026.
constexpr int64_t wall_begin_ms = 1'780'000'000'000;

shared_bytes bytes_of(std::string payload) {
  return {std::make_shared<const std::string>(std::move(payload))};
}

} // namespace

shared_bytes open_orders() {
  return bytes_of(storage::encode(storage::open_channel{
    actor_client::channel, epoch, "tests", "orders", false}));
}

shared_bytes payload_of(const events_entry& x) {
  std::string payload;
  storage::events_header header;
  header.channel = actor_client::channel;
  header.epoch = epoch;
  header.first = x.first;
  header.count = static_cast<uint32_t>(x.data.size());
  header.logged_at = x.logged_at;
  header.stored_at = log_time{x.operation};
  storage::put_events_header(payload, header);
  for (size_t i = 0; i < x.data.size(); ++i)
    add_event(payload, std::to_string(x.first.value + i), x.data[i]);
  return bytes_of(std::move(payload));
}

std::optional<shared_bytes> trim_of(const model_disk& disk, uint64_t which) {
  const auto& rows = disk.idx_rows();
  if (rows.size() < 2)
    return std::nullopt;
  auto at = std::next(rows.begin(),
                      static_cast<ptrdiff_t>(1 + which % (rows.size() - 1)));
  auto place = storage::position_of_idx_key(at->first);
  auto row = storage::decode_idx_row(at->second);
  return bytes_of(storage::encode(
    storage::trim_channel{place->channel, place->first, row->bytes_below}));
}

void actor_client::forget() {
  for (const auto& x : in_flight_)
    world_.ledger.forget(x.operation);
  in_flight_.clear();
  confirmations_.clear();
  place_.reset();
  status_.reset();
  placed_ = false;
  commit_ = {};
}

bool actor_client::is_overdue(int64_t asked_us) const {
  return calm_us
         && world_.now_us() - std::max(asked_us, *calm_us) > patience_us;
}

// -- answers ------------------------------------------------------------------

void actor_client::look() {
  std::erase_if(in_flight_, [&](const proposal& x) {
    if (!x.answer.answered()) {
      if (is_overdue(x.asked_us))
        world_.ledger.fail("a proposal is never answered");
      return false;
    }
    world_.tell([&] {
      return "n" + std::to_string(node_ + 1) + " answers proposal "
             + std::to_string(x.operation) + ": "
             + (x.answer.answer()
                  ? "entry " + std::to_string(x.answer.value().index.value)
                  : std::string{eventd::name_of(x.answer.code())});
    });
    world_.ledger.settle(x.operation, x.answer.answer());
    // The channel begins again where the log says, and proposes nothing else.
    placed_ = placed_ && x.answer.code() == ec::none;
    return true;
  });
  std::erase_if(confirmations_, [this](const auto& x) { return look_at(x); });
  look_at_place();
  look_at_status();
}

bool actor_client::look_at(const confirmation& x) {
  if (!x.answer.answered()) {
    if (is_overdue(x.asked_us))
      world_.ledger.fail("a confirmation is never answered");
    return false;
  }
  if (x.answer.code() != ec::none)
    return true;
  ++confirmed;
  if (x.answer.value() < x.acknowledged)
    world_.ledger.fail(name() + " confirmed less than was acknowledged before");
  if (x.answer.value() > world_.ledger.applied(node_ + 1))
    world_.ledger.fail(name() + " confirmed what it has not applied");
  return true;
}

void actor_client::look_at_place() {
  if (!place_)
    return;
  if (!place_->answered()) {
    if (is_overdue(asked_us_))
      world_.ledger.fail("a place is never answered");
    return;
  }
  auto place = *std::exchange(place_, std::nullopt);
  if (place.code() != ec::none)
    return;
  // What CHANNEL relies on.
  if (!in_flight_.empty())
    return world_.ledger.fail(
      "a place is answered before what was proposed earlier");
  if (!place.value().known) {
    world_.ask<proposed>(node_, atom::propose_v, open_orders());
    return;
  }
  placed_ = true;
  next_ = place.value().end;
  auto now_ms = world_.now_us() / 1'000;
  clock_ = storage::log_clock{place.value().logged_at,
                              wall_begin_ms + now_ms + wall_jump_ms_, now_ms};
}

void actor_client::look_at_status() {
  if (!status_ || !status_->answered())
    return;
  auto x = std::exchange(status_, std::nullopt)->value();
  if (x.commit < commit_)
    world_.ledger.fail(name() + " has committed less than before");
  commit_ = x.commit;
  if (x.commit > x.last || x.start > x.last)
    world_.ledger.fail(name() + " has committed more than it has");
}

// -- questions ----------------------------------------------------------------

void actor_client::use() {
  // Answers take their way: sometimes one is only seen when more was proposed.
  if (world_.chance(750))
    look();
  if (!placed_ && !place_) {
    asked_us_ = world_.now_us();
    place_ = world_.ask<channel_place>(node_, atom::place_v, channel);
  } else if (placed_) {
    propose();
  }
  if (world_.chance(50))
    confirm();
  if (world_.chance(50))
    change_state();
  if (!status_ && world_.chance(100))
    status_ = world_.ask<shard_status>(node_, atom::status_v);
}

void actor_client::propose() {
  auto n = 1 + world_.roll(3);
  while (n-- > 0 && in_flight_.size() < limits::channel_inflight_entries_max) {
    events_entry x;
    x.first = next_;
    x.operation = world_.ledger.next_operation();
    x.logged_at = clock_.now(world_.now_us() / 1'000);
    x.data.assign(1 + world_.roll(3), "x");
    next_ = next_ + x.data.size();
    in_flight_.push_back(
      {x.operation, world_.ask<proposed>(node_, atom::propose_v, payload_of(x)),
       world_.now_us()});
  }
}

void actor_client::confirm() {
  confirmations_.push_back({world_.ask<raft_index>(node_, atom::confirm_v),
                            world_.ledger.acknowledged_end(), world_.now_us()});
}

/// A cursor, or a trim: other rows of the state. Their outcome is not looked
/// at; the state of all nodes must be the same.
void actor_client::change_state() {
  auto trim = trim_of(world_.node(node_).disk().content(), world_.roll(1'000));
  if (trim && world_.chance(200)) {
    world_.ask<proposed>(node_, atom::propose_v, *trim);
    return;
  }
  storage::put_cursors cursors;
  cursors.rows.push_back({"uid-" + std::to_string(world_.roll(3)), channel,
                          std::to_string(world_.now_us())});
  world_.ask<proposed>(node_, atom::propose_v,
                       bytes_of(storage::encode(cursors)));
}

} // namespace eventd::tests
