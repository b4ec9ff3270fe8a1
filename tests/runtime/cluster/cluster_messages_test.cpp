// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// What a cluster knows of its nodes, and tells them; how it begins and whom it
// refuses: cluster_test.cpp.

#include "tests/runtime/cluster/cluster_fixture.hpp"
#include "tests/runtime/cluster/link_node.hpp"

using namespace eventd;
using namespace eventd::tests::clusters;
using storage::server_id;
using tests::link_node;

// -- where nodes are ----------------------------------------------------------

TEST_CASE_METHOD(cluster_fixture,
                 "a node is added only where --peers could name it",
                 "[runtime][cluster]") {
  auto& x = start(alone(1), path(1));
  CHECK(x->may_dial(4, "127.0.0.4:7001"));
  for (const auto* address :
       {"node-4:7001", "10.0.0.4:7001", "0.0.0.0:7001", "7001"}) {
    INFO(address);
    auto refused = x->may_dial(4, address);
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == ec::invalid_request);
    CHECK(refused.error().field == "address");
    CHECK(refused.error().detail.find(address) != std::string::npos);
  }
}

TEST_CASE_METHOD(cluster_fixture,
                 "a node that --peers names is added nowhere else",
                 "[runtime][cluster]") {
  auto& x = start(1);
  CHECK(x->may_dial(2, address(2)));
  CHECK(x->may_dial(4, "127.0.0.4:7001"));
  auto refused = x->may_dial(2, "127.0.0.4:7001");
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == ec::invalid_request);
  CHECK(refused.error().field == "address");
  CHECK(refused.error().detail
        == "node 2 is dialed at " + address(2)
             + ", where --peers of node 1 has it, not at 127.0.0.4:7001");
}

TEST_CASE_METHOD(cluster_fixture,
                 "a node is shown where it is dialed: --peers goes before the "
                 "groups",
                 "[runtime][cluster]") {
  auto& x = start(1);
  x->know({{server_id(1, 1), "127.0.0.1:1"},
           {server_id(2, 1), "127.0.0.1:2"},
           {server_id(4, 1), "127.0.0.1:4"}});
  std::map<uint64_t, std::string> shown;
  for (const auto& y : x->nodes())
    shown[y.node] = y.address;
  CHECK(
    shown
    == std::map<uint64_t, std::string>{
      {1, address(1)}, {2, address(2)}, {3, address(3)}, {4, "127.0.0.1:4"}});
}

TEST_CASE_METHOD(cluster_fixture,
                 "a node that is in no group any more is dialed for a while, "
                 "and so is one that comes",
                 "[runtime][cluster]") {
  auto& x = start(alone(1), path(1));
  require_formed(x.form());
  x->know({{1, address(1)}});
  auto own = stranger(who(1).cluster_id, 1, 11);
  own.address = address(2);
  link_node other{own, [&](auto& options) { options.port = port(2); }};
  auto is_reached = [&] { return x->connected(2); };
  other.dial(1, port(1));
  REQUIRE(other.connects());
  CHECK_FALSE(is_reached());
  x->know({{1, address(1)}});
  CHECK(eventually(is_reached));
  CHECK(x->nodes().size() == 1);
  x->know({{1, address(1)}, {own.server, address(2)}});
  CHECK(x->nodes().size() == 2);
  x->know({{1, address(1)}});
  CHECK(x->nodes().size() == 1);
  // On the connection that was there: it was not cut.
  CHECK(x->send(2, std::make_shared<const std::string>("still there")));
  CHECK(other.eventually([](const auto& told) {
    return !told.received.empty()
           && told.received.back().second == "still there";
  }));
  CHECK(is_reached());
}

TEST_CASE_METHOD(cluster_fixture,
                 "a node that was to be added and is not is dialed no more, "
                 "until it asks something",
                 "[runtime][cluster]") {
  auto& x = start(alone(1), path(1));
  require_formed(x.form());
  auto own = stranger(who(1).cluster_id, 1, 11);
  own.address = address(2);
  link_node other{own, [&](auto& options) { options.port = port(2); }};
  x->know({{1, address(1)}, {server_id(2, 0), address(2)}});
  CHECK(eventually([&] { return x->connected(2); }));
  other.dial(1, port(1));
  REQUIRE(other.connects());
  x->know({{1, address(1)}});
  CHECK(eventually([&] { return !x->connected(2); }));
  x->know({{1, address(1)}});
  CHECK_FALSE(x->connected(2));
  // It is answered on a connection of this node.
  auto call = static_cast<char>(actors::peer_message::call);
  CHECK(other.send(1, std::string(1, call)));
  CHECK(eventually([&] {
    x->know({{1, address(1)}});
    return x->connected(2);
  }));
}

// -- who stops ----------------------------------------------------------------

TEST_CASE_METHOD(cluster_fixture,
                 "others know that a node stops, until it is started again",
                 "[runtime][cluster]") {
  auto is_leaving = [&](uint64_t who) {
    for (const auto& x : (*members.at(who))->nodes())
      if (x.node == 2)
        return x.leaving && (*members.at(who))->is_leaving(2);
    return false;
  };
  form_three();
  CHECK_FALSE(is_leaving(1));
  (*members.at(2))->leave();
  CHECK(is_leaving(2));
  CHECK(eventually([&] { return is_leaving(1) && is_leaving(3); }));
  CHECK_FALSE((*members.at(1))->is_leaving(3));
  // One that comes while it stops is told, too.
  start(3);
  CHECK(eventually([&] { return is_leaving(3); }));
  start(2);
  REQUIRE(eventually([&] { return are_connected(); }));
  CHECK_FALSE(is_leaving(1));
  CHECK_FALSE(is_leaving(3));
}

TEST_CASE_METHOD(cluster_fixture,
                 "a second process of a node is refused while the one that the "
                 "groups know is connected, and no longer",
                 "[runtime][cluster]") {
  auto& x = start(alone(1), path(1));
  require_formed(x.form());
  auto own = stranger(who(1).cluster_id, 1, 11);
  own.address = address(2);
  x->know({{1, address(1)}, {own.server, address(2)}});
  auto twins = own;
  twins.server += 1;
  link_node twin{twins};
  twin.dial(1, port(1));
  REQUIRE(twin.connects()); // Of the other nobody knows whether it comes back.
  auto real = std::make_unique<link_node>(own);
  real->dial(1, port(1));
  REQUIRE(real->connects());
  CHECK(twin.is_refused(1, "node 2 is connected from another data directory"));
  CHECK(real->told().disconnected.empty());
  auto seen = [&] {
    for (const auto& y : x->nodes())
      if (y.node == 2)
        return y.server;
    return uint64_t{0};
  };
  CHECK(seen() == own.server);
  real.reset();
  CHECK(twin.eventually(
    [](const auto& told) { return told.connected.size() >= 2; }));
  CHECK(seen() == twins.server);
}
