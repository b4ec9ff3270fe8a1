// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/actors/cluster/member_plan_model.hpp"

using namespace eventd;
using namespace eventd::tests::planning;
using kind = member_step::kind;

namespace {

using kinds = std::vector<kind>;

} // namespace

// -- what is wanted -----------------------------------------------------------

TEST_CASE("without a change the voters stay as they are",
          "[actors][member_plan]") {
  CHECK(wanted_voters(three, all_seen, {}) == three);
  // Who is away, or was never reached, stays too.
  CHECK(wanted_voters(three, {seen(1), away(2)}, {}) == three);
  CHECK(wanted_voters(three, {}, {}) == three);
}

TEST_CASE("a node that nobody asked for is not taken in",
          "[actors][member_plan]") {
  CHECK(wanted_voters(three, {seen(1), seen(2), seen(3), seen(4)}, {})
        == three);
}

TEST_CASE("a node that is added is wanted as soon as it is reached",
          "[actors][member_plan]") {
  auto add = asked(member_change::kind::add, 4);
  CHECK(wanted_voters(three, all_seen, add) == three);
  CHECK(wanted_voters(three, {away(4)}, add) == three);
  auto never = seen(4);
  never.server = 0;
  CHECK(wanted_voters(three, {never}, add) == three);
  auto wanted = wanted_voters(three, {seen(4, 9), seen(5)}, add);
  REQUIRE(wanted.size() == 4);
  CHECK(wanted[3] == voter(4, 9));
}

TEST_CASE("a node that is removed is not wanted, whether it is there or not",
          "[actors][member_plan]") {
  auto remove = asked(member_change::kind::remove, 2);
  for (const auto& nodes : {all_seen, {seen(1), away(2), seen(3)}, {}})
    CHECK(ids(wanted_voters(three, nodes, remove))
          == ids({voter(1), voter(3)}));
  // Nor are both of its servers, where it was being replaced.
  auto both = three;
  both.push_back(voter(2, 8));
  CHECK(ids(wanted_voters(both, {seen(2, 8)}, remove))
        == ids({voter(1), voter(3)}));
}

TEST_CASE("a node with a new directory takes the place of its old server",
          "[actors][member_plan]") {
  auto expected = ids({voter(1), voter(2, 8), voter(3)});
  std::vector<node_view> nodes{seen(1), seen(2, 8), seen(3)};
  CHECK(ids(wanted_voters(three, nodes, {})) == expected);
  CHECK(ids(wanted_voters(three, nodes, asked(member_change::kind::replace, 2)))
        == expected);
  // Only the one that answers now counts.
  nodes[1] = away(2, 8);
  CHECK(wanted_voters(three, nodes, {}) == three);
  CHECK(wanted_voters(three, nodes, asked(member_change::kind::replace, 2))
        == three);
}

TEST_CASE("a third directory takes the place of two before it",
          "[actors][member_plan]") {
  std::vector<raft_server> now{voter(1), voter(2), voter(3), voter(2, 8)};
  CHECK(ids(wanted_voters(now, {seen(1), seen(2, 9), seen(3)}, {}))
        == ids({voter(1), voter(2, 9), voter(3)}));
}

TEST_CASE("a node from before clusters is its own bare number",
          "[actors][member_plan]") {
  std::vector<raft_server> now{{1, "1", raft_server_role::voter}};
  node_view self{1, address_of(1), 1, true, "0.1.0"};
  CHECK(wanted_voters(now, {self}, {}) == now);
  auto grown
    = wanted_voters(now, {self, seen(2)}, asked(member_change::kind::add, 2));
  REQUIRE(grown.size() == 2);
  CHECK(grown[0] == now[0]);
  CHECK(grown[1] == voter(2));
}

TEST_CASE("a standby shall vote in the end, also when nobody asks again",
          "[actors][member_plan]") {
  auto now = three;
  now.push_back(standby(4));
  auto four = ids({voter(1), voter(2), voter(3), voter(4)});
  std::vector<node_view> nodes{seen(1), seen(2), seen(3), seen(4)};
  auto wanted = wanted_voters(now, nodes, {});
  CHECK(ids(wanted) == four);
  CHECK(wanted.back().role == raft_server_role::voter);
  CHECK(ids(wanted_voters(now, nodes, asked(member_change::kind::add, 4)))
        == four);
  // While it is away it stays what it is.
  nodes[3] = away(4, 1);
  wanted = wanted_voters(now, nodes, {});
  CHECK(ids(wanted) == four);
  CHECK(wanted.back().role == raft_server_role::standby);
  // Until it is asked to go.
  CHECK(wanted_voters(now, nodes, asked(member_change::kind::remove, 4))
        == three);
}

// -- steps --------------------------------------------------------------------

