// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <caf/send.hpp>
#include <catch2/catch_test_macros.hpp>

#include "storage/codec/entry.hpp"
#include "storage/raft/message_codec.hpp"
#include "storage/state/command.hpp"
#include "tests/fixtures/actor_fixture.hpp"
#include "tests/fixtures/inquiry.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/test_events.hpp"
#include "tests/simulation/replica_node.hpp"

namespace eventd::tests {

/// A group of REPLICAs of shard 0, whose messages and writes take no time but
/// where a test says so.
class replica_group : public actor_fixture {
public:
  static constexpr channel_id channel{1};

  explicit replica_group(size_t n = 3) {
    std::vector<storage::raft_server> servers;
    for (uint64_t id = 1; id <= n; ++id)
      servers.push_back({id, std::to_string(id)});
    for (const auto& x : servers) {
      outlets_.push_back(std::make_unique<outlet>(*this, x.id));
      nodes.push_back(std::make_unique<replica_node>(x.id, servers, *this,
                                                     outlets_.back().get()));
      nodes.back()->start(static_cast<unsigned>(x.id));
    }
    elect();
  }

  ~replica_group() {
    for (const auto& x : nodes)
      cut.insert(x->id());
    nodes.clear();
  }

  // -- the network

  void isolate(const replica_node& x) { cut.insert(x.id()); }
  void heal() { cut.clear(); }

  /// Lets time pass until one of those that are connected serves.
  replica_node& elect() {
    for (int i = 0; i < 200; ++i) {
      for (auto& x : nodes)
        if (x->alive() && x->leads() && !cut.contains(x->id()))
          return *x;
      advance(50);
    }
    FAIL("nobody serves");
    return *nodes[0];
  }
  /// The n-th of those that are not `x`.
  replica_node& other(const replica_node& x, size_t n = 0) {
    for (auto& y : nodes)
      if (y->id() != x.id() && n-- == 0)
        return *y;
    FAIL("no such node");
    return *nodes[0];
  }

  // -- the disks

  void hold_writes(replica_node& x) { x.disk().holds = true; }
  void release_writes(replica_node& x) {
    x.disk().holds = false;
    caf::anon_send(x.writer(), actors::atom::tick_v);
    run();
  }
  void crash(replica_node& x) { x.crash(dice_); }

  // -- asking

  template <class T, class... Ts>
  inquiry<T> ask(const replica_node& whom, Ts... xs) {
    auto y = inquire<T>(system, whom.replica(), std::move(xs)...);
    run();
    return y;
  }

  inquiry<actors::proposed> propose(const replica_node& whom,
                                    const storage::command& x) {
    return ask<actors::proposed>(
      whom, actors::atom::propose_v,
      actors::shared_bytes{
        std::make_shared<const std::string>(storage::encode(x))});
  }

  inquiry<actors::proposed> put(const replica_node& whom,
                                const std::string& key, size_t bytes = 1) {
    return propose(whom,
                   storage::put_resource{key, std::string(bytes, 'x'), 0});
  }

  /// One event at this offset of the channel.
  inquiry<actors::proposed> propose_event(const replica_node& whom,
                                          uint64_t offset) {
    std::string payload;
    storage::events_header header;
    header.channel = channel;
    header.epoch = incarnation{1};
    header.first = log_offset{offset};
    header.count = 1;
    header.logged_at = header.stored_at = log_time{77};
    storage::put_events_header(payload, header);
    payload += one_event(std::to_string(offset)).records();
    return ask<actors::proposed>(
      whom, actors::atom::propose_v,
      actors::shared_bytes{std::make_shared<const std::string>(payload)});
  }

  inquiry<actors::channel_place> place(const replica_node& whom) {
    return ask<actors::channel_place>(whom, actors::atom::place_v, channel);
  }

  /// Makes the channel, and lets it begin at the place that is answered.
  void open_channel(const replica_node& leader) {
    REQUIRE(propose(leader, storage::open_channel{channel, incarnation{1},
                                                  "tests", "orders", false})
              .code()
            == ec::none);
    REQUIRE(place(leader).code() == ec::none);
  }

  actors::shard_status status(const replica_node& x) {
    auto y = ask<actors::shard_status>(x, actors::atom::status_v);
    REQUIRE(y.code() == ec::none);
    return y.value();
  }

  std::vector<std::string> resources(const replica_node& x) {
    auto y = ask<actors::resource_snapshot>(x, actors::atom::resource_v);
    REQUIRE(y.code() == ec::none);
    return y.value().keys;
  }

  /// All have ended as the test wants, and none by itself.
  void check_alive() const {
    for (const auto& x : nodes)
      CHECK(x->complaint() == "");
  }

  std::vector<std::unique_ptr<replica_node>> nodes;
  std::set<uint64_t> cut; ///< Nodes without a network.
  /// False: the message is lost. May be empty.
  std::function<bool(const storage::raft_packet&)> passes;
  /// True: a call to another node, or an answer to one, is held back by who
  /// asks. May be empty.
  std::function<bool(uint64_t from, uint64_t to, const std::string&)> holds;
  /// True: `who` knows that the node stops. May be empty.
  std::function<bool(uint64_t who, uint64_t node)> leaves;
  size_t sent = 0;

private:
  class outlet : public actors::peer_outlet {
  public:
    outlet(replica_group& owner, uint64_t from) : owner_(owner), from_(from) {}
    bool send(uint64_t to, std::shared_ptr<const std::string> bytes) override {
      owner_.carry(from_, to, *bytes);
      return true;
    }
    bool connected(uint64_t) const override { return true; }
    bool is_leaving(uint64_t node) const override {
      return owner_.leaves && owner_.leaves(from_, node);
    }

  private:
    replica_group& owner_;
    uint64_t from_;
  };

  void carry(uint64_t from, uint64_t to, const std::string& bytes) {
    ++sent;
    if (cut.contains(from) || cut.contains(to))
      return;
    if (static_cast<actors::peer_message>(bytes.at(0))
        != actors::peer_message::raft) {
      if (!holds || !holds(from, to, bytes))
        nodes.at(to - 1)->receive(bytes, from);
      return;
    }
    auto packet
      = storage::decode_raft_packet(std::string_view{bytes}.substr(1));
    REQUIRE(packet);
    if (!passes || passes(*packet))
      nodes.at(to - 1)->receive(bytes);
  }

  std::vector<std::unique_ptr<outlet>> outlets_;
  std::mt19937_64 dice_{1};
};

/// The code of an answer that is there: `inquiry::code` says `timeout` where
/// there is none.
template <class T>
ec answered_code(const inquiry<T>& x) {
  REQUIRE(x.answered());
  return x.code();
}

} // namespace eventd::tests
