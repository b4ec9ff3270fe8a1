// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/protocol/interfaces.hpp"
#include "storage/codec/entry.hpp"
#include "storage/log/tail_cache.hpp"

namespace eventd::tests {

/// A shard that refuses when it is told to: what a REPLICA owes its CHANNELs,
/// and no disk.
struct fake_shard {
  struct held {
    actors::shared_bytes payload;
    caf::typed_response_promise<actors::proposed> promise;
  };
  struct question {
    caf::typed_response_promise<actors::channel_place> promise;
  };

  std::shared_ptr<storage::tail_cache> tail;
  bool holds = false;                   ///< Entries are taken, and wait.
  bool holds_places = false;            ///< So do questions for the place.
  std::optional<failure> refusal;       ///< Of the next entry.
  std::optional<failure> place_refusal; ///< Of all questions for the place.
  std::vector<storage::events_header> accepted;
  size_t refused = 0;
  std::optional<failure> confirmation; ///< None: it surely leads.
  size_t confirmed = 0;                ///< How often it was asked.
  raft_term term;                      ///< In which it leads.
  log_offset end;                      ///< Of what is committed.
  std::optional<log_offset> expected;  ///< None: a place is asked for.
  std::deque<held> waiting;
  std::deque<question> questions;
  uint64_t index = 0;

  void commit(held& x) {
    auto batch = storage::open_events(x.payload.data, 0);
    auto header = storage::decode_events_header(*x.payload.data);
    end = batch->end_offset();
    tail->add(header->channel, shard_id{0}, raft_index{++index},
              std::move(*batch));
    x.promise.deliver(actors::proposed{raft_index{index}, header->stored_at});
  }

  /// Commits all that waits; then questions for the place can be answered.
  void release() {
    holds = false;
    for (auto& x : waiting)
      commit(x);
    waiting.clear();
    if (holds_places)
      return;
    for (auto& x : questions) {
      if (place_refusal) {
        x.promise.deliver(to_caf(*place_refusal));
        continue;
      }
      actors::channel_place place;
      place.known = true;
      place.epoch = incarnation{1};
      place.end = end;
      place.term = term;
      place.logged_at = log_time{1'700'000'000'000};
      expected = end;
      x.promise.deliver(place);
    }
    questions.clear();
  }
};

/// `flush` releases.
inline actors::shard_actor::behavior_type
run_fake_shard(actors::shard_actor::pointer self,
               std::shared_ptr<fake_shard> shard) {
  using namespace actors;
  return {
    [self, shard](atom::propose,
                  const shared_bytes& payload) -> caf::result<proposed> {
      auto header = storage::decode_events_header(*payload.data);
      if (shard->refusal) {
        ++shard->refused;
        return to_caf(*std::exchange(shard->refusal, {}));
      }
      if (shard->expected != header->first) {
        ++shard->refused;
        return to_caf(failure{ec::conflict, "an earlier one was refused"});
      }
      shard->expected = header->first + header->count;
      shard->accepted.push_back(*header);
      auto promise = self->make_response_promise<proposed>();
      shard->waiting.push_back({payload, promise});
      if (!shard->holds)
        shard->release();
      return promise;
    },
    [](atom::commit, const cursor_commit&) { return caf::unit; },
    [](atom::cursor, const std::string&) { return std::string{}; },
    [shard](atom::confirm) -> caf::result<raft_index> {
      ++shard->confirmed;
      if (shard->confirmation)
        return to_caf(*shard->confirmation);
      return raft_index{1};
    },
    [self, shard](atom::place, channel_id) {
      auto promise = self->make_response_promise<channel_place>();
      shard->expected.reset();
      shard->questions.push_back({promise});
      if (!shard->holds && !shard->holds_places)
        shard->release();
      return promise;
    },
    [](atom::resource) { return resource_snapshot{}; },
    [](atom::stop) { return caf::unit; },
    [](atom::mend, raft_index) { return uint64_t{0}; },
    [](atom::status) { return shard_status{}; },
    [](atom::change, const std::string&) { return raft_index{1}; },
    [](atom::promote, uint64_t) { return raft_index{1}; },
    [](atom::transfer, uint64_t) { return raft_index{1}; },
    [](atom::await, raft_index index) { return index; },
    [](atom::raft, const storage::raft_packet&) {},
    [](atom::probe) {},
    [](atom::probe, atom::tick) {},
    [](atom::write) {},
    [](atom::watch, const shard_watcher_actor&) {},
    [](atom::copy) {},
    [](atom::tick) {},
    [shard](atom::flush) { shard->release(); },
  };
}

} // namespace eventd::tests
