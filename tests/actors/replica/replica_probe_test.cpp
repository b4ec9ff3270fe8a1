// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// What a replica does when messages may be lost.

#include <caf/send.hpp>

#include "tests/actors/replica/replica_group.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

TEST_CASE_METHOD(replica_group,
                 "after a lost message a probe stores what waits, long before "
                 "the next heartbeat",
                 "[actors][replica][group]") {
  auto& leader = elect();
  advance(200);
  for (size_t n : {0, 1})
    isolate(other(leader, n));
  auto waits = put(leader, "k");
  heal();
  run();
  REQUIRE_FALSE(waits.answered());
  // On who does not lead it has no effect.
  auto& follower = other(leader);
  auto term = status(follower).term;
  caf::anon_send(follower.replica(), atom::probe_v);
  run();
  REQUIRE_FALSE(waits.answered());
  CHECK(status(follower).term == term);
  caf::anon_send(leader.replica(), atom::probe_v);
  advance(10); // Not at once where the last heartbeats are on their way.
  CHECK(answered_code(waits) == ec::none);
  check_alive();
}

TEST_CASE_METHOD(replica_group,
                 "probes that come together are two, with time for an answer "
                 "between them",
                 "[actors][replica][group]") {
  auto& leader = elect();
  advance(200);
  auto probe = [&] {
    caf::anon_send(leader.replica(), atom::probe_v);
    run();
  };
  probe(); // Of what comes next, the one that waits is the only one.
  for (size_t n : {0, 1})
    isolate(other(leader, n));
  auto waits = put(leader, "k");
  heal();
  for (int i = 0; i < 5; ++i)
    probe();
  CHECK_FALSE(waits.answered());
  advance(10);
  CHECK(answered_code(waits) == ec::none);
  check_alive();
}

TEST_CASE_METHOD(replica_group,
                 "entries wait for no heartbeat after a follower was away",
                 "[actors][replica][group]") {
  auto& leader = elect();
  auto& away = other(leader);
  // Its heartbeats are due at other times than those of the third.
  for (int ms : {110, 130, 170}) {
    INFO("for " << ms << " ms");
    crash(away);
    advance(ms);
    away.start(7);
    advance(2'000);
    for (int i = 0; i < 3; ++i) {
      advance(200 + 7 * i);
      CHECK(answered_code(put(leader, "k")) == ec::none);
    }
  }
  check_alive();
}
