// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/cluster/peer_outlet.hpp"

#include <catch2/catch_test_macros.hpp>

using eventd::actors::peer_message;

TEST_CASE("the kinds of messages between nodes are the bytes of protocol 1",
          "[actors][peer_outlet]") {
  CHECK(static_cast<int>(peer_message::raft) == 1);
  CHECK(static_cast<int>(peer_message::call) == 2);
  CHECK(static_cast<int>(peer_message::answer) == 3);
  CHECK(static_cast<int>(peer_message::leaving) == 4);
}