TEST_CASE("a shard that has what is wanted needs no step",
          "[actors][member_plan]") {
  auto step = next_member_step(shard_model{three, voter(1).id}.status(), three);
  CHECK(step.what == kind::done);
  CHECK(step.server == 0);
}

TEST_CASE("an open change is waited for, whatever is wanted",
          "[actors][member_plan]") {
  auto now = shard_model{three, voter(1).id}.status();
  now.changing = true;
  CHECK(next_member_step(now, three).what == kind::wait);
  CHECK(next_member_step(now, {voter(1)}).what == kind::wait);
  now.changing = false;
  CHECK(next_member_step(now, {voter(1)}).what == kind::change);
}

TEST_CASE("a server comes as a standby and votes once it is up to date",
          "[actors][member_plan]") {
  shard_model shard{three, voter(1).id};
  auto wanted = three;
  wanted.push_back(voter(4));
  auto step = next_member_step(shard.status(), wanted);
  CHECK(step.what == kind::change);
  CHECK(step.server == voter(4).id);
  REQUIRE(step.servers.size() == 4);
  CHECK(step.servers[3] == standby(4));
  shard.carry_out(step);
  step = next_member_step(shard.status(), wanted);
  CHECK(step.what == kind::promote);
  CHECK(step.server == voter(4).id);
  CHECK(step.servers == wanted);
  shard.carry_out(step);
  CHECK(next_member_step(shard.status(), wanted).what == kind::done);
}

TEST_CASE("a group grows from one server to three", "[actors][member_plan]") {
  shard_model shard{{voter(1)}, voter(1).id};
  CHECK(shard.reach(three)
        == kinds{kind::change, kind::promote, kind::change, kind::promote});
  CHECK(shard.leader == voter(1).id);
}

TEST_CASE("a follower leaves in one step", "[actors][member_plan]") {
  shard_model shard{three, voter(1).id};
  CHECK(shard.reach({voter(1), voter(3)}) == kinds{kind::change});
}

TEST_CASE("a leader that leaves hands over first", "[actors][member_plan]") {
  shard_model shard{three, voter(2).id};
  std::vector<raft_server> wanted{voter(1), voter(3)};
  auto step = next_member_step(shard.status(), wanted);
  CHECK(step.what == kind::transfer);
  CHECK(step.server == voter(2).id);
  CHECK(shard.reach(wanted) == kinds{kind::transfer, kind::change});
  CHECK(shard.leader != voter(2).id);
}

TEST_CASE("a replaced server goes when its successor is up to date, then that "
          "votes",
          "[actors][member_plan]") {
  shard_model shard{three, voter(1).id};
  auto wanted = wanted_voters(three, {seen(1), seen(2, 8), seen(3)}, {});
  auto step = next_member_step(shard.status(), wanted);
  REQUIRE(step.servers.size() == 4);
  // An address stands once in a configuration.
  CHECK(step.servers[3].address == address_of(2) + "#8");
  shard.carry_out(step);
  // With both of them three of four would have to be there, of which one is
  // lost for good.
  step = next_member_step(shard.status(), wanted);
  CHECK(step.what == kind::promote);
  CHECK(step.server == voter(2, 8).id);
  CHECK(ids(step.servers) == ids({voter(1), voter(3), voter(2, 8)}));
  CHECK(step.servers[2].role == raft_server_role::standby);
  shard.carry_out(step);
  CHECK(shard.reach(wanted) == kinds{kind::promote});
  CHECK(ids(shard.servers) == ids({voter(1), voter(2, 8), voter(3)}));
}

TEST_CASE("a leader that came back with a new directory is replaced too",
          "[actors][member_plan]") {
  // It was the leader's last word; another one leads by now.
  shard_model shard{three, voter(3).id};
  auto wanted = wanted_voters(three, {seen(1), seen(2), seen(3, 8)}, {});
  CHECK(shard.reach(wanted)
        == kinds{kind::change, kind::transfer, kind::promote, kind::promote});
}

TEST_CASE("a node that lost its directory twice ends with one server",
          "[actors][member_plan]") {
  shard_model shard{three, voter(1).id};
  auto once = wanted_voters(shard.servers, {seen(2, 8)}, {});
  shard.carry_out(next_member_step(shard.status(), once));
  // Its coordinator finds a standby of a life that is gone.
  auto twice = wanted_voters(shard.servers, {seen(2, 9)}, {});
  shard.reach(twice);
  CHECK(ids(shard.servers) == ids({voter(1), voter(2, 9), voter(3)}));
}

TEST_CASE("what a coordinator that died began is finished by the next",
          "[actors][member_plan]") {
  auto now = three;
  now.push_back(standby(4));
  shard_model shard{now, voter(1).id};
  auto wanted = wanted_voters(now, {seen(4)}, {});
  CHECK(shard.reach(wanted) == kinds{kind::promote});
  CHECK(ids(shard.servers) == ids({voter(1), voter(2), voter(3), voter(4)}));
}

