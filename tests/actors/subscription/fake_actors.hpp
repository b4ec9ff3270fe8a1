// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/protocol/interfaces.hpp"
#include "actors/subscription/cursor.hpp"
#include "tests/fixtures/test_events.hpp"

/// The actors around a subscription, each as a test wants it.
namespace eventd::tests {

using namespace eventd::actors;

/// Fact: a promise is kept inside its actor only, so the fakes have a `tick`.
using fake_channel_actor = channel_actor::extend<caf::reacts_to<atom::tick>>;
using fake_replica_actor = replica_actor::extend<caf::reacts_to<atom::tick>>;

/// A channel in memory, with what a test wants to go wrong.
struct fake_channel {
  std::vector<event_batch> events; ///< One each.
  log_offset earliest{};
  incarnation epoch{1};
  std::optional<log_offset> damaged;
  uint64_t reads = 0;
  uint64_t events_read = 0;

  struct waiter {
    caf::typed_response_promise<log_offset> promise;
    log_offset seen;
  };
  std::vector<waiter> waiters;
  bool holds_reads = false; ///< Held reads find their record damaged.
  std::vector<std::pair<caf::typed_response_promise<read_result>, log_offset>>
    held_reads;
  fake_channel_actor handle; ///< Told of what is published.

  log_offset end() const { return log_offset{events.size()}; }

  void publish(uint64_t n, std::string_view key = "") {
    for (uint64_t i = 0; i < n; ++i)
      publish_one("data", key);
  }

  void publish_one(std::string_view data, std::string_view key = "") {
    auto event = one_event(std::to_string(events.size()), data, key);
    event.first_offset = end();
    event.stored_at = log_time{1'000 * events.size()};
    events.push_back(std::move(event));
    if (handle)
      caf::anon_send(handle, atom::tick_v);
  }

  caf::result<read_result> read(const read_request& what) {
    ++reads;
    if (what.from < earliest)
      return to_caf(failure{ec::offset_trimmed, "trimmed", earliest.value});
    if (what.from > end())
      return to_caf(failure{ec::offset_out_of_range, "beyond", end().value});
    read_result x;
    x.earliest = earliest;
    x.end = end();
    x.epoch = epoch;
    x.next = what.from;
    while (x.next < end() && x.batches.size() < what.events_max) {
      if (damaged == x.next) {
        if (x.batches.empty())
          return to_caf(
            failure{ec::corrupt_record, "record is damaged", x.next.value});
        break;
      }
      x.batches.push_back(events[x.next.value]);
      ++x.next;
      ++events_read;
    }
    return x;
  }
};

inline fake_channel_actor::behavior_type
run_channel(fake_channel_actor::pointer self, std::shared_ptr<fake_channel> x) {
  return {
    [](atom::append, event_batch&) -> caf::result<append_result> {
      return to_caf(failure{ec::internal, "not here"});
    },
    [](atom::append,
       joined_append&) -> caf::result<std::vector<append_result>> {
      return to_caf(failure{ec::internal, "not here"});
    },
    [x, self](atom::read,
              const read_request& what) -> caf::result<read_result> {
      if (!x->holds_reads)
        return x->read(what);
      auto promise = self->make_response_promise<read_result>();
      x->held_reads.emplace_back(promise, what.from);
      return promise;
    },
    [x](atom::locate, log_time time) -> caf::result<log_offset> {
      auto found = std::find_if(
        x->events.begin(), x->events.end(),
        [time](const event_batch& y) { return y.stored_at >= time; });
      return log_offset{static_cast<uint64_t>(found - x->events.begin())};
    },
    [x, self](atom::await,
              const await_request& what) -> caf::result<log_offset> {
      if (x->end() > what.seen)
        return x->end();
      auto promise = self->make_response_promise<log_offset>();
      x->waiters.push_back({promise, what.seen});
      return promise;
    },
    [x](atom::status) {
      channel_status status;
      status.info.epoch = x->epoch;
      status.earliest = x->earliest;
      status.end = x->end();
      return status;
    },
    [](atom::configure, const channel_settings&) {},
    [x](atom::tick) {
      for (auto& waiter : std::exchange(x->waiters, {}))
        waiter.promise.deliver(x->end());
      if (x->holds_reads)
        return;
      for (auto& [promise, from] : std::exchange(x->held_reads, {}))
        promise.deliver(
          to_caf(failure{ec::corrupt_record, "record is damaged", from.value}));
    },
  };
}

/// Keeps cursors; answers at once, fails, or holds the answers back.
struct fake_replica {
  std::string durable;
  std::vector<cursor> commits;
  uint64_t urgent = 0;
  bool fails = false;
  bool holds = false;
  std::vector<std::pair<caf::typed_response_promise<caf::unit_t>, std::string>>
    held;

