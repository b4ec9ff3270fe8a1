// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/message.hpp>
#include <caf/result.hpp>
#include <caf/send.hpp>
#include <catch2/catch_test_macros.hpp>

#include "actors/cluster/membership.hpp"
#include "storage/raft/driver.hpp"
#include "storage/raft/server_id.hpp"
#include "tests/fixtures/actor_fixture.hpp"
#include "tests/fixtures/inquiry.hpp"
#include "tests/fixtures/print.hpp"

/// MEMBERSHIP on node 1 of a cluster of nodes with two shards, between fakes:
/// replicas that do at once what they are asked, and a link behind which all
/// other nodes have the same replicas.
namespace eventd::tests {

struct member_cluster {
  std::vector<actors::shard_status> shards;
  std::vector<actors::node_view> nodes;
  std::vector<storage::raft_server> known; ///< That were to be dialed, last.
  std::vector<std::string> steps;
  std::vector<std::string> notes;        ///< Lines for the log.
  std::vector<actors::belonging> places; ///< What was told of this node.
  /// What other nodes say of shard 0, where it is not what its own replica
  /// does.
  std::optional<actors::shard_status> elsewhere;
  std::optional<actors::shard_status> elsewhere_1; ///< And of shard 1.
  std::vector<actors::call_address> calls;   ///< That the link was to carry.
  std::deque<failure> refusals;              ///< Of the next promotions.
  std::string answer = "the other's answer"; ///< Of another MEMBERSHIP.
  bool link_works = true;
  ec link_trouble = ec::not_leader; ///< What a call fails with else.
  std::shared_ptr<actors::shard_map> map
    = std::make_shared<actors::shard_map>(1, 2);

