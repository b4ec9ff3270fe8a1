// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor_cast.hpp>
#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/response_promise.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <catch2/catch_test_macros.hpp>

#include "actors/mender/mender.hpp"
#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "storage/log/channel_reader.hpp"
#include "storage/state/mend.hpp"
#include "tests/fixtures/node_fixture.hpp"
#include "tests/fixtures/print.hpp"

namespace eventd::tests {

using namespace actors;

/// What other nodes answer to a mender: each has its own way to.
struct fake_peers {
  struct call {
    uint64_t node;
    damaged_place place;
  };

  /// By node; a node that is not here never answers.
  std::map<uint64_t, std::function<result<log_chunk>(const damaged_place&)>>
    answers;
  std::vector<call> calls;
  /// What was asked of nodes that never answer.
  std::vector<caf::response_promise> unanswered;
};

inline caf::behavior run_fake_peers(caf::event_based_actor* self,
                                    std::shared_ptr<fake_peers> peers) {
  return {
    [self, peers](atom::call, const call_address& to,
                  const caf::message& what) -> caf::result<log_chunk> {
      auto place = what.get_as<damaged_place>(1);
      peers->calls.push_back({to.node, place});
      auto found = peers->answers.find(to.node);
      if (found == peers->answers.end()) {
        peers->unanswered.push_back(self->make_response_promise());
        return caf::delegated<log_chunk>{};
      }
      return to_caf(found->second(place));
    },
  };
}

/// A node whose peers 2 and 3 have the same as it had before it was damaged.
struct mender_world : node_fixture {
  mender_world() {
    start();
    channel_settings settings;
    settings.dedup_window_ms = 0;
    settings.retention_age_ms = 0;
    orders = open("orders", settings);
    for (int i = 0; i < 4; ++i)
      publish(orders, {std::to_string(2 * i), std::to_string(2 * i + 1)});
    advance(100);
    std::vector<caf::actor> own;
    for (const auto& x : replicas)
      own.push_back(caf::actor_cast<caf::actor>(x));
    locals->set_replicas(std::move(own));
    peers->answers[2] = peers->answers[3]
      = [this](const damaged_place& x) { return give(x); };
    link = system.spawn(run_fake_peers, peers);
    mender_wiring wiring{locals, link, log_writer, {}, stats, {}};
    wiring.peers = [] { return std::vector<uint64_t>{3, 2}; };
    wiring.note = [this](const std::string& line) { lines.push_back(line); };
    mender = system.spawn(actors::mender, std::move(wiring));
  }

  ~mender_world() {
    caf::anon_send_exit(mender, caf::exit_reason::kill);
    caf::anon_send_exit(link, caf::exit_reason::kill);
    locals->clear();
    run();
  }

  /// The place of the record that begins at this offset.
  damaged_place record_at(uint64_t offset) const {
    auto row = database->get(storage::idx_family,
                             storage::idx_key(orders.id, log_offset{offset}));
    auto place = storage::decode_idx_row(row->value());
    return {place->shard, place->index, orders.id, log_offset{offset},
            place->count};
  }
  damaged_place row_at(uint64_t offset) const {
    return {{}, {}, orders.id, log_offset{offset}, 0};
  }

  /// What the peers have of it, as long as it is not damaged here.
  result<log_chunk> give(const damaged_place& x) {
    auto kept = kept_.find(key_of(x));
    if (kept == kept_.end())
      return failure{ec::not_found, "not here"};
    return kept->second;
  }
  void keep(const damaged_place& x) {
    auto given = storage::read_for_mending(*database, x);
    REQUIRE(given);
    kept_[key_of(x)] = {given->next, given->indexes, given->records,
                        given->idx_keys, given->idx_values};
  }

  void overwrite(storage::family where, const std::string& key,
                 const std::string& value) {
    storage::write_batch batch{*database};
    batch.put(where, key, value);
    REQUIRE(database->write(batch, false));
  }
  /// Damages a record here; the peers keep it.
  damaged_place damage_record(uint64_t offset) {
    auto place = record_at(offset);
    keep(place);
    overwrite(storage::log_family(place.shard), storage::log_key(place.index),
              "damaged");
    return place;
  }
  damaged_place damage_row(uint64_t offset) {
    auto place = row_at(offset);
    keep(place);
    overwrite(storage::idx_family, storage::idx_key(orders.id, place.first),
              "damaged");
    return place;
  }

  inquiry<uint64_t> mend(const damaged_place& place) {
    return ask<uint64_t>(mender, atom::mend_v, place);
  }
  bool is_whole(const damaged_place& x) const {
    auto record = storage::read_record(*database, x.shard, x.index);
    return record && record->has_value();
  }

  channel_info orders;
  std::shared_ptr<local_actors> locals = std::make_shared<local_actors>();
  std::shared_ptr<fake_peers> peers = std::make_shared<fake_peers>();
  std::vector<std::string> lines;
  caf::actor link;
  mender_actor mender;

private:
  using key = std::pair<raft_index, log_offset>;

  /// Who meets a damaged entry in its log does not know whose events it has.
  static key key_of(const damaged_place& x) {
    return {x.index, x.index.value == 0 ? x.first : log_offset{}};
  }

  std::map<key, log_chunk> kept_;
};

} // namespace eventd::tests