TEST_CASE("a standby that is gone for good holds up nothing else",
          "[actors][member_plan]") {
  auto now = three;
  now.push_back(standby(4));
  shard_model shard{now, voter(1).id};
  // Node 3 comes back with a new directory meanwhile.
  auto wanted = wanted_voters(now, {seen(1), seen(2), seen(3, 8), away(4)}, {});
  auto settle = [&wanted](shard_model& x) {
    for (int i = 0; i < 3; ++i)
      x.carry_out(next_member_step(x.status(), wanted));
    CHECK(next_member_step(x.status(), wanted).what == kind::done);
    CHECK(x.voters() == 3);
  };
  settle(shard);
  CHECK(ids(shard.servers)
        == ids({voter(1), voter(2), voter(3, 8), standby(4)}));
  // A shard that does not have it yet does not get it now.
  shard_model other{three, voter(1).id};
  settle(other);
  CHECK(ids(other.servers) == ids({voter(1), voter(2), voter(3, 8)}));
}

TEST_CASE("a shard that lags behind shard 0 goes the whole way",
          "[actors][member_plan]") {
  // Node 2 and 3 left, 4 and 5 came, before this shard took its first step.
  shard_model shard{three, voter(3).id};
  auto steps = shard.reach({voter(1), voter(4), voter(5)});
  CHECK(std::count(steps.begin(), steps.end(), kind::promote) == 2);
  CHECK(std::count(steps.begin(), steps.end(), kind::transfer) <= 2);
}

TEST_CASE("each way between groups of four nodes takes one server at a time",
          "[actors][member_plan]") {
  auto group = [](unsigned bits) {
    std::vector<raft_server> xs;
    for (uint64_t node = 1; node <= 4; ++node)
      if ((bits & (1U << node)) != 0)
        xs.push_back(voter(node));
    return xs;
  };
  for (unsigned from = 2; from < 32; from += 2)
    for (unsigned to = 2; to < 32; to += 2)
      for (const auto& leader : group(from)) {
        INFO("from " << from << " to " << to << " led by " << leader.id);
        shard_model{group(from), leader.id}.reach(group(to));
      }
}

// -- leaders ------------------------------------------------------------------

TEST_CASE("leaders are spread over the voters, standbys lead nothing",
          "[actors][member_plan]") {
  auto servers = shard_model{{voter(3), voter(1), standby(4), voter(2)}, 0}
                   .status()
                   .servers;
  std::vector<uint64_t> leaders;
  for (uint32_t i = 0; i < 6; ++i)
    leaders.push_back(preferred_leader(shard_id{i}, servers));
  CHECK(leaders == std::vector<uint64_t>{1, 2, 3, 1, 2, 3});
}

TEST_CASE("a node with two servers is preferred once",
          "[actors][member_plan]") {
  auto servers
    = shard_model{{voter(1), voter(2), voter(2, 8)}, 0}.status().servers;
  CHECK(preferred_leader(shard_id{0}, servers) == 1);
  CHECK(preferred_leader(shard_id{1}, servers) == 2);
  CHECK(preferred_leader(shard_id{2}, servers) == 1);
}

TEST_CASE("without voters nobody is preferred", "[actors][member_plan]") {
  CHECK(preferred_leader(shard_id{5}, {}) == 0);
  CHECK(
    preferred_leader(shard_id{5}, shard_model{{standby(1)}, 0}.status().servers)
    == 0);
}

TEST_CASE("a status says the servers with their roles",
          "[actors][member_plan]") {
  std::vector<raft_server> xs{voter(1), standby(2)};
  xs.push_back({7, "spare", raft_server_role::spare});
  CHECK(servers_of(shard_model{xs, 0}.status()) == xs);
  CHECK(servers_of(shard_status{}).empty());
}

TEST_CASE("an heir is another voter that is there and does not stop",
          "[actors][member_plan]") {
  auto status = shard_model{{voter(1), voter(2), standby(3)}, 0}.status();
  CHECK(has_heir(status, all_seen, 1));
  // Node 3 does not vote, and a new directory of node 2 does not either.
  CHECK_FALSE(has_heir(status, {seen(1), away(2), seen(3)}, 1));
  CHECK_FALSE(has_heir(status, {seen(1), seen(2, 8), seen(3)}, 1));
  auto stops = seen(2);
  stops.leaving = true;
  CHECK_FALSE(has_heir(status, {seen(1), stops, seen(3)}, 1));
  // Nobody knows the servers: whoever is there.
  CHECK(has_heir({}, {seen(1), seen(3)}, 1));
  CHECK_FALSE(has_heir({}, {seen(1), away(3)}, 1));
}