  void lead(uint64_t shard, uint64_t server) {
    shards[shard].leader = server;
    map->set(shard_id{shard}, storage::node_of(server));
  }
  void step(const std::string& what, uint64_t shard, uint64_t server = 0) {
    steps.push_back(what + " " + std::to_string(shard)
                    + (server == 0 ? "" : ": " + std::to_string(server)));
  }
};
using member_cluster_ptr = std::shared_ptr<member_cluster>;

inline actors::server_status voter(uint64_t server,
                                   const std::string& address) {
  actors::server_status x;
  x.server = server;
  x.address = address;
  x.role = static_cast<uint8_t>(storage::raft_server_role::voter);
  x.match = raft_index{10};
  return x;
}

/// What changed between two configurations, in words.
inline std::string changes(const std::vector<actors::server_status>& from,
                           const std::vector<storage::raft_server>& to) {
  std::string made;
  for (const auto& x : to) {
    auto old = std::find_if(from.begin(), from.end(),
                            [&](const auto& y) { return y.server == x.id; });
    auto votes = x.role == storage::raft_server_role::voter;
    if (old == from.end())
      made += "+" + std::to_string(x.id) + (votes ? " votes" : "");
    else if (old->role != static_cast<uint8_t>(x.role))
      made += std::to_string(x.id) + (votes ? " votes" : " stands by");
  }
  for (const auto& x : from)
    if (std::none_of(to.begin(), to.end(),
                     [&](const auto& y) { return y.id == x.server; }))
      made += "-" + std::to_string(x.server);
  return made;
}

inline caf::behavior run_fake_member(caf::event_based_actor*,
                                     member_cluster_ptr x, uint64_t shard) {
  using namespace actors;
  return {
    [x, shard](atom::status) { return x->shards[shard]; },
    [x, shard](atom::change, const std::string& bytes) {
      auto servers = storage::decode_configuration(bytes);
      REQUIRE(servers);
      auto& now = x->shards[shard];
      x->steps.push_back("change " + std::to_string(shard) + ": "
                         + changes(now.servers, *servers));
      now.servers.clear();
      for (const auto& y : *servers) {
        auto made = voter(y.id, y.address);
        made.role = static_cast<uint8_t>(y.role);
        now.servers.push_back(made);
      }
      return raft_index{11};
    },
    [x, shard](atom::promote, uint64_t server) -> caf::result<raft_index> {
      x->step("promote", shard, server);
      if (x->refusals.empty())
        return raft_index{10};
      auto why = x->refusals.front();
      x->refusals.pop_front();
      return to_caf(why);
    },
    [x, shard](atom::transfer, uint64_t server) {
      x->step("transfer", shard, server);
      auto to = server;
      for (const auto& y : x->shards[shard].servers)
        if (to == 0 && y.server != x->shards[shard].leader)
          to = y.server;
      x->lead(shard, to);
      return raft_index{10};
    },
  };
}

inline caf::behavior run_fake_member_link(caf::event_based_actor* self,
                                          member_cluster_ptr x,
                                          std::vector<caf::actor> replicas) {
  using namespace actors;
  return {
    [self, x, replicas](atom::call, const call_address& to,
                        const caf::message& what) -> caf::result<caf::message> {
      x->calls.push_back(to);
      if (!x->link_works)
        return to_caf(failure{x->link_trouble, "the other side is away"});
      if (to.kind == call_target::membership)
        return caf::make_message(x->answer);
      if (x->elsewhere && to.shard == shard_id{0})
        return caf::make_message(*x->elsewhere);
      if (x->elsewhere_1 && to.shard == shard_id{1})
        return caf::make_message(*x->elsewhere_1);
      auto promise = self->make_response_promise();
      auto copy = what;
      promise.delegate(replicas.at(to.shard.value), std::move(copy));
      return caf::delegated<caf::message>{};
    }};
}

class membership_world : public actor_fixture {
public:
  membership_world() {
    for (uint64_t id : {1, 2, 3})
      cluster->nodes.push_back({id, address_of(id), id, true, "0.1.0"});
    for (uint64_t shard : {0, 1}) {
      actors::shard_status x;
      x.shard = shard_id{shard};
      x.role = static_cast<uint8_t>(storage::raft_role::leader);
      x.ready = true;
      x.term = raft_term{3};
      x.last = x.commit = x.applied = raft_index{10};
      for (uint64_t id : {1, 2, 3})
        x.servers.push_back(voter(id, address_of(id)));
      cluster->shards.push_back(x);
      // As leadership shall be spread.
      cluster->lead(shard, shard + 1);
    }
    actors::membership_wiring wiring;
    for (uint64_t shard : {0, 1}) {
      fakes_.push_back(system.spawn(run_fake_member, cluster, shard));
      wiring.shards.push_back(
        caf::actor_cast<actors::shard_actor>(fakes_.back()));
    }
    fakes_.push_back(system.spawn(run_fake_member_link, cluster, fakes_));
    wiring.map = cluster->map;
    wiring.link = fakes_.back();
    wiring.cluster_id = "c-1";
    wiring.server = 1;
    wiring.nodes = [x = cluster] { return x->nodes; };
    wiring.know = [x = cluster](const auto& servers) { x->known = servers; };
    wiring.place
      = [x = cluster](actors::belonging y) { x->places.push_back(y); };
    wiring.may_dial
      = [](uint64_t node, const std::string& address) -> result<void> {
      if (node == 7)
        return failure{ec::invalid_request, "node 7 is dialed elsewhere"};
      if (address.starts_with("127."))
        return {};
      return failure{ec::invalid_request, address + " is beyond loopback"};
    };
    wiring.note
      = [x = cluster](const std::string& line) { x->notes.push_back(line); };
    membership = system.spawn(actors::membership, std::move(wiring));
    // It has looked once.
    advance(200);
  }

  ~membership_world() {
    caf::anon_send_exit(membership, caf::exit_reason::kill);
    for (const auto& x : fakes_)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    run();
  }

  static std::string address_of(uint64_t node) {
    return "127.0.0." + std::to_string(node) + ":7001";
  }

  inquiry<std::string> change(const std::string& verb, uint64_t node,
                              const std::string& address = {}) {
    auto y = inquire<std::string>(system, membership, actors::atom::change_v,
                                  verb, node, address);
    run();
    return y;
  }

  boost::json::object status() {
    auto y = inquire<std::string>(system, membership, actors::atom::status_v);
    run();
    REQUIRE(y.code() == ec::none);
    return boost::json::parse(y.value()).as_object();
  }

  member_cluster_ptr cluster = std::make_shared<member_cluster>();
  actors::membership_actor membership;

private:
  std::vector<caf::actor> fakes_;
};

} // namespace eventd::tests