  cursor last() const { return *decode_cursor(durable); }
};

inline fake_replica_actor::behavior_type
run_replica(fake_replica_actor::pointer self, std::shared_ptr<fake_replica> x) {
  return {
    [](atom::propose, const shared_bytes&) -> caf::result<proposed> {
      return to_caf(failure{ec::internal, "not here"});
    },
    [x, self](atom::commit,
              const cursor_commit& what) -> caf::result<caf::unit_t> {
      x->commits.push_back(*decode_cursor(what.cursor));
      x->urgent += what.urgent ? 1 : 0;
      if (x->fails)
        return to_caf(failure{ec::not_leader, "elsewhere"});
      if (x->holds) {
        auto promise = self->make_response_promise<caf::unit_t>();
        x->held.emplace_back(promise, what.cursor);
        return promise;
      }
      x->durable = what.cursor;
      return caf::unit;
    },
    [x](atom::cursor, const std::string&) -> caf::result<std::string> {
      return x->durable;
    },
    [](atom::confirm) { return raft_index{1}; },
    [x](atom::tick) {
      for (auto& [promise, bytes] : std::exchange(x->held, {})) {
        x->durable = bytes;
        promise.deliver(caf::unit);
      }
    },
  };
}

/// Answers requests as a test says, at once or when it is told to.
struct fake_dispatcher {
  struct seen {
    int64_t at_ms;
    uint64_t offset;
    delivery_request request;
  };
  std::vector<seen> requests;
  std::function<delivery_outcome(const delivery_request&)> answer;
  int64_t takes_ms = 0; ///< How long each request takes.
  uint32_t on_wire = 0;
  uint32_t on_wire_max = 0;
  bool is_overloaded = false;

  std::vector<uint64_t> offsets(delivery_leg leg
                                = delivery_leg::subscriber) const {
    std::vector<uint64_t> found;
    for (const auto& x : requests)
      if (x.request.leg == leg)
        found.push_back(x.offset);
    return found;
  }
};

using slow_dispatcher_actor
  = dispatcher_actor::extend<caf::reacts_to<atom::tick, uint64_t>>;

struct dispatcher_state {
  dispatcher_state() = default;
  std::map<uint64_t, std::pair<caf::typed_response_promise<delivery_outcome>,
                               delivery_outcome>>
    pending;
  uint64_t next = 0;
};

inline slow_dispatcher_actor::behavior_type
run_dispatcher(slow_dispatcher_actor::stateful_pointer<dispatcher_state> self,
               std::shared_ptr<fake_dispatcher> x,
               std::function<int64_t()> now_ms) {
  return {
    [=](atom::deliver,
        const delivery_request& what) -> caf::result<delivery_outcome> {
      if (x->is_overloaded)
        return to_caf(failure{ec::overloaded, "too much"});
      x->requests.push_back({now_ms(), what.event.first_offset.value, what});
      x->on_wire_max = std::max(x->on_wire_max, ++x->on_wire);
      auto promise = self->make_response_promise<delivery_outcome>();
      auto id = self->state.next++;
      self->state.pending.emplace(id, std::pair{promise, x->answer(what)});
      self->delayed_send(self, std::chrono::milliseconds(x->takes_ms),
                         atom::tick_v, id);
      return promise;
    },
    [=](atom::tick, uint64_t id) {
      --x->on_wire;
      auto [promise, outcome] = self->state.pending.at(id);
      self->state.pending.erase(id);
      promise.deliver(outcome);
    },
  };
}

} // namespace eventd::tests
